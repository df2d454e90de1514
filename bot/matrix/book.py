"""The bot's own record of its rooms: which are encrypted, and who is in them by the homeserver's word.

Nothing in it comes from a decrypted event (matrix 4.2), and a room once encrypted stays so whatever the homeserver says later.

Who has joined is kept over restarts, so that a wave after a start need not ask for each room. What is kept is fresh: it is dropped when a
sync tells of a membership, or may have passed one over, and that is committed no later than the position of that sync. So whatever happened
while the bot was away drops it before anything is said. What no sync ever tells is found out when the room gets its next key
(`bot.matrix.sharing`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.errors import Permanent
from bot.matrix.shapes import Fields, fields, items, text, texts
from bot.matrix.wire import Wire, path

MEMBER = "m.room.member"
ENCRYPTION = "m.room.encryption"
NOTED, JOINED = "encryption", "joined"
"""The names that the room's encryption and its joined members are kept under."""
WISHES = ("rotation_period_ms", "rotation_period_msgs")
EXACT = 2**53
"""Whole numbers of events are smaller (Matrix appendices, "Canonical JSON")."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in a room, by the homeserver's word."""

    joined: frozenset[str]
    invited: frozenset[str]


class Book:
    """Rooms as far as sending needs them; `known` maps room ids to whether they are encrypted."""

    def __init__(self, wire: Wire, cabinet: Cabinet, known: Mapping[str, bool]) -> None:
        self._wire = wire
        self._cabinet = cabinet
        self._encrypted = {room for room, encrypted in known.items() if encrypted}
        self._members: dict[str, frozenset[str]] = {}
        self._marks: Counter[str] = Counter()

    async def fetch(self, rooms: Iterable[str]) -> None:
        """Have at hand what is known of the encryption of these rooms."""
        asked = list(rooms)
        await self._cabinet.fetch(Drawer.ROOM, asked)
        self._encrypted |= {room for room in asked if NOTED in self._cabinet.of(Drawer.ROOM, room)}

    def encrypted(self, room: str) -> bool:
        """Whether a fetched room is known to be encrypted."""
        return room in self._encrypted

    def quit(self, room: str) -> None:
        """Note that the bot is no longer in the room."""
        self.forget_members(room)

    def mark_encrypted(self, room: str) -> None:
        """Note that a room was made encrypted; what the next sync tells of it is kept."""
        self._encrypted.add(room)

    async def note_encryption(self, room: str, content: Fields) -> None:
        """Note, and keep, that the room is encrypted, and how often it wants another key."""
        await self.fetch([room])
        self._encrypted.add(room)
        wishes = {name: value for name in WISHES if isinstance(value := content.get(name), int) and 0 <= value < EXACT}
        self._cabinet.put(Drawer.ROOM, room, NOTED, json.dumps(wishes).encode())

    async def notice(self, room: str, event: Fields) -> None:
        """Take what a clear event of the room's state or timeline says about encryption and members."""
        if "state_key" not in event:
            return
        if event.get("type") == ENCRYPTION and event.get("state_key") == "":
            await self.note_encryption(room, fields(event.get("content")))
        if event.get("type") == MEMBER:
            await self.drop_members(room)

    def forget_members(self, room: str) -> None:
        """Ask for the members again before the next message; neither an answer that is on its way nor what is kept counts."""
        self._members.pop(room, None)
        self._marks[room] += 1

    async def drop_members(self, room: str) -> None:
        """Do the same, and keep nothing for the next process either, from the next commit on."""
        self.forget_members(room)
        await self.fetch([room])
        if JOINED in self._cabinet.of(Drawer.ROOM, room):
            self._cabinet.put(Drawer.ROOM, room, JOINED, None)

    async def joined_members(self, room: str) -> frozenset[str]:
        """Return the joined members; raise as `Wire.call`."""
        while (known := self._members.get(room)) is None:
            mark = self._marks[room]
            joined = await self._kept(room) or await self._asked(room)
            await self.fetch([room])
            if self._marks[room] == mark:
                self._members[room] = joined
                self._keep(room, joined)
        return known

    async def _kept(self, room: str) -> frozenset[str]:
        """Return what an earlier process has kept, nobody if it was forgotten since."""
        await self.fetch([room])
        kept = self._cabinet.of(Drawer.ROOM, room).get(JOINED)
        return frozenset(texts(json.loads(kept))) if kept and not self._marks[room] else frozenset()

    async def _asked(self, room: str) -> frozenset[str]:
        answer = await self._wire.call("GET", path("rooms", room, "joined_members"))
        return frozenset(fields(answer.get("joined")))

    def _keep(self, room: str, joined: frozenset[str]) -> None:
        """Keep who has joined; an empty answer is not kept, or nobody in the room would ever be told anything again."""
        value = json.dumps(sorted(joined)).encode() if joined else None
        if self._cabinet.of(Drawer.ROOM, room).get(JOINED) != value:
            self._cabinet.put(Drawer.ROOM, room, JOINED, value)

    async def members(self, room: str) -> Members:
        """Return the joined and the invited, asked for afresh; raise as `Wire.call`."""
        answer = await self._wire.call("GET", path("rooms", room, "members"), query={"not_membership": "leave"})
        found: dict[str, set[str]] = {"join": set(), "invite": set()}
        for event in items(answer.get("chunk")):
            membership = text(fields(event.get("content")).get("membership"))
            found.get(membership, set()).add(text(event.get("state_key")))
        return Members(frozenset(found["join"]), frozenset(found["invite"]))

    async def membership(self, room: str, user: str) -> str:
        """Return `join`, `invite`, `knock`, `ban` or `leave` (also for one who never was there); raise as `Wire.call`."""
        try:
            state = await self._wire.call("GET", path("rooms", room, "state", MEMBER, user))
        except Permanent as error:
            if error.errcode == "M_NOT_FOUND":
                return "leave"
            raise
        return text(state.get("membership"))

    async def membership_or_none(self, room: str, user: str) -> str:
        """Return as `membership`, and "" where the homeserver does not let the bot see the room."""
        try:
            return await self.membership(room, user)
        except Permanent as error:
            if error.status in {403, 404}:
                return ""
            raise

    async def learn_encryption(self, room: str) -> None:
        """Ask whether the room is encrypted, and note it; raise as `Wire.call`."""
        try:
            content = await self._wire.call("GET", path("rooms", room, "state", ENCRYPTION, ""))
        except Permanent as error:
            if error.errcode != "M_NOT_FOUND":
                raise
        else:
            await self.note_encryption(room, content)
