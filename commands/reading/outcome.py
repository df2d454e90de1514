"""What comes of reading a message: a command, a place that was not understood, or talk.

A `Misread` holds a reason and values, no sentences: the template `misread/<reason>.md.j2` words them. All positions count letters of
the message as typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from care.effects import PlaceKind
from care.people import Directory
from commands.declare import Command

WIDTH = 32
"""Letters of the typed line that a phone 360 pixels wide shows without scrolling it, beside the marks of what was cut off."""


class Reason(StrEnum):
    """Why a message was not read; the values that each brings along stand after it.

    `candidates` are always texts that are accepted when they are typed instead (dates with year, unit ids, command names).
    """

    UNKNOWN_COMMAND = "unknown_command"  # candidates (several that may be meant; one alone is `nearest`)
    UNKNOWN_VERB = "unknown_verb"  # candidates
    VERB_MISSING = "verb_missing"  # candidates
    AMBIGUOUS_VERB = "ambiguous_verb"  # candidates
    WRONG_PLACE = "wrong_place"  # where
    TWO_COMMANDS = "two_commands"
    LOOSE_PREFIX = "loose_prefix"
    UNKNOWN_NAME = "unknown_name"  # name, candidates
    NAME_WITHOUT_EQUALS = "name_without_equals"  # name
    GIVEN_TWICE = "given_twice"  # name
    EMPTY_VALUE = "empty_value"  # name, quoted (whether an empty quotation was typed)
    UNCLOSED_QUOTE = "unclosed_quote"
    TRAILING_TEXT = "trailing_text"  # text, candidates
    TOO_LONG = "too_long"  # limit, length
    DATE_OR_TEXT = "date_or_text"  # text, name, dates and texts (whole arguments each), candidates (all of them)
    WORDS_AFTER_DATE = "words_after_date"  # text, name, candidates (the argument with a quoted date)
    UNIT_UNKNOWN = "unit_unknown"  # query, candidates
    UNIT_AMBIGUOUS = "unit_ambiguous"  # query, candidates, more (not among them)
    UNIT_OUTSIDE_CASE = "unit_outside_case"  # query, unit, candidates (the units of the case)
    SEVERAL_UNITS = "several_units"
    NOT_A_DATE = "not_a_date"
    NO_SUCH_DAY = "no_such_day"  # candidates (the days around the end of a month that is too short)
    DAY_MISSING = "day_missing"  # candidates: today, tomorrow
    HOUR_MISSING = "hour_missing"  # day
    NOT_A_TIME = "not_a_time"
    PAST_DATE = "past_date"  # day, candidates (the same day next year, when the year was left out)
    WHICH_DAY = "which_day"  # candidates
    TWO_TIMES = "two_times"  # end (its second hour, if it is clear), candidates (its start)
    DATE_OR_HOUR = "date_or_hour"  # candidates
    WEEKDAY_MISMATCH = "weekday_mismatch"  # day, weekday (0 is Monday), candidates (none)
    WEEKDAY_IS_TODAY = "weekday_is_today"  # candidates: today, in a week
    NEXT_WEEKDAY = "next_weekday"  # candidates: this week, next week
    MORNING_OR_EVENING = "morning_or_evening"  # candidates
    WEEKEND = "weekend"  # day, candidates (the same, with the year: confirms)
    HOLIDAY = "holiday"  # day, holiday, candidates (the same, with the year: confirms)
    CLOCK_SKIPPED = "clock_skipped"  # day: the hour that summer time skips
    CLOCK_TWICE = "clock_twice"  # candidates: the hour that comes twice
    NOT_A_NUMBER = "not_a_number"
    NOT_YES_OR_NO = "not_yes_or_no"
    WRONG_CHOICE = "wrong_choice"  # candidates
    NOT_A_PERSON = "not_a_person"  # candidates (the users who are shown by the name that was typed)
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_CASE = "not_a_case"


NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Misread:
    """A message that is a command but was not understood; nothing has changed.

    `at` is where the caret belongs, `expected` a short Swedish noun phrase, `nearest` the command that was probably meant, `name` the
    parameter that was being read. `end` is where words end that another answer can stand in for, 0 where that is not known.
    """

    reason: Reason
    at: int
    expected: str = ""
    nearest: Command | None = None
    example: str = ""
    name: str = ""
    values: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    end: int = 0

    def moved(self, by: int) -> "Misread":
        """Return the same with the caret further to the right."""
        return replace(self, at=self.at + by)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command that was understood. `values` holds what was given, by parameter name: `handler(desk, **values)` when nothing is missing.

    `missing` are the required parameters that a form will ask for, in order; `prefix` is what the person used (`!`, `/`, a mention, or "").
    """

    command: Command
    values: Mapping[str, object]
    missing: tuple[str, ...]
    prefix: str
    raw: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A message between people, or the answer to a form."""

    raw: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when a message was written, and what its words can mean.

    `now` is the instant in UTC, `actors` are the unit ids of the case, `bot` and `bot_name` the user id and display name that a mention of
    the bot shows, `html` is the formatted body, `staffed` the extra staffed days of the rule profile (process 3.0.4).
    """

    place: PlaceKind
    now: datetime
    directory: Directory = field(default_factory=Directory)
    actors: tuple[str, ...] = ()
    bot: str = ""
    bot_name: str = ""
    html: str = ""
    staffed: frozenset[date] = frozenset()


def caret(text: str, at: int) -> str:
    """Return the typed line and, under it, a caret at `at`; a long line is cut around the caret."""
    at = min(max(at, 0), len(text))
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = "".join(char if char.isprintable() else " " for char in text[begin : len(text) if end < 0 else end])
    column = at - begin
    left = max(0, min(column - WIDTH // 2, len(line) - WIDTH))
    shown = line[left : left + WIDTH]
    before, after = "…" if left else "", "…" if left + WIDTH < len(line) else ""
    return f"{before}{shown}{after}\n{' ' * (len(before) + column - left)}^"
