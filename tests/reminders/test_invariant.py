"""Invariant 5 over random schedules: every due item ends as said or cancelled, each at most once; none is overdue after a look."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care import closing, meetings, questions
from care.case import Author, Case, Event
from care.ladder import StepTaken
from care.meetings import Answer
from care.messages import acknowledge, post
from care.refusal import Refused
from store import journal
from store.database import Database
from tests import databases
from tests.builders import ANNA, BIST, HSV, NOOR, ULLA, VC, kallelse
from tests.reminders.world import VAULT, World, begin

OFTEN = ("ask", "ask", "call")
INITIATORS = frozenset({"ask", "post", "call", "move", "propose", "close"})
SOON = timedelta(hours=31)
GAPS = (0, 1, 7, 60, 119, 360, 720, 1440, 4000, 7200)
"""Minutes between two things that happen."""


Meaning = Callable[[Case, Author, datetime], Sequence[Event]]
MEANINGS: Mapping[str, Meaning] = {
    "ask": lambda case, by, now: questions.ask(case, ANNA, by.unit, "Vem?", now + SOON, now),
    "answer": lambda case, by, now: questions.answer(case, by, questions.open_to(case, by.unit)[0].object, "Jag", now),
    "read": lambda case, by, _: acknowledge(case, by, ()),
    "post": lambda case, _by, _now: post(case, "Nytt"),
    "call": lambda case, _, now: meetings.call(case, kallelse(now + SOON, VC, HSV, BIST), now),
    "reply": lambda case, by, _: meetings.reply(case, by, meetings.coming(case)[0].object, Answer.JA),
    "take back": lambda case, by, _: meetings.take_back(case, by, meetings.coming(case)[0].object),
    "move": lambda case, _, now: meetings.move(case, meetings.coming(case)[0].object, now + 2 * SOON, None, "Krock", now),
    "propose": lambda case, _by, _now: closing.propose(case, ANNA, closing.Reason.ALLA_OVERENS),
    "oppose": lambda case, by, _: closing.oppose(case, by, "Nej"),
    "close": lambda case, _by, _now: closing.propose(case, ANNA, closing.Reason.ATERTAGET_SAMTYCKE),
}
"""What can happen; refused where it means nothing."""


Happening = tuple[int, str, bool, bool]
HAPPENINGS: st.SearchStrategy[list[Happening]] = st.lists(
    st.tuples(st.sampled_from(GAPS), st.sampled_from((*OFTEN, *MEANINGS)), st.booleans(), st.booleans()), min_size=3, max_size=14
)
"""How long after the last, what, whether the timer looks first, whether it is the kommun's other unit that acts."""


async def happen(world: World, case_id: str, move: str, by: Author) -> None:
    case = await world.case(case_id)
    author = ANNA if move in INITIATORS else by
    try:
        await world.act(case_id, author, MEANINGS[move](case, by, world.now))
    except (Refused, IndexError):
        return


async def play(url: str, happenings: list[Happening]) -> None:
    database = Database(url)
    try:
        world = await begin(database, VAULT, "2026-09-02 07:00")
        cases = [await world.open(HSV, BIST), await world.open(HSV, BIST, accepted=False)]
        for gap, move, looks, other in happenings:
            world.clocks.instant += timedelta(minutes=gap)
            if looks:
                await world.timer.tick()
                assert await world.overdue() == []
            await happen(world, cases[gap % 2], move, ULLA if other else NOOR)
        world.clocks.instant += timedelta(days=3)
        await world.timer.tick()
        await world.timer.tick()
        assert await world.overdue() == []
        await ended_once(world, cases)
    finally:
        await database.close()


async def ended_once(world: World, cases: list[str]) -> None:
    """Check that exactly the items that are marked as said were said, each by one entry and in a message of its own."""
    async with world.database.read() as tx:
        entries = [entry for case in cases for entry in await journal.read(tx, world.vault, case)]
    taken = Counter(entry.event.key(entry.case) for entry in entries if isinstance(entry.event, StepTaken))
    world.listened = 0
    told = [message.key for message in await world.heard() if message.key.startswith("due:")]

    assert set(taken.values()) <= {1}
    assert set(taken) == {key for key, (_, state) in (await world.marks()).items() if state == "said"}
    assert all(any(message.startswith(f"due:{key}:") for message in told) for key in taken)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HAPPENINGS)
def test_every_due_item_ends_once_and_none_is_left_overdue(happenings: list[Happening]) -> None:
    with tempfile.TemporaryDirectory() as folder, databases.migrated(Path(folder)) as url:
        asyncio.run(play(url, happenings))
