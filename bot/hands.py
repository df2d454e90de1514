"""What the edge must be able to do for the rest of the bot; `bot.matrix.client.Edge` is one that can, tests have another."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot.matrix.rooms import RoomWish


class Hands(Protocol):
    """The acts; each may be repeated, and raises Temporary, Permanent or SignedOut."""

    async def send(self, room: str, event_type: str, content: Mapping[str, Any], txn_id: str) -> str:
        """Encrypt and send; return the event id."""
        ...

    async def find(self, room: str, row: str, txns: Collection[str], since: datetime) -> str:
        """Return the event that an outbox row became under one of its transaction ids, "" if the room holds none since the instant."""
        ...

    async def react(self, room: str, event_id: str, key: str, txn_id: str) -> str:
        """Put a reaction on an event."""
        ...

    async def redact(self, room: str, event_id: str, txn_id: str, reason: str = "") -> str:
        """Remove an event's content."""
        ...

    async def set_state(self, room: str, event_type: str, key: str, content: Mapping[str, Any]) -> str:
        """Set state."""
        ...

    async def bring(self, room: str, event_type: str, wanted: Mapping[str, Mapping[str, Any]], *, spare: bool = False) -> None:
        """Set the states of a type, by key, that are not so yet; `spare` ones may keep nothing else waiting."""
        ...

    async def pin(self, room: str, event_id: str) -> str:
        """Make the event the only pinned one."""
        ...

    async def upload_encrypted(self, data: bytes, name: str, mime: str) -> dict[str, Any]:
        """Upload encrypted; return the content of the message."""
        ...

    async def create_room(self, wish: RoomWish) -> str:
        """Return the room with the wish's alias, made if need be."""
        ...

    async def close_room(self, room: str) -> None:
        """Make the room read-only."""
        ...

    async def open_room(self, room: str) -> None:
        """Let the members speak again."""
        ...

    async def invite(self, room: str, user: str) -> None:
        """Invite; one who is there counts as done."""
        ...

    async def inside(self, room: str) -> bool:
        """Whether the bot is in the room, by the homeserver's word."""
        ...

    async def occupied(self, room: str) -> bool:
        """Whether anybody but the bot has joined the room."""
        ...

    async def remove(self, room: str, user: str, reason: str = "") -> None:
        """Remove and give the room a new key; one who is gone counts as done."""
        ...

    async def confirm(self, number: int, *, agrees: bool) -> None:
        """Conclude or cancel a verification; one that is no longer there counts as done."""
        ...

    async def accept(self, user: str, identity: str) -> None:
        """Pin the user's identity if it is this one; one that is pinned already counts as done, and another one is told."""
        ...
