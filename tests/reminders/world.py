"""A small world for the timer: a real SQLite file, clocks that the test moves, people who act, and an ear for what is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from care.actors import ActorAccepted, ActorAdded
from care.case import Author, Case, Event
from care.effects import Effect, Revise, Say
from care.expected import Rules, due_items
from care.people import Directory, Role
from care.profile import Profile
from reminders.keeper import Keeper
from reminders.timer import Timer
from store import codec, directory, index, sealing, steps
from store.database import Database
from store.directory import Roster
from store.keys import Vault
from store.outbox import EFFECTS
from store.sealing import Keyring, kek
from store.tables import due, outbox, reviews
from tests.builders import ANNA, DIRECTORY, RULES, at, opening
from texts.announce import announce

GATHER = timedelta(seconds=1)
VAULT = Vault(Keyring(kek(bytes(32))))
ORGANIZER = "samrum@almfors.test"


@dataclass
class Clocks:
    """Civil and machine time; the machine's moves on with the civil one."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def utc(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.timestamp()


@dataclass(frozen=True)
class Heard:
    """A message as people notice it."""

    key: str
    where: str
    rings: tuple[str, ...]
    body: str
    edits: str = ""
    html: str = ""


@dataclass
class World:
    """Everything that a test of the timer needs."""

    database: Database
    vault: Vault
    clocks: Clocks
    keeper: Keeper
    timer: Timer
    rules: Rules = RULES
    listened: int = 0
    opened: int = 0

    @property
    def now(self) -> datetime:
        return self.clocks.instant

    async def until(self, wall: str | datetime) -> list[Heard]:
        """Move the clocks to a wall time in Stockholm, let the timer look, and return what it said."""
        self.clocks.instant = at(wall) if isinstance(wall, str) else wall
        await self.heard()
        await self.timer.tick()
        return await self.heard()

    def restart(self, profile: Profile | None = None) -> None:
        """Start the timer anew, as after the end of the process."""
        self.keeper = replace(self.keeper, profile=profile or self.keeper.profile, roster=Roster(self.vault))
        self.timer = Timer(self.keeper)

    async def save(self, people: Directory) -> None:
        """Import another directory."""
        self.rules = Rules(self.rules.profile, people)
        async with self.database.write() as tx:
            await directory.save(tx, self.vault, people, self.now)

    async def open(self, *units: str, by: Author = ANNA, accepted: bool = True) -> str:
        """Open a case with units, which accept at once; return its id."""
        self.opened += 1
        case_id = f"c-{self.opened}"
        begun = replace(opening(by, self.now), number=f"SÄ-2026-{self.opened:05d}", codename=f"Blå {self.opened}")
        added = [ActorAdded(f"A{number}", unit, self.rules.directory.receivers(unit)) for number, unit in enumerate(units, 2)]
        await self._record(case_id, None, by, (begun, *added))
        for unit in units if accepted else ():
            handler = self.rules.directory.receivers(unit)[0]
            await self.act(case_id, Author(handler, unit, frozenset({Role.MOTTAGARE})), (ActorAccepted(unit, handler),))
        return case_id

    async def act(self, case_id: str, by: Author, events: Sequence[Event]) -> None:
        """Let somebody take a step, as commands do."""
        await self._record(case_id, await self.case(case_id), by, events)

    async def _record(self, case_id: str, before: Case | None, by: Author, events: Sequence[Event]) -> None:
        moment = steps.Moment(self.now, self.now, self.now, GATHER)
        step = steps.judge(before, events, by, moment, case_id)
        effects = announce(step.entries, step.before, step.after, self.rules, generation=1, organizer=ORGANIZER)
        async with self.database.write() as tx:
            await steps.record(tx, self.vault, self.rules, step, effects, moment, person=f"person of {case_id}")

    async def case(self, case_id: str) -> Case:
        async with self.database.read() as tx:
            return await steps.load(tx, self.vault, case_id)

    async def heard(self) -> list[Heard]:
        """Return what has been said since the last time, silent messages and edits too, but for the lägesbild."""
        async with self.database.read() as tx:
            rows = (await tx.execute(select(outbox).where(outbox.c.position > self.listened).order_by(outbox.c.position))).all()
            found: list[Heard] = []
            for row in rows:
                self.listened = row.position
                if row.payload is None:
                    continue
                key = await self.vault.key(tx, row.scope)
                effect = codec.decode(EFFECTS[row.kind], sealing.unseal(key, sealing.row("outbox", "payload", row.id), row.payload))
                found += _noticed(effect)
        return found

    async def marks(self) -> dict[str, tuple[datetime, str]]:
        """Return how each due item stands: when it falls due, and its state."""
        async with self.database.read() as tx:
            return {row.key: (row.due, row.state) for row in (await tx.execute(select(due))).all()}

    async def slots(self, unit: str) -> list[tuple[datetime, str, bool]]:
        """Return the reviews of a unit: slot, state, and whether it counts as reviewed."""
        query = select(reviews).where(reviews.c.unit == unit).order_by(reviews.c.slot)
        async with self.database.read() as tx:
            return [(row.slot, row.state, row.reviewed is not None) for row in (await tx.execute(query)).all()]

    async def overdue(self) -> list[str]:
        """Return the items that are expected, have fallen due and are neither said nor cancelled (invariant 5: none)."""
        async with self.database.read() as tx:
            cases = await index.open_cases(tx)
            known = {row.key: row.state for row in (await tx.execute(select(due))).all()}
        missing = [
            item.key(case) for case in cases for item in due_items(await self.case(case), await self._rules(case)) if item.at <= self.now
        ]
        return [key for key in missing if known.get(key) != "said"] + [
            key for key, (when, state) in (await self.marks()).items() if state == "open" and when <= self.now
        ]

    async def _rules(self, case_id: str) -> Rules:
        async with self.database.read() as tx:
            return await self.keeper.rules(tx, await steps.load(tx, self.vault, case_id))


def _noticed(effect: Effect) -> list[Heard]:
    if isinstance(effect, Say) and effect.about != "overview":
        return [Heard(effect.key, str(effect.place), effect.rings, effect.words.body, html=effect.words.html)]
    if isinstance(effect, Revise) and ":overview:" not in effect.key:
        return [Heard(effect.key, str(effect.place), (), effect.words.body, effect.anchor.key)]
    return []


async def begin(database: Database, vault: Vault, wall: str, people: Directory = DIRECTORY) -> World:
    """Return the world at a wall time, with the demo region in its directory and a timer that has looked once."""
    clocks = Clocks(at(wall))
    keeper = Keeper(database, vault, Roster(vault), RULES.profile, clocks, clocks, ORGANIZER, GATHER)
    world = World(database, vault, clocks, keeper, Timer(keeper))
    await world.save(people)
    await world.timer.tick()
    await world.heard()
    return world


def of(messages: Sequence[Heard], what: str) -> list[Heard]:
    """Return the messages whose key begins so: "due:", "review:", "again:", "head:", "line:"."""
    return [message for message in messages if message.key.startswith(what)]
