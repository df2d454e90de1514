"""The words for days, months and numbers, Swedish and English, folded."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from commands.folding import fold


def _numbered(*groups: str, start: int = 0) -> Mapping[str, int]:
    return MappingProxyType({fold(word): number for number, group in enumerate(groups, start) for word in group.split()})


WEEKDAYS = _numbered(
    "måndag måndagen mån monday mon",
    "tisdag tisdagen tis tisd tuesday tue tues",
    "onsdag onsdagen ons wednesday wed",
    "torsdag torsdagen tor tors thursday thu thur thurs",
    "fredag fredagen fre fred friday fri",
    "lördag lördagen lör lörd saturday sat",
    "söndag söndagen sön sönd sunday sun",
)
"""Weekdays, Monday is 0."""

MONTHS = _numbered(
    "januari jan january",
    "februari feb febr february",
    "mars mar march",
    "april apr",
    "maj may",
    "juni jun june",
    "juli jul july",
    "augusti aug august",
    "september sep sept",
    "oktober okt october oct",
    "november nov",
    "december dec",
    start=1,
)

NUMBERS = _numbered(
    "en ett one",
    "två tva two",
    "tre three",
    "fyra four",
    "fem five",
    "sex six",
    "sju seven",
    "åtta eight",
    "nio nine",
    "tio ten",
    "elva eleven",
    "tolv twelve",
    start=1,
)

PARTS: Mapping[str, str] = MappingProxyType(
    {
        fold(word): part
        for part, words in (
            ("am", "förmiddag förmiddagen fm morgon morgonen am morning"),
            ("pm", "eftermiddag eftermiddagen em kväll kvällen pm afternoon evening"),
        )
        for word in words.split()
    }
)
"""Which half of the day a word means."""

DAYS_AWAY: Mapping[tuple[str, ...], int] = MappingProxyType(
    {
        tuple(fold(phrase).split()): days
        for days, phrases in (
            (-1, ("igår", "i går", "yesterday")),
            (0, ("idag", "i dag", "today")),
            (1, ("imorgon", "i morgon", "imorrn", "i morrn", "imorron", "i morron", "tomorrow")),
            (2, ("övermorgon", "i övermorgon", "iövermorgon")),
        )
        for phrase in phrases
    }
)

_EDGES = ".,;:!"
_DASHES = re.compile("[‐‑‒–—―−]")


def normal(word: str) -> str:
    """Return a word of a date folded, with plain hyphens, and without the punctuation around it."""
    return _DASHES.sub("-", fold(word)).strip(_EDGES)


def number(word: str) -> int | None:
    """Return the number that the word or its at most three digits stand for."""
    if re.fullmatch("[0-9]{1,3}", word):
        return int(word)
    return NUMBERS.get(word)
