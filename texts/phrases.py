"""Small Swedish phrases: dates and times, numbers with nouns, lists, units and commands. Each is a filter of the templates."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context

from care.clock import local
from care.people import Directory, Unit
from texts.markup import MATRIX_TO, Markdown, carry

WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
_WEB = re.compile(r"https?://\S+")


def _wall(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a moment without zone cannot be told")
    return local(instant)


def _date(value: date) -> date:
    return _wall(value).date() if isinstance(value, datetime) else value


def written_day(value: date, now: datetime | None = None) -> str:
    """Return "torsdag 3 september" for a date or the Stockholm date of an instant, with the year if it is not that of `now`."""
    said = _date(value)
    year = f" {said.year}" if now is not None and said.year != _date(now).year else ""
    return f"{WEEKDAYS[said.weekday()]} {said.day} {MONTHS[said.month - 1]}{year}"


def clock(value: datetime | time) -> str:
    """Return "13:00" for a wall time or the Stockholm wall time of an instant."""
    return f"{_wall(value) if isinstance(value, datetime) else value:%H:%M}"


def _now(context: Context) -> datetime | None:
    now = context.get("now")
    return now if isinstance(now, datetime) else None


@pass_context
def day(context: Context, value: date) -> str:
    """Return "torsdag 3 september"; the year is added where the message's `now` is given and has another."""
    return written_day(value, _now(context))


@pass_context
def moment(context: Context, value: datetime) -> str:
    """Return "torsdag 3 september kl. 13:00" in Stockholm; the year as in `day`."""
    return f"{written_day(value, _now(context))} kl. {clock(value)}"


@pass_context
def span(context: Context, start: datetime, end: datetime) -> str:
    """Return "torsdag 3 september kl. 13:00–14:00"; both days where they differ."""
    first = f"{written_day(start, _now(context))} kl. {clock(start)}"
    if _date(start) == _date(end):
        return f"{first}–{clock(end)}"
    return f"{first} till {written_day(end, _now(context))} kl. {clock(end)}"


@pass_context
def until(context: Context, value: date) -> str:
    """Return "senast torsdag 3 september kl. 13:00", or without time for a date. Never "idag": a message is read later, too."""
    if isinstance(value, datetime):
        return f"senast {written_day(value, _now(context))} kl. {clock(value)}"
    return f"senast {written_day(value, _now(context))}"


def brief(text: str, most: int = 200) -> str:
    """Return a text of at most so many characters: the beginning of a longer one, to the end of a word, and "…"."""
    if len(text) <= most:
        return text
    begun = text[: most - 2]
    return f"{begun.rpartition(' ')[0] or begun} …"


def plural(number: int, one: str, many: str) -> str:
    """Return "1 fråga", "3 frågor"."""
    return f"{number} {one if number == 1 else many}"


def join_and(values: Iterable[object]) -> Markdown:
    """Return "a, b och c"; "" for nothing."""
    parts = [carry(value) for value in values]
    if len(parts) <= 1:
        return Markdown("".join(parts))
    return Markdown(f"{', '.join(parts[:-1])} och {parts[-1]}")


@pass_context
def unit(context: Context, value: Unit | str) -> str:
    """Return the name of a unit; an id is looked up in the message's `directory`, and said as it is if unknown there."""
    if isinstance(value, Unit):
        return value.name
    directory = context.get("directory")
    known = directory.units.get(value) if isinstance(directory, Directory) else None
    return known.name if known else value


@pass_context
def mono(context: Context, value: str) -> Markdown:
    """Return what to type, as inline code; a command begins with the message's `prefix` where one is given, else with "!"."""
    prefix = context.get("prefix")
    typed = f"{prefix}{value[1:]}" if value.startswith("!") and isinstance(prefix, str) else value
    return Markdown(f"`{carry(typed)}`")


def pill(user: str, name: str = "") -> Markdown:
    """Return a mention of a Matrix user: a link in HTML, the display name in plain text. It rings nobody by itself."""
    return Markdown(f"[{carry(name or user)}]({MATRIX_TO}{quote(user, safe='@:', errors='replace')})")


def link(url: str, words: str = "") -> Markdown:
    """Return a web link, with other words than its address if given; what is no web address is only shown as text."""
    if not _WEB.fullmatch(url):
        return carry(f"{words} ({url})" if words else url)
    return Markdown(f"[{carry(words or url)}](<{quote(url, safe=':/?#@!$&*+,;=%~', errors='replace')}>)")
