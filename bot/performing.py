"""One effect made real: the acts of the edge that it takes, each of which may be repeated (architecture 3, matrix 5).

Nothing here touches the outbox; what must be known of it was read before (`Errand`).
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import contents, mail
from bot.descriptions import Descriptions
from bot.failures import Permanent
from bot.hands import Hands
from bot.log import logger
from bot.matrix.rooms import RoomWish
from bot.sections import MailServer
from care.effects import (
    Anchor,
    Attach,
    Describe,
    Group,
    Invite,
    Mail,
    OpenRoom,
    Pin,
    Place,
    PlaceKind,
    Redact,
    Remove,
    Rename,
    Revise,
    Say,
    Seal,
    Trust,
    Verify,
)
from commands.descriptions import DESCRIPTION
from store.outbox import Outgoing
from store.renewals import Trial

log = logger("bot.performing")
REFUSED = frozenset({"M_FORBIDDEN", "M_NOT_FOUND"})
"""How the homeserver refuses what is to be done in a room that the bot is not in."""
TWICE = "M_DUPLICATE_ANNOTATION"
"""The homeserver's word for a reaction that is there already."""
CHILD = "m.space.child"
FORBIDDEN = "M_FORBIDDEN"
"""The homeserver's word for what the bot has no power to do in a room."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed row, the room of its place ("" while it has none), and the events of its anchors that are known.

    `event` is what the row has become already, "" if it has not; `trial` says under which transaction id it is sent. `made` is the civil
    instant for the date of an e-mail. `again` says that the place has lost a room before: what was said there cannot be edited, pinned
    or answered to.
    """

    row: Outgoing
    trial: Trial
    room: str
    event: str
    anchors: Mapping[Anchor, str]
    made: datetime
    again: bool = False

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


def alias(bot: str, place: Place, turn: int = 1) -> str:
    """Return the local part of a room's alias: the same for the same place of the same bot, and telling nothing about it.

    `turn` counts the rooms of the place: the alias of a lost one still points to it.
    """
    which = f"{bot} {place}" if turn == 1 else f"{bot} {place} {turn}"
    return f"samrum-{hashlib.sha256(which.encode()).hexdigest()[:32]}"


