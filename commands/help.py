"""Help: what can be done here and now, next steps first; and what waits for one's units."""

from dataclasses import dataclass
from typing import Annotated

from care.case import Case
from care.expected import Expected, Matter, expectations
from care.refusal import Refused
from commands.declare import Arg, Command
from commands.desk import CaseDesk, Desk, Lay, ListDesk, Needs
from commands.folding import squeeze
from commands.outcome import Outcome, Told

FIRST = ("översikt", "kvittera", "fråga", "svar", "ärende starta", "sip kalla")
"""What everyday staff need first (commands 3)."""
STEPS = 3
"""Next steps in one help: more is what the lägesbild is for."""
PAGE = 10
"""Cases on a page of the overview, as much as is read on a phone."""
HOW = {
    Matter.ACCEPT: "!aktör tacka ja",
    Matter.ACKNOWLEDGE: "!kvittera {}",
    Matter.ANSWER: "!svar {} text",
    Matter.REPLY: "!sip svar ja nr={}",
    Matter.FOLLOW_UP: "!plan följ upp",
    Matter.CLOSE: "!ärende avsluta ja",
}
"""What to type for each thing that can be expected of a unit."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the overview: what is awaited first, of one's own unit if anything is."""

    case: Case
    first: Expected | None
    late: bool


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something that is expected of the unit, and what to type for it."""

    expected: Expected
    typed: str


def help_here(desk: Desk, ämne: Annotated[str, Arg(ask="Vad vill du ha hjälp med?", en="topic", rest=True)] = "") -> Outcome:  # noqa: PLC2401 - the users' word
    """Tell what can be done here, or about one command."""
    if wanted := squeeze(ämne):
        found = [c for c in desk.commands if wanted in c.nouns | c.aliases] or [c for c in desk.commands if wanted in squeeze(c.name)]
        here = [c for c in found if desk.place.kind in c.where] or found
        return Told("help/topic", {"topic": ämne, "found": tuple(here), "single": here[0] if len(here) == 1 else None})
    usable = tuple(c for c in desk.commands if desk.place.kind in c.where and c.noun != "hjälp" and _may(desk, c))
    first = tuple(c for name in FIRST for c in usable if c.name == name)
    others = tuple(dict.fromkeys(c.noun for c in usable if c not in first))
    return Told("help/here", {"first": first, "others": others, "steps": _steps(desk)})


def _may(desk: Desk, command: Command) -> bool:
    """Whether a command is of use to the person: without a unit, only looking things up is."""
    needs = command.needs
    return bool(desk.units) or not isinstance(needs, Needs) or needs.lay in {Lay.NOTHING, Lay.IDENTITIES}


def _steps(desk: Desk) -> tuple[NextStep, ...]:
    if not isinstance(desk, CaseDesk):
        return ()
    mine = [e for e in expectations(desk.case, desk.rules) if e.unit == desk.author.unit and e.matter in HOW]
    return tuple(NextStep(e, HOW[e.matter].format(e.object)) for e in mine[:STEPS])


def overview(desk: ListDesk, sida: Annotated[int, Arg(ask="Vilken sida?", en="page", example="2")] = 1) -> Outcome:
    """List the open cases of one's units, those with the earliest deadline first, with names (commands 3)."""
    rows = [
        Row(case, first, late=first is not None and first.deadline <= desk.now) for case in desk.cases for first in (_first(case, desk),)
    ]
    ranked = sorted(rows, key=lambda row: (row.first is None, row.first.deadline if row.first else row.case.touched))
    pages = max(1, -(-len(ranked) // PAGE))
    if not 1 <= sida <= pages:
        raise Refused("cases/no-page", page=sida, pages=pages)
    shown = tuple(ranked[(sida - 1) * PAGE : sida * PAGE])
    values: dict[str, object] = {"rows": shown, "total": len(ranked), "page": sida, "pages": pages, "mine": desk.units}
    return Told("help/overview", values, shows=tuple(row.case.id for row in shown))


def _first(case: Case, desk: ListDesk) -> Expected | None:
    waiting = expectations(case, desk.rules)
    return next((e for e in waiting if e.unit in desk.units), waiting[0] if waiting else None)
