"""A person verifies the bot by emoji, in their direct room; an administrator compares on the bot's side (matrix 10.2).

The bot never begins: it answers the requests of people who are authorised for the room. What is under way is in memory only;
after a restart the person presses "Verify" again.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from vodozemac import Sas

from bot.log import logger
from bot.matrix.crypto import sas
from bot.matrix.crypto.identities import learned
from bot.matrix.crypto.identity import Own
from bot.matrix.crypto.sas import Established, Party
from bot.matrix.crypto.signing import canonical
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import NOTHING, Fields, Incoming, fields, text, texts
from bot.matrix.wire import CLIENT, Wire
from care.clock import MachineClock

log = logger("bot.matrix.verification")
EVENT = "m.key.verification."
REQUEST = f"{EVENT}request"
LONGEST = 600.0
"""Seconds from the request until it is cancelled (specification)."""
LOOK = 15.0
"""Seconds between looks for what has taken too long."""
FUTURE = timedelta(minutes=5)
MOST = 50
"""Verifications at the same time; more are nobody's honest wish."""

Send = Callable[[str, str, Fields, str], Awaitable[str]]


class Step(StrEnum):
    """How far a verification has come."""

    READY = "ready"
    ACCEPTED = "accepted"
    SHOWN = "shown"
    CONFIRMED = "confirmed"
    DONE = "done"


