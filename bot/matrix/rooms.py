"""The rooms that the bot makes: once each, encrypted from their first state, and only the bot decides in them.

createRoom is not repeatable; the alias makes it so. After a crash in the middle the alias may name a half-made room, so a room
found by its alias is compared with the wish and mended (matrix 0 fact 7, 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.matrix.book import ENCRYPTION, Book
from bot.matrix.errors import Permanent
from bot.matrix.shapes import NOTHING, Fields, fields
from bot.matrix.turns import Turn
from bot.matrix.wire import CLIENT, Wire, path, said
from commands.descriptions import DESCRIPTION

MAKING = 60.0
"""Seconds that a homeserver may take to make a room."""
POWER = "m.room.power_levels"
MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2"}
SEALED = 100


@dataclass(frozen=True, slots=True)
class RoomWish:
    """How a room is to be. `alias` is the local part and the idempotence key; like name and topic it identifies nobody.

    `descriptions` are the contents of the command descriptions by state key.
    """

    alias: str
    name: str
    topic: str = ""
    space: bool = False
    federate: bool = False
    invite: tuple[str, ...] = ()
    is_direct: bool = False
    descriptions: Mapping[str, Fields] = field(default_factory=lambda: NOTHING)


def powers(*, closed: bool = False) -> dict[str, Any]:
    """Return the power levels of the bot's rooms.

    `users` is left out: the homeserver enters the creator, who in room version 12 must not stand there (matrix 10.8).
    """
    return {
        "users_default": 0,
        "events_default": SEALED if closed else 0,
        "state_default": SEALED,
        "invite": SEALED,
        "kick": SEALED,
        "ban": SEALED,
        "redact": SEALED,
        "notifications": {"room": SEALED},
        "events": {},
    }


def state(wish: RoomWish) -> dict[str, dict[str, Any]]:
    """Return the state, by type, that the room has from its beginning. A space holds no messages and is not encrypted."""
    always = {
        "m.room.join_rules": {"join_rule": "invite"},
        "m.room.history_visibility": {"history_visibility": "invited"},
        "m.room.guest_access": {"guest_access": "forbidden"},
    }
    return always if wish.space else {ENCRYPTION: MEGOLM, **always}


class Rooms:
    """Makes rooms and mends them."""

    def __init__(self, wire: Wire, book: Book, user: str) -> None:
        self._wire = wire
        self._book = book
        self._user = user
        self._server = user.split(":", 1)[1]

    async def create(self, wish: RoomWish) -> str:
        """Return the id of the one room with the alias; raise Permanent M_BAD_STATE for a room that cannot be mended."""
        try:
            answer = await self._wire.call("POST", f"{CLIENT}/createRoom", _request(wish), seconds=MAKING)
        except Permanent as error:
            if error.errcode != "M_ROOM_IN_USE":
                raise
            return await self._found(wish)
        return self._entered(said(answer, "room_id"), wish)

    async def _found(self, wish: RoomWish) -> str:
        alias = path("directory", "room", f"#{wish.alias}:{self._server}")
        room = said(await self._wire.call("GET", alias), "room_id")
        if await self._book.membership_or_none(room, self._user) != "join":
            # What is left of a creation that never got the bot into its room: give the name free and begin again.
            await self._wire.call("DELETE", alias)
            return await self.create(wish)
        await self._mend(room, wish)
        return self._entered(room, wish)

    async def _mend(self, room: str, wish: RoomWish) -> None:
        created = await self._state(room, "m.room.create", full=True)
        content = fields(created.get("content"))
        right_type = content.get("type") == ("m.space" if wish.space else None)
        federates = content.get("m.federate", True) is True
        if created.get("sender") != self._user or not right_type or federates != wish.federate:
            raise Permanent("M_BAD_STATE", 409, f"the alias {wish.alias} names a room of another kind")
        topic = {"m.room.topic": {"topic": wish.topic}} if wish.topic else {}
        for kind, wanted in {**state(wish), "m.room.name": {"name": wish.name}, **topic}.items():
            if not _holds(await self._state(room, kind), wanted):
                await self._wire.call("PUT", path("rooms", room, "state", kind, ""), wanted, turn=Turn.BESIDE)
        await self.bring(room, DESCRIPTION, wish.descriptions, Turn.BESIDE)
        await self.set_powers(room, powers(closed=wish.space), Turn.BESIDE)

    async def bring(self, room: str, kind: str, wanted: Mapping[str, Fields], turn: Turn) -> None:
        """Set the states of a type, by key, that are not so yet: what broke off goes on where it was. Raise as `Wire.call`."""
        for key, content in wanted.items():
            if await self._state(room, kind, key) != content:
                await self._wire.call("PUT", path("rooms", room, "state", kind, key), content, turn=turn)

    async def made(self, room: str) -> bool:
        """Whether the bot has made a room that it is in; raise as `Wire.call`."""
        return (await self._state(room, "m.room.create", full=True)).get("sender") == self._user

    async def set_powers(self, room: str, wanted: Mapping[str, Any], turn: Turn = Turn.ROW) -> None:
        """Bring the room's power levels to the wanted ones, where they differ; raise as `Wire.call`."""
        present = await self._state(room, POWER)
        if not _holds(present, wanted):
            await self._wire.call("PUT", path("rooms", room, "state", POWER, ""), {**present, **wanted}, turn=turn)

    async def _state(self, room: str, kind: str, key: str = "", *, full: bool = False) -> Fields:
        query = {"format": "event"} if full else None
        try:
            return await self._wire.call("GET", path("rooms", room, "state", kind, key), query=query)
        except Permanent as error:
            if error.errcode == "M_NOT_FOUND":
                return {}
            raise

    def _entered(self, room: str, wish: RoomWish) -> str:
        if not wish.space:
            self._book.mark_encrypted(room)
        return room


def _holds(present: Fields, wanted: Fields) -> bool:
    return all(present.get(key) == value for key, value in wanted.items())


def _request(wish: RoomWish) -> dict[str, Any]:
    told = [{"type": DESCRIPTION, "state_key": key, "content": content} for key, content in wish.descriptions.items()]
    creation = {"m.federate": wish.federate, **({"type": "m.space"} if wish.space else {})}
    return {
        "preset": "private_chat",
        "visibility": "private",
        "room_alias_name": wish.alias,
        "name": wish.name,
        **({"topic": wish.topic} if wish.topic else {}),
        "invite": list(wish.invite),
        "is_direct": wish.is_direct,
        "creation_content": creation,
        "initial_state": [{"type": kind, "state_key": "", "content": content} for kind, content in state(wish).items()] + told,
        "power_level_content_override": powers(closed=wish.space),
    }
