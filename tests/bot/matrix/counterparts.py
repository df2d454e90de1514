"""The other side of the encryption, played by a second key store, and a homeserver that is only its answers."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from bot.clock import MachineTime
from bot.matrix.backfill import Backfill
from bot.matrix.book import Book
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Batch
from bot.matrix.keys import Keys, device_keys
from bot.matrix.machine import Machine, connect
from bot.matrix.reading import Reader
from bot.matrix.wire import Json, Wire

ROOM = "!room"
OTHER_ROOM = "!other"
BOT = "@samrum:x"
ANNA = "@anna.demo:x"
MALLORY = "@mallory:x"


class Person:
    """Somebody with one device, who can encrypt for the bot."""

    def __init__(self, store: Path, user: str) -> None:
        store.mkdir()
        self.user = user
        self.machine = Machine(connect("http://127.0.0.1:1", store, "k"), user, f"{user[1:5].upper()}1", "token")
        self.events = 0

    def meet(self, bot: Machine) -> None:
        """Learn the bot's device and make an Olm session with it."""
        self.machine.learn_devices(bot.user, {bot.device: device_keys(bot)})
        bot.account.generate_one_time_keys(1)
        name, key = next(iter(bot.account.one_time_keys["curve25519"].items()))
        self.machine.meet(bot.user, bot.device, {f"signed_curve25519:{name}": bot.sign({"key": key})})
        bot.account.mark_keys_as_published()
        bot.save_account()

    def room_key(self, bot: Machine, room: str = ROOM) -> Json:
        """Return the to-device event that gives the bot the room key."""
        devices = self.machine.devices([bot.user])
        session = self.machine.outbound(room, devices)
        session.users_shared_with.update(devices)
        content = self.machine.seal_room_key(room, session, devices)[bot.user][bot.device]
        return {"type": "m.room.encrypted", "sender": self.user, "content": content}

    def say(self, bot: Machine, content: Mapping[str, object], *, room: str = ROOM, kind: str = "m.room.message") -> Json:
        """Return an encrypted event."""
        session = self.machine.outbound(room, self.machine.devices([bot.user]))
        return self.event(self.machine.encrypt(room, session, kind, content))

    def event(self, content: Mapping[str, object], *, sender: str = "") -> Json:
        self.events += 1
        head = {"event_id": f"${self.user}{self.events}", "sender": sender or self.user, "origin_server_ts": 1}
        return {**head, "type": "m.room.encrypted", "content": dict(content)}


class Homeserver:
    """Answers key queries with the devices it was told of; other requests fail as a homeserver that is away."""

    def __init__(self) -> None:
        self.devices: dict[str, dict[str, Any]] = {}
        self.queries: list[set[str]] = []
        self.away = False
        self.claims: Json = {}
        self.clash = False
        self.sent: list[str] = []

    async def call(self, _method: str, where: str, body: Mapping[str, Any] | None = None, **_more: object) -> Json:
        if self.away or body is None:
            raise Temporary(why="away")
        if self.clash:
            raise Permanent("M_UNKNOWN", 400, "One time key signed_curve25519:AAAA already exists.")
        if not where.endswith("/keys/query"):
            self.sent.append(where)
            return {"one_time_keys": self.claims, "one_time_key_counts": {"signed_curve25519": 50}}
        self.queries.append(set(body["device_keys"]))
        return {"device_keys": {user: self.devices[user] for user in body["device_keys"] if user in self.devices}}

    def knows(self, person: Person) -> None:
        self.devices[person.user] = {person.machine.device: device_keys(person.machine)}


class Bot:
    """A reader with its keys, without a homeserver."""

    def __init__(self, store: Path, server: Homeserver) -> None:
        store.mkdir(exist_ok=True)
        self.machine = Machine(connect("http://127.0.0.1:1", store, "k"), BOT, "SAMRUM", "token")
        self.counters: Counter[str] = Counter()
        wire = cast("Wire", server)
        self.keys = Keys(wire, self.machine, MachineTime(), self.counters)
        self.book = Book(wire, self.machine, {ROOM: True, OTHER_ROOM: True})
        backfill = Backfill(wire, self.counters)
        known = {ROOM: True, OTHER_ROOM: True}
        self.reader = Reader(self.machine, self.keys, self.book, backfill, self.counters, known=known)

    async def sync(self, *events: Json, to_device: tuple[Json, ...] = (), room: str = ROOM, **more: object) -> Batch:
        """Read a sync with these events, and settle it."""
        answer = {"next_batch": "s2", "to_device": {"events": [*to_device]}, **more}
        batch = await self.reader.read({**answer, "rooms": {"join": {room: {"timeline": {"events": [*events]}}}}}, "s1")
        self.reader.settle(batch)
        return batch


@contextmanager
def open_stores(*machines: Machine) -> Generator[None]:
    try:
        yield
    finally:
        for machine in machines:
            machine.close()


def text(body: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": body}
