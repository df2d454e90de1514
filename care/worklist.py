"""What waits for a unit, over all its cases: the rows of a review (commands 6), in the order in which they matter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from care.calendar import next_working_day
from care.case import Case
from care.clock import local
from care.expected import Expected, Matter, Rules, expectations
from care.meetings import Meeting, coming
from care.reviews import slot_after


class Section(StrEnum):
    """The parts of a digest, in their order."""

    OVERDUE = "overdue"
    SOON = "soon"
    UNANSWERED = "unanswered"
    NEW = "new"
    MEETINGS = "meetings"


READING = frozenset({Matter.ACCEPT, Matter.ACKNOWLEDGE})
"""What a unit has to take note of; the rest it has to answer."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row: a case by id and name, the object, what is expected, since and until when; nothing about the person."""

    section: Section
    case: str
    case_name: str
    object: str
    matter: Matter
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows of a unit's review, and how many open cases have nothing for it now."""

    items: tuple[Item, ...]
    rest: int


def worklist(unit: str, cases: Iterable[Case], now: datetime, rules: Rules) -> Worklist:
    """Return what waits for a unit at a review: overdue, due before the next slot, unanswered, new, meetings until the next working day."""
    soon = slot_after(now, rules.profile.staffed)
    known = tuple(cases)
    items = [item for case in known for item in _items(unit, case, now, soon, rules)]
    order = list(Section)
    ranked = tuple(sorted(items, key=lambda item: (order.index(item.section), item.until, item.case_name, item.object)))
    return Worklist(ranked, sum(1 for case in known if case.id not in {item.case for item in items}))


def _items(unit: str, case: Case, now: datetime, soon: datetime, rules: Rules) -> Iterator[Item]:
    for expected in expectations(case, rules):
        if expected.unit == unit:
            section = _section(expected, now, soon)
            yield Item(section, case.id, case.name, expected.object, expected.matter, expected.since, expected.deadline)
    for meeting in _near(unit, case, now, rules):
        start = meeting.call.start
        yield Item(Section.MEETINGS, case.id, case.name, meeting.object, Matter.MEETING_DAY, meeting.posted, start)


def _section(expected: Expected, now: datetime, soon: datetime) -> Section:
    if expected.deadline <= now:
        return Section.OVERDUE
    if expected.matter in READING:
        return Section.NEW
    return Section.SOON if expected.deadline <= soon else Section.UNANSWERED


def _near(unit: str, case: Case, now: datetime, rules: Rules) -> tuple[Meeting, ...]:
    today = local(now).date()
    last = next_working_day(today, rules.profile.staffed)
    return tuple(
        meeting
        for meeting in coming(case)
        if unit in meeting.call.units and now - timedelta(hours=1) <= meeting.call.start and local(meeting.call.start).date() <= last
    )
