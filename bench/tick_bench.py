"""How long the timer takes for a region: 500 units, 3 000 open cases, the digests of a year (architecture 11).

A tick with nothing due must take ≤ 200 ms at the median, and a slot must not hold the writer for long. `python -m bench.tick_bench`
measures this alone. It works on a real SQLite file in a temporary folder.
"""

import asyncio
import json
import statistics
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from sqlalchemy import insert

from bench.figures import Figure, table
from care.actors import ActorAccepted, ActorAdded
from care.case import Author
from care.effects import Effect
from care.people import Directory, Member, Role, Unit, UnitType
from care.questions import ask
from care.reviews import slot_before
from reminders.keeper import Keeper
from reminders.timer import Timer
from store import directory, steps
from store.database import Database
from store.directory import Roster
from store.keys import Vault
from store.migrate import upgrade
from store.sealing import Keyring, kek
from store.tables import reviews
from tests.builders import ANNA, KOMMUN, RULES, VC, at, opening
from tests.builders import DIRECTORY as DEMO

UNITS, CASES, ROUNDS = 500, 3000, 10
QUIET_LIMIT = 200.0
START = at("2026-09-07 08:05")
NOTHING: tuple[Effect, ...] = ()


class Clocks:
    """Civil and machine time, moved by hand."""

    instant = START

    def now(self) -> datetime:
        """Return where they stand."""
        return self.instant

    def utc(self) -> datetime:
        """Return where they stand."""
        return self.instant

    def monotonic(self) -> float:
        """Return where they stand, in seconds."""
        return self.instant.timestamp()


def region() -> Directory:
    """Return a directory with enough units, each with two members."""
    units = {f"u-{n}": Unit(f"u-{n}", f"Enhet {n}", UnitType.KOMMUN_HSV, KOMMUN) for n in range(UNITS)}
    members = [Member(f"@{role}-{n}:b.test", f"u-{n}", frozenset({role}), None, f"Namn {n}") for n in range(UNITS) for role in _ROLES]
    return replace(DEMO, units=MappingProxyType({**DEMO.units, **units}), members=(*DEMO.members, *members))


_ROLES = (Role.MOTTAGARE, Role.ENHETSCHEF)


async def open_cases(database: Database, vault: Vault, people: Directory) -> None:
    """Open the cases, each with three units and a question for next week."""
    rules = replace(RULES, directory=people)
    for n in range(CASES):
        case, moment = f"c-{n}", steps.Moment(START, START, START, timedelta())
        begun = replace(opening(ANNA, START), number=f"SÄ-2026-{n:05d}", codename=f"Blå {n}")
        units = [f"u-{(n * 7 + each) % UNITS}" for each in range(3)]
        added = [ActorAdded(f"A{place}", unit, people.receivers(unit)) for place, unit in enumerate(units, 2)]
        step = steps.judge(None, (begun, *added), ANNA, moment, case)
        async with database.write() as tx:
            await steps.record(tx, vault, rules, step, NOTHING, moment, person=case)
            for unit in units:
                user = people.receivers(unit)[0]
                author = Author(user, unit, frozenset({Role.MOTTAGARE}))
                step = steps.judge(step.after, (ActorAccepted(unit, user),), author, moment, case)
                await steps.record(tx, vault, rules, step, NOTHING, moment)
            asked = ask(step.after, ANNA, units[0], "Vem möter upp?", at("2026-09-16 12:00"), START)
            await steps.record(tx, vault, rules, steps.judge(step.after, asked, ANNA, moment, case), NOTHING, moment)


async def remember_a_year(database: Database, people: Directory) -> None:
    """Fill in the reviews of the year before: two a day for each unit, all done."""
    slot, rows = START, list[dict[str, object]]()
    row = ["c-1", "F1", "ANSWER", "soon", START.isoformat(), "SÄ-2026-00001 Blå 1", "u-1"]
    shown = json.dumps({"rows": [row] * 5, "late": False, "folded": [], "rest": 4})
    for _ in range(500):
        slot = slot_before(slot)
        rows += [_done(unit, slot, shown) for unit in people.units]
    async with database.write() as tx:
        await tx.execute(insert(reviews), rows)


def _done(unit: str, slot: datetime, shown: str) -> dict[str, object]:
    return {
        "unit": unit,
        "slot": slot,
        "state": "said",
        "rows": shown,
        "key": f"review:{unit}:{slot}",
        "reviewed": slot,
        "reviewer": "@a:b",
    }


async def timed(timer: Timer, clocks: Clocks, instant: datetime) -> float:
    """Return how many milliseconds a tick takes."""
    clocks.instant = instant
    start = perf_counter()
    await timer.tick()
    return (perf_counter() - start) * 1000


def shown(what: str, taken: float, limit: float | None = None) -> Figure:
    """Return a line of the table."""
    return Figure("timer", what, taken, "ms", limit)


async def measured(folder: Path) -> tuple[Figure, ...]:
    """Measure all."""
    url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await upgrade(url)
    database, vault, clocks, people = Database(url), Vault(Keyring(kek(bytes(32)))), Clocks(), region()
    async with database.write() as tx:
        await directory.save(tx, vault, people, START)
    await open_cases(database, vault, people)
    await remember_a_year(database, people)
    keeper = Keeper(database, vault, Roster(vault), RULES.profile, clocks, clocks, f"samrum@{VC}.test", timedelta(seconds=1))
    timer = Timer(keeper)
    first = await timed(timer, clocks, START)
    quiet = [await timed(timer, clocks, START + timedelta(minutes=n + 10)) for n in range(ROUNDS)]
    slot = await timed(timer, clocks, at("2026-09-07 14:00"))
    after = [await timed(timer, clocks, at("2026-09-07 14:01") + timedelta(minutes=n)) for n in range(ROUNDS)]
    await database.close()
    return (
        shown(f"the first tick under new rules, {CASES} cases (due items computed anew)", first),
        shown(f"a tick with nothing due, median of {ROUNDS}", statistics.median(quiet), QUIET_LIMIT),
        shown(f"the tick of a slot: {UNITS} digests over {CASES} cases", slot),
        shown(f"a tick while {UNITS} digests wait for their review, median", statistics.median(after), QUIET_LIMIT),
    )


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        print(table(asyncio.run(measured(Path(folder)))))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
