"""What a client has seen since its login: rooms, and their events in the order of the homeserver."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar, cast

from demo.client.connection import Json
from demo.client.events import Event, RoomState, event, room_state

T = TypeVar("T")


class Seen:
    """The growing memory of one client; `check` raises when nothing can come any more."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._events: dict[str, dict[str, Event]] = {}
        self._membership: dict[str, str] = {}
        self._news = asyncio.Event()

    def take(self, line: Json) -> None:
        """Take in what the client tells unasked."""
        if line["event"] == "timeline":
            self._meet(event(cast("Json", line["item"])))
        elif line["event"] == "membership":
            self._membership[str(line["room"])] = str(line["membership"])
        self._news.set()
        self._news = asyncio.Event()

    def _meet(self, met: Event) -> None:
        room = self._events.setdefault(met.room, {})
        earlier = room.get(met.id)
        room[met.id] = replace(met, redacted=met.redacted or (earlier is not None and earlier.redacted))
        if met.type == "m.room.redaction" and met.redacts in room:
            room[met.redacts] = replace(room[met.redacts], redacted=True)

    def events(self, room: str, after: str = "") -> tuple[Event, ...]:
        """Return the events of a room, or those after one; none as long as that one has not come back."""
        known = tuple(self._events.get(room, {}).values())
        if not after:
            return known
        place = next((index for index, met in enumerate(known) if met.id == after), len(known))
        return known[place + 1 :]

    def state(self, room: str) -> RoomState:
        """Return the state of a room as far as it was seen."""
        met = self._events.get(room, {}).values()
        return room_state((e.type, e.state_key, e.content) for e in met if e.state_key is not None)

    def joined(self) -> tuple[str, ...]:
        """Return the rooms that the person is in."""
        return tuple(room for room, membership in self._membership.items() if membership == "join")

    def membership(self, room: str) -> str:
        """Return the person's own membership in a room (join, invite, leave, ban), or "" for an unknown room."""
        return self._membership.get(room, "")

    async def until(self, find: Callable[[], T | None], seconds: float) -> T:
        """Return what `find` finds, now or when something new has come; raise TimeoutError, or what `check` raises."""
        async with asyncio.timeout(seconds):
            while (found := find()) is None:
                self._check()
                await self._news.wait()
        return found
