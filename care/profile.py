"""The rule profile: every number of the process, with its unit, where it comes from and since when it holds.

Regions differ in the numbers, not in the shape (process 0, point 1). A profile is a file in `care/profiles`; it may extend
others and then gives only what differs. Whoever shows a deadline can cite the figure behind it: its value and its origin
(law, agreement, local routine, or proposed by the product where no source decides).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, cast

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)
Table = Mapping[str, object]

SHIPPED: Traversable = files("care") / "profiles"


class Origin(StrEnum):
    """Where a figure comes from, in the words that users see."""

    LAG = "lag"
    OVERENSKOMMELSE = "överenskommelse"
    LOKAL_RUTIN = "lokal rutin"
    FORESLAGEN = "föreslagen"


class Measure(StrEnum):
    """What a figure counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    SLOTS = "slots"


_ELAPSED = {
    Measure.MINUTES: timedelta(minutes=1),
    Measure.HOURS: timedelta(hours=1),
    Measure.DAYS: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the process: `value` in `measure`, and `source`, where it is written."""

    value: int
    measure: Measure
    origin: Origin
    source: str

    @property
    def length(self) -> timedelta:
        """Return the figure as elapsed time; raise KeyError for one that the calendar must count."""
        return self.value * _ELAPSED[self.measure]


_TIME = {"measures": frozenset(_ELAPSED)}
_DAYS = {"measures": frozenset({Measure.DAYS})}
_WORKING_DAYS = {"measures": frozenset({Measure.WORKING_DAYS})}
_SLOTS = {"measures": frozenset({Measure.SLOTS})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The figures that hold together since `valid_from`, and the extra staffed days of the long holidays (process 3.0.4)."""

    name: str
    title: str
    version: int
    valid_from: date
    staffed: frozenset[date] = frozenset()

    acknowledge_within: Figure = field(metadata=_SLOTS)
    """Slots from posting to the one at which a message must be acknowledged."""
    answer_within: Figure = field(metadata=_SLOTS)
    """Slots from there to the default due time of a question, and to the answer to a kallelse."""
    review_grace: Figure = field(metadata=_TIME)
    """Time from a slot until what was due at it counts as missed."""
    warning_lead: Figure = field(metadata=_TIME)
    """How long before a deadline the direct mention comes."""
    warning_lead_short: Figure = field(metadata=_TIME)
    """The same where the deadline was too near for that from the beginning."""
    chief_after: Figure = field(metadata=_SLOTS)
    """Slots from missing until the enhetschef is told."""
    closing_silence: Figure = field(metadata=_WORKING_DAYS)
    """Working days that actors have to answer a proposal to close."""
    follow_up_early: Figure = field(metadata=_WORKING_DAYS)
    """Working days before a follow-up date for the first reminder."""
    follow_up_late: Figure = field(metadata=_WORKING_DAYS)
    """Working days before a follow-up date for the second reminder; the third comes on the day."""
    meeting_day_before: Figure = field(metadata=_WORKING_DAYS)
    """Working days before a meeting whose afternoon slot brings the reminder."""
    meeting_just_before: Figure = field(metadata=_TIME)
    """How long before a meeting the last reminder comes."""
    dialogue_expiry: Figure = field(metadata=_TIME)
    """How long a form waits for the next answer."""
    sip_first_day: Figure | None = field(default=None, metadata=_DAYS)
    """First calendar day after discharge for a SIP meeting; None where no source gives a window."""
    sip_last_day: Figure | None = field(default=None, metadata=_DAYS)
    """Last calendar day after discharge for a SIP meeting."""

    def __str__(self) -> str:
        """Return `name@version`, which each case and journal row carries."""
        return f"{self.name}@{self.version}"

    def with_staffed(self, days: frozenset[date]) -> "Profile":
        """Return the profile with more extra staffed days, those that administrators have entered."""
        return replace(self, staffed=self.staffed | days)


def names(folder: Traversable = SHIPPED) -> tuple[str, ...]:
    """Return the names of the profiles in a folder, in alphabetical order."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def load(name: str, folder: Traversable = SHIPPED) -> Profile:
    """Return a profile by name; raise ValueError that says which file and key are wrong."""
    tables = {each: _read(each, folder) for each in _lineage(name, folder)}
    figures: dict[str, Figure] = {}
    staffed: frozenset[date] = frozenset()
    for each, table in tables.items():
        figures |= _figures(each, table)
        staffed |= frozenset(_several(each, table, "staffed", date))
    if missing := _REQUIRED - figures.keys():
        raise ValueError(f"profile {name}: without {', '.join(sorted(missing))}")
    return Profile(
        name=name,
        title=_one(name, tables[name], "title", str),
        version=_one(name, tables[name], "version", int),
        valid_from=_one(name, tables[name], "valid_from", date),
        staffed=staffed,
        **figures,
    )


_HEAD = frozenset({"title", "version", "valid_from", "extends", "staffed", "figures"})
_FIGURES: Mapping[str, Field[Any]] = {each.name: each for each in fields(Profile) if "measures" in each.metadata}
_REQUIRED = frozenset(name for name, each in _FIGURES.items() if each.default is MISSING)
_FIGURE = frozenset({"value", "measure", "origin", "source"})


def _lineage(name: str, folder: Traversable, above: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the profile and all that it extends, each once; the later one stands over the earlier."""
    if name in above:
        raise ValueError(f"profile {name}: extends itself")
    order: dict[str, None] = {}
    for parent in _several(name, _read(name, folder), "extends", str):
        order |= dict.fromkeys(_lineage(parent, folder, (*above, name)))
    return (*order, name)


def _read(name: str, folder: Traversable) -> Table:
    if name not in names(folder):
        raise ValueError(f"profile {name}: unknown")
    table = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    _only(name, table, _HEAD)
    return table


def _figures(profile: str, table: Table) -> dict[str, Figure]:
    entries = _table(profile, "figures", table.get("figures", {}))
    _only(profile, entries, frozenset(_FIGURES))
    return {key: _figure(profile, key, _table(profile, key, entry)) for key, entry in entries.items()}


def _figure(profile: str, key: str, entry: Table) -> Figure:
    where = f"{profile}, {key}"
    _only(where, entry, _FIGURE)
    figure = Figure(
        _one(where, entry, "value", int),
        _word(where, entry, "measure", Measure),
        _word(where, entry, "origin", Origin),
        _one(where, entry, "source", str),
    )
    least = 1 if figure.measure is Measure.SLOTS else 0
    if figure.value < least or figure.measure not in _FIGURES[key].metadata["measures"]:
        raise ValueError(f"profile {where}: cannot be {figure.value} {figure.measure}")
    return figure


def _only(where: str, table: Table, known: frozenset[str]) -> None:
    if unknown := table.keys() - known:
        raise ValueError(f"profile {where}: does not know {', '.join(sorted(unknown))}")


def _one(where: str, table: Table, key: str, kind: type[T]) -> T:
    value = table.get(key)
    if not isinstance(value, kind) or isinstance(value, bool | datetime):
        raise ValueError(f"profile {where}: {key} must be given as {kind.__name__}")  # noqa: TRY004 - the file is wrong, not the code
    return value


def _word(where: str, table: Table, key: str, kind: type[W]) -> W:
    word = _one(where, table, key, str)
    if word not in set(kind):
        raise ValueError(f"profile {where}: {key} cannot be {word}")
    return kind(word)


def _several(where: str, table: Table, key: str, kind: type[T]) -> tuple[T, ...]:
    values = cast("list[object]", _one(where, {key: [], **table}, key, list))
    return tuple(_one(where, {key: value}, key, kind) for value in values)


def _table(where: str, key: str, value: object) -> Table:
    return cast("Table", _one(where, {key: value}, key, dict))
