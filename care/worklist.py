"""What waits for a unit, over all its cases: the rows of a review (commands 6), in the order in which they matter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from care.calendar import next_working_day
from care.case import Case
from care.clock import local
from care.deadlines import follow_up_reminders
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


_ORDER = {section: place for place, section in enumerate(Section)}

READING = frozenset({Matter.ACCEPT, Matter.ACKNOWLEDGE})
"""What a unit has to take note of; the rest it has to answer."""

ANSWERING = frozenset({Matter.ANSWER, Matter.REPLY})
"""What also acknowledges its object (commands 4)."""

BEGUN = timedelta(hours=1)
"""How long a meeting that has begun is still shown."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row: a case by id and name, the object, whose turn it is and for what, until when; nothing about the person."""

    section: Section
    case: str
    case_name: str
    object: str
    matter: Matter
    unit: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Worklist:
    """The rows of a unit's review, and how many open cases have nothing for it now."""

    items: tuple[Item, ...]
    rest: int


def rows(case: Case, now: datetime, rules: Rules) -> Mapping[str, tuple[Item, ...]]:
    """Return what waits in a case at a review, by unit; a unit for which nothing waits has no rows."""
    soon = slot_after(now, rules.profile.staffed)
    waiting = tuple(expected for expected in expectations(case, rules) if not _far(expected, now, rules))
    near = _near(case, now, rules)
    return {unit: (*_expected(unit, case, waiting, now, soon), *_meetings(unit, case, near)) for unit in case.actors}


def worklist(found: Iterable[tuple[Item, ...]]) -> Worklist:
    """Return a unit's rows of each of its open cases as one list: overdue, due before the next slot, unanswered, new, meetings."""
    cases = tuple(found)
    items = sorted((item for of in cases for item in of), key=lambda item: (_ORDER[item.section], item.until, item.case_name, item.object))
    return Worklist(tuple(items), sum(1 for of in cases if not of))


def _far(expected: Expected, now: datetime, rules: Rules) -> bool:
    """Whether a follow-up is so far away that its own reminders are enough: before the second of them (process 3.3 D14)."""
    if expected.matter is not Matter.FOLLOW_UP:
        return False
    return now < follow_up_reminders(local(expected.deadline).date(), rules.profile)[1]


def _expected(unit: str, case: Case, waiting: Iterable[Expected], now: datetime, soon: datetime) -> tuple[Item, ...]:
    """Return a unit's rows; what it has to answer stands for its acknowledgement too, until that is overdue by itself."""
    mine = [expected for expected in waiting if expected.unit == unit]
    answering = {expected.object for expected in mine if expected.matter in ANSWERING}
    return tuple(
        Item(_section(each, now, soon), case.id, case.name, each.object, each.matter, unit, each.deadline)
        for each in mine
        if each.matter is not Matter.ACKNOWLEDGE or each.object not in answering or each.deadline <= now
    )


def _section(expected: Expected, now: datetime, soon: datetime) -> Section:
    if expected.deadline <= now:
        return Section.OVERDUE
    if expected.matter in READING:
        return Section.NEW
    return Section.SOON if expected.deadline <= soon else Section.UNANSWERED


def _meetings(unit: str, case: Case, near: Iterable[Meeting]) -> tuple[Item, ...]:
    return tuple(
        Item(Section.MEETINGS, case.id, case.name, meeting.object, Matter.MEETING_DAY, meeting.caller, meeting.call.start)
        for meeting in near
        if unit in meeting.call.units
    )


def _near(case: Case, now: datetime, rules: Rules) -> tuple[Meeting, ...]:
    """Return the meetings until the end of the next working day."""
    last = next_working_day(local(now).date(), rules.profile.staffed)
    soon = (meeting for meeting in coming(case) if local(meeting.call.start).date() <= last)
    return tuple(meeting for meeting in soon if case.open and now - BEGUN <= meeting.call.start)
