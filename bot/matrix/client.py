"""The Matrix edge: events in, actions out. All of Matrix that the rest of the bot sees is this class and its values."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from bot.matrix.backfill import Backfill
from bot.matrix.book import Book, Members
from bot.matrix.conditions import Conditions
from bot.matrix.crypto.identity import Identity, Own
from bot.matrix.crypto.verification import Verifications
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.files import upload
from bot.matrix.finding import Finder
from bot.matrix.gate import Limits
from bot.matrix.http import Session
from bot.matrix.incoming import Batch, Incoming, Kind
from bot.matrix.keys import Keys
from bot.matrix.login import Credentials
from bot.matrix.machine import Machine
from bot.matrix.people import People, introduce
from bot.matrix.reading import Reader
from bot.matrix.rooms import Rooms, RoomWish, powers
from bot.matrix.seen import Seen
from bot.matrix.setting import Setting
from bot.matrix.shapes import Fields, text
from bot.matrix.sharing import Sharing
from bot.matrix.syncing import Step, Syncing, Take, at_once
from bot.matrix.turns import Turn
from bot.matrix.wire import Wire, path, said
from store.database import Transaction

NOT_ENCRYPTED = "SAMRUM_NOT_ENCRYPTED"
"""The errcode of a message that was not sent because its room is not known to be encrypted."""


class Edge:
    """One account on one device. Every action raises Temporary, Permanent or SignedOut, and none waits for ever.

    A transaction id is the outbox row's: the same id again is the same event, for 24 hours (matrix 5).
    """

    def __init__(self, credentials: Credentials, setting: Setting) -> None:
        cabinet, user = setting.cabinet, credentials.user_id
        self.counters: Counter[str] = Counter()
        machine = Machine(cabinet, setting.clock, self.counters, setting.policy, user=user, device=credentials.device_id)
        self._setting = setting
        self._machine = machine
        token, fence = credentials.access_token, setting.fence
        self._wire = Wire(Session(setting.homeserver), setting.clock, token, barrier=cabinet.flush, fence=fence)
        self._keys = Keys(self._wire, machine, setting.clock, self.counters)
        self._book = Book(self._wire, cabinet, setting.known_rooms)
        self._sharing = Sharing(self._wire, machine, self._keys, self._book, setting.allowed, self.counters)
        backfill = Backfill(self._wire, self.counters)
        self._reader = Reader(machine, self._keys, self._book, backfill, self.counters, known=setting.known_rooms)
        own = Own(user, credentials.device_id, machine.account.device_keys, machine.account.sign)
        self._identity = Identity(self._wire, setting.secrets, own, setting.password)
        parts = (self._wire, self._reader, self._keys)
        self._syncing = Syncing(*parts, setting.clock, user, prepare=self._prepare, after=self._sharing.catch_up)
        self._rooms = Rooms(self._wire, self._book, user)
        self._people = People(self._wire, self._book, self._sharing)
        self._conditions = Conditions(self._wire, self._book, user)
        self._user = user
        self._finder = Finder(self._wire, machine.ears, user)
        talking = (self._identity.master, self._answer, self._readers, setting.clock, self.counters)
        self.verifications = Verifications(self._wire, own, *talking)

    @property
    def limits(self) -> Limits:
        """What the homeserver is known to limit, and at which pace."""
        return self._wire.limits

    @property
    def last_sync(self) -> datetime | None:
        """The instant (machine time, UTC) when the last sync was handed over."""
        return self._syncing.last

    @property
    def pausing(self) -> bool:
        """Whether it does not listen for a moment: more of its own words come at once then, or people their answers sooner."""
        return self._syncing.pausing

    async def start(self) -> None:
        """Check token, device, key store and identity against the homeserver and publish the keys; raise Unusable if they do not match."""
        await self._syncing.start()

    async def make_identity(self, *, anew: bool = False) -> bool:
        """Make the account's cross-signing identity where it has none (as `Identity.make`); `start` publishes and checks it."""
        await self._machine.account.open()
        return await self._identity.make(anew=anew)

    async def _prepare(self) -> None:
        """Do, once, what must be done before anything is sent."""
        await self._keys.start()
        await self._identity.ensure()

    def recording(self, batch: Batch) -> AbstractAsyncContextManager[Transaction]:
        """Open the transaction that a batch and its position are recorded in: the keys that came with it are committed there."""
        return self._keys.recording(batch)

    async def accept(self, user: str, identity: str) -> None:
        """Pin a person's identity if it is the one with this public master key; tell of another one (again). Raise as every action."""
        await self._keys.accept(user, identity)

    async def prune(self, room: str) -> None:
        """Forget all keys of a room, committed on return; what was said in it cannot be read by the bot again."""
        await self._sharing.prune(room)
        await self._keys.flush()

    async def run(self, take: Take, since: str | None, answered: Step = at_once) -> None:
        """Listen for ever (as `Syncing.run`); `take` records a batch and its position in one transaction."""

        async def taken(batch: Batch) -> None:
            await take(batch)
            for incoming in batch.incoming:
                if incoming.kind is Kind.VERIFICATION:
                    self.verifications.hear(incoming)

        attending = asyncio.create_task(self.verifications.attend())
        try:
            await self._syncing.run(taken, since, answered)
        finally:
            attending.cancel()

    async def close(self) -> None:
        """Close the connection; what was said is committed anyway."""
        await self._wire.close()

    async def whoami(self) -> tuple[str, str]:
        """Return the user id and device id that the homeserver sees."""
        answer = await self._wire.call("GET", path("account", "whoami"))
        return text(answer.get("user_id")), text(answer.get("device_id"))

    async def read(self, room: str, event_id: str) -> Incoming | None:
        """Fetch one event and return what it says, if it can be decrypted by now or still cannot; None if it says nothing."""
        event = await self._wire.call("GET", path("rooms", room, "event", event_id))
        found = await self._reader.translate([Seen(room, event)])
        return found[0] if found else None

    async def send(self, room: str, event_type: str, content: Fields, txn_id: str, turn: Turn = Turn.ROW) -> str:
        """Encrypt and send; return the event id. A room that is not known to be encrypted is refused (Permanent)."""
        await self._sharing.fetch(room)
        if not self._book.encrypted(room):
            raise Permanent(NOT_ENCRYPTED, 0, "the room is not known to be encrypted")
        if not self._syncing.started:
            raise Temporary(1.0, "starting")
        sealed = await self._sharing.encrypt(room, event_type, content)
        return await self._put(room, "m.room.encrypted", sealed, txn_id, turn)

    async def find(self, room: str, row: str, txns: Collection[str], since: datetime) -> str:
        """Return the event that an outbox row became under one of its transaction ids, "" if the room holds none since the instant."""
        return await self._finder.find(room, row, txns, since)

    async def say_in_clear(self, room: str, sentence: str, txn_id: str) -> str:
        """Send one of the constant sentences unencrypted and return the event id; raise ValueError for any other text."""
        if sentence not in self._setting.clear_sentences:
            raise ValueError("only the constant sentences may be sent in clear")
        return await self._put(room, "m.room.message", {"msgtype": "m.notice", "body": sentence}, txn_id, Turn.BESIDE)

    async def react(self, room: str, event_id: str, key: str, txn_id: str) -> str:
        """React, in clear as all clients do; return the reaction's event id."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self._put(room, "m.reaction", {"m.relates_to": relation}, txn_id)

    async def redact(self, room: str, event_id: str, txn_id: str, reason: str = "") -> str:
        """Remove an event's content; return the redaction's event id."""
        body = {"reason": reason} if reason else {}
        answer = await self._wire.call("PUT", path("rooms", room, "redact", event_id, txn_id), body)
        return said(answer, "event_id")

    async def set_state(self, room: str, event_type: str, key: str, content: Fields) -> str:
        """Set state, which is never encrypted; the same content again is the same event. Return the event id."""
        answer = await self._wire.call("PUT", path("rooms", room, "state", event_type, key), content)
        return said(answer, "event_id")

    async def bring(self, room: str, event_type: str, wanted: Mapping[str, Fields], *, spare: bool = False) -> None:
        """Set the states of a type, by key, that are not so yet (as `Rooms.bring`)."""
        await self._rooms.bring(room, event_type, wanted, Turn.SPARE if spare else Turn.ROW)

    async def pin(self, room: str, event_id: str) -> str:
        """Make the event the only pinned one."""
        return await self.set_state(room, "m.room.pinned_events", "", {"pinned": [event_id]})

    async def upload_encrypted(self, data: bytes, name: str, mime: str) -> dict[str, Any]:
        """Upload encrypted and return the content of the `m.file` message; the homeserver learns neither name nor type."""
        return await upload(self._wire, data, name, mime)

    async def create_room(self, wish: RoomWish) -> str:
        """Return the id of the room with the wish's alias, made or mended; raise Permanent M_BAD_STATE if it cannot be."""
        return await self._rooms.create(wish)

    async def close_room(self, room: str) -> None:
        """Let nobody but the bot speak in the room."""
        await self._rooms.set_powers(room, {"events_default": powers(closed=True)["events_default"]})

    async def open_room(self, room: str) -> None:
        """Let the members speak again."""
        await self._rooms.set_powers(room, {"events_default": powers()["events_default"]})

    async def members(self, room: str) -> Members:
        """Return who is joined and who is invited, asked for afresh."""
        return await self._people.members(room)

    async def invite(self, room: str, user: str) -> None:
        """Invite; one who is there or invited counts as done."""
        await self._people.invite(room, user)

    async def remove(self, room: str, user: str, reason: str = "") -> None:
        """Remove; one who is gone counts as done. The room's next message has a new key."""
        await self._people.remove(room, user, reason)

    async def join(self, room: str) -> None:
        """Enter the room, or accept its invitation; being there counts as done."""
        await self._people.join(room)

    async def leave(self, room: str, reason: str = "") -> None:
        """Leave the room, or refuse its invitation; being gone counts as done."""
        await self._people.leave(room, reason)

    async def joined_rooms(self) -> frozenset[str]:
        """Return the rooms that the bot is in, by the homeserver's word."""
        return await self._people.rooms()

    async def aliases_of(self, room: str) -> frozenset[str]:
        """Return the aliases of a room that the bot is in."""
        return await self._people.aliases(room)

    async def inside(self, room: str) -> bool:
        """Whether the bot is in the room, by the homeserver's word."""
        return await self._book.membership_or_none(room, self._user) == "join"

    async def made(self, room: str) -> bool:
        """Whether the bot has made a room that it is in."""
        return await self._rooms.made(room)

    async def occupied(self, room: str) -> bool:
        """Whether anybody but the bot has joined the room."""
        return bool(await self._book.joined_members(room) - {self._user})

    async def restore(self, room: str) -> bool:
        """Set right what protects the room, where others have changed it; return whether all is as the bot makes it."""
        return await self._conditions.restore(room)

    async def follow(self, room: str, successor: str) -> bool:
        """Enter the room that has replaced this one; return whether it is one that the bot may use (`Conditions.follow`)."""
        return await self._conditions.follow(room, successor)

    async def introduce(self, name: str) -> None:
        """Show people a name as the bot's own; where it is that already nothing is sent."""
        await introduce(self._wire, self._user, name)

    async def rotate(self, room: str) -> None:
        """Give the room a new key from the next message on."""
        await self._sharing.rotate(room)

    async def confirm(self, number: int, *, agrees: bool) -> None:
        """Conclude or cancel the verification with a number, as an administrator has found."""
        await self.verifications.confirm(number, agrees=agrees)

    async def override_rate_limits(self, admin_token: str, user: str) -> None:
        """Free the user of Synapse's limits for messages, rooms and invitations (matrix 11.A), with an administrator's token."""
        where = f"/_synapse/admin/v1/users/{user}/override_ratelimit"
        body = {"messages_per_second": 0, "burst_count": 0}
        await self._wire.call("POST", where, body, token=admin_token)

    async def _readers(self, room: str) -> frozenset[str]:
        found = self._setting.allowed(room)
        return await found if inspect.isawaitable(found) else found

    async def _answer(self, room: str, event_type: str, content: Fields, txn_id: str) -> str:
        return await self.send(room, event_type, content, txn_id, Turn.DIALOGUE)

    async def _put(self, room: str, event_type: str, content: Fields, txn_id: str, turn: Turn = Turn.ROW) -> str:
        answer = await self._wire.call("PUT", path("rooms", room, "send", event_type, txn_id), content, turn=turn)
        return said(answer, "event_id")
