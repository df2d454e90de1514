"""Who gets the room keys: people who are both in the room and authorised for it, on devices that are trusted (invariant 6).

A device that could not be given the key is tried again before each later message; a session that someone has who no longer should
is replaced. Their other devices are told once why they cannot read. A cancelled or failed attempt leaves nothing behind that a later one
would trip over (matrix 4.4).
"""

import asyncio
import inspect
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import uuid4

from bot.log import logger
from bot.matrix.book import Book
from bot.matrix.crypto.identities import MEGOLM, Device
from bot.matrix.crypto.latecomers import Missed
from bot.matrix.crypto.outbound import RoomKey
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.keys import Keys
from bot.matrix.machine import Machine
from bot.matrix.shapes import Fields, Pair
from bot.matrix.wire import Json, Wire, path

log = logger("bot.matrix.sharing")
ADDRESSES = 50
"""Devices in one to-device request."""
UNVERIFIED, NO_OLM = "m.unverified", "m.no_olm"
REASONS: Mapping[str, str] = {
    UNVERIFIED: "Samrum only gives keys to devices that their owner has verified.",
    NO_OLM: "Samrum could not reach this device.",
}
"""Why a device has no key (client-server 13.12.4, `m.room_key.withheld`). A stranger is told nothing at all."""

Allowed = Callable[[str], Awaitable[frozenset[str]] | frozenset[str]]
"""Returns the users who are authorised for a room."""


