"""Who is in a room: each step may be repeated, and one that is already so counts as done (matrix 5)."""

from typing import cast

from bot.matrix.book import Book, Members
from bot.matrix.errors import Permanent
from bot.matrix.shapes import texts
from bot.matrix.sharing import Sharing
from bot.matrix.turns import Turn
from bot.matrix.wire import CLIENT, Wire, path

GONE = frozenset({"leave", "ban"})
NAMING = 120.0
"""Seconds that a new name may take: the homeserver tells it in each of the account's rooms."""


class People:
    """Invites, removes, enters and leaves; every method raises as `Wire.call`; entering and leaving wait where that is limited."""

    def __init__(self, wire: Wire, book: Book, sharing: Sharing) -> None:
        self._wire = wire
        self._book = book
        self._sharing = sharing

    async def members(self, room: str) -> Members:
        """Return the joined and invited members by the homeserver's word."""
        return await self._book.members(room)

    async def invite(self, room: str, user: str) -> None:
        """Invite, unless the person is there or invited already (a second invitation would ring again)."""
        if await self._book.membership(room, user) not in {"join", "invite"}:
            await self._wire.call("POST", path("rooms", room, "invite"), {"user_id": user})

    async def remove(self, room: str, user: str, reason: str = "") -> None:
        """Remove, or take the invitation back; what is said afterwards has a new key."""
        if await self._book.membership(room, user) not in GONE:
            await self._wire.call("POST", path("rooms", room, "kick"), {"user_id": user, **_because(reason)})
        await self._sharing.rotate(room)

    async def rooms(self) -> frozenset[str]:
        """Return the rooms that the bot is in, by the homeserver's word; raise Permanent for an answer that does not say."""
        found = (await self._wire.call("GET", f"{CLIENT}/joined_rooms")).get("joined_rooms")
        if not isinstance(found, list):
            raise Permanent("M_NOT_JSON", 200, "the answer names no rooms")
        return frozenset(texts(cast("list[object]", found)))

    async def aliases(self, room: str) -> frozenset[str]:
        """Return the aliases of a room that the bot is in."""
        return frozenset(texts((await self._wire.call("GET", path("rooms", room, "aliases"))).get("aliases")))

    async def join(self, room: str) -> None:
        """Enter the room and note whether it is encrypted."""
        await self._wire.call("POST", path("join", room), turn=Turn.BESIDE)
        await self._book.learn_encryption(room)

    async def leave(self, room: str, reason: str = "") -> None:
        """Leave the room or refuse its invitation; not being in it is success."""
        try:
            await self._wire.call("POST", path("rooms", room, "leave"), _because(reason), turn=Turn.BESIDE)
        except Permanent:
            if room in await self.rooms():
                raise
        self._book.quit(room)
        await self._sharing.prune(room)


async def introduce(wire: Wire, user: str, name: str) -> None:
    """Give the own account a display name, where it has another; raise as `Wire.call`."""
    where = path("profile", user, "displayname")
    try:
        present = await wire.call("GET", where)
    except Permanent as error:
        if error.errcode != "M_NOT_FOUND":
            raise
        present = {}
    if present.get("displayname") != name:
        await wire.call("PUT", where, {"displayname": name}, seconds=NAMING, turn=Turn.BESIDE)


def _because(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}
