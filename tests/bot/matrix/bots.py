"""An edge that runs against a homeserver, with a store as small as a test needs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine

from bot.clock import MachineTime
from bot.matrix.client import Edge
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.identities import Policy
from bot.matrix.incoming import Batch, Incoming, Kind
from bot.matrix.login import Credentials, login_once
from bot.matrix.rooms import RoomWish
from bot.matrix.setting import Setting
from demo.client import Client
from demo.homeserver import Homeserver
from store.database import Database
from store.identities import Seeds
from store.keys import Vault
from store.sealing import Keyring, kek
from store.tables import metadata

PASSWORD = "hemligt"
VAULT = Vault(Keyring(kek(b"k" * 32)))
SECONDS = 60.0
SEEDS = Seeds(b"m" * 32, b"s" * 32, b"u" * 32)
"""The same for all accounts of a test: an account that comes back is the same person."""
SENTENCE = "Samrum svarar bara i krypterade rum."


@dataclass
class Kept:
    """What a bot's own store would keep: the position, the rooms, and everything that came, in order."""

    since: str | None = None
    rooms: dict[str, bool] = field(default_factory=dict[str, bool])
    incoming: list[Incoming] = field(default_factory=list[Incoming])
    batches: list[Batch] = field(default_factory=list[Batch])
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, batch: Batch) -> None:
        """Keep a batch."""
        self.since = batch.next_batch
        self.rooms |= dict.fromkeys(batch.joined, False) | dict.fromkeys(batch.encrypted, True)
        self.batches.append(batch)
        self.incoming += batch.incoming
        self.news.set()

    async def wait(self, matches: Callable[[Incoming], bool]) -> Incoming:
        """Return the first incoming event that matches, present or to come; raise TimeoutError."""
        async with asyncio.timeout(SECONDS):
            while True:
                self.news.clear()
                if found := next((i for i in self.incoming if matches(i)), None):
                    return found
                await self.news.wait()


@dataclass
class Bot:
    """An edge and what it has kept."""

    credentials: Credentials
    setting: Setting
    edge: Edge
    kept: Kept


@dataclass
class Held:
    """Seeds that are kept nowhere but here."""

    seeds: Seeds | None = None

    async def load(self) -> Seeds | None:
        return self.seeds

    async def keep(self, seeds: Seeds) -> None:
        self.seeds = seeds


async def new_account(homeserver: Homeserver, name: str) -> str:
    return await homeserver.register(f"{name}-{uuid4().hex[:8]}.demo", PASSWORD)


async def sign_in(homeserver: Homeserver) -> Credentials:
    user = await new_account(homeserver, "samrum")
    return await login_once(homeserver.url, user, PASSWORD, "SAMRUM", clock=MachineTime())


_databases: list[Database] = []


async def close_databases() -> None:
    """Close what `setting` opened."""
    while _databases:
        await _databases.pop().close()


def keys_in(store: Path) -> Cabinet:
    """A cabinet on the database in a folder; each is what a process would have of it."""
    file = store / "keys.db"
    if not file.exists():
        engine = create_engine(f"sqlite:///{file}")
        metadata.create_all(engine)
        engine.dispose()
    _databases.append(Database(f"sqlite+aiosqlite:///{file}"))
    return Cabinet(_databases[-1], VAULT, "@samrum", MachineTime())


def setting(url: str, store: Path, *allowed: str, rooms: Mapping[str, bool] | None = None, policy: Policy = Policy.TOFU) -> Setting:
    return Setting(
        homeserver=url,
        cabinet=keys_in(store),
        clock=MachineTime(),
        allowed=lambda _room: frozenset(allowed),
        known_rooms=rooms or {},
        secrets=Held(SEEDS),
        clear_sentences=frozenset({SENTENCE}),
        policy=policy,
    )


@asynccontextmanager
async def running(credentials: Credentials, wish: Setting, kept: Kept | None = None) -> AsyncGenerator[Bot]:
    """A bot that listens; with what an earlier one has kept, it goes on from there."""
    kept = kept or Kept()
    # A fresh cabinet: what the last life did not commit is gone.
    cabinet = Cabinet(wish.cabinet._database, VAULT, "@samrum", MachineTime())
    edge = Edge(credentials, replace(wish, cabinet=cabinet, known_rooms={**wish.known_rooms, **kept.rooms}))

    async def take(batch: Batch) -> None:
        async with edge.recording(batch):
            await kept.take(batch)

    await edge.start()
    listening = asyncio.create_task(edge.run(take, kept.since))
    try:
        async with asyncio.timeout(SECONDS):
            while edge.last_sync is None and not listening.done():  # noqa: ASYNC110 - the edge tells no event
                await asyncio.sleep(0.01)
        yield Bot(credentials, wish, edge, kept)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await edge.close()


def says(body: str) -> Callable[[Incoming], bool]:
    return lambda incoming: incoming.kind is Kind.MESSAGE and incoming.body == body


def text(body: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": body}


def heard(kept: Kept, prefix: str) -> list[str]:
    return [i.body for i in kept.incoming if i.kind is Kind.MESSAGE and i.body.startswith(prefix)]


async def member(bot: Bot, room: str, person: Client) -> None:
    """Invite a person and return when both sides have seen the person enter."""
    await bot.edge.invite(room, person.user)
    await person.wait_membership(room)
    await bot.kept.wait(lambda i: i.kind is Kind.MEMBERSHIP and (i.room_id, i.state_key, i.membership) == (room, person.user, "join"))


async def case_room(bot: Bot, *people: Client) -> str:
    """Make a case room with these people in it."""
    room = await bot.edge.create_room(RoomWish(f"case-{uuid4().hex}", "SÄ-2026-00042 Blå tranan"))
    for person in people:
        await member(bot, room, person)
    return room
