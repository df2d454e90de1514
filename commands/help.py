"""Help: what can be done here and now, next steps first; and what waits for one's units."""

from dataclasses import dataclass
from typing import Annotated

from care.case import Case
from care.expected import Expected, expectations
from commands.declare import Arg
from commands.desk import CaseDesk, Desk, ListDesk
from commands.folding import squeeze
from commands.outcome import Outcome, Told

FIRST = ("hjälp", "översikt", "kvittera", "fråga", "svar", "begrepp", "ärende starta")
"""What everyday staff need first (commands 3)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the overview: what is awaited first, of one's own unit if anything is."""

    case: Case
    first: Expected | None
    late: bool


def help_here(desk: Desk, ämne: Annotated[str, Arg(ask="Vad vill du ha hjälp med?", en="topic", rest=True)] = "") -> Outcome:  # noqa: PLC2401 - the users' word
    """Tell what can be done here, or about one command."""
    here = tuple(command for command in desk.commands if desk.place.kind in command.where)
    if wanted := squeeze(ämne):
        found = tuple(command for command in desk.commands if wanted in squeeze(command.name) or wanted in command.aliases)
        return Told("help/topic", {"topic": ämne, "found": found[:6], "place": desk.place.kind})
    first = tuple(c for name in FIRST for c in here if c.name == name)
    rest = tuple(c for c in here if c not in first)
    waiting = _waiting(desk)
    return Told("help/here", {"first": first, "rest": rest, "waiting": waiting, "place": desk.place.kind})


def _waiting(desk: Desk) -> tuple[Expected, ...]:
    return tuple(e for e in expectations(desk.case, desk.rules) if e.unit == desk.author.unit) if isinstance(desk, CaseDesk) else ()


def overview(desk: ListDesk) -> Outcome:
    """List the open cases of one's units, those with the earliest deadline first, with names (commands 3)."""
    rows = [
        Row(case, first, late=first is not None and first.deadline <= desk.now) for case in desk.cases for first in (_first(case, desk),)
    ]
    ranked = tuple(sorted(rows, key=lambda row: (row.first is None, row.first.deadline if row.first else row.case.touched)))
    return Told("help/overview", {"rows": ranked}, shows=tuple(case.id for case in desk.cases))


def _first(case: Case, desk: ListDesk) -> Expected | None:
    mine = [e for e in expectations(case, desk.rules) if e.unit in desk.units]
    waiting = mine or list(expectations(case, desk.rules))
    return waiting[0] if waiting else None
