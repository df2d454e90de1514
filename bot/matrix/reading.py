"""From the answer of a sync to a batch: keys first, then rooms, then events (architecture 3).

Nothing in an event may stop the sync: what is malformed is counted, logged by its id and skipped (architecture 8).
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping

from bot.log import logger
from bot.matrix.backfill import Backfill
from bot.matrix.book import Book
from bot.matrix.crypto.inbound import Opened
from bot.matrix.crypto.olm import Hostile
from bot.matrix.crypto.persons import LONGEST_ID
from bot.matrix.events import VERIFYING, from_clear, from_payload, invitation, undecryptable
from bot.matrix.incoming import Batch, Incoming, Kind
from bot.matrix.keys import Keys
from bot.matrix.machine import Machine
from bot.matrix.seen import Seen, enters, goes, listed, sealed, session_of
from bot.matrix.shapes import Fields, fields, items, text
from bot.matrix.wire import said

log = logger("bot.matrix.reading")
LONGEST_EVENT = 240
"""Characters of an event id, with room for what the inbox puts before it; those of present room versions have 44."""
LATE = 10_000
"""Events that are kept in memory while their keys are late; older ones are given up (the inbox still names their sessions)."""


class Reader:
    """Turns answers into batches."""

    def __init__(
        self,
        machine: Machine,
        keys: Keys,
        book: Book,
        backfill: Backfill,
        counters: Counter[str],
        *,
        known: Mapping[str, bool],
    ) -> None:
        self._machine = machine
        self._keys = keys
        self._book = book
        self._backfill = backfill
        self._counters = counters
        self._late: OrderedDict[str, Seen] = OrderedDict()
        self._rooms = set(known)
        self._encrypted = {room for room, encrypted in known.items() if encrypted}

    async def read(self, answer: Fields, since: str | None) -> Batch:
        """Return what the sync brought, in order; its keys are to be recorded with it. Raise as `Wire.call`.

        Until `settle` is told that the batch was recorded, reading the same or a later answer tells everything again.
        """
        sessions = await self._take_keys(items(fields(answer.get("to_device")).get("events")))
        await self._keys.observe(answer, initial=since is None)
        rooms = fields(answer.get("rooms"))
        joins, leaves, invites = (fields(rooms.get(name)) for name in ("join", "leave", "invite"))
        await self._book.fetch([*joins, *leaves])
        seen = [s for s in self._late.values() if session_of(s.event) in sessions]
        for room, joined in joins.items():
            seen += await self._timeline(room, fields(joined), since)
        for room, left in leaves.items():
            seen += [Seen(room, event) for event in listed(fields(left), "timeline")]
            await self._book.drop_members(room)
        incoming = [*await self.translate(seen), *self._invitations(invites)]
        return Batch(
            said(answer, "next_batch"),
            tuple(incoming),
            joined=frozenset(joins) - self._rooms,
            left=frozenset(leaves),
            encrypted=frozenset(room for room in joins if self._book.encrypted(room)) - self._encrypted,
            sessions=sessions,
            changed=self._machine.persons.changed,
            vouched=self._machine.persons.vouched,
            initial=since is None,
        )

    @property
    def untold(self) -> bool:
        """Whether the next batch tells that somebody's identity has changed, whatever else it brings."""
        return bool(self._machine.persons.changed or self._machine.persons.vouched)

    async def settle(self, batch: Batch) -> None:
        """Note that the batch was recorded: at once, because after a failure of the database the listening goes on behind it."""
        self._rooms = (self._rooms | batch.joined) - batch.left
        self._encrypted |= batch.encrypted
        for incoming in batch.incoming:
            if incoming.kind is not Kind.UNDECRYPTABLE:
                self._late.pop(incoming.event_id, None)
        for room in batch.left:
            await self._machine.prune(room)

    async def translate(self, seen: Iterable[Seen]) -> list[Incoming]:
        """Return what the events say; raise as `Wire.call` when senders' devices must be asked for and cannot."""
        read = list(seen)
        await self._at_hand(read)
        opened = [(s, self._open(s)) for s in read]
        for s, o in opened:
            if isinstance(o, Opened) and s.event.get("sender") == self._machine.user:
                await self._machine.hear_own(s.room, o.session, o.index)
            elif (user := text(s.event.get("state_key"))) != self._machine.user and (enters(s.event, user) or goes(s.event, user)):
                await self._machine.hear_of(s.room, user, inside=enters(s.event, user))
        senders = {text(s.event.get("sender")) for s, o in opened if isinstance(o, Opened)}
        await self._keys.know(senders - {self._machine.user})
        found = [self._translate(s, o) for s, o in opened]
        return [incoming for incoming in found if incoming is not None]

    async def _at_hand(self, seen: Collection[Seen]) -> None:
        rooms = {s.room for s in seen}
        await self._book.fetch(rooms)
        ears = self._machine.ears
        await ears.fetch(rooms)
        await ears.fetch(rooms, {session_of(s.event) for s in seen if sealed(s.event) and ears.knows(s.room, session_of(s.event))})

    async def _take_keys(self, events: list[Fields]) -> frozenset[str]:
        sessions = await self._machine.receive(events)
        if sessions:
            log.debug("matrix.keys_taken", count=len(sessions), phase="keys")
        return sessions

    async def _timeline(self, room: str, joined: Fields, since: str | None) -> list[Seen]:
        new = room not in self._rooms
        state, timeline = listed(joined, "state"), listed(joined, "timeline")
        limited = fields(joined.get("timeline")).get("limited") is True
        if limited or since is None:
            await self._book.drop_members(room)
            if limited and since is not None and not new:
                prev = text(fields(joined.get("timeline")).get("prev_batch"))
                timeline = [*await self._backfill.between(room, since, prev), *timeline]
        for event in [*state, *timeline]:
            await self._book.notice(room, event)
        seen = [Seen(room, event) for event in timeline]
        if not new:
            return seen
        await self._at_hand(seen)
        return self._since_own_join(seen)

    def _since_own_join(self, seen: list[Seen]) -> list[Seen]:
        entries = [n for n, s in enumerate(seen) if enters(s.event, self._machine.user)]
        start = entries[-1] if entries else 0
        # A person who presses "Verify" asks in a new room before the bot is in it (matrix 10.2).
        return [s for n, s in enumerate(seen) if n >= start or self._asks(s)]

    def _asks(self, s: Seen) -> bool:
        opened = self._open(s)
        event = opened.payload if isinstance(opened, Opened) else s.event
        return text(fields(event.get("content")).get("msgtype")).startswith(VERIFYING)

    def _open(self, s: Seen) -> Opened | Exception | None:
        if not sealed(s.event):
            return None
        try:
            return self._machine.ears.open(s.event, s.room)
        except Exception as error:  # noqa: BLE001 - guard: any member of a room can encrypt anything (matrix 4.1)
            return error

    def _translate(self, s: Seen, opened: Opened | Exception | None) -> Incoming | None:
        try:
            return self._told(s, opened)
        except Exception as error:  # noqa: BLE001 - guard: a malformed event must not stop the sync (architecture 8)
            self._skipped("bad_event", error, s)
            return None

    def _told(self, s: Seen, opened: Opened | Exception | None) -> Incoming | None:
        event, room = s.event, s.room
        if len(text(event.get("event_id"))) > LONGEST_EVENT:
            raise Hostile("long_event_id")
        if not sealed(event):
            return from_clear(event, room, encrypted=self._book.encrypted(room))
        if isinstance(opened, Opened):
            proof = self._machine.persons.proof(text(event.get("sender")), opened)
            words = from_payload(event, room, opened.payload, proof)
            self._counters["ignored_payload"] += words is None
            return words
        if isinstance(opened, Exception):
            self._skipped(str(opened) if isinstance(opened, Hostile) else "bad_ciphertext", opened, s)
            return None
        return self._wait_for_key(s)

    def _wait_for_key(self, s: Seen) -> Incoming | None:
        if not 0 < len(session_of(s.event)) <= LONGEST_ID:
            return None
        self._counters["undecryptable"] += 1
        self._late[text(s.event.get("event_id"))] = s
        if len(self._late) > LATE:
            self._late.popitem(last=False)
        return undecryptable(s.event, s.room)

    def _invitations(self, invites: Fields) -> list[Incoming]:
        found = (invitation(room, fields(info).get("invite_state"), self._machine.user) for room, info in invites.items())
        return [incoming for incoming in found if incoming is not None]

    def _skipped(self, kind: str, error: Exception, s: Seen | None = None) -> None:
        self._counters[kind] += 1
        event_id = text(s.event.get("event_id")) if s else ""
        log.warning("matrix.skipped", kind=kind, event_id=event_id, reason=type(error).__name__)
