"""Numbers and ordinals in words, Swedish and English, folded."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from commands.folding import fold

_SWEDISH = (
    *("en ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tretton"),
    *("fjorton", "femton", "sexton", "sjutton", "arton", "nitton"),
)
_SWEDISH_TENS = ("tjugo", "trettio", "fyrtio", "femtio", "sextio", "sjuttio", "åttio", "nittio")
_ENGLISH = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_ENGLISH_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SWEDISH_DAYS = (
    *("första förste", "andra andre", "tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde", "nionde", "tionde", "elfte", "tolfte"),
    *("trettonde", "fjortonde", "femtonde", "sextonde", "sjuttonde", "artonde", "nittonde"),
)
_ENGLISH_DAYS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
    *("thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)


def _counted(ones: Sequence[str], tens: Sequence[str], joining: Sequence[str]) -> dict[str, int]:
    """Return the words of one language: `ones` from 1 to 19, `tens` from 20, and both together, where `joining` are the tens."""
    found = {fold(word): n for n, group in enumerate(ones, 1) for word in group.split()}
    for ten, (word, first) in enumerate(zip(tens, joining, strict=True), 2):
        found[fold(word)] = ten * 10
        pairs = ((n, one) for n, group in enumerate(ones[:9], 1) for one in group.split())
        found |= {fold(f"{first}{dash}{one}"): ten * 10 + n for n, one in pairs for dash in ("", "-")}
    return found


NUMBERS: Mapping[str, int] = MappingProxyType(
    _counted(_SWEDISH, _SWEDISH_TENS, _SWEDISH_TENS) | _counted(_ENGLISH, _ENGLISH_TENS, _ENGLISH_TENS)
)
"""Numbers in words, 1 to 99."""
ORDINALS: Mapping[str, int] = MappingProxyType(
    _counted(_SWEDISH_DAYS, ("tjugonde", "trettionde"), _SWEDISH_TENS[:2])
    | _counted(_ENGLISH_DAYS, ("twentieth", "thirtieth"), _ENGLISH_TENS[:2])
)
"""Days of a month in words."""


def number(word: str) -> int | None:
    """Return the number that the word or its at most three digits stand for."""
    if re.fullmatch("[0-9]{1,3}", word):
        return int(word)
    return NUMBERS.get(word)
