"""The words for days, months and parts of the day, Swedish and English, folded."""

from collections.abc import Mapping
from types import MappingProxyType

from commands.folding import fold


def _numbered(*groups: str, start: int = 0) -> Mapping[str, int]:
    return MappingProxyType({fold(word): number for number, group in enumerate(groups, start) for word in group.split()})


WEEKDAYS = _numbered(
    "måndag måndagen mån monday mon",
    "tisdag tisdagen tis tisd tuesday tue tues",
    "onsdag onsdagen ons onsd wednesday wed",
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

_HALF_DAY, _DAY = 720, 1440
PART_MINUTES: Mapping[str, range] = MappingProxyType(
    {
        "am": range(_HALF_DAY),
        "morning": range(60, _HALF_DAY),
        "forenoon": range(300, _HALF_DAY),
        "lunch": range(660, 840),
        "pm": range(_HALF_DAY, _DAY),
        "evening": range(960, _DAY),
    }
)
"""The minutes of the day that can be meant by each part of it: what lies outside contradicts the hour."""

PARTS: Mapping[str, str] = MappingProxyType(
    {
        fold(word): part
        for part, words in (
            ("am", "am a.m"),
            ("morning", "morgon morgonen bitti morning"),
            ("forenoon", "förmiddag förmiddagen fm f.m"),
            ("lunch", "lunch lunchtid lunchtime"),
            ("pm", "eftermiddag eftermiddagen em e.m pm p.m afternoon"),
            ("evening", "kväll kvällen evening"),
        )
        for word in words.split()
    }
)
"""Which part of the day a word means; none of them names an hour."""

DAYS_AWAY: Mapping[tuple[str, ...], int] = MappingProxyType(
    {
        tuple(fold(phrase).split()): days
        for days, phrases in (
            (-2, ("i förrgår", "iförrgår", "förrgår")),
            (-1, ("igår", "i går", "yesterday")),
            (0, ("idag", "i dag", "today")),
            (1, ("imorgon", "i morgon", "imorrn", "i morrn", "imorron", "i morron", "imon", "tomorrow")),
            (2, ("övermorgon", "i övermorgon", "iövermorgon", "day after tomorrow", "the day after tomorrow")),
        )
        for phrase in phrases
    }
)

TODAY_PARTS: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        tuple(fold(phrase).split()): part
        for part, phrases in (
            ("morning", ("this morning",)),
            ("forenoon", ("i förmiddag",)),
            ("pm", ("i eftermiddag", "ieftermiddag", "this afternoon")),
            ("evening", ("ikväll", "i kväll", "tonight", "this evening")),
        )
        for phrase in phrases
    }
)
"""A part of today."""

_EDGES = ".,;:!()[]\"'“”„‟‘’‚‛«»‹›"
_OPENING_EDGES = _EDGES.replace(":", "")
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SAME = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | {"’": "'", "∶": ":"} | dict.fromkeys(_UNSEEN))
_LONGEST = 32
"""Letters that no word of a date has."""


def normal(word: str) -> str:
    """Return a word of a date folded, with plain hyphens, without what cannot be seen and without the punctuation around it."""
    if len(word) > _LONGEST:
        return ""
    return fold(word.translate(_SAME)).translate(_SAME).rstrip(_EDGES).lstrip(_OPENING_EDGES)
