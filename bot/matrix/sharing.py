"""Who gets the room keys: people who are both in the room and authorised for it, on all their devices (invariant 6).

A device that could not be given the key is tried again before each later message; a session that someone has who no longer should
is replaced. A cancelled or failed attempt leaves nothing behind that a later one would trip over (matrix 4.4).
"""

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from uuid import uuid4

from bot.matrix.book import Book
from bot.matrix.incoming import Fields
from bot.matrix.keys import Keys
from bot.matrix.machine import Machine
from bot.matrix.shapes import Device, OutboundSession, Pair
from bot.matrix.wire import Json, Wire, path

ADDRESSES = 50
"""Devices in one to-device request."""

Allowed = Callable[[str], Awaitable[frozenset[str]] | frozenset[str]]
"""Returns the users who are authorised for a room."""


class Sharing:
    """Encrypts for rooms, and sees to it that the right devices can read."""

    def __init__(self, wire: Wire, machine: Machine, keys: Keys, book: Book, allowed: Allowed) -> None:
        self._wire = wire
        self._machine = machine
        self._keys = keys
        self._book = book
        self._allowed = allowed
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def encrypt(self, room: str, kind: str, content: Fields) -> Json:
        """Return the encrypted content, whose key all reachable devices of the right people have; raise as `Wire.call`."""
        async with self._locks[room]:
            users = await self._readers(room)
            await self._keys.know(users)
            devices = self._machine.devices(users)
            session = self._machine.outbound(room, devices)
            await self._share(room, session, devices)
            return self._machine.encrypt(room, session, kind, content)

    async def rotate(self, room: str) -> None:
        """Drop the room's session: who has left cannot read what is said from now on."""
        async with self._locks[room]:
            self._book.forget_members(room)
            self._machine.forget_outbound(room)

    async def _readers(self, room: str) -> frozenset[str]:
        allowed = self._allowed(room)
        authorised = await allowed if inspect.isawaitable(allowed) else allowed
        return authorised & await self._book.joined_members(room)

    async def _share(self, room: str, session: OutboundSession, devices: dict[Pair, Device]) -> None:
        missing = {pair: device for pair, device in devices.items() if pair not in session.users_shared_with}
        if not missing:
            return
        await self._keys.reach(missing)
        reachable = {pair: device for pair, device in missing.items() if self._machine.reachable(device)}
        for some in _portions(reachable):
            messages = self._machine.seal_room_key(room, session, some)
            await self._wire.call("PUT", path("sendToDevice", "m.room.encrypted", uuid4().hex), {"messages": messages})
            session.users_shared_with.update(some)


def _portions(devices: dict[Pair, Device]) -> Iterator[dict[Pair, Device]]:
    rest = iter(devices.items())
    while some := dict(islice(rest, ADDRESSES)):
        yield some
