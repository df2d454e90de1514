"""What the edge heard becomes what the inbox keeps: in one transaction with the sync position (architecture 3)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime

from bot import alarms
from bot.clock import Clock
from bot.log import logger
from bot.matrix.conditions import weakened
from bot.matrix.incoming import Batch, Incoming
from bot.matrix.incoming import Kind as Heard
from bot.matrix.shapes import text
from care.clock import MachineClock
from store import inbox, outcomes, renewals, rooms, unread
from store.database import Database, Transaction
from store.directory import Roster
from store.inbox import Kind, Message
from store.keys import Vault
from store.unread import Unread

log = logger("bot.incoming")
UNREADABLE = "unreadable:"
"""Put before the event id of what cannot be read yet: the same event may still come as a message."""
LATE = "late:"
"""Put before the event id of what waits to be read once more, with the batch that brought its key: a key may come in better shape later."""
KINDS: Mapping[Heard, Kind] = {
    Heard.MESSAGE: Kind.MESSAGE,
    Heard.EDIT: Kind.EDIT,
    Heard.REACTION: Kind.REACTION,
    Heard.REDACTION: Kind.REDACTION,
    Heard.MEMBERSHIP: Kind.MEMBERSHIP,
    Heard.INVITATION: Kind.INVITATION,
    Heard.UNDECRYPTABLE: Kind.UNREADABLE,
    Heard.UNENCRYPTED: Kind.CLEAR,
    Heard.ROOM_CHANGE: Kind.CHANGE,
}
BY_A_BOT = "m.notice"
"""What bots say to people; another bot's is never answered (client-server 11.2.1.4)."""


def message(heard: Incoming, clock: Clock) -> Message | None:
    """Return what the inbox keeps of an event, None for one that nobody is to answer. `sent` is civil time."""
    kind = KINDS.get(heard.kind)
    if kind is None or heard.msgtype == BY_A_BOT:
        return None
    unreadable = kind is Kind.UNREADABLE
    written = heard.msgtype in {"", "m.text"}  # the name of a file is no command
    return Message(
        event=f"{UNREADABLE}{heard.event_id}" if unreadable else heard.event_id,
        room=heard.room_id,
        sender=heard.sender,
        sent=clock.civil_of(heard.at),
        kind=kind,
        body=heard.body if written else "",
        html=heard.html if written else "",
        thread=heard.thread,
        reply_to=heard.reply_to,
        target=heard.event_id if unreadable else heard.target or text(heard.content.get("replacement_room")),
        key=heard.key or (heard.state_type if kind is Kind.CHANGE else ""),
        device=heard.device,
        trusted=heard.decrypted and heard.trusted,
        standing=heard.standing,
        membership=heard.membership,
        subject=heard.state_key,
        encrypted=heard.room_encrypted,
    )


def _meant(heard: Incoming, bot: str) -> Incoming:
    """Return the same with the command in place of the words that a client shows for it, if it is for this bot (MSC4391)."""
    return replace(heard, body=heard.command, html="") if heard.command and bot in heard.mentions else heard


