"""Which unit is meant by an id, a name, part of a name, an alias, or by what it is (commands 1).

An id always means its unit. Otherwise the actors of the case are looked through first, from the exact to the partial: alias or name, then
words that each begin a word of the name, then the kind of unit. Within one step all that fit are found, and several are for the writer to
choose between.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from care.effects import PlaceKind
from care.people import Unit
from commands.declare import Parameter
from commands.folding import NEAR, squeeze
from commands.folding import words as in_words
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.register import Known, Register, known, register
from commands.reading.unit_kinds import KINDS
from commands.reading.words import Word

LONGEST = 8
"""A name of a unit has at most this many words."""
_WORD = 100
"""No word of a name has more letters."""
AND = frozenset({"och", "and", "samt", "&", "+"})
"""Words between two units."""
_JOINING = AND | {",", "eller", "or", "plus"}
"""Words after which another unit is no text."""
_TOWARDS = frozenset({"till", "to", "at"})
"""Words that may stand before a unit and mean nothing more."""
_BETWEEN = frozenset({"i", "pa", "hos", "vid", "in", "at"})
"""Words between those of a name that mean nothing more ("biståndet i Ekhamn")."""
DASHES = frozenset({"-", "–", "—", ":"})
"""Signs that may stand between what was named and the text."""
_GLUED = re.compile(r"[^,/+&]+")
_SHOWN = 9
"""So many candidates can be chosen by one tap on a number."""

Fit = Callable[[str, Sequence[Known]], bool]


def search(query: str, units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return the units that fit the query best: exactly by id, alias or name, else by the words of their names."""
    return tuple(one.unit for one in _among(query, [known(unit) for unit in units]))


def read_unit(parameter: Parameter, words: Sequence[Word], scene: Scene) -> tuple[Unit, int] | Misread:
    """Return the unit named by the first words and how many they are; the longest name that fits is taken.

    What follows may be free text: only words in the order of the name are taken, and a second unit that is joined to it is refused.
    """
    return _single(parameter, words, scene, _in_a_row)


def read_unit_alone(parameter: Parameter, words: Sequence[Word], scene: Scene) -> tuple[Unit, int] | Misread:
    """Return the same where no free text can follow: the words of a name may stand in whatever order."""
    return _single(parameter, words, scene, lambda _query, _found: True)


def read_one_unit(parameter: Parameter, words: Sequence[Word], scene: Scene) -> tuple[Unit, int] | Misread:
    """Return the unit named by all the words, in whatever order and however shortened; else by the first of them."""
    query = _query(words)
    if found := _found(query, register(scene.directory), scene, outside=parameter.arg.outside):
        return _only(words, found, parameter, scene)
    return read_unit(parameter, words, scene)


def _single(parameter: Parameter, words: Sequence[Word], scene: Scene, fit: Fit) -> tuple[Unit, int] | Misread:
    taken = _first(parameter, words, scene, fit)
    if isinstance(taken, Misread) or parameter.many:
        return taken
    return _joined(parameter, words, taken[1], scene) or _elsewhere(words, taken, scene) or taken


def _first(parameter: Parameter, words: Sequence[Word], scene: Scene, fit: Fit) -> tuple[Unit, int] | Misread:
    units = register(scene.directory)
    short = len(list(takewhile(lambda word: len(word.text) <= _WORD, words[:LONGEST])))
    for count in range(short, 0, -1):
        query = _query(words[:count])
        ends = _meaning(words[0].text) and (_meaning(words[count - 1].text) or words[count - 1].text in DASHES)
        found = _found(query, units, scene, outside=parameter.arg.outside) if ends else ()
        if found and (count == 1 or fit(query, found)):
            return _only(words[:count], found, parameter, scene)
    return _towards(parameter, words, scene, fit) or _glued(parameter, words, scene) or _unknown(words, units, scene)


def _meaning(word: str) -> bool:
    """Whether a word can be the first or the last of a name."""
    key = squeeze(word)
    return bool(key) and key not in _BETWEEN | _TOWARDS


def _towards(parameter: Parameter, words: Sequence[Word], scene: Scene, fit: Fit) -> tuple[Unit, int] | Misread | None:
    """Read "till hemsjukvården" as the unit; None where no unit comes after such a word."""
    if len(words) <= 1 or squeeze(words[0].text[:_WORD]) not in _TOWARDS:
        return None
    taken = _first(parameter, words[1:], scene, fit)
    if isinstance(taken, Misread):
        return None if taken.reason is Reason.UNIT_UNKNOWN else taken
    return taken[0], taken[1] + 1


def and_another(parameter: Parameter, words: Sequence[Word], scene: Scene) -> Misread | None:
    """Refuse a second unit that the words after a quoted one begin with."""
    return None if parameter.many else _joined(parameter, (Word("", 0), *words), 1, scene)


def _joined(parameter: Parameter, words: Sequence[Word], count: int, scene: Scene) -> Misread | None:
    """Refuse a second unit after a comma or "och" where one is wanted: a text must not reach another unit than was meant."""
    following = count
    if not words[count - 1].text.endswith(","):
        if count >= len(words) or (squeeze(words[count].text) or words[count].text) not in _JOINING:
            return None
        following += 1
    if following >= len(words) or not _names_one(parameter, words[following:], scene):
        return None
    return Misread(Reason.SEVERAL_UNITS, words[following].at, "en enhet i taget")


