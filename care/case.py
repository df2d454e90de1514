"""A coordination case is its journal; what it is now is a pure fold over it (architecture 1).

`Entry` is a journalled event with who, when and how. Each kind of event stands in the room of its noun (`questions`, `meetings` …) and
knows how it changes a case; `care.events` lists them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeVar

from care.people import Profession, Role

if TYPE_CHECKING:
    from care.actors import Actor
    from care.closing import Proposal
    from care.consent import Consent
    from care.meetings import Meeting
    from care.messages import Notice
    from care.plans import Plan
    from care.questions import Question


K = TypeVar("K")
V = TypeVar("V")


class Source(StrEnum):
    """How a step came to the bot (architecture 4, clear header)."""

    TYPED = "typed"
    REACTION = "reaction"
    CHOSEN = "chosen"
    """Typed, with an answer among the arguments that was a tap on its number (commands 4)."""
    TIMER = "timer"
    PAGE = "page"
    EDGE = "edge"


class Status(StrEnum):
    """The states of a case that this release reaches (process 3.1)."""

    AKTIVT = "aktivt"
    AVSLUT_FORESLAGET = "avslut föreslaget"
    AVSLUTAT = "avslutat"


@dataclass(frozen=True, slots=True)
class Author:
    """Who takes a step, for which unit, with the roles held at that moment. The timer and the edge have no unit and no roles."""

    user: str
    unit: str = ""
    roles: frozenset[Role] = frozenset()
    profession: Profession | None = None
    device: str = ""
    source: Source = Source.TYPED


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a case. Subclasses are frozen values; `kind` is what the journal calls them, for ever."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    def evolve(self, case: "Case", entry: "Entry") -> "Case":
        """Return the case after this event; pure, and total for every event that was once allowed."""
        raise NotImplementedError

    def facts(self) -> Mapping[str, str]:
        """Return the codes for statistics that outlive the content (never anything about a person)."""
        return {}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place: `seq` counts from 1 in each case.

    `received` is when the server got the message, `decided` when the bot took the step (both aware, UTC, civil).
    """

    case: str
    seq: int
    received: datetime
    decided: datetime
    author: Author
    event: Event


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the case is about. `number` is 12 digits (`issuer` ""), or a reservnummer and the huvudman that issued it."""

    number: str
    display: str
    name: str
    born: int
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What is true about a case now. Mappings are read-only; numbers count per letter (`F3` is the third question)."""

    id: str
    number: str
    codename: str
    status: Status
    profile: str
    person: Person
    perspectives: tuple[str, ...]
    purpose: str
    consent: "Consent"
    initiator: str
    opened: datetime
    touched: datetime
    seq: int = 1
    actors: "Mapping[str, Actor]" = field(default_factory=lambda: MappingProxyType({}))
    former: frozenset[str] = frozenset()
    participants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notices: "Mapping[str, Notice]" = field(default_factory=lambda: MappingProxyType({}))
    questions: "Mapping[str, Question]" = field(default_factory=lambda: MappingProxyType({}))
    meetings: "Mapping[str, Meeting]" = field(default_factory=lambda: MappingProxyType({}))
    plan: "Plan | None" = None
    proposal: "Proposal | None" = None
    missed: frozenset[str] = frozenset()
    counters: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open(self) -> bool:
        """Whether the case is not closed."""
        return self.status is not Status.AVSLUTAT

    @property
    def name(self) -> str:
        """Return number and codename, as people say it."""
        return f"{self.number} {self.codename}"

    def next(self, letter: str, ahead: int = 0) -> str:
        """Return the next free object name of a letter; `ahead` skips those that the same decision already took."""
        return f"{letter}{self.counters.get(letter, 0) + 1 + ahead}"

    def users_of(self, unit: str) -> tuple[str, ...]:
        """Return the participants of a unit, in the order in which they came; one who is there for two units counts for both."""
        people = self.actors[unit].people if unit in self.actors else ()
        return tuple(user for user, of in self.participants.items() if of == unit or user in people)


def put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return the mapping with one entry set."""
    # The union of a proxy copies as a dict does, ten times as fast as unpacking it: a long case is folded from hundreds of these.
    return MappingProxyType(MappingProxyType(mapping) | {key: value})


def drop(mapping: Mapping[K, V], *keys: K) -> Mapping[K, V]:
    """Return the mapping without the keys."""
    return MappingProxyType({key: value for key, value in mapping.items() if key not in keys})


def count(case: Case, name: str) -> Case:
    """Return the case with the object's number taken."""
    letter, number = name[0], int(name[1:])
    taken = max(number, case.counters.get(letter, 0))
    return replace(case, counters=put(case.counters, letter, taken))
