"""Looking things up: units, terms, and one's own duty."""

from enum import StrEnum
from typing import Annotated

from care.people import Unit
from care.refusal import Refused
from commands.declare import Arg
from commands.desk import Desk
from commands.folding import squeeze
from commands.outcome import Duty, Outcome, Told
from texts.glossary import look_up, nearest

MOST = 12
"""Units in one answer; more than a phone shows is a reason to search for less."""


class OnOff(StrEnum):
    """On or off duty."""

    PA = "på"
    AV = "av"


def units(desk: Desk, sök: Annotated[str, Arg(ask="Vad heter enheten?", en="search", rest=True)] = "") -> Outcome:  # noqa: PLC2401 - the users' word
    """Find units by name, alias, type or huvudman."""
    found = tuple(unit for unit in desk.directory.units.values() if unit.open and _matches(desk, unit, squeeze(sök)))
    unstaffed = frozenset(unit.id for unit in found if not desk.directory.staffed(unit.id))
    values: dict[str, object] = {"units": found[:MOST], "more": max(0, len(found) - MOST), "search": sök, "unstaffed": unstaffed}
    return Told("directory/units", values)


def _matches(desk: Desk, unit: Unit, wanted: str) -> bool:
    words = (unit.id, unit.name, unit.type, desk.directory.huvudman[unit.huvudman].name, *unit.aliases)
    return any(wanted in squeeze(word) for word in words)


def term(desk: Desk, ord: Annotated[str, Arg(ask="Vilket ord?", en="word", rest=True)]) -> Outcome:  # noqa: A002, ARG001 - the users' word
    """Explain a term of the field."""
    found = look_up(ord)
    if found is None:
        return Told("directory/no_term", {"word": ord, "near": tuple(each.word for each in nearest(ord))})
    return Told("directory/term", {"term": found})


def duty(desk: Desk, läge: Annotated[OnOff, Arg(ask="På eller av?", en="state")]) -> Outcome:  # noqa: PLC2401 - the users' word
    """Go on or off duty in one's units."""
    mine = tuple(sorted(desk.units))
    if not mine:
        raise Refused("permissions/no-unit")
    return Duty(läge is OnOff.PA, mine)
