"""One effect made real: the acts of the edge that it takes, each of which may be repeated (architecture 3, matrix 5).

Nothing here touches the outbox; what must be known of it was read before (`Errand`).
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot import contents, mail
from bot.failures import Permanent
from bot.log import logger
from bot.matrix.rooms import RoomWish
from bot.sections import MailServer
from care.effects import Anchor, Attach, Invite, Mail, OpenRoom, Pin, Place, PlaceKind, Redact, Remove, Rename, Revise, Say, Seal
from store.outbox import Outgoing

log = logger("bot.performing")
TWICE = "M_DUPLICATE_ANNOTATION"
"""The homeserver's word for a reaction that is there already."""


class Hands(Protocol):
    """What the edge must be able to do; `bot.matrix.client.Edge` is one, tests have another."""

    async def send(self, room: str, event_type: str, content: Mapping[str, Any], txn_id: str) -> str:
        """Encrypt and send; return the event id."""
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

    async def remove(self, room: str, user: str, reason: str = "") -> None:
        """Remove and give the room a new key; one who is gone counts as done."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed row, the room of its place ("" while it has none), and the events of its anchors that are known.

    `event` is what the row has become already, "" if it has not. `made` is the civil instant for the date of an e-mail.
    """

    row: Outgoing
    room: str
    event: str
    anchors: Mapping[Anchor, str]
    made: datetime

    def target(self, anchor: Anchor | None) -> str:
        """Return the event of an anchor, "" where it is missing."""
        return self.anchors.get(anchor, "") if anchor else ""


@dataclass(frozen=True, slots=True)
class Post:
    """How e-mail leaves: by which server, with which password, and what goes before it (`bot.leadership`)."""

    server: MailServer
    password: str | None
    fence: Callable[[], None] | None = None


Arrived = Callable[[str], Awaitable[None]]


def server(user: str) -> str:
    """Return the homeserver of a user."""
    return user.partition(":")[2]


def alias(bot: str, place: Place) -> str:
    """Return the local part of a room's alias: the same for the same place of the same bot, and telling nothing about it."""
    return f"samrum-{hashlib.sha256(f'{bot} {place}'.encode()).hexdigest()[:32]}"


class Performer:
    """Performs errands; every method raises Temporary or Permanent of `bot.failures`, or the edge's SignedOut."""

    def __init__(self, hands: Hands, post: Post | None, *, federate: bool, bot: str) -> None:
        self._hands = hands
        self._post = post
        self._federate = federate
        self._bot = bot

    async def perform(self, errand: Errand, arrived: Arrived) -> str:
        """Do what the row says; return the Matrix event that it became, "" for none.

        `arrived` is awaited with the event before what belongs to it (the reactions) is done.
        """
        effect = errand.row.effect
        if isinstance(effect, OpenRoom) or (isinstance(effect, Remove) and not errand.room):
            return ""  # a room is made before anything is done in it (`bot.places`); nobody is in one that is gone
        if isinstance(effect, Mail):
            await self._mail(effect, errand)
            return ""
        if not errand.room:
            raise Permanent("no-room")
        if isinstance(effect, Invite | Remove | Seal):
            await self._arrange(effect, errand.room)
            return ""
        return await self._put(errand, arrived)

    async def _put(self, errand: Errand, arrived: Arrived) -> str:
        row, room = errand.row, errand.room
        match row.effect:
            case Say() as effect:
                return await self._say(effect, errand, arrived)
            case Revise() as effect:
                return await self._sent(errand, contents.revised(effect, row.id, _needed(errand, effect.anchor)))
            case Attach() as effect:
                return await self._attach(effect, errand)
            case Pin() as effect:
                return await self._hands.pin(room, _needed(errand, effect.anchor))
            case Redact() as effect:
                return await self._hands.redact(room, _needed(errand, effect.anchor), row.id)
            case Rename() as effect:
                return await self._hands.set_state(room, "m.room.name", "", {"name": effect.name})
            case _:
                raise Permanent("unknown-effect")

    async def _arrange(self, effect: Invite | Remove | Seal, room: str) -> None:
        match effect:
            case Invite():
                await self._hands.invite(room, effect.user)
            case Remove():
                await self._hands.remove(room, effect.user)
            case Seal():
                await (self._hands.close_room(room) if effect.closed else self._hands.open_room(room))

    async def make_room(self, effect: OpenRoom) -> str:
        """Return the id of the place's room, made or found by its alias."""
        wish = RoomWish(
            alias=alias(self._bot, effect.place),
            name=effect.name,
            topic=effect.topic,
            space=effect.place.kind is PlaceKind.SPACE,
            federate=self._federate,
            is_direct=effect.place.kind is PlaceKind.DIRECT,
        )
        return await self._hands.create_room(wish)

    async def adopt(self, space: str, room: str) -> None:
        """Show a room in a space."""
        await self._hands.set_state(space, "m.space.child", room, {"via": [server(self._bot)]})

    async def _say(self, effect: Say, errand: Errand, arrived: Arrived) -> str:
        thread, reply = errand.target(effect.thread), errand.target(effect.reply)
        event = await self._sent(errand, contents.said(effect, errand.row.id, thread=thread, reply=reply))
        if effect.reactions and not errand.event:
            await arrived(event)
        for number, key in enumerate(effect.reactions):
            await self._react(errand, event, key, number)
        return event

    async def _react(self, errand: Errand, event: str, key: str, number: int) -> None:
        """Put a reaction on what was said; one that is refused is no reason to call the message itself unsent."""
        try:
            await self._hands.react(errand.room, event, key, f"{errand.row.id}:r{number}")
        except Permanent as refused:
            if refused.code != TWICE:
                log.warning("outbox.reaction_refused", row=errand.row.id, reason=refused.code)

    async def _attach(self, effect: Attach, errand: Errand) -> str:
        if errand.event:
            return errand.event
        file = await self._hands.upload_encrypted(effect.data, effect.name, effect.mime)
        return await self._sent(errand, contents.attached(effect, errand.row.id, file, thread=errand.target(effect.thread)))

    async def _sent(self, errand: Errand, content: contents.Content) -> str:
        if errand.event:
            return errand.event
        return await self._hands.send(errand.room, "m.room.message", content, errand.row.id)

    async def _mail(self, effect: Mail, errand: Errand) -> None:
        if self._post is None:
            raise Permanent("no-mail-server")
        if self._post.fence:
            self._post.fence()
        identity = f"<{errand.row.id}@{self._post.server.sender.rpartition('@')[2]}>"
        await mail.send(effect, identity, errand.made, self._post.server, self._post.password)


def _needed(errand: Errand, anchor: Anchor) -> str:
    event = errand.target(anchor)
    if not event:
        raise Permanent("no-anchor")
    return event