class Turn(StrEnum):
    """What the administrators are told."""

    COMPARE = "compare"
    VERIFIED = "verified"
    CANCELLED = "cancelled"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a verification; `emoji` (numbers from 0 to 63) and `decimals` are to be compared. `key` is unique."""

    key: str
    turn: Turn
    number: int
    user: str = ""
    emoji: tuple[int, ...] = ()
    decimals: tuple[int, ...] = ()


@dataclass(slots=True)
class Talk:
    """A verification under way; `until` is monotonic."""

    room: str
    transaction: str
    they: Party
    number: int
    until: float
    step: Step = Step.READY
    secret: Sas | None = None
    public: str = ""
    established: Established | None = field(default=None, repr=False)
    proof: Fields = NOTHING


async def _unheard(_news: News) -> None:
    """Tell nobody."""


class Verifications:
    """All that are under way. `knows` names who is authorised for a room, `master` gives the bot's public master key.

    `told` hears the news for the administrators; it is set by whoever can tell them.
    """

    def __init__(
        self,
        wire: Wire,
        own: Own,
        master: Callable[[], Awaitable[str]],
        send: Send,
        knows: Callable[[str], Awaitable[frozenset[str]]],
        clock: MachineClock,
        counters: Counter[str],
    ) -> None:
        self._wire = wire
        self._own = own
        self._we = Party(own.user, own.device)
        self._master = master
        self._send = send
        self._knows = knows
        self._clock = clock
        self._counters = counters
        self._talks: dict[str, Talk] = {}
        self._queue: asyncio.Queue[Incoming] = asyncio.Queue()
        self.told: Callable[[News], Awaitable[None]] = _unheard

    def hear(self, incoming: Incoming) -> None:
        """Take an event for later: nobody waits for a verification."""
        if incoming.sender != self._own.user:
            self._queue.put_nowait(incoming)

    async def attend(self) -> None:
        """Never return: answer what is heard, and end what takes too long."""
        while True:
            try:
                async with asyncio.timeout(LOOK):
                    incoming = await self._queue.get()
            except TimeoutError:
                await self._guarded(self.expire())
                continue
            await self._guarded(self.answer(incoming))

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (Temporary, Permanent) as failed:
            # The other side waits in vain, and presses again after its ten minutes.
            self._counters["verification_failed"] += 1
            log.warning("matrix.verification_failed", reason=type(failed).__name__)

    async def answer(self, incoming: Incoming) -> None:
        """Answer one event; what is malformed or nobody's is counted and ignored. Raises as the edge's `send`."""
        if not incoming.decrypted or not incoming.device:
            self._counters["verification_ignored"] += 1
        elif incoming.msgtype == REQUEST:
            await self._asked(incoming)
        elif (talk := self._talks.get(incoming.target)) and (talk.room, talk.they) == (incoming.room_id, _party(incoming)):
            await self._next(talk, incoming)
        else:
            self._counters["verification_ignored"] += 1

    async def confirm(self, number: int, *, agrees: bool) -> None:
        """Do what an administrator has found by comparing; may be repeated. Raises as the edge's `send`."""
        talk = next((talk for talk in self._talks.values() if (talk.number, talk.step) == (number, Step.SHOWN)), None)
        if talk is None or talk.established is None:
            await self.told(News(f"gone:{secrets.token_hex(8)}", Turn.GONE, number))
        elif not agrees:
            await self._cancel(talk, "m.mismatched_sas")
        else:
            mine = {f"ed25519:{self._own.device}": text(self._own.keys["keys"][f"ed25519:{self._own.device}"])}
            master = await self._master()
            content = sas.macs(talk.established, {**mine, f"ed25519:{master}": master}, self._we, talk.they, talk.transaction)
            await self._say(talk, "mac", content)
            talk.step = Step.CONFIRMED
            await self._conclude(talk)

    async def expire(self) -> None:
        """Cancel what has taken too long."""
        now = self._clock.monotonic()
        for talk in [talk for talk in self._talks.values() if talk.until <= now]:
            await self._cancel(talk, "m.timeout")

    async def _asked(self, incoming: Incoming) -> None:
        content, age = incoming.content, self._clock.utc() - incoming.at
        timely = -FUTURE <= age < timedelta(seconds=LONGEST)
        meant = content.get("to") == self._own.user and content.get("from_device") == incoming.device
        if not timely or not meant or incoming.sender not in await self._knows(incoming.room_id) or len(self._talks) >= MOST:
            self._counters["verification_ignored"] += 1
            return
        for earlier in [talk for talk in self._talks.values() if talk.they.user == incoming.sender]:
            await self._cancel(earlier, "m.user")
        until = self._clock.monotonic() + LONGEST - max(0.0, age.total_seconds())
        talk = Talk(incoming.room_id, incoming.event_id, _party(incoming), self._number(), until)
        self._talks[talk.transaction] = talk
        if sas.METHOD in texts(content.get("methods")):
            await self._say(talk, "ready", {"from_device": self._own.device, "methods": [sas.METHOD]})
        else:
            await self._cancel(talk, "m.unknown_method")

    def _number(self) -> int:
        # Random, so that a number of before a restart does not name another verification.
        taken = {talk.number for talk in self._talks.values()}
        return secrets.choice([number for number in range(100, 1000) if number not in taken])

    async def _next(self, talk: Talk, incoming: Incoming) -> None:
        content = incoming.content
        match incoming.msgtype.removeprefix(EVENT), talk.step:
            case "start", Step.READY:
                await self._accept(talk, content)
            case "key", Step.ACCEPTED:
                await self._show(talk, text(content.get("key")))
            case "mac", Step.SHOWN | Step.CONFIRMED if not talk.proof:
                talk.proof = content
                await self._conclude(talk)
            case "done", Step.DONE:
                self._talks.pop(talk.transaction)
                await self._tell(talk, Turn.VERIFIED)
            case "cancel", _:
                self._talks.pop(talk.transaction)
                await self._tell(talk, Turn.CANCELLED)
            case _:
                await self._cancel(talk, "m.unexpected_message")

    async def _accept(self, talk: Talk, start: Fields) -> None:
        if not sas.acceptable(start) or start.get("from_device") != talk.they.device:
            await self._cancel(talk, "m.unknown_method")
            return
        talk.secret = Sas()
        talk.public = talk.secret.public_key.to_base64()
        talk.step = Step.ACCEPTED
        content = {
            "method": sas.METHOD,
            "key_agreement_protocol": sas.AGREEMENT,
            "hash": sas.HASH,
            "message_authentication_code": sas.MAC,
            "short_authentication_string": [each for each in sas.SHOWN if each in texts(start.get("short_authentication_string"))],
            "commitment": sas.commitment(talk.public, canonical(start)),
        }
        await self._say(talk, "accept", content)

    async def _show(self, talk: Talk, theirs: str) -> None:
        assert talk.secret is not None, "accepted with a secret"
        talk.established = sas.agreed(talk.secret, theirs)
        if talk.established is None:
            await self._cancel(talk, "m.invalid_message")
            return
        talk.step = Step.SHOWN
        await self._say(talk, "key", {"key": talk.public})
        await self._tell(talk, Turn.COMPARE, sas.code(talk.established, talk.they, theirs, self._we, talk.public, talk.transaction))

    async def _conclude(self, talk: Talk) -> None:
        if talk.step is not Step.CONFIRMED or not talk.proof:
            return
        assert talk.established is not None, "shown before"
        keys = await self._keys_of(talk.they)
        if not sas.proven(talk.established, talk.proof, keys, talk.they, self._we, talk.transaction):
            await self._cancel(talk, "m.key_mismatch")
            return
        await self._say(talk, "done", {})
        talk.step = Step.DONE

    async def _keys_of(self, they: Party) -> Mapping[str, str]:
        answer = await self._wire.call("POST", f"{CLIENT}/keys/query", {"device_keys": {they.user: []}})
        person, _ = learned(None, they.user, answer)
        device = person.devices.get(they.device)
        found = {f"ed25519:{they.device}": device.ed25519 if device else "", f"ed25519:{person.master}": person.master}
        return {name: key for name, key in found.items() if key}

    async def _cancel(self, talk: Talk, why: str) -> None:
        self._talks.pop(talk.transaction, None)
        log.info("matrix.verification_cancelled", reason=why)
        await self._tell(talk, Turn.CANCELLED)
        await self._say(talk, "cancel", {"code": why, "reason": why})

    async def _say(self, talk: Talk, what: str, content: dict[str, Any]) -> None:
        related = {**content, "m.relates_to": {"rel_type": "m.reference", "event_id": talk.transaction}}
        await self._send(talk.room, f"{EVENT}{what}", related, f"{talk.transaction}:{what}")

    async def _tell(self, talk: Talk, turn: Turn, shown: sas.Code | None = None) -> None:
        """Tell the administrators; what ended before there was anything to compare is not theirs to know."""
        if talk.established is None:
            return
        emoji, decimals = (tuple(shown.emoji_indices), shown.decimals) if shown else ((), ())
        await self.told(News(f"{talk.transaction}:{turn}", turn, talk.number, talk.they.user, emoji, decimals))


def _party(incoming: Incoming) -> Party:
    return Party(incoming.sender, incoming.device)
