"""How long the store takes: reading a case with 500 events ≤ 20 ms, a command's transaction ≤ 15 ms, both median.

`python -m bench.store_bench` measures this alone. It works on a real SQLite file in a temporary folder.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

from bench.figures import Figure, percentile, table
from care.case import Author, Case, Event
from care.effects import Anchor, Revise, Say, Words, case_room, inbox
from care.messages import MessagePosted, acknowledge
from care.questions import QuestionAnswered, ask
from store import steps
from store.database import Database
from store.keys import Vault
from store.migrate import upgrade
from store.sealing import Keyring, kek
from tests.store.builders import AUTHORS, BIST, HSV, RULES, VC, Story, opened, opening

ROUNDS = 60
READ_LIMIT = 20.0
STEP_LIMIT = 15.0
MACHINE = datetime(2026, 9, 1, tzinfo=UTC)
WORDS = Words(
    "Hemsjukvården kan ta emot från och med torsdag. " * 6, "<p>" + "Hemsjukvården kan ta emot från och med torsdag. " * 6 + "</p>"
)


def story_of(events: int) -> Story:
    """Return a case with so many events: messages that are acknowledged, and questions that are answered."""
    story = opened(case_id=f"c{events}", first=opening(number=f"SÄ-2026-{events:05d}", codename=f"Blå {events}"))
    while story.now.seq < events:
        n = story.now.seq
        if n % 4 == 0:
            story.tell(ask(story.now, AUTHORS[VC], HSV, WORDS.body, story.at + timedelta(days=2), story.at))
            asked = tuple(story.now.questions)[-1]
            story.tell((QuestionAnswered(asked, WORDS.body, late=False),), AUTHORS[HSV])
        else:
            story.tell((MessagePosted(story.now.next("K"), WORDS.body),))
            for unit in (BIST, HSV):
                story.tell(acknowledge(story.now, AUTHORS[unit], ()), AUTHORS[unit])
    return story


def moment(at: datetime) -> steps.Moment:
    """Return the moment of a step at a civil time."""
    return steps.Moment(at, at, MACHINE, timedelta(seconds=2))


async def keep(database: Database, vault: Vault, story: Story) -> None:
    """Record a told case, step by step."""
    before = None
    async with database.write() as tx:
        for entries in story.steps:
            step = steps.judge(before, [e.event for e in entries], entries[0].author, moment(entries[0].decided), story.case_id)
            await steps.record(tx, vault, RULES, step, (), moment(entries[0].decided), person=story.case_id)
            before = step.after


def next_event(case: Case, n: int) -> tuple[Author, tuple[Event, ...]]:
    """Return by turns a message to all, and its acknowledgements."""
    if n % 3 == 0:
        return AUTHORS[VC], (MessagePosted(case.next("K"), WORDS.body),)
    unit = (HSV, BIST)[n % 3 - 1]
    return AUTHORS[unit], acknowledge(case, AUTHORS[unit], (f"K{case.counters['K']}",))


async def command(database: Database, vault: Vault, case: str, n: int) -> None:
    """Take one step with one event and three effects, as a command does."""
    async with database.write() as tx:
        before = await steps.load(tx, vault, case)
        at = before.touched + timedelta(minutes=1)
        by, events = next_event(before, n)
        step = steps.judge(before, events, by, moment(at), case)
        said = Say(f"{case}:{n}:say", case_room(case), words=WORDS, about="K1")
        told = Say(f"{case}:{n}:told", inbox(HSV), words=WORDS)
        revised = Revise(f"{case}:{n}:overview", case_room(case), anchor=Anchor(key=f"{case}:overview"), words=WORDS)
        await steps.record(tx, vault, RULES, step, (said, told, revised), moment(at))


async def read(database: Database, vault: Vault, case: str, _: int) -> None:
    """Read a case."""
    async with database.read() as tx:
        await steps.load(tx, vault, case)


async def read_anew(database: Database, case: str, n: int) -> None:
    """Read a case as after a restart: nothing of it is on the shelf."""
    await read(database, Vault(Keyring(kek(bytes(32)))), case, n)


async def timed(work: Callable[[int], Awaitable[object]]) -> list[float]:
    """Return how many milliseconds each round took."""
    taken: list[float] = []
    for n in range(ROUNDS):
        start = perf_counter()
        await work(n)
        taken.append((perf_counter() - start) * 1000)
    return taken


def shown(what: str, taken: list[float], limit: float) -> tuple[Figure, ...]:
    """Return median and 95th percentile; the goal is the median's."""
    return Figure("store", f"{what}, p50", percentile(taken, 50), "ms", limit), Figure("store", f"{what}, p95", percentile(taken, 95), "ms")


async def measured(folder: Path) -> tuple[Figure, ...]:
    """Measure all."""
    url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await upgrade(url)
    database, vault = Database(url), Vault(Keyring(kek(bytes(32))))
    found: list[Figure] = []
    for events in (20, 100, 500):
        case = f"c{events}"
        await keep(database, vault, story_of(events))
        found += shown(f"read a case with {events} events anew", await timed(partial(read_anew, database, case)), READ_LIMIT)
        found += shown(f"read a case with {events} events again", await timed(partial(read, database, vault, case)), READ_LIMIT)
        found += shown(f"a command in a case with {events} events", await timed(partial(command, database, vault, case)), STEP_LIMIT)
    await database.close()
    return tuple(found)


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        print(table(asyncio.run(measured(Path(folder)))))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
