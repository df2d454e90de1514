"""Which rows of a digest are done: those that the unit is not expected to do any more, and meetings that are over or recalled."""

from collections.abc import Mapping
from dataclasses import dataclass

from care.expected import Matter, expectations
from care.meetings import coming
from reminders.keeper import Keeper
from store.database import Transaction
from store.reviews import Review
from store.steps import load


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a unit has come with a digest: the numbers of the rows that are done, and how often its cases have changed."""

    done: frozenset[int]
    changes: int


async def progress(keeper: Keeper, tx: Transaction, review: Review) -> Progress:
    """Return how far a unit has come with a digest."""
    seen = {case: await _waiting(keeper, tx, case, review.unit) for case in sorted({row[0] for row in review.rows})}
    waiting = {case: open_rows for case, (_, open_rows) in seen.items()}
    return Progress(_done(review, waiting), sum(seq for seq, _ in seen.values()))


async def _waiting(keeper: Keeper, tx: Transaction, case_id: str, unit: str) -> tuple[int, frozenset[tuple[str, str]]]:
    case = await load(tx, keeper.vault, case_id)
    expected = {(each.object, each.matter.name) for each in expectations(case, await keeper.rules(tx, case)) if each.unit == unit}
    met = {(meeting.object, Matter.MEETING_DAY.name) for meeting in coming(case) if case.open and unit in meeting.call.units}
    return case.seq, frozenset(expected | met)


def _done(review: Review, waiting: Mapping[str, frozenset[tuple[str, str]]]) -> frozenset[int]:
    return frozenset(number for number, row in enumerate(review.rows, 1) if (row[1], row[2]) not in waiting[row[0]])
