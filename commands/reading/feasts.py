"""The days of the year that have a name instead of a date: "julafton", "Good Friday"."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from types import MappingProxyType

from commands.folding import fold

_FRIDAY, _SATURDAY = 4, 5
_LONGEST = 3


def _fixed(month: int, day: int, year: int) -> date:
    return date(year, month, day)


def _first(weekday: int, month: int, day: int, year: int) -> date:
    """Return the first day of that weekday, not before the date."""
    earliest = date(year, month, day)
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


def _easter(days: int, year: int) -> date:
    """Return the day that is so many days after Easter Sunday (Meeus, Jones and Butcher)."""
    golden, century = year % 19, year // 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    ahead = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - epact - year % 4) % 7
    back = (golden + 11 * epact + 22 * ahead) // 451
    month, day = divmod(epact + ahead - 7 * back + 114, 31)
    return date(year, month, day + 1) + timedelta(days=days)


_RULES: tuple[tuple[Callable[[int], date], str], ...] = (
    (partial(_fixed, 1, 1), "nyårsdagen, nyårsdag, new year's day"),
    (partial(_fixed, 1, 5), "trettondagsafton, trettondedagsafton"),
    (partial(_fixed, 1, 6), "trettondagen, trettondag jul, trettondedag jul, epiphany"),
    (partial(_easter, -3), "skärtorsdag, skärtorsdagen, maundy thursday"),
    (partial(_easter, -2), "långfredag, långfredagen, good friday"),
    (partial(_easter, -1), "påskafton"),
    (partial(_easter, 0), "påskdagen, easter sunday"),
    (partial(_easter, 1), "annandag påsk, easter monday"),
    (partial(_fixed, 4, 30), "valborgsmässoafton"),
    (partial(_easter, 39), "kristi himmelsfärdsdag, kristi himmelsfärds dag, ascension day"),
    (partial(_easter, 48), "pingstafton"),
    (partial(_easter, 49), "pingstdagen, whit sunday"),
    (partial(_fixed, 6, 6), "nationaldagen, sveriges nationaldag"),
    (partial(_first, _FRIDAY, 6, 19), "midsommarafton, midsummer eve, midsummer's eve"),
    (partial(_first, _SATURDAY, 6, 20), "midsommardagen, midsummer day"),
    (partial(_first, _SATURDAY, 10, 31), "alla helgons dag, all saints' day"),
    (partial(_fixed, 12, 13), "luciadagen"),
    (partial(_fixed, 12, 24), "julafton, christmas eve"),
    (partial(_fixed, 12, 25), "juldagen, christmas day"),
    (partial(_fixed, 12, 26), "annandag jul, boxing day"),
    (partial(_fixed, 12, 31), "nyårsafton, new year's eve"),
)
FEASTS: Mapping[tuple[str, ...], Callable[[int], date]] = MappingProxyType(
    {tuple(fold(name).replace("saints'", "saints").split()): rule for rule, names in _RULES for name in names.split(", ")}
)
"""Named days by their folded words, and their date in a year."""


def feast(words: Sequence[str], at: int) -> tuple[tuple[str, ...], int] | None:
    """Return the name of the day said at `at` and the place after it, or None."""
    for length in range(_LONGEST, 0, -1):
        name = tuple(words[at : at + length])
        if name in FEASTS:
            return name, at + len(name)
    return None
