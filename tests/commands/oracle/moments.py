"""When a phrase is, looked up: a day of the table, an hour of the table, in either order."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import product

from care.clock import STOCKHOLM
from commands.declare import Kind, Parameter
from tests.commands.oracle.clocks import CLOCKS
from tests.commands.oracle.days import DAYS, NO_SUCH, WEEKDAYS, WEEKS, Meant, free
from tests.commands.oracle.verdict import Wrong
from tests.commands.region import NOW

LATEST = ("senast ", "by ", "till ")
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The days and hours that a phrase may mean; without days, or without hours, only the other was said."""

    days: frozenset[Meant] = frozenset()
    hours: frozenset[tuple[int, int]] = frozenset()
    reasons: frozenset[str] = frozenset()


def when(phrase: str, parameter: Parameter, place: Place) -> date | datetime | time:
    """Return what a phrase means for a parameter of a day, a moment or an hour; raise Wrong."""
    said = phrase.lower().strip(" .,!")
    if parameter.kind is Kind.CLOCK:
        return _clock(said, place)
    clock = parameter.arg.clock
    for word in LATEST if clock else ():
        said = said.removeprefix(word)
    found = lookup(said)
    if found.reasons:
        raise Wrong(found.reasons, place)
    return _day(found, place) if parameter.kind is Kind.DAY else _moment(found, clock, place)


def lookup(said: str) -> Found:
    """Return what the tables hold for a phrase, by every way to cut it in two."""
    words = said.split()
    for cut in range(len(words) + 1):
        one, other = " ".join(words[:cut]), " ".join(words[cut:])
        for day, hour in ((one, other), (other, one)):
            if hour and hour not in CLOCKS:
                continue
            hours = frozenset(CLOCKS[hour]) if hour else frozenset[tuple[int, int]]()
            if day in DAYS:
                return Found(frozenset(DAYS[day]), hours)
            if day in WEEKS:
                bare = frozenset({"not_a_date", "which_day"}) if one.isdigit() else frozenset[str]()
                return Found(frozenset({Meant(WEEKS[day], asks="which_day")}), hours, bare)
            if day in NO_SUCH:
                return Found(reasons=frozenset({"no_such_day"}))
            if hour and not day:
                return Found(hours=hours)
            if _mismatched(day):
                return Found(reasons=frozenset({"weekday_mismatch"}))
    return Found(reasons=frozenset({"not_a_date"}))


def _mismatched(day: str) -> bool:
    week, _, rest = day.partition(" ")
    return week in WEEKDAYS and rest[:1].isdigit() and rest in DAYS


def _clock(said: str, place: Place) -> time:
    hours = CLOCKS.get(said, set())
    if len(hours) > 1:
        raise Wrong("morning_or_evening", place)
    if not hours:
        raise Wrong("not_a_time", place)
    return time(*next(iter(hours)))


def _day(found: Found, place: Place) -> date:
    """Return the one day; a week is its Monday."""
    if found.hours or not found.days:
        raise Wrong("not_a_date", place)
    coming = {each for each in found.days if each.day >= NOW.date()}
    if not coming:
        raise Wrong("past_date", place)
    reasons = _asked(coming) - {"which_day"}
    if reasons:
        raise Wrong(frozenset(reasons), place)
    return next(iter(coming)).day


def _asked(days: set[Meant]) -> set[str]:
    """Return why days are asked about: which of two, or a free one that was not written in full."""
    several = {each.asks for each in days if each.asks and (len(days) > 1 or each.asks in {"which_day", "past_date"})}
    questioned = {reason for each in days if not each.full for reason in free(each.day)}
    return several | questioned


def _moment(found: Found, clock: time | None, place: Place) -> datetime:
    if not found.days:
        raise Wrong("day_missing morning_or_evening" if len(found.hours) > 1 else "day_missing", place)
    hours = found.hours or ({(clock.hour, clock.minute)} if clock else frozenset[tuple[int, int]]())
    if not hours:
        been = {"past_date"} if any(each.asks == "past_date" or each.day < NOW.date() for each in found.days) else set[str]()
        raise Wrong(frozenset({"hour_missing"} | been), place)
    instants = {(_instant(day.day, hour), day) for day, hour in product(found.days, hours)}
    coming = {(instant, day) for instant, day in instants if instant > NOW}
    if not coming:
        raise Wrong("past_date", place)
    reasons = _asked({day for _, day in coming})
    unsure = {"morning_or_evening"} if len({(i.astimezone(STOCKHOLM).hour) for i, _ in coming}) > 1 else set[str]()
    if reasons | unsure:
        raise Wrong(frozenset(reasons | unsure), place)
    return next(iter(coming))[0]


def _instant(day: date, hour: tuple[int, int]) -> datetime:
    return datetime.combine(day, time(*hour), STOCKHOLM).astimezone(UTC)


def begun(phrase: str, parameter: Parameter, place: Place) -> frozenset[str]:
    """Return the reasons that may be told where the first words of a phrase are a date and the others are left over."""
    found: frozenset[str] = frozenset()
    words = phrase.split()
    for cut in range(1, len(words)):
        try:
            when(" ".join(words[:cut]), parameter, place)
        except Wrong as wrong:
            known = not wrong.reasons & {"not_a_date", "not_a_time"}
            found |= wrong.reasons | {"words_after_date"} if known else frozenset[str]()
        else:
            found |= {"words_after_date", "hour_missing", "trailing_text"}
    return found


def ends_like_a_date(words: list[str]) -> bool:
    """Whether any of the last words of a text are a time to come, or one to be asked about."""
    return any(_to_come(lookup(" ".join(words[at:]).lower().strip(" .,!"))) for at in range(len(words)))


def _to_come(found: Found) -> bool:
    today = NOW.astimezone(STOCKHOLM)
    over = found.hours and max(found.hours) <= (today.hour, today.minute)
    coming = (each.day > today.date() or (each.day == today.date() and not over) for each in found.days if each.asks != "past_date")
    return "no_such_day" in found.reasons or any(coming)
