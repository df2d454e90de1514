"""The other side of the encryption, played by nio's machine, and a homeserver that is only its answers."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from bot.clock import MachineTime
from bot.matrix.backfill import Backfill
from bot.matrix.book import Book
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.identities import Policy
from bot.matrix.crypto.signing import Signer
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Batch
from bot.matrix.keys import Keys
from bot.matrix.machine import Machine
from bot.matrix.reading import Reader
from bot.matrix.sharing import Sharing
from bot.matrix.wire import Json, Wire
from care.clock import MachineClock
from store.database import Database
from store.keys import Vault
from store.sealing import Keyring, kek
from store.tables import metadata
from tests.bot.matrix.nio_device import NioDevice

ROOM = "!room"
OTHER_ROOM = "!other"
BOT = "@samrum:x"
ANNA = "@anna.demo:x"
MALLORY = "@mallory:x"
VAULT = Vault(Keyring(kek(b"k" * 32)))


class Person:
    """Somebody with one device, who can encrypt for the bot."""

    def __init__(self, store: Path, user: str, device: str = "") -> None:
        store.mkdir()
        self.user = user
        self.machine = NioDevice(store, user, device or f"{user[1:5].upper()}1")
        self.events = 0

    def meet(self, bot: Machine) -> None:
        """Learn the bot's device and make an Olm session with it."""
        own = bot.account
        self.machine.learn_devices(own.user, {own.device: own.device_keys()})
        own.count({"signed_curve25519": 49})
        own._own.generate_one_time_keys(1)
        name, key = next(iter(own.unpublished()["one_time_keys"].items()))
        own.published({"one_time_key_counts": {"signed_curve25519": 50}})
        self.machine.meet(own.user, own.device, {name: key})

    def letter(self, bot: Machine, kind: str, content: Mapping[str, object], **more: object) -> Json:
        """Return a to-device event for the bot."""
        sealed = self.machine.letter(bot.user, bot.account.device, kind, content)
        return {"type": "m.room.encrypted", "sender": self.user, "content": sealed, **more}

    def room_key(self, bot: Machine, room: str = ROOM) -> Json:
        """Return the to-device event that gives the bot the room key, from the present message on."""
        return self.letter(bot, "m.room_key", self.machine.room_key(room))

    def say(self, content: Mapping[str, object], *, room: str = ROOM, kind: str = "m.room.message") -> Json:
        """Return an encrypted event."""
        return self.event(self.machine.encrypt(room, kind, content))

    def event(self, content: Mapping[str, object], *, sender: str = "") -> Json:
        self.events += 1
        head = {"event_id": f"${self.user}{self.events}", "sender": sender or self.user, "origin_server_ts": 1}
        return {**head, "type": "m.room.encrypted", "content": dict(content)}


class Homeserver:
    """Answers key queries with the devices it was told of; other requests fail as a homeserver that is away."""

    def __init__(self) -> None:
        self.devices: dict[str, dict[str, Any]] = {}
        self.identities: dict[str, tuple[Signer, Signer]] = {}
        self.vouching: dict[str, Person] = {}
        self.queries: list[set[str]] = []
        self.away = False
        self.claims: Json = {}
        self.clash = False
        self.failures: Json = {}
        self.joined: set[str] = set()
        self.sent: list[tuple[str, Json]] = []
        self.barrier: Callable[[], Awaitable[None]] | None = None

    async def call(self, method: str, where: str, body: Mapping[str, Any] | None = None, **_more: object) -> Json:
        if self.away:
            raise Temporary(why="away")
        if method == "GET":
            return {"joined": {user: {} for user in self.joined}}
        if where.endswith("/keys/query"):
            return self._query(set((body or {})["device_keys"]))
        if self.barrier:
            await self.barrier()
        if self.clash:
            raise Permanent("M_UNKNOWN", 400, "One time key signed_curve25519:AAAA already exists.")
        self.sent.append((where, dict(body or {})))
        return {"one_time_keys": self.claims, "one_time_key_counts": {"signed_curve25519": 50}}

    def _query(self, users: set[str]) -> Json:
        self.queries.append(users)
        found = {user: self.devices[user] for user in users if user in self.devices}
        answer: Json = {"device_keys": found, "master_keys": {}, "self_signing_keys": {}, "failures": self.failures}
        for user in found.keys() & self.identities.keys():
            master, signing = self.identities[user]
            answer["master_keys"][user] = self._vouched(published(user, "master", master))
            answer["self_signing_keys"][user] = master.sign(published(user, "self_signing", signing), user)
        return answer

    def _vouched(self, master: Json) -> Json:
        person = self.vouching.get(master["user_id"])
        return person.machine.sign(master) if person else master

    def knows(self, person: Person) -> None:
        self.devices[person.user] = {person.machine.device: person.machine.keys()}

    def identify(self, person: Person, *, sign: bool = True) -> None:
        """Give a person an identity, a new one each time, and have it sign the person's device."""
        self.identities[person.user] = Signer.new(), Signer.new()
        keys = person.machine.keys()
        signed = self.identities[person.user][1].sign(keys, person.user) if sign else keys
        self.devices[person.user] = {person.machine.device: signed}

    def to_device(self, kind: str) -> list[Json]:
        """The messages of the to-device requests of a type, by user and device."""
        return [body["messages"] for where, body in self.sent if f"/sendToDevice/{kind}/" in where]


def published(user: str, usage: str, signer: Signer) -> Json:
    """A cross-signing key as it is published."""
    return {"user_id": user, "usage": [usage], "keys": {f"ed25519:{signer.public}": signer.public}}


class Bot:
    """A reader and writer with its keys, without a homeserver; another one on the same file is the bot after a restart."""

    def __init__(self, file: Path, server: Homeserver, policy: Policy = Policy.TOFU, clock: MachineClock | None = None) -> None:
        clock = clock or MachineTime()
        self.server = server
        self.database = Database(f"sqlite+aiosqlite:///{file}")
        self.cabinet = Cabinet(self.database, VAULT, BOT, clock)
        self.counters: Counter[str] = Counter()
        self.machine = Machine(self.cabinet, clock, self.counters, policy, user=BOT, device="SAMRUM")
        wire = cast("Wire", server)
        server.barrier = self.cabinet.flush
        known = {ROOM: True, OTHER_ROOM: True}
        self.keys = Keys(wire, self.machine, clock, self.counters)
        self.book = Book(wire, self.cabinet, known)
        self.allowed = {ANNA}
        self.sharing = Sharing(wire, self.machine, self.keys, self.book, lambda _room: frozenset(self.allowed), self.counters)
        self.reader = Reader(self.machine, self.keys, self.book, Backfill(wire, self.counters), self.counters, known=known)

    async def open(self) -> "Bot":
        async with self.database.write() as tx:
            await tx.run_sync(metadata.create_all)
        await self.machine.account.open()
        return self

    async def sync(self, *events: Json, to_device: tuple[Json, ...] = (), room: str = ROOM, **more: object) -> Batch:
        """Read a sync with these events, record and settle it."""
        batch = await self.read(*events, to_device=to_device, room=room, **more)
        async with self.keys.recording(batch):
            pass
        await self.reader.settle(batch)
        return batch

    async def read(self, *events: Json, to_device: tuple[Json, ...] = (), room: str = ROOM, **more: object) -> Batch:
        """Read a sync with these events."""
        answer = {"next_batch": "s2", "to_device": {"events": [*to_device]}, **more}
        return await self.reader.read({**answer, "rooms": {"join": {room: {"timeline": {"events": [*events]}}}}}, "s1")

    async def close(self) -> None:
        await self.database.close()


def text(body: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": body}