class Sharing:
    """Encrypts for rooms, and sees to it that the right devices can read."""

    def __init__(self, wire: Wire, machine: Machine, keys: Keys, book: Book, allowed: Allowed, counters: Counter[str]) -> None:
        self._wire = wire
        self._machine = machine
        self._keys = keys
        self._book = book
        self._allowed = allowed
        self._counters = counters
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def fetch(self, room: str) -> None:
        """Have a room's encryption and key at hand: after a start each room of a wave is read from the store, which is done once."""
        await self._machine.voice.fetch(room)
        await self._book.fetch([room])

    async def encrypt(self, room: str, kind: str, content: Fields) -> Json:
        """Return the encrypted content, whose key all reachable devices of the right people have; raise as `Wire.call`.

        Raise Temporary too if the room's key was dropped meanwhile: nothing more may be said with it.
        """
        async with self._locks[room]:
            key = await self._settled(room)
            self._machine.latecomers.saying(key)
            return self._machine.voice.encrypt(key, kind, content)

    async def catch_up(self) -> None:
        """Give those who came in while a message was on its way the key from it on; what cannot be done now is done at the next call."""
        await self._machine.latecomers.fetch()
        for missed in self._machine.latecomers.missed:
            try:
                async with self._locks[missed.room]:
                    await self._serve(missed)
            except (Temporary, Permanent) as error:
                log.warning("matrix.latecomer_waits", reason=type(error).__name__)
                # What is refused is refused for one room or device; the others need not wait for that.
                if isinstance(error, Temporary):
                    return

    async def rotate(self, room: str) -> None:
        """Drop the room's session: who has left cannot read what is said from now on."""
        # At once: a message whose key is on its way asks for the members again.
        self._book.forget_members(room)
        async with self._locks[room]:
            self._machine.voice.forget(room)

    async def prune(self, room: str) -> None:
        """Forget all keys of a room, its own and those of others."""
        async with self._locks[room]:
            await self._machine.prune(room)

    async def _settled(self, room: str) -> RoomKey:
        """Return the room's key once there was nobody left to tell: who left or was put out while it was on its way has an older one.

        Before a room has a new key the homeserver is asked who is in it: a departure that no sync has told ends with the old one.
        """
        await self._machine.voice.fetch(room)
        if not self._machine.voice.lasts(room):
            self._book.forget_members(room)
        while True:
            users = await self._readers(room)
            await self._keys.know(users)
            trusted, others = self._machine.persons.devices(users)
            await self._machine.voice.fetch(room)
            before = key = self._machine.voice.key(room, trusted)
            key = await self._share(key, trusted)
            key = await self._withhold(key, {pair: d for pair, d in trusted.items() if pair not in key.shared}, NO_OLM)
            key = await self._withhold(key, others, UNVERIFIED)
            await self._machine.voice.fetch(room)
            if not self._machine.voice.holds(key):
                raise Temporary(why="new_keys")
            if (key.shared, key.withheld) == (before.shared, before.withheld):
                return key

    async def _readers(self, room: str) -> frozenset[str]:
        allowed = self._allowed(room)
        authorised = await allowed if inspect.isawaitable(allowed) else allowed
        return authorised & await self._book.joined_members(room)

    async def _share(self, key: RoomKey, devices: Mapping[Pair, Device]) -> RoomKey:
        missing = {pair: device for pair, device in devices.items() if pair not in key.shared}
        if not missing:
            return key
        await self._keys.reach(missing)
        for some in _portions(missing):
            if sealed := await self._letters(key.content(), some):
                await self._send("m.room.encrypted", sealed)
                await self._machine.voice.fetch(key.room)
                key = self._machine.voice.note(key, shared=sealed.keys())
        return key

    async def _serve(self, missed: Missed) -> None:
        if missed.user in await self._readers(missed.room):
            await self._give(missed)
        await self._machine.latecomers.fetch()
        self._machine.latecomers.served(missed)

    async def _give(self, missed: Missed) -> None:
        await self._keys.know([missed.user])
        trusted, _ = self._machine.persons.devices([missed.user])
        await self._keys.reach(trusted)
        for some in _portions(trusted):
            if sealed := await self._letters(missed.content, some):
                await self._send("m.room.encrypted", sealed)
                await self._machine.voice.fetch(missed.room)
                self._machine.voice.given(missed.room, missed.content["session_id"], sealed.keys())
                log.info("matrix.latecomer", count=len(sealed))

    async def _letters(self, content: Mapping[str, str], devices: Mapping[Pair, Device]) -> dict[Pair, Json]:
        post = self._machine.post
        await post.fetch(device.curve25519 for device in devices.values())
        return {pair: each for pair, device in devices.items() if (each := post.seal(pair[0], device, "m.room_key", content))}

    async def _withhold(self, key: RoomKey, devices: Mapping[Pair, Device], code: str) -> RoomKey:
        untold = {pair: device for pair, device in devices.items() if pair not in key.withheld}
        for some in _portions(untold):
            try:
                await self._send("m.room_key.withheld", dict.fromkeys(some, self._withheld(key, code)))
            except (Temporary, Permanent) as error:
                # The message itself matters more; these devices are told before the next one.
                log.warning("matrix.withheld_untold", reason=type(error).__name__)
                break
            self._counters[f"withheld_{code.removeprefix('m.')}"] += len(some)
            await self._machine.voice.fetch(key.room)
            key = self._machine.voice.note(key, withheld=some.keys())
        return key

    def _withheld(self, key: RoomKey, code: str) -> dict[str, Any]:
        content = {"algorithm": MEGOLM, "sender_key": self._machine.account.curve25519, "code": code, "reason": REASONS[code]}
        # Without a session between two devices, the reason concerns all keys (client-server 13.12.4).
        return content if code == NO_OLM else {**content, "room_id": key.room, "session_id": key.id}

    async def _send(self, kind: str, contents: Mapping[Pair, Mapping[str, Any]]) -> None:
        messages: dict[str, dict[str, Any]] = {}
        for (user, device), content in contents.items():
            messages.setdefault(user, {})[device] = content
        await self._wire.call("PUT", path("sendToDevice", kind, uuid4().hex), {"messages": messages})


def _portions(devices: Mapping[Pair, Device]) -> Iterator[dict[Pair, Device]]:
    rest = iter(devices.items())
    while some := dict(islice(rest, ADDRESSES)):
        yield some