class Performer:
    """Performs errands; every method raises Temporary or Permanent of `bot.failures`, or the edge's SignedOut."""

    def __init__(self, hands: Hands, post: Post | None, *, federate: bool, descriptions: Descriptions) -> None:
        self._hands = hands
        self._post = post
        self._federate = federate
        self._bot = descriptions.bot
        self.descriptions = descriptions
        self._reacted = set[str]()

    async def perform(self, errand: Errand, arrived: Arrived) -> str:
        """Do what the row says; return the Matrix event that it became, "" for none.

        `arrived` is awaited with the event before what belongs to it (the reactions) is done.
        """
        if _needless(errand):
            return ""
        match errand.row.effect:
            case Mail() as effect:
                await self._mail(effect, errand)
            case Trust() as effect:
                await self._hands.accept(effect.user, effect.identity)
            case Verify() as effect:
                await self._hands.confirm(effect.number, agrees=effect.agrees)
            case _ if not errand.room:
                raise Permanent("no-room")
            case Invite() | Remove() | Seal() | Describe() as effect:
                await self._arrange(effect, errand.room)
            case _:
                return await self._put(errand, arrived)
        return ""

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

    async def _arrange(self, effect: Invite | Remove | Seal | Describe, room: str) -> None:
        match effect:
            case Invite():
                await self._hands.invite(room, effect.user)
            case Remove():
                await self._hands.remove(room, effect.user)
            case Seal():
                await (self._hands.close_room(room) if effect.closed else self._hands.open_room(room))
            case Describe():
                await self._describe(effect, room)

    async def _describe(self, effect: Describe, room: str) -> None:
        """Tell of the commands; in a room where a person gave the bot no power to, people type as they do in any client."""
        gone = {self.descriptions.key(command): contents.NOTHING for command in effect.gone}
        try:
            await self._hands.bring(room, DESCRIPTION, {**gone, **self.descriptions.state(effect.place.kind)}, spare=True)
        except Permanent as refused:
            if refused.code != FORBIDDEN:
                raise
            log.info("outbox.not_described", room=room, reason=refused.code)

    async def find(self, errand: Errand) -> str:
        """Return the event that the row has become without anybody remembering it, "" if it has not; raise as the edge does."""
        return await self._hands.find(errand.room, errand.row.id, errand.trial.txns, errand.row.first_attempt)

    async def vacant(self, errand: Errand) -> bool:
        """Whether the row would be said in a room made anew in which nobody is yet: no key would go to anybody (decision 0008)."""
        said = errand.again and isinstance(errand.row.effect, Say | Attach) and not errand.event
        return said and bool(errand.room) and not await self._hands.occupied(errand.room)

    async def is_out(self, room: str, refused: Permanent) -> bool:
        """Whether an act was refused because the bot is not in the room any more."""
        return bool(room) and refused.code in REFUSED and not await self._hands.inside(room)

    async def make_room(self, effect: OpenRoom, turn: int = 1) -> str:
        """Return the id of the place's room, made or found by its alias; `turn` as for `alias`."""
        wish = RoomWish(
            alias=alias(self._bot, effect.place, turn),
            name=effect.name,
            topic=effect.topic,
            space=effect.place.kind is PlaceKind.SPACE,
            federate=self._federate,
            is_direct=effect.place.kind is PlaceKind.DIRECT,
            descriptions=self.descriptions.state(effect.place.kind),
        )
        return await self._hands.create_room(wish)

    async def adopt(self, space: str, room: str) -> None:
        """Show a room in a space."""
        await self._hands.bring(space, CHILD, {room: {"via": [server(self._bot)]}})

    async def release(self, space: str, room: str) -> None:
        """Show a room in a space no longer."""
        await self._hands.bring(space, CHILD, {room: contents.NOTHING})

    async def _say(self, effect: Say, errand: Errand, arrived: Arrived) -> str:
        thread, reply = errand.target(effect.thread), errand.target(effect.reply)
        event = await self._sent(errand, contents.said(effect, errand.row.id, thread=thread, reply=reply))
        if effect.reactions and not errand.event:
            await arrived(event)
        txns = {f"{errand.row.id}:r{number}": key for number, key in enumerate(effect.reactions)}
        for txn, key in txns.items():
            await self._react(errand, event, key, txn)
        self._reacted -= txns.keys()
        return event

    async def _react(self, errand: Errand, event: str, key: str, txn: str) -> None:
        """Put a reaction on what was said, once; one that is refused is no reason to call the message itself unsent.

        What is there is not asked for again: where one request at a time is let through, the second reaction would never get its turn.
        """
        if txn in self._reacted:
            return
        try:
            await self._hands.react(errand.room, event, key, txn)
        except Permanent as refused:
            if refused.code != TWICE:
                log.warning("outbox.reaction_refused", row=errand.row.id, reason=refused.code)
        self._reacted.add(txn)

    async def _attach(self, effect: Attach, errand: Errand) -> str:
        if errand.event:
            return errand.event
        file = await self._hands.upload_encrypted(effect.data, effect.name, effect.mime)
        return await self._sent(errand, contents.attached(effect, errand.row.id, file, thread=errand.target(effect.thread)))

    async def _sent(self, errand: Errand, content: contents.Content) -> str:
        if errand.event:
            return errand.event
        return await self._hands.send(errand.room, "m.room.message", content, errand.trial.txn)

    async def _mail(self, effect: Mail, errand: Errand) -> None:
        if self._post is None:
            raise Permanent("no-mail-server")
        if self._post.fence:
            self._post.fence()
        identity = f"<{errand.row.id}@{self._post.server.sender.rpartition('@')[2]}>"
        await mail.send(effect, identity, errand.made, self._post.server, self._post.password)


def _needless(errand: Errand) -> bool:
    """Whether nothing is left to do.

    Rooms are made and shown before (`bot.places`), one that is made later has its name and descriptions from the beginning, nobody is in
    one that is gone, and its messages went with it.
    """
    match errand.row.effect:
        case OpenRoom() | Group():
            return True
        case Remove() | Rename() | Describe():
            return not errand.room
        case Revise() | Pin() | Redact() as effect:
            return errand.again and not errand.target(effect.anchor)
        case _:
            return False


def _needed(errand: Errand, anchor: Anchor) -> str:
    event = errand.target(anchor)
    if not event:
        raise Permanent("no-anchor")
    return event
