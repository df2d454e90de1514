"""Looking things up: units, terms, and one's own duty."""

from enum import StrEnum
from typing import Annotated

from care.people import Unit
from care.refusal import Refused
from commands.declare import Arg
from commands.desk import Desk
from commands.folding import squeeze, words
from commands.outcome import Duty, Outcome, Told
from commands.pages import page, turned
from commands.reading.unit_kinds import KINDS
from commands.reading.units import search
from texts.glossary import look_up_inflected, nearest

PAGE = 6
"""Units on a page: with hours and telephone, each takes a phone two or three lines."""
BETWEEN = frozenset({"i", "pa", "hos", "vid", "in", "at"})
"""Words that stand between those of a name and mean nothing more."""


class OnOff(StrEnum):
    """On or off duty."""

    PA = "på"
    AV = "av"


def units(desk: Desk, sök: Annotated[str, Arg(ask="Vad heter enheten?", en="search", rest=True)] = "") -> Outcome:  # noqa: PLC2401 - the users' word
    """Find units by name, alias, kind or huvudman, the best fitting first; "mer" or a number after the search turns the page."""
    wanted, number = turned(sök)
    found = _fitting(desk, wanted)
    before, _, last = wanted.rpartition(" ")
    if not found and last.isdecimal():
        wanted, number, found = before.strip(), max(1, int(last)), _fitting(desk, before)
    unstaffed = frozenset(unit.id for unit in found if not desk.directory.staffed(unit.id))
    shown = page(found, number, PAGE)
    values: dict[str, object] = {"units": shown.rows, "left": shown.left, "turn": shown.turn, "search": wanted, "unstaffed": unstaffed}
    return Told("directory/units", values)


def _fitting(desk: Desk, wanted: str) -> tuple[Unit, ...]:
    """Return the open units that each word fits, those first that the reader of commands would take."""
    every = tuple(unit for unit in desk.directory.units.values() if unit.open)
    kinds = KINDS.get(squeeze(wanted), frozenset())
    typed = words(wanted)
    fitting = (unit for unit in every if unit.type in kinds or all(_fits(desk, unit, word) for word in typed))
    return tuple(dict.fromkeys((*(search(wanted, every) if typed else ()), *fitting)))


def _fits(desk: Desk, unit: Unit, word: str) -> bool:
    """Whether a word is part of what a unit or its huvudman is called, or says what kind of unit it is."""
    names = (unit.id, unit.name, unit.type, desk.directory.huvudman[unit.huvudman].name, *unit.aliases)
    return word in BETWEEN or unit.type in KINDS.get(word, ()) or any(word in squeeze(name) for name in names)


def term(desk: Desk, ord: Annotated[str, Arg(ask="Vilket ord?", en="word", rest=True)]) -> Outcome:  # noqa: A002, ARG001 - the users' word
    """Explain a term of the field."""
    found = look_up_inflected(ord)
    if found is None:
        return Told("directory/no_term", {"word": ord, "near": tuple(each.word for each in nearest(ord))})
    return Told("directory/term", {"term": found})


def duty(desk: Desk, läge: Annotated[OnOff, Arg(ask="På eller av?", en="state")]) -> Outcome:  # noqa: PLC2401 - the users' word
    """Go on or off duty in one's units."""
    mine = tuple(sorted(desk.units))
    if not mine:
        raise Refused("permissions/no-unit")
    return Duty(läge is OnOff.PA, mine)