class Intake:
    """Takes batches in.

    `submit` hands what was committed to the workers; `recording` opens a transaction in which the keys of a batch are committed too.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        roster: Roster,
        clock: Clock,
        machine: MachineClock,
        *,
        bot: str,
        submit: Callable[[Sequence[Message]], None],
        recording: Callable[[Batch], AbstractAsyncContextManager[Transaction]],
    ) -> None:
        self._database = database
        self._vault = vault
        self._roster = roster
        self._clock = clock
        self._machine = machine
        self._bot = bot
        self._submit = submit
        self._recording = recording

    async def take(self, batch: Batch) -> None:
        """Commit a batch, its keys and its position; what is known already is passed over by whoever handles it."""
        now = self._machine.utc()
        async with self._recording(batch) as tx:
            messages = (*self._translated(await self._heard(tx, batch)), *await self._lost(tx, batch, now))
            messages += await self._late(tx, batch, messages)
            await inbox.put(tx, self._vault, messages, now)
            await self._alarm(tx, batch)
            await self._echo(tx, batch.incoming)
            await inbox.advance(tx, self._bot, batch.next_batch, now)
        if messages:
            log.debug("inbox.taken", count=len(messages), phase="taken")
        self._submit(messages)

    async def rest(self) -> None:
        """Hand over what was taken in and not finished, by an earlier process or in a commit whose answer was lost."""
        async with self._database.read() as tx:
            self._submit(await inbox.waiting(tx, self._vault))

    async def put(self, heard: Incoming, instead_of: str) -> None:
        """Take in an event that has become readable, in place of the row that stood for it."""
        messages = self._translated([heard])
        async with self._database.write() as tx:
            await inbox.put(tx, self._vault, messages, self._machine.utc())
            await inbox.done(tx, instead_of, self._machine.utc())
        self._submit(messages)

    async def _heard(self, tx: Transaction, batch: Batch) -> Iterable[Incoming]:
        """Leave out what was said before this database knew the room: a first sync tells old messages too."""
        if not batch.initial:
            return batch.incoming
        known = await rooms.all_rooms(tx)
        return [heard for heard in batch.incoming if heard.room_id in known or heard.kind is Heard.INVITATION]

    async def _lost(self, tx: Transaction, batch: Batch, now: datetime) -> tuple[Message, ...]:
        """Return what stands for the rooms that the bot is out of: the homeserver may put it out in its own name, or without an event."""
        known = await rooms.all_rooms(tx) if batch.left else {}
        sent = self._clock.civil_of(now)
        return tuple(
            Message(f"left:{room}:{batch.next_batch}", room, self._bot, sent, Kind.MEMBERSHIP, membership="leave", subject=self._bot)
            for room in sorted(batch.left & known.keys())
        )

    async def _late(self, tx: Transaction, batch: Batch, messages: Iterable[Message]) -> tuple[Message, ...]:
        """Remember what waits for its key, and return what is to be read again since its key has come (matrix 11.D1)."""
        kept = {each.target: each for each in messages if each.kind is Kind.UNREADABLE}
        waits = [_waiting(kept[h.event_id], h.session_id) for h in batch.incoming if h.event_id in kept and h.session_id]
        await unread.put(tx, waits, self._machine.utc())
        known = {heard.event_id for heard in batch.incoming}
        again = [each for each in await unread.under(tx, batch.sessions) if each.event not in known]
        return tuple(_again(each, batch.next_batch) for each in again)

    async def _alarm(self, tx: Transaction, batch: Batch) -> None:
        """Tell the administrators whose identity is another than before."""
        if batch.changed or batch.vouched:
            directory, at = await self._roster.read(tx), (self._clock.now(), self._machine.utc())
            await alarms.changed(tx, self._vault, directory, batch, at)
        if batch.changed:
            log.error("identity.changed", count=len(batch.changed))

    def _translated(self, incoming: Iterable[Incoming]) -> tuple[Message, ...]:
        others = (message(_meant(heard, self._bot), self._clock) for heard in incoming if heard.event_id and self._counts(heard))
        return tuple(found for found in others if found)

    def _counts(self, heard: Incoming) -> bool:
        """Whether an event is another's, or a change that takes something from a room's protection, whoever is said to have made it."""
        if heard.kind is Heard.ROOM_CHANGE:
            return not heard.state_key and weakened(heard, self._bot)
        return heard.sender != self._bot

    async def _echo(self, tx: Transaction, incoming: Iterable[Incoming]) -> None:
        """Note outbox rows that the homeserver shows as events of the bot (matrix 5, point 4)."""
        own = [heard for heard in incoming if heard.sender == self._bot and heard.transaction_id]
        await outcomes.arrived_all(tx, {renewals.row_of(heard.transaction_id): heard.event_id for heard in own})


def _waiting(message: Message, session: str) -> Unread:
    return Unread(message.target, message.room, message.sender, session, message.sent)


def _again(late: Unread, batch: str) -> Message:
    event = f"{LATE}{hashlib.sha256(batch.encode()).hexdigest()[:16]}:{late.event}"
    return Message(event, late.room, late.sender, late.sent, Kind.LATE, target=late.event, encrypted=True)
