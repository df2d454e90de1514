"""A person verifies the bot by emoji, in their direct room; an administrator compares on the bot's side (matrix 10.2).

The bot never begins: it answers the requests of people who are authorised for the room. Some clients send these events in clear
even in an encrypted room (matrix-js-sdk 43); the protocol needs no encryption, what is compared and its codes prove the keys.
What is under way is in memory only; after a restart the person presses "Verify" again.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from vodozemac import Sas

from bot.log import logger
from bot.matrix.crypto import sas
from bot.matrix.crypto.identities import learned
from bot.matrix.crypto.identity import Own
from bot.matrix.crypto.sas import Established, Party
from bot.matrix.crypto.signing import canonical
from bot.matrix.crypto.talks import MOST, News, Step, Talk, Talks, Turn, key_of
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Incoming
from bot.matrix.shapes import Fields, fields, text, texts
from bot.matrix.wire import CLIENT, Wire
from care.clock import MachineClock

log = logger("bot.matrix.verification")
EVENT = "m.key.verification."
REQUEST = f"{EVENT}request"
LONGEST = 600.0
"""Seconds from the request until it is cancelled (specification)."""
LOOK = 15.0
"""Seconds between looks for what has taken too long."""
AGAIN = 5.0
"""Seconds before a request of somebody unknown in its room is looked at once more."""
FUTURE = timedelta(minutes=5)
Send = Callable[[str, str, Fields, str], Awaitable[str]]


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
        self._talks = Talks()
        self._patient: set[str] = set()
        self._queue: asyncio.Queue[Incoming] = asyncio.Queue()
        self.told: Callable[[News], Awaitable[None]] = _unheard

    def hear(self, incoming: Incoming) -> None:
        """Take an event for later: nobody waits for a verification."""
        if incoming.sender != self._own.user:
            self._queue.put_nowait(incoming)

    async def attend(self) -> None:
        """Never return: answer what is heard, and end what takes too long."""
        while True:
            incoming: Incoming | None = None
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    incoming = await self._queue.get()
            if incoming:
                await self._guarded(self.answer(incoming))
            await self._guarded(self.expire())

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as failed:  # noqa: BLE001 - guard: a verification that breaks must not stop the bot; the person presses again
            self._counters["verification_failed"] += 1
            log.warning("matrix.verification_failed", reason=type(failed).__name__)

    async def answer(self, incoming: Incoming) -> None:
        """Answer one event; what is malformed or nobody's is counted and ignored. Raises as the edge's `send`."""
        if incoming.msgtype == REQUEST:
            await self._asked(incoming)
        elif talk := self._talks.named(incoming):
            async with talk.turn:
                if self._talks.has(talk):
                    await self._next(talk, incoming)
        else:
            self._counters["verification_ignored"] += 1

    async def confirm(self, number: int, *, agrees: bool) -> None:
        """Do what an administrator has found by comparing; may be repeated. Raises as the edge's `send`."""
        talk = self._talks.waiting(number, self._clock.monotonic())
        if talk:
            async with talk.turn:
                if talk.counts(self._clock.monotonic()):
                    await self._compared(talk, agrees=agrees)
                    return
        await self.told(News(f"gone:{secrets.token_hex(8)}", Turn.GONE, number))

    async def _compared(self, talk: Talk, *, agrees: bool) -> None:
        assert talk.established is not None, "shown before"
        if not agrees:
            await self._cancel(talk, "m.mismatched_sas")
        else:
            await self._prove(talk, talk.established)
            await self._conclude(talk)

    async def _prove(self, talk: Talk, established: Established) -> None:
        device, master = f"ed25519:{self._own.device}", await self._master()
        keys = {device: text(fields(self._own.keys()["keys"]).get(device)), f"ed25519:{master}": master}
        await self._say(talk, "mac", sas.macs(established, keys, self._we, talk.they, talk.transaction))
        talk.step = Step.CONFIRMED

    async def expire(self) -> None:
        """Cancel what has taken too long, also where the homeserver does not take the word: the person's client counts the time itself."""
        for talk in self._talks.over(self._clock.monotonic()):
            async with talk.turn:
                await self._guarded(self._expired(talk))

    async def _expired(self, talk: Talk) -> None:
        if talk.ended is None:
            with suppress(Temporary):
                await self._cancel(talk, "m.timeout")
        if self._talks.has(talk):
            await self._end(talk, Turn.CANCELLED)

    async def _asked(self, incoming: Incoming) -> None:
        content, age = incoming.content, self._clock.utc() - incoming.at
        timely = -FUTURE <= age < timedelta(seconds=LONGEST)
        device = text(content.get("from_device"))
        meant = content.get("to") == self._own.user and device and incoming.device in ("", device)
        if not timely or not meant or self._talks.full:
            self._counters["verification_ignored"] += 1
            return
        if incoming.sender not in await self._knows(incoming.room_id):
            self._later(incoming)
            return
        for earlier in self._talks.with_user(incoming.sender):
            async with earlier.turn:
                if self._talks.has(earlier):
                    await self._cancel(earlier, "m.user")
        until = self._clock.monotonic() + LONGEST - max(0.0, age.total_seconds())
        talk = self._talks.begin(incoming.room_id, incoming.event_id, Party(incoming.sender, device), until)
        if sas.METHOD in texts(content.get("methods")):
            await self._say(talk, "ready", {"from_device": self._own.device, "methods": [sas.METHOD]})
        else:
            await self._cancel(talk, "m.unknown_method")

    def _later(self, incoming: Incoming) -> None:
        """Look once more: a room that a person has just made for this is taken in at the same time (matrix 10.2)."""
        self._counters["verification_ignored"] += 1
        if incoming.event_id not in self._patient and len(self._patient) < MOST:
            self._patient.add(incoming.event_id)
            asyncio.get_running_loop().call_later(AGAIN, self._again, incoming)

    def _again(self, incoming: Incoming) -> None:
        self._queue.put_nowait(incoming)
        asyncio.get_running_loop().call_later(AGAIN, self._patient.discard, incoming.event_id)

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
                await self._end(talk, Turn.VERIFIED)
            case "cancel", _:
                await self._end(talk, Turn.CANCELLED)
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
        # A room that the bot may not speak in any more hears nothing, and needs to.
        with suppress(Permanent):
            await self._say(talk, "cancel", {"code": why, "reason": why})
        log.info("matrix.verification_cancelled", reason=why)
        await self._end(talk, Turn.CANCELLED)

    async def _end(self, talk: Talk, turn: Turn) -> None:
        # Told before it is forgotten: where the telling fails, the next look tells the same.
        talk.ended = talk.ended or turn
        await self._tell(talk, talk.ended)
        self._talks.end(talk)

    async def _say(self, talk: Talk, what: str, content: dict[str, Any]) -> None:
        related = {**content, "m.relates_to": {"rel_type": "m.reference", "event_id": talk.transaction}}
        await self._send(talk.room, f"{EVENT}{what}", related, f"{talk.transaction}:{what}")

    async def _tell(self, talk: Talk, turn: Turn, shown: sas.Code | None = None) -> None:
        """Tell the administrators; what ended before there was anything to compare is not theirs to know."""
        if talk.established is None:
            return
        emoji, decimals = (tuple(shown.emoji_indices), shown.decimals) if shown else ((), ())
        await self.told(News(key_of(talk.number, talk.transaction, turn), turn, talk.number, talk.they.user, emoji, decimals))
