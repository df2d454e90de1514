"""How words are compared: a person on a phone writes `arende`, `Ärende` or `ställ-in`, and means the same."""

import re
import unicodedata
from collections.abc import Iterable

NEAR = 2
"""How many slips of the finger a suggestion may bridge (insert, leave out, change, swap)."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNHEARD = re.compile(r"[\W_]+")
SHORT = 4
"""A word of at most this many letters is near another only within one slip."""


def fold(text: str) -> str:
    """Return the text without case and accents (å and ä become a, ö becomes o)."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return bare if bare.isascii() else "".join(char for char in bare if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Return the folded letters and digits alone, so that spaces and hyphens do not matter either."""
    return _UNHEARD.sub("", fold(text))


def words(text: str) -> tuple[str, ...]:
    """Return the folded words, of which a hyphen or slash makes two."""
    return tuple(_UNHEARD.sub(" ", fold(text)).split())


def distance(one: str, other: str) -> int:
    """Return the number of slips between two words; every answer above `NEAR` is just "far" (NEAR + 1)."""
    if abs(len(one) - len(other)) > NEAR:
        return NEAR + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        if min(row) > NEAR:
            return NEAR + 1
        before, last, row = row, before, [i]
        for j, opposite in enumerate(other, 1):
            change = before[j - 1] + (char != opposite)
            row.append(min(change, before[j] + 1, row[j - 1] + 1))
            if i > 1 and j > 1 and one[i - 2] == opposite and char == other[j - 2]:
                row[j] = min(row[j], last[j - 2] + 1)
    return min(row[-1], NEAR + 1)


def near(word: str, known: Iterable[str]) -> str | None:
    """Return the nearest of the known squeezed words, or None when all are too far to be what was meant."""
    reach, letters = 1 if len(word) <= SHORT else NEAR, set(word)
    alike = [each for each in known if abs(len(each) - len(word)) <= reach and len(letters.symmetric_difference(each)) <= 2 * reach]
    ranked = sorted((distance(word, candidate), candidate) for candidate in alike)
    return ranked[0][1] if ranked and ranked[0][0] <= reach else None


def near_alike(word: str, known: Iterable[str]) -> str | None:
    """Return the same, but of the short ones only what begins with the same letter: "tack" is a word of its own and no slip of "ack"."""
    return near(word, (candidate for candidate in known if len(candidate) > SHORT or candidate[:1] == word[:1]))
