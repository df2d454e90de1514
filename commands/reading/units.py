"""Which unit is meant by an id, a name, part of a name, or an alias (commands 1).

An id always means its unit. Otherwise the actors of the case are looked through first, from the exact to the partial: alias or name, then
words that each begin a word of the name. Within one step all that fit are found, and several are for the writer to choose between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from care.effects import PlaceKind
from care.people import Unit
from commands.declare import Parameter
from commands.folding import NEAR, distance, fold, squeeze
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.words import Word

LONGEST = 8
"""A name of a unit has at most this many words."""
_PREFIX = 3
"""So many letters must be typed of a word that is not written out."""
_SHOWN = 9
"""So many candidates can be chosen by one tap on a number."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A unit with what it is called: the squeezed id, the squeezed whole names, each name in folded words, and all these words."""

    unit: Unit
    id: str
    whole: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    words: frozenset[str]


def search(query: str, units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return the units that fit the query best: exactly by id, alias or name, else by the words of their names."""
    return tuple(known.unit for known in _search(query, [_known(unit) for unit in units]))


def read_unit(parameter: Parameter, words: Sequence[Word], scene: Scene) -> tuple[Unit, int] | Misread:
    """Return the unit named by the first words and how many they are; the longest name that fits is taken."""
    every = _every(scene)
    begun = [known for known in every if words and _may_begin(words[0].text, known)]
    for count in range(min(LONGEST, len(words)) if begun else 0, 0, -1):
        query = " ".join(word.text for word in words[:count])
        found = _found(query, begun, scene, outside=parameter.arg.outside)
        if found and (count == 1 or all(_in_a_row(query, known) for known in found)):
            return _only(query, found, parameter, words[0].at, scene, count)
    return _unknown(words, every)


def read_one_unit(parameter: Parameter, words: Sequence[Word], scene: Scene) -> tuple[Unit, int] | Misread:
    """Return the unit named by all the words, in whatever order and however shortened; else by the first of them."""
    query = " ".join(word.text for word in words)
    if found := _found(query, _every(scene), scene, outside=parameter.arg.outside):
        return _only(query, found, parameter, words[0].at, scene, len(words))
    return read_unit(parameter, words, scene)


def _every(scene: Scene) -> list[_Known]:
    return [_known(unit) for unit in scene.directory.units.values() if unit.open]


def _found(query: str, units: Sequence[_Known], scene: Scene, *, outside: bool) -> Sequence[_Known]:
    key = squeeze(query)
    if exact := [known for known in units if key == known.id]:
        return exact
    inside = [] if outside else [known for known in units if known.unit.id in scene.actors]
    return _search(query, inside) or _search(query, units)


def _search(query: str, units: Sequence[_Known]) -> Sequence[_Known]:
    key, typed = squeeze(query), _words(query)
    exact = [known for known in units if key and key == known.id]
    whole = [known for known in units if key and key in known.whole]
    return exact or whole or [known for known in units if _telling(typed) and _partly(typed, known)]


def _only(query: str, found: Sequence[_Known], parameter: Parameter, at: int, scene: Scene, count: int) -> tuple[Unit, int] | Misread:
    unit, *others = (known.unit for known in found)
    if others:
        candidates = tuple(known.unit.id for known in found[:_SHOWN])
        return Misread(Reason.UNIT_AMBIGUOUS, at, "en enhet", values={"query": query, "candidates": candidates})
    if scene.place is PlaceKind.CASE and not parameter.arg.outside and unit.id not in scene.actors:
        return Misread(Reason.UNIT_OUTSIDE_CASE, at, "en enhet i ärendet", values={"query": query, "unit": unit.id})
    return unit, count


def _unknown(words: Sequence[Word], every: Sequence[_Known]) -> Misread:
    """Refuse, with the units of which the id, a whole name or a single word is only a slip or two away."""
    query = words[0].text if words else ""
    key = squeeze(query)
    reach = min(NEAR, len(key) // 3)
    ranked = sorted((min(distance(key, part) for part in known.words | known.whole), known.unit.id) for known in every) if reach else []
    values = {"query": query, "candidates": tuple(unit for slips, unit in ranked if slips <= reach)[:_SHOWN]}
    return Misread(Reason.UNIT_UNKNOWN, words[0].at if words else 0, "en enhet", values=values)


@lru_cache(maxsize=4096)
def _known(unit: Unit) -> _Known:
    names = (unit.name, *unit.aliases)
    phrases = tuple(_words(name) for name in (*names, unit.id))
    words = frozenset(word for phrase in phrases for word in phrase)
    whole = frozenset(squeeze(name) for name in (*names, unit.id))
    return _Known(unit, squeeze(unit.id), whole, phrases, words)


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a name, of which a hyphen or slash makes two."""
    return tuple("".join(c if c.isalnum() else " " for c in fold(text)).split())


def _may_begin(word: str, known: _Known) -> bool:
    key, typed = squeeze(word), _words(word)
    return bool(key) and (_partly(typed, known) or any(whole.startswith(key) for whole in known.whole))


def _telling(typed: tuple[str, ...]) -> bool:
    """Whether there is more than digits and single letters, which would fit by chance."""
    return any(len(word) > 1 and not word.isdigit() for word in typed)


def _partly(typed: tuple[str, ...], known: _Known) -> bool:
    """Whether each word typed is, or clearly begins, a word of the unit's names."""
    return all(word in known.words or (len(word) >= _PREFIX and any(own.startswith(word) for own in known.words)) for word in typed)


def _in_a_row(query: str, known: _Known) -> bool:
    """Whether the words stand in the name just as typed, so that no word of a text after it is taken for one of them."""
    typed = _words(query)
    in_name = any(typed == phrase[i : i + len(typed)] for phrase in known.phrases for i in range(len(phrase)))
    return in_name or squeeze(query) in known.whole
