"""Small phrases: dates and times, numbers with nouns, lists, units and commands. Each is a filter of the templates.

A filter speaks the language of its template, which every environment holds as the global `language`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context

from care.clock import local
from care.expected import Expected
from care.language import Language
from care.people import Directory, Unit
from texts import languages
from texts.markup import MATRIX_TO, Markdown, carry, unpack

UNNUMBERED = frozenset("AÄP")
"""Objects of which a case has one, or one for each unit: being added, the closing, the plan."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language says days, times and lists."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    at: str
    between: str
    to: str
    by: str
    also: str


SWEDISH = Grammar(
    ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"),
    at=" kl. ",
    between=" kl. ",
    to=" till ",
    by="senast ",
    also=" och ",
)
ENGLISH = Grammar(
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    at=" at ",
    between=", ",
    to=" to ",
    by="by ",
    also=" and ",
)
GRAMMARS = MappingProxyType({Language.SV: SWEDISH, Language.EN: ENGLISH})
_WEB = re.compile(r"https?://\S+")


def _wall(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a moment without zone cannot be told")
    return local(instant)


def _date(value: date) -> date:
    return _wall(value).date() if isinstance(value, datetime) else value


def language_of(context: Context) -> Language:
    """Return the language of the template that is rendered."""
    return Language(context["language"])


def written_day(value: date, now: datetime | None = None, language: Language = Language.SV) -> str:
    """Return "torsdag 3 september" for a date or the Stockholm date of an instant, with the year if it is not that of `now`."""
    day, grammar = _date(value), GRAMMARS[language]
    year = f" {day.year}" if now is not None and day.year != _date(now).year else ""
    return f"{grammar.weekdays[day.weekday()]} {day.day} {grammar.months[day.month - 1]}{year}"


def written_moment(value: datetime, now: datetime | None = None, language: Language = Language.SV) -> str:
    """Return "torsdag 3 september kl. 13:00" in Stockholm; the year as in `written_day`."""
    return f"{written_day(value, now, language)}{GRAMMARS[language].at}{clock(value)}"


def clock(value: datetime | time) -> str:
    """Return "13:00" for a wall time or the Stockholm wall time of an instant."""
    return f"{_wall(value) if isinstance(value, datetime) else value:%H:%M}"


def _now(context: Context) -> datetime | None:
    now = context.get("now")
    return now if isinstance(now, datetime) else None


@pass_context
def day(context: Context, value: date) -> str:
    """Return "torsdag 3 september"; the year is added where the message's `now` is given and has another."""
    return written_day(value, _now(context), language_of(context))


@pass_context
def moment(context: Context, value: datetime) -> str:
    """Return "torsdag 3 september kl. 13:00" in Stockholm; the year as in `day`."""
    return written_moment(value, _now(context), language_of(context))


@pass_context
def span(context: Context, start: datetime, end: datetime) -> str:
    """Return "torsdag 3 september kl. 13:00–14:00"; both days where they differ."""
    grammar = GRAMMARS[language_of(context)]
    if _date(start) == _date(end):
        return f"{day(context, start)}{grammar.between}{clock(start)}–{clock(end)}"
    return f"{moment(context, start)}{grammar.to}{moment(context, end)}"


@pass_context
def until(context: Context, value: date) -> str:
    """Return "senast torsdag 3 september kl. 13:00", or without time for a date. Never "idag": a message is read later, too."""
    limit = moment(context, value) if isinstance(value, datetime) else day(context, value)
    return f"{GRAMMARS[language_of(context)].by}{limit}"


def brief(text: str, most: int = 200) -> str:
    """Return a text of at most so many characters: the beginning of a longer one, to the end of a word, and "…"."""
    if len(text) <= most:
        return text
    begun = text[: most - 2]
    return f"{begun.rpartition(' ')[0] or begun} …"


def plural(number: int, one: str, many: str) -> str:
    """Return "1 fråga", "3 frågor"."""
    return f"{number} {one if number == 1 else many}"


@pass_context
def join_and(context: Context, values: Iterable[object]) -> Markdown:
    """Return "a, b och c"; "" for nothing. Semicolons part three or more where a name has a comma ("Almfors kommun, hemtjänst")."""
    language = language_of(context)
    parts = [carry(languages.spoken(value, language)) for value in values]
    if len(parts) <= 1:
        return Markdown("".join(parts))
    *others, last = parts
    between = "; " if len(others) > 1 and any("," in unpack(part) for part in parts) else ", "
    return Markdown(f"{between.join(others)}{GRAMMARS[language].also}{last}")


@pass_context
def said(context: Context, value: str) -> str:
    """Return a short text of ours, or the word of an enumeration, in the language of the template; raise KeyError without English."""
    return languages.said(str(value), language_of(context))


@pass_context
def term(context: Context, word: str) -> str:
    """Return a term of the field in the template's language; raise KeyError for a word that is not in the glossary."""
    return languages.term(word, language_of(context))


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


def numbered(expected: Expected) -> str:
    """Return the number of what is expected, after a space, where what is to be done does not say it by itself; else nothing."""
    return "" if expected.object[0] in UNNUMBERED else f" {expected.object}"


def pill(user: str, name: str = "") -> Markdown:
    """Return a mention of a Matrix user: a link in HTML, the display name in plain text. It rings nobody by itself."""
    return Markdown(f"[{carry(name or user)}]({MATRIX_TO}{quote(user, safe='@:', errors='replace')})")


def link(url: str, words: str = "") -> Markdown:
    """Return a web link, with other words than its address if given; what is no web address is only shown as text."""
    if not _WEB.fullmatch(url):
        return carry(f"{words} ({url})" if words else url)
    return Markdown(f"[{carry(words or url)}](<{quote(url, safe=':/?#@!$&*+,;=%~', errors='replace')}>)")
