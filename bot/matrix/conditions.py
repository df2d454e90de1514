"""What a room of the bot's must be like, asked and set right when somebody else has changed it (a server's administrator can).

The homeserver may carry a change out in the bot's own name (Synapse's `make_room_admin` does): the content decides, not the sender.
"""

from collections.abc import Mapping
from typing import Any

from bot.matrix.book import Book
from bot.matrix.errors import Permanent
from bot.matrix.incoming import Incoming
from bot.matrix.rooms import POWER, RoomWish, powers, state
from bot.matrix.shapes import Fields, fields
from bot.matrix.turns import Turn
from bot.matrix.wire import Wire, path

TOMBSTONE = "m.room.tombstone"
LEVELS = {name: level for name, level in powers().items() if name not in {"events_default", "notifications"}}
"""The levels that must stand; whether the members may speak is another matter (a closed case), and the rest is the clients'."""


def weakened(change: Incoming, user: str) -> bool:
    """Whether a change of state takes something from what the bot's rooms are (`user`) protected by; a tombstone always does."""
    if change.state_type == TOMBSTONE:
        return True
    if change.state_type == POWER:
        return not _sole(change.content, user)
    return change.content != state(RoomWish("", "")).get(change.state_type, change.content)


def _sole(present: Fields, user: str) -> bool:
    """Whether the bot alone decides by these power levels; in room version 12 its creator does not stand in them."""
    others = {who: level for who, level in fields(present.get("users")).items() if who != user and level != 0}
    return not others and all(present.get(name) == level for name, level in LEVELS.items())


class Conditions:
    """Asks and restores; every method raises as `Wire.call` where the homeserver is away, and waits where it limits."""

    def __init__(self, wire: Wire, book: Book, user: str) -> None:
        self._wire = wire
        self._book = book
        self._user = user

    async def restore(self, room: str) -> bool:
        """Set right what is not as the bot makes it; return whether all is. What the bot has no power over stays."""
        found = [await self._restored(room, kind, content) for kind, content in state(RoomWish("", "")).items()]
        return all([*found, await self._empowered(room)])

    async def follow(self, room: str, successor: str) -> bool:
        """Enter the room that a tombstone names; return whether it is one to be used.

        It must name `room` as its predecessor, be made in the bot's name, encrypted and closed as its rooms are, and nobody else decides.
        """
        try:
            await self._wire.call("POST", path("join", successor), turn=Turn.BESIDE)
            fit = await self._fit(room, successor)
        except Permanent:
            return False
        if fit:
            self._book.mark_encrypted(successor)
        return fit

    async def _fit(self, room: str, successor: str) -> bool:
        created = await self._event(successor, "m.room.create")
        content, wanted = fields(created.get("content")), state(RoomWish("", ""))
        right = [await self._present(successor, kind) == content for kind, content in wanted.items()]
        levels = await self._present(successor, POWER)
        # From room version 12 on a creator decides whatever the power levels say.
        own = created.get("sender") == self._user and not content.get("additional_creators")
        return own and fields(content.get("predecessor")).get("room_id") == room and all(right) and _sole(levels, self._user)

    async def _restored(self, room: str, kind: str, wanted: Mapping[str, Any]) -> bool:
        return await self._present(room, kind) == wanted or await self._set(room, kind, wanted)

    async def _empowered(self, room: str) -> bool:
        present = await self._present(room, POWER)
        if _sole(present, self._user):
            return True
        users = {who: level for who, level in fields(present.get("users")).items() if who == self._user}
        return await self._set(room, POWER, {**present, **LEVELS, "users": users})

    async def _set(self, room: str, kind: str, content: Mapping[str, Any]) -> bool:
        try:
            await self._wire.call("PUT", path("rooms", room, "state", kind, ""), content, turn=Turn.BESIDE)
        except Permanent:
            return False
        return True

    async def _present(self, room: str, kind: str) -> Fields:
        try:
            return await self._wire.call("GET", path("rooms", room, "state", kind, ""))
        except Permanent as error:
            if error.errcode == "M_NOT_FOUND":
                return {}
            raise

    async def _event(self, room: str, kind: str) -> Fields:
        return await self._wire.call("GET", path("rooms", room, "state", kind, ""), query={"format": "event"})
