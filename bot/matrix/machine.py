"""The keys of one device: the parts of `crypto/` put together, and what takes several of them at once."""

from collections import Counter
from collections.abc import Iterable

from bot.log import logger
from bot.matrix.crypto.account import Account
from bot.matrix.crypto.arrivals import Arrivals
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.identities import Policy
from bot.matrix.crypto.inbound import Ears
from bot.matrix.crypto.latecomers import Latecomers
from bot.matrix.crypto.olm import Hostile, Letter, OutOfStep, Post
from bot.matrix.crypto.outbound import Voice
from bot.matrix.crypto.persons import Persons
from bot.matrix.shapes import Fields, text
from care.clock import MachineClock

log = logger("bot.matrix.machine")


class Machine:
    """One device; `account.open` before anything else."""

    def __init__(self, cabinet: Cabinet, clock: MachineClock, counters: Counter[str], policy: Policy, *, user: str, device: str) -> None:
        self.cabinet = cabinet
        self.account = Account(cabinet, clock, counters, user, device)
        self.post = Post(cabinet, self.account, clock)
        self.arrivals = Arrivals(cabinet, device)
        self.ears = Ears(cabinet)
        self.voice = Voice(cabinet, self.account, self.ears, clock)
        self.latecomers = Latecomers(cabinet, device)
        self.persons = Persons(cabinet, self.account, policy, counters)
        self._counters = counters
        self._out_of_step: set[tuple[str, str]] = set()

    @property
    def user(self) -> str:
        """The user id of the bot."""
        return self.account.user

    async def receive(self, events: Iterable[Fields]) -> frozenset[str]:
        """Take the to-device events of a sync; return the ids of the room keys that came, by then or earlier, and were not recorded.

        Only Olm messages are looked at. Where this breaks off, the next call or the next process goes on: a room key must not be lost to
        the session that it came through.
        """
        addressed = [(curve, event) for event in events if (curve := self._guarded_address(event))]
        await self.arrivals.fetch()
        await self.post.fetch(curve for curve, _ in addressed)
        for _, event in addressed:
            if not self.arrivals.opened(event):
                self._open(event)
        waiting = self.arrivals.waiting()
        await self.ears.fetch({_room(letter) for letter in waiting.values()})
        for name, letter in waiting.items():
            self.arrivals.settle(name, self._taken(letter))
        return self.arrivals.sessions

    def out_of_step(self) -> frozenset[tuple[str, str]]:
        """Return the users and identity keys of devices from which something came that no session opens."""
        return frozenset(self._out_of_step)

    def mended(self, user: str, curve25519: str) -> None:
        """Note that a device is in step again, or that nothing can be done about it now."""
        self._out_of_step.discard((user, curve25519))

    async def prune(self, room: str) -> None:
        """Forget all keys of a room; what was said in it cannot be read again."""
        await self.ears.prune(room)
        await self.latecomers.fetch()
        self.voice.forget(room)
        self.latecomers.prune(room)

    async def hear_own(self, room: str, session: str, index: int) -> None:
        """Look whether the store knows that this device said something; if not, the store is older than the account."""
        await self.voice.fetch(room)
        if self.voice.unsent(room, session, index):
            await self.begin_anew()
        await self.latecomers.fetch(room)
        self.latecomers.heard(room, session, index)

    async def hear_of(self, room: str, user: str, *, inside: bool) -> None:
        """Note that somebody else has come into a room, or is gone, in its order."""
        await self.latecomers.fetch(room)
        (self.latecomers.entered if inside else self.latecomers.left)(room, user)

    async def begin_anew(self) -> None:
        """Say nothing more with the ratchets that there are: the store is a copy of an earlier one, and they have been further (0009)."""
        self._counters["older_store"] += 1
        log.error("matrix.older_store")
        self.post.retire()
        await self.voice.forget_all()

    def _guarded_address(self, event: Fields) -> str:
        try:
            return self.post.addressed(event)
        except Exception as error:  # noqa: BLE001 - guard: any stranger can send any to-device content (matrix 4.1)
            self._skipped(error)
            return ""

    def _open(self, event: Fields) -> None:
        try:
            letter = self.post.open(event)
            # What is said in the bot's name counts under keys of its own making only: another device of the account is not the bot.
            self.arrivals.note(event, letter if _room(letter) and letter.sender != self.user else None)
            self._counters["forwarded_key"] += letter.kind == "m.forwarded_room_key"
        except OutOfStep as error:
            self._out_of_step.add((text(event.get("sender")), self.post.addressed(event)))
            self._skipped(error)
        except Exception as error:  # noqa: BLE001 - guard, as above
            self._skipped(error)

    def _taken(self, letter: Letter) -> str:
        try:
            return self.ears.take(letter)
        except Exception as error:  # noqa: BLE001 - guard, as above
            self._skipped(error)
            return ""

    def _skipped(self, error: Exception) -> None:
        self._counters["bad_to_device"] += 1
        log.warning("matrix.skipped", kind="bad_to_device", reason=str(error) if isinstance(error, Hostile) else type(error).__name__)


def _room(letter: Letter) -> str:
    room = text(letter.content.get("room_id")) if letter.kind == "m.room_key" else ""
    return room if len(room) <= 255 else ""  # noqa: PLR2004 - characters of a room id (Matrix appendices)