def _elsewhere(words: Sequence[Word], taken: tuple[Unit, int], scene: Scene) -> Misread | None:
    """Ask where the word after the name of a unit makes it the name of others alone ("hemsjukvården i Ekhamn Hur går det?")."""
    unit, count = taken
    after = next((i for i in range(count, len(words)) if squeeze(words[i].text) not in _BETWEEN), len(words))
    key = squeeze(words[after].text) if after < len(words) else ""
    if not key or key in AND:
        return None
    query = _query(words[:count])
    units = register(scene.directory)
    alike = (*units.by_words(_typed(query)), *units.by_kind(KINDS.get(squeeze(query), ())))
    found = {one.unit.id: one for one in alike if {key, f"{key}s"} & one.words}
    if not found or unit.id in found:
        return None
    # Whoever chooses the first may have meant the word as text: it is typed anew.
    return replace(_several(words[: after + 1], (units.units[unit.id], *found.values())), end=0)


def _glued(parameter: Parameter, words: Sequence[Word], scene: Scene) -> Misread | None:
    """Refuse units that are written together ("hsv,bist", "hsv/bist") where one is wanted."""
    pieces = [Word(found.group(), words[0].at + found.start()) for found in _GLUED.finditer(words[0].text)] if words else []
    if parameter.many or len(pieces) < 2 or not all(_names_one(parameter, (piece,), scene) for piece in pieces):  # noqa: PLR2004 - a pair
        return None
    return Misread(Reason.SEVERAL_UNITS, pieces[1].at, "en enhet i taget")


def _names_one(parameter: Parameter, words: Sequence[Word], scene: Scene) -> bool:
    """Whether the words begin with the name of a unit, of one outside the case or of several that are called so."""
    units = register(scene.directory)
    queries = (_query(words[:count]) for count in range(1, min(LONGEST, len(words)) + 1))
    return any(
        found and _in_a_row(query, found) for query in queries if (found := _found(query, units, scene, outside=parameter.arg.outside))
    )


def _found(query: str, units: Register, scene: Scene, *, outside: bool) -> Sequence[Known]:
    """Return the units that fit; a word for a kind is asked about where the case has several, even if it is the alias of one."""
    key, typed = squeeze(query), _typed(query)
    if not key:
        return ()
    if exact := units.by_id(key):
        return exact
    inside = [] if outside else [units.units[unit] for unit in scene.actors if unit in units.units]
    alike = [one for one in inside if one.unit.type in KINDS.get(key, ())]
    return (
        (alike if len(alike) > 1 else _among(query, inside))
        or alike
        or units.by_name(key)
        or (units.by_words(typed) if _telling(typed) else [])
        or units.by_kind(KINDS.get(key, ()))
    )


def _among(query: str, units: Sequence[Known]) -> Sequence[Known]:
    key, typed = squeeze(query), _typed(query)
    exact = [one for one in units if key and key == one.id]
    whole = [one for one in units if key and key in one.whole]
    return exact or whole or [one for one in units if _telling(typed) and one.fits(typed)]


def _typed(query: str) -> tuple[str, ...]:
    """Return the words that are looked for, without those that only join them."""
    typed = in_words(query)
    return tuple(word for word in typed if word not in _BETWEEN) or typed


def _only(words: Sequence[Word], found: Sequence[Known], parameter: Parameter, scene: Scene) -> tuple[Unit, int] | Misread:
    unit, *others = (one.unit for one in found)
    if others:
        return _several(words, found)
    if scene.place is PlaceKind.CASE and not parameter.arg.outside and unit.id not in scene.actors:
        inside = tuple(each for each in scene.actors if each in scene.directory.units)
        values = {"query": _query(words), "unit": unit.id, "candidates": inside}
        return Misread(Reason.UNIT_OUTSIDE_CASE, words[0].at, "en enhet i ärendet", values=values)
    return unit, len(words)


def _several(words: Sequence[Word], found: Sequence[Known]) -> Misread:
    candidates = tuple(one.unit.id for one in found[:_SHOWN])
    values = {"query": _query(words), "candidates": candidates, "more": len(found) - len(candidates)}
    end = words[-1].at + len(words[-1].text)
    return Misread(Reason.UNIT_AMBIGUOUS, words[0].at, "en enhet", values=values, end=end)


def _query(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _unknown(words: Sequence[Word], units: Register, scene: Scene) -> Misread:
    """Refuse, with the units of which the id, a whole name or a single word is only a slip or two away; those of the case first."""
    query = words[0].text if words else ""
    key = squeeze(query[:_WORD])
    reach = min(NEAR, len(key) // 3)
    ranked = sorted((unit not in scene.actors, slips, unit) for slips, unit in (units.near(key, reach) if reach else ()))
    candidates = tuple(dict.fromkeys(unit for _, _, unit in ranked))[:_SHOWN]
    return Misread(Reason.UNIT_UNKNOWN, words[0].at if words else 0, "en enhet", values={"query": query, "candidates": candidates})


def _telling(typed: tuple[str, ...]) -> bool:
    """Whether there is more than digits and single letters, which would fit by chance."""
    return any(len(word) > 1 and not word.isdigit() for word in typed)


def _in_a_row(query: str, found: Sequence[Known]) -> bool:
    """Whether the words stand in each name just as typed, so that no word of a text after it is taken for one of them."""
    typed, key = in_words(query), squeeze(query)
    return key in KINDS or all(key in one.whole or typed in _stretches(one, len(typed)) for one in found)


def _stretches(one: Known, length: int) -> set[tuple[str, ...]]:
    """Return all the words of that number that stand in a row in the unit's names."""
    return {phrase[i : i + length] for phrase in one.phrases for i in range(len(phrase))}
