"""Which commands are of use to a person here and now: allowed by the person's units, and possible in the state of the case.

Help names these alone. It decides nothing: the rules are asked when a command is done (`care.permissions`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from care.actors import Standing
from care.case import Case
from care.closing import silent
from care.effects import PlaceKind
from care.meetings import coming
from commands.declare import Command
from commands.desk import CaseDesk, Desk, Lay, ListDesk, Needs

Fits = Callable[[Case, frozenset[str], datetime], bool]
"""Of a case, one's own units and the instant: whether a command can be done."""
FOR_ALL = frozenset({Lay.NOTHING, Lay.IDENTITIES})
"""What needs no unit of one's own."""
OF_UNITS = frozenset({"tjänst"})
"""What does, although nothing has to be laid out for it."""
LOOKING = frozenset({"ärende visa", "ärende väntar", "aktörer", "plan visa"})
"""What can still be done in the room of a closed case."""


def _asked(case: Case, mine: frozenset[str]) -> bool:
    return any(question.open and question.asked in mine for question in case.questions.values())


def _unread(case: Case, mine: frozenset[str]) -> bool:
    return any(mine & set(notice.waiting) for notice in case.notices.values())


def _added(case: Case, mine: frozenset[str]) -> bool:
    return any(unit in case.actors and case.actors[unit].standing is Standing.TILLAGD for unit in mine)


def _closes(case: Case, mine: frozenset[str]) -> bool:
    """Whether a unit may propose to close, or has a word to give on a proposal."""
    return case.initiator in mine or (case.proposal is not None and bool(mine & set(silent(case))))


def _waits(case: Case, mine: frozenset[str]) -> bool:
    """Whether something waits for a unit of which one may be reminded."""
    said = case.proposal is not None and bool(mine & set(silent(case)))
    followed = case.plan is not None and case.plan.awaiting is not None and (case.plan.coordinator or case.initiator) in mine
    awaited = any(mine & set(meeting.awaited) for meeting in coming(case))
    return _unread(case, mine) or _asked(case, mine) or _added(case, mine) or awaited or said or followed


def _called(case: Case, mine: frozenset[str]) -> bool:
    return any(mine & set(meeting.call.units) for meeting in coming(case))


WHEN: Mapping[str, Fits] = MappingProxyType(
    {
        "fråga": lambda case, mine, _: bool(case.actors.keys() - mine),
        "svar": lambda case, mine, _: _asked(case, mine),
        "kvittera": lambda case, mine, _: _unread(case, mine),
        "påminn": lambda case, mine, _: _waits(case, mine),
        "aktör tacka ja": lambda case, mine, _: _added(case, mine),
        "aktör tacka nej": lambda case, mine, _: _added(case, mine),
        "ärende avsluta": lambda case, mine, _: _closes(case, mine),
        "sip svar": lambda case, mine, _: _called(case, mine),
        "sip flytta": lambda case, _, __: bool(coming(case)),
        "sip ställ in": lambda case, _, __: bool(coming(case)),
        "sip klar": lambda case, _, now: any(meeting.call.start <= now for meeting in coming(case)),
        "plan upprätta": lambda case, _, __: case.plan is not None and case.plan.changed,
        "plan följ upp": lambda case, _, __: case.plan is not None and case.plan.established,
    }
)
"""When a command can be done in a case; those without a condition always can."""
ROWS = "kvittera"
"""What is done in an inbox to the rows of its digest."""
ANSWERS = frozenset({"aktör tacka ja", "aktör tacka nej"})
"""What is done outside the room of a case, too, when a case waits for it."""


def _rows_unread(desk: ListDesk) -> bool:
    """Whether a row of the latest digest can be acknowledged in the inbox."""
    waiting = {(case.id, name) for case in desk.cases for name, notice in case.notices.items() if desk.units & set(notice.waiting)}
    return not waiting.isdisjoint(desk.reviewed)


def useful(desk: Desk) -> tuple[Command, ...]:
    """Return the commands that the person may use in this place, as things stand, in the order of the catalogue."""
    return tuple(command for command in desk.commands if desk.place.kind in command.where and _may(desk, command) and _now(desk, command))


def acting_units(desk: Desk, case: Case) -> frozenset[str]:
    """Return the person's own units in a case."""
    return desk.units & case.actors.keys()


def _may(desk: Desk, command: Command) -> bool:
    """Whether a command is of use to the person: without a unit, only looking things up is."""
    lay = command.needs.lay if isinstance(command.needs, Needs) else Lay.NOTHING
    return bool(desk.units) or (lay in FOR_ALL and command.name not in OF_UNITS)


def _now(desk: Desk, command: Command) -> bool:
    """Whether the state of the case lets it be done."""
    if isinstance(desk, CaseDesk) and isinstance(command.needs, Needs) and command.needs.lay is Lay.CASE:
        fits = WHEN.get(command.name)
        possible = desk.case.open or command.name in LOOKING
        return possible and (fits is None or fits(desk.case, acting_units(desk, desk.case), desk.now))
    if isinstance(desk, ListDesk) and command.name == ROWS and desk.place.kind is PlaceKind.INBOX:
        return _rows_unread(desk)
    if isinstance(desk, ListDesk) and command.name in ANSWERS:
        return any(_added(case, desk.units) for case in desk.cases)
    return True
