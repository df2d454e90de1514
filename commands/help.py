"""Help: what can be done here and now, next steps first; and what waits for one's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from care.case import Case
from care.effects import PlaceKind
from care.expected import Expected, Matter, expectations
from care.refusal import Refused
from commands.declare import Arg, Command
from commands.desk import CaseDesk, Desk, ListDesk
from commands.folding import squeeze
from commands.outcome import Outcome, Told
from commands.pages import PageNumber, page, turned
from commands.reading.names import Named, find
from commands.reading.nouns import nouns_of
from commands.reading.words import split
from commands.useful import acting_units, useful
from texts.roles import Sheet, sheet_called, sheet_for, sheets

FIRST = ("översikt", "kvittera", "svar", "fråga", "ärende starta", "meddelande", "sip kalla", "delta", "ärende visa", "enheter", "begrepp")
"""What everyday staff need first (commands 3)."""
SHOWN = 4
"""Commands in one help; after "mer" come all of them."""
STEPS = 3
"""Next steps in one help: more is what the lägesbild is for."""
PAGE = 9
"""Cases on a page of the overview, as much as is read on a phone."""
LIST = 9
"""Commands on a page."""
ARGUMENTS = 6
"""Arguments of a command on a page."""
ROLES = frozenset({"roll", "roller", "lathund", "lathundar", "role", "roles", "cheatsheet", "cheatsheets"})
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
    """Something that is expected of the unit, what to type for it, and outside the room of the case which case it is."""

    expected: Expected
    typed: str
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of a cheat sheet as it is shown: a command by its name, where it is typed, and why."""

    command: str
    where: str
    why: str
    en_why: str


def help_here(desk: Desk, ämne: Annotated[str, Arg(ask="Vad vill du ha hjälp med?", en="topic", rest=True)] = "") -> Outcome:  # noqa: PLC2401 - the users' word
    """Tell what can be done here, or about one command or role; "mer" shows what does not fit a phone."""
    wanted, number = turned(ämne)
    if not wanted:
        return _here(desk) if number == 1 else _all(desk, number - 1)
    if squeeze(wanted) in ROLES:
        return Told("help/roles", {"sheets": sheets(), "own": _own(desk)})
    if sheet := sheet_called(wanted):
        lines = tuple(SheetLine(each.command, str(each.where), each.why, each.en_why) for each in sheet.lines)
        return Told("help/role", {"sheet": sheet, "lines": lines})
    return _topic(desk, wanted, number)


def _here(desk: Desk) -> Outcome:
    usable = tuple(command for command in useful(desk) if command.noun != "hjälp")
    first = tuple(c for name in FIRST for c in usable if c.name == name)[:SHOWN] or usable[:SHOWN]
    others = tuple(dict.fromkeys(c.noun for c in usable if c not in first))
    steps = _steps(desk)
    awaited = None if steps else _awaited(desk)
    values = {"first": first, "others": others, "steps": steps[:STEPS], "more": max(0, len(steps) - STEPS), "awaited": awaited}
    shown = dict.fromkeys(step.case.id for step in steps[:STEPS] if step.case)
    return Told("help/here", {**values, "own": _own(desk)}, shows=tuple(shown))


def _own(desk: Desk) -> Sheet | None:
    """Return the cheat sheet of the person: in an inbox as a member of its unit, in a case for the unit acted for."""
    unit = desk.author.unit if isinstance(desk, CaseDesk) else desk.place.id if desk.place.kind is PlaceKind.INBOX else ""
    return sheet_for(desk.directory, desk.user, unit)


def _steps(desk: Desk) -> tuple[NextStep, ...]:
    """Return what is expected of the person's units, the earliest deadline first: in the case of the room, else in all open ones."""
    if isinstance(desk, CaseDesk):
        return _mine(desk, desk.case)
    if not isinstance(desk, ListDesk) or desk.place.kind not in {PlaceKind.DIRECT, PlaceKind.INBOX}:
        return ()
    found = [NextStep(step.expected, "", case) for case in desk.cases for step in _mine(desk, case)]
    return tuple(sorted(found, key=lambda step: step.expected.deadline))


def _mine(desk: Desk, case: Case) -> tuple[NextStep, ...]:
    mine = acting_units(desk, case)
    waiting = (e for e in expectations(case, desk.rules) if e.unit in mine and e.matter in HOW)
    return tuple(NextStep(e, HOW[e.matter].format(e.object)) for e in waiting)


def _awaited(desk: Desk) -> Expected | None:
    """Return what the case of the room waits for, of another unit."""
    waiting = expectations(desk.case, desk.rules) if isinstance(desk, CaseDesk) else ()
    return next((e for e in waiting if e.matter in HOW), None)


def _all(desk: Desk, number: int) -> Outcome:
    """List all that may be used here; `number` is that of the list's own page."""
    shown = page(tuple(command for command in useful(desk) if command.noun != "hjälp"), number, LIST)
    return Told("help/all", {"commands": shown.rows, "following": shown.following + 1 if shown.following else 0, "left": shown.left})


def _topic(desk: Desk, topic: str, number: int) -> Outcome:
    found = _found(desk, topic)
    here = tuple(c for c in found if desk.place.kind in c.where)
    shown = here or found
    single = shown[0] if len(shown) == 1 else None
    rows = page(single.parameters if single else shown, number, ARGUMENTS if single else LIST)
    where = tuple(kind for kind in PlaceKind if kind in single.where) if single and not here else ()
    values = {"topic": topic, "single": single, "rows": rows.rows, "page": rows.number, "turn": rows.turn}
    return Told("help/topic", {**values, "left": rows.left, "where": where})


def _found(desk: Desk, topic: str) -> Sequence[Command]:
    """Return the commands of a topic: of a noun, of a command however it is typed, or those whose name holds the word."""
    wanted, nouns = squeeze(topic), nouns_of(desk.commands)
    if not wanted:
        return ()
    if named := nouns.commands.get(wanted):
        return named
    found = find(split(topic), nouns, desk.place.kind)
    if isinstance(found, Named):
        return (found.command,)
    holding = [command for command in desk.commands if wanted in squeeze(command.name)]
    if holding:
        return holding
    names = found.values.get("candidates", ())
    offered = [command for command in desk.commands if isinstance(names, tuple) and command.name in names]
    return (found.nearest,) if found.nearest else offered


def overview(desk: ListDesk, sida: PageNumber = 1) -> Outcome:
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
