"""What words stand for: units, choices, objects, cases, people. Each function returns the value of all the words, or raises Wrong."""

import re
from collections.abc import Callable, Mapping

from care.effects import PlaceKind
from care.people import Unit, UnitType
from commands.declare import Kind, Parameter
from commands.folding import fold, squeeze
from tests.commands.oracle.moments import begun, when
from tests.commands.oracle.pieces import Piece
from tests.commands.oracle.verdict import Wrong
from tests.commands.region import ACTORS, UNITS

KINDS_OF_UNIT = {
    "vårdcentralen": UnitType.VARDCENTRAL,
    "vc": UnitType.VARDCENTRAL,
    "biståndshandläggaren": UnitType.KOMMUN_BISTAND,
    "hemtjänsten": UnitType.KOMMUN_HEMTJANST,
    "home nursing": UnitType.KOMMUN_HSV,
}
"""What staff say for a unit of a kind."""
YES_NO = {"ja": True, "yes": True, "nej": False, "no": False, "jatack": True, "nejtack": False}
OPEN = [unit for unit in UNITS.values() if unit.open]


def units_called(phrase: str) -> list[Unit]:
    """Return every unit that a phrase fits: its id, or each word the beginning of a word of its id, name or aliases."""
    said = squeeze(phrase)
    exact = [
        unit
        for unit in OPEN
        if all(map(squeeze, phrase.split())) and said in {squeeze(unit.id), squeeze(unit.name), *map(squeeze, unit.aliases)}
    ]
    if exact or not said:
        return exact
    if kind := KINDS_OF_UNIT.get(phrase.lower()):
        return [unit for unit in OPEN if unit.type is kind]
    lettered = all(squeeze(word) for word in phrase.split()) and not phrase.isdecimal()
    words = re.findall(r"\w+", fold(phrase)) if lettered else []
    return [unit for unit in OPEN if words and all(any(_part(word, known) for known in _words(unit)) for word in words)]


def _part(word: str, known: str) -> bool:
    """Whether a word is a part of one of a unit's: its beginning, or several letters in it."""
    return known == word or (len(word) > 2 and known.startswith(word)) or (len(word) > 3 and word in known)


def _words(unit: Unit) -> list[str]:
    return re.findall(r"\w+", fold(" ".join((unit.id, unit.name, *unit.aliases))))


def unit_of(phrase: str, parameter: Parameter, place: PlaceKind, where: tuple[int, int]) -> Unit:
    """Return the one unit of a phrase: the case's own before others, one outside only where the argument looks outside."""
    cut = [each for each in re.split(r" (?:och|&|samt) |, ?", phrase) if each]
    if len(cut) > 1 and units_called(cut[1]) and not units_called(phrase):
        unit_of(cut[0], parameter, place, where)
        raise Wrong("several_units", where)
    fits, here = units_called(phrase), ACTORS if place is PlaceKind.CASE else ()
    own = fits if parameter.arg.outside else [unit for unit in fits if unit.id in here]
    if len(own) == 1:
        return own[0]
    if own:
        raise Wrong("unit_ambiguous", where)
    if fits and here:
        raise Wrong("unit_outside_case" if len(fits) == 1 else "unit_outside_case unit_ambiguous", where)
    if len(fits) == 1:
        return fits[0]
    raise Wrong("unit_ambiguous" if fits else "unit_unknown", where)


def one(parameter: Parameter, said: list[Piece], place: PlaceKind) -> object:
    """Return the value that all of these pieces have together."""
    where = (said[0].start, said[-1].end)
    phrase = " ".join(piece.text for piece in said).strip(" ,;:")
    if parameter.kind in {Kind.DAY, Kind.MOMENT, Kind.CLOCK}:
        return _dated(parameter, phrase, where)
    if parameter.kind is Kind.UNIT:
        return unit_of(re.sub(r"^(till |to |@)", "", phrase), parameter, place, where)
    return READ[parameter.kind](parameter, phrase, where)


def _dated(parameter: Parameter, phrase: str, where: tuple[int, int]) -> object:
    try:
        return when(phrase, parameter, where)
    except Wrong as wrong:
        if not wrong.reasons & {"not_a_date", "not_a_time"}:
            raise
        raise Wrong(wrong.reasons | begun(phrase, parameter, where), where) from wrong


Reading = Callable[[Parameter, str, tuple[int, int]], object]


def _looked_up(table: Mapping[str, object], phrase: str, reason: str, where: tuple[int, int]) -> object:
    if (word := squeeze(phrase)) not in table or any(not squeeze(each) for each in phrase.split()):
        raise Wrong(reason, where)
    return table[word]


def _object(_: Parameter, phrase: str, where: tuple[int, int]) -> object:
    if not (found := re.fullmatch(r"(?:#|fråga )?([FSMIU]?)-?(\d+)", phrase, re.IGNORECASE)):
        raise Wrong("not_an_object", where)
    return ("F" if phrase.startswith("fråga") else found[1].upper()) + found[2]


def _case(_: Parameter, phrase: str, where: tuple[int, int]) -> object:
    """Return a case by number, by its short number, or by what may be a codename: two words."""
    if found := re.fullmatch(r"s[äa]-(\d{4})-0*(\d{1,5})", phrase, re.IGNORECASE):
        return f"SÄ-{found[1]}-{int(found[2]):05}"
    if re.fullmatch(r"\d+|[^\W\d]+\s[^\W\d]+", phrase.lower()):
        return " ".join(phrase.lower().split())
    raise Wrong("not_a_case", where)


def _user(_: Parameter, phrase: str, where: tuple[int, int]) -> object:
    if phrase == "Anna Demo":
        return "@anna.demo:almfors.test"
    if not re.fullmatch(r"@[a-z.]+:almfors\.test", phrase):
        raise Wrong("not_a_person", where)
    return phrase


def _number(parameter: Parameter, phrase: str, where: tuple[int, int]) -> object:
    if parameter.arg.page and (found := re.fullmatch(r"(?:mer|more)(?:\s+#?(\d+))?", phrase, re.IGNORECASE)):
        return int(found[1] or 2)
    if not re.fullmatch(r"#?\d+", phrase):
        raise Wrong("not_a_number", where)
    return int(phrase.removeprefix("#"))


READ: Mapping[Kind, Reading] = {
    Kind.TEXT: lambda _, phrase, __: phrase,
    Kind.YES_NO: lambda _, phrase, where: _looked_up(YES_NO, phrase, "not_yes_or_no", where),
    Kind.CHOICE: lambda parameter, phrase, where: _looked_up(parameter.meant, phrase, "wrong_choice", where),
    Kind.OBJECT: _object,
    Kind.CASE: _case,
    Kind.USER: _user,
    Kind.NUMBER: _number,
}
