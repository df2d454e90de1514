"""Days by enumeration: every way that the table knows to write each of the coming days, and of those that have been."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from care.calendar import holiday_name
from tests.commands.region import NOW

TODAY = NOW.date()
FAR = 400
TAKEN, ASKED = 165, 190
"""Days on. A date without its year is a coming one up to the first, and one that has been from the second (dates.toml: 1/6)."""
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december")
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
COUNTS = ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")


@dataclass(frozen=True, slots=True, order=True)
class Meant:
    """A day as somebody wrote it: whether it was written in full (then a weekend is meant), or a reason why it must be asked about."""

    day: date
    full: bool = False
    asks: str = ""


def _dated(day: date) -> Iterator[tuple[str, bool]]:
    """Yield the date in figures and with its month; the second is whether it is written in full."""
    month, month_en, week = MONTHS[day.month - 1], MONTHS_EN[day.month - 1], WEEKDAYS[day.weekday()]
    yield from ((day.isoformat(), True), (f"{day.day}/{day.month}-{day.year}", True), (f"{day.day} {month} {day.year}", True))
    if not (0 <= (day - TODAY).days <= TAKEN or ASKED <= (day - TODAY).days < 365):
        return
    yield from ((f"{day.day}/{day.month}", False), (f"den {day.day} {month}", False), (f"{day.day} {month}", False))
    yield from ((f"{day.day} {month[:3]}", False), (f"{day.day} {month_en}", False), (f"{month_en} {day.day}", False))
    yield from (
        (f"{week} {day.day} {month}", True),
        (f"{week} den {day.day}/{day.month}", True),
        (f"{week[:3]} {day.day}/{day.month}", True),
    )


def _near(day: date) -> Iterator[tuple[str, str]]:
    """Yield how a day is said from today: the phrase, and the reason why it is asked about."""
    away, week, english = (day - TODAY).days, WEEKDAYS[day.weekday()], WEEKDAYS_EN[day.weekday()]
    for name in {0: ("idag", "i dag", "today"), 1: ("imorgon", "i morgon", "tomorrow"), 2: ("övermorgon", "i övermorgon")}.get(away, ()):
        yield name, ""
    for name in {-1: ("igår", "yesterday"), -2: ("i förrgår",)}.get(away, ()):
        yield name, "past_date"
    if away in {0, *range(1, 8)}:
        asks = "weekday_is_today" if away in {0, 7} else ""
        yield from ((f"{on}{said}", asks) for said in (week, english) for on in ("", "på " if said == week else "on "))
        yield (week[:3], asks)
    if away in range(1, 14):
        yield f"nästa {week}", "" if away == 7 else "next_weekday"
    if away in range(7, 14):
        yield f"{week} nästa vecka", ""
    if 2 <= away <= 12:
        yield from ((f"om {away} dagar", ""), (f"om {COUNTS[away]} dagar", ""), (f"in {away} days", ""))
    if away > 0 and away % 7 == 0 and away <= 70:
        yield from ((f"om {away // 7} veckor", ""),) if away > 7 else (("om en vecka", ""),)
    if 0 < away < 180:
        yield f"{week} vecka {day.isocalendar().week}", ""


def _all() -> dict[str, set[Meant]]:
    table: dict[str, set[Meant]] = defaultdict(set)
    for away in range(-60, FAR):
        day = TODAY + timedelta(days=away)
        for phrase, full in _dated(day):
            table[phrase.lower()].add(Meant(day, full, "past_date" if away >= ASKED and not re.search(r"\d{4}", phrase) else ""))
        for phrase, asks in _near(day):
            table[phrase.lower()].add(Meant(day, asks=asks))
    return {phrase: _choice(phrase, meant) for phrase, meant in table.items()}


def _choice(phrase: str, meant: set[Meant]) -> set[Meant]:
    """Return the days of a phrase; next Monday, said on a Monday, is a week from now and no other."""
    if phrase == f"nästa {WEEKDAYS[TODAY.weekday()]}":
        return {each for each in meant if not each.asks}
    return meant


DAYS = _all()
NO_SUCH = {f"{day}/{month}" for day, month in ((30, 2), (31, 2), (31, 4), (31, 6), (31, 9), (31, 11))} | {"2026-11-31", "2027-02-29"}
WEEKS = {
    f"{word} {TODAY.fromordinal(TODAY.toordinal() + 7 * n).isocalendar().week}": TODAY + timedelta(days=7 * n)
    for n in range(1, 26)
    for word in ("vecka", "v", "v.", "week")
}


def free(day: date) -> frozenset[str]:
    """Return why a day is questioned."""
    reasons = {"holiday": bool(holiday_name(day)), "weekend": day.weekday() >= 5}
    return frozenset(reason for reason, holds in reasons.items() if holds)
