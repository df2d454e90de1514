"""All open units by what they are called, so that a name is looked up instead of compared with a thousand others."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from care.people import Directory, Unit, UnitType
from commands.folding import distance, squeeze, words
from commands.reading.once import once_for

_KEPT = 4096
"""Units of which it is kept what they are called: more than a region has."""
_PREFIX = 3
"""So many letters must be typed of a word that is not written out."""
_LAST = "\U0010ffff"
"""Sorts after every letter that a word can go on with."""


@dataclass(frozen=True, slots=True)
class Known:
    """A unit with what it is called: the squeezed id, the squeezed whole names, each name in folded words, and all these words."""

    unit: Unit
    id: str
    whole: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    words: frozenset[str]

    def fits(self, typed: Sequence[str]) -> bool:
        """Whether each word typed is, or clearly begins, a word of the unit's names."""
        return all(word in self.words or (len(word) >= _PREFIX and any(own.startswith(word) for own in self.words)) for word in typed)


@dataclass(slots=True)
class Register:
    """Units in the order of the directory, found by id, by a whole squeezed name, and by the words of their names."""

    units: dict[str, Known] = field(default_factory=dict[str, Known])
    places: dict[str, int] = field(default_factory=dict[str, int])
    kinds: dict[UnitType, list[str]] = field(default_factory=dict[UnitType, list[str]])
    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    whole: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    words: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    sorted: tuple[str, ...] = ()
    letters: Mapping[str, int] = field(default_factory=dict[str, int])

    def by_id(self, key: str) -> list[Known]:
        """Return the units of that squeezed id."""
        return self._known(self.ids.get(key, ()))

    def by_name(self, key: str) -> list[Known]:
        """Return the units of that squeezed name or alias."""
        return self._known(self.whole.get(key, ()))

    def by_words(self, typed: Sequence[str]) -> list[Known]:
        """Return the units of whose names each word typed is, or clearly begins, a word."""
        found: set[str] | None = None
        for word in typed:
            having = self._having(word)
            found = having if found is None else found & having
            if not found:
                return []
        return self._known(sorted(found or (), key=self.places.__getitem__))

    def by_kind(self, kinds: Iterable[UnitType]) -> list[Known]:
        """Return the units of those kinds."""
        return self._known(unit for kind in kinds for unit in self.kinds.get(kind, ()))

    def near(self, key: str, reach: int) -> Iterator[tuple[int, str]]:
        """Yield the units of which a whole name or a single word is at most `reach` slips away, with the slips."""
        mask = _mask(key)
        for word, letters in self.letters.items():
            if abs(len(word) - len(key)) <= reach and (mask ^ letters).bit_count() <= 2 * reach and (slips := distance(key, word)) <= reach:
                yield from ((slips, unit) for unit in {*self.words.get(word, ()), *self.whole.get(word, ())})

    def _known(self, units: Iterable[str]) -> list[Known]:
        return [self.units[unit] for unit in units]

    def _having(self, word: str) -> set[str]:
        if len(word) < _PREFIX:
            return self.words.get(word, set())
        begin, end = bisect_left(self.sorted, word), bisect_left(self.sorted, word + _LAST)
        return {unit for each in self.sorted[begin:end] for unit in self.words[each]}


@lru_cache(maxsize=_KEPT)
def known(unit: Unit) -> Known:
    """Return the unit with what it is called; kept, since of a directory that was changed nearly all units are the same."""
    names = (unit.name, *unit.aliases)
    phrases = tuple(words(name) for name in (*names, unit.id))
    whole = frozenset(squeeze(name) for name in (*names, unit.id))
    return Known(unit, squeeze(unit.id), whole, phrases, frozenset(word for phrase in phrases for word in phrase))


def _mask(word: str) -> int:
    """Return which letters a word has, as bits: a slip changes at most two of them."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _register(directory: Directory) -> Register:
    made = Register()
    for unit in directory.units.values():
        if unit.open:
            _enter(made, known(unit))
    made.sorted = tuple(sorted(made.words))
    made.letters = {word: _mask(word) for word in {*made.words, *made.whole}}
    return made


def _enter(made: Register, one: Known) -> None:
    made.places[one.unit.id] = len(made.units)
    made.units[one.unit.id] = one
    made.kinds.setdefault(one.unit.type, []).append(one.unit.id)
    made.ids.setdefault(one.id, []).append(one.unit.id)
    for name in one.whole:
        made.whole.setdefault(name, []).append(one.unit.id)
    for word in one.words:
        made.words.setdefault(word, set()).add(one.unit.id)


register = once_for(_register)
"""Return the register of a directory, made once for each directory that is read."""
