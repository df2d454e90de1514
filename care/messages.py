"""Messages that must be acknowledged: a unit confirms that it has taken note (kvittera ≠ answer).

Who needs to acknowledge what: architecture 5. A notice is the acknowledgement side of any object: being added (A), a message to all (K),
a question (F), a kallelse and its changes (S). It counts per unit, not per person (process 0, point 6).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from care.case import Author, Case, Entry, Event, count, put
from care.refusal import Refused

MESSAGE_LENGTH = 4000
"""Characters in a free text; longer ones belong in the units' own records (proposed)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Which units must acknowledge an object posted at `posted`, and when each did. A changed kallelse begins a new revision."""

    object: str
    units: frozenset[str]
    posted: datetime
    revision: int = 1
    done: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def waiting(self) -> frozenset[str]:
        """Return the units that have not acknowledged."""
        return self.units - self.done.keys()

    def by(self, unit: str, at: datetime) -> "Notice":
        """Return the notice acknowledged by a unit; the first time counts."""
        return self if unit in self.done or unit not in self.units else replace(self, done=put(self.done, unit, at))


def expect(case: Case, name: str, units: Collection[str], at: datetime) -> Case:
    """Return the case in which the units must acknowledge an object, anew if it changed."""
    before = case.notices.get(name)
    notice = Notice(name, frozenset(units), at, before.revision + 1 if before else 1)
    return replace(case, notices=put(case.notices, name, notice))


def release(case: Case, unit: str) -> Case:
    """Return the case in which nothing more has to be acknowledged by a unit."""
    notices = {name: replace(notice, units=notice.units - {unit}) for name, notice in case.notices.items()}
    return replace(case, notices=MappingProxyType(notices))


def settle(case: Case, name: str) -> Case:
    """Return the case in which nobody has to acknowledge an object any more (it was recalled or lapsed)."""
    notice = case.notices.get(name)
    return replace(case, notices=put(case.notices, name, replace(notice, units=frozenset(notice.done)))) if notice else case


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """A message that every other unit must acknowledge (`!meddelande`)."""

    kind: ClassVar[str] = "message.posted"
    object: str
    text: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Expect every other unit to acknowledge."""
        others = case.actors.keys() - {entry.author.unit}
        return expect(count(case, self.object), self.object, others, entry.decided)


@dataclass(frozen=True, slots=True)
class Acknowledged(Event):
    """A unit has read an object."""

    kind: ClassVar[str] = "message.acknowledged"
    object: str
    unit: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Count the object as read by the unit; what it missed is made good, unless an answer to it is missing still."""
        read = case.notices[self.object].by(self.unit, entry.decided)
        made_good = frozenset[str]() if _unanswered(case, self.object, self.unit, entry.decided) else {f"{self.object}:{self.unit}"}
        return replace(case, notices=put(case.notices, self.object, read), missed=case.missed - made_good)


def _unanswered(case: Case, name: str, unit: str, now: datetime) -> bool:
    """Whether a unit owes an answer: to a question that is due, or to a kallelse."""
    question, meeting = case.questions.get(name), case.meetings.get(name)
    return bool((question and question.open and question.due <= now) or (meeting and unit in meeting.awaited))


def require_text(text: str) -> None:
    """Refuse an empty text and one that is longer than MESSAGE_LENGTH characters."""
    if not text.strip():
        raise Refused("messages/empty")
    if len(text) > MESSAGE_LENGTH:
        raise Refused("messages/too-long", length=len(text), limit=MESSAGE_LENGTH)


def post(case: Case, text: str) -> tuple[Event, ...]:
    """Post a message to all units."""
    require_text(text)
    return (MessagePosted(case.next("K"), text),)


def acknowledge(case: Case, author: Author, names: Collection[str]) -> tuple[Event, ...]:
    """Acknowledge objects for the author's unit; without names, all that wait for it.

    An object that the unit has acknowledged already is passed over; one that does not exist, or never was for the unit, is refused.
    """
    waiting = tuple(name for name, notice in case.notices.items() if author.unit in notice.waiting)
    if not names:
        if not waiting:
            raise Refused("messages/nothing-waits")
        return tuple(Acknowledged(name, author.unit) for name in waiting)
    for name in names:
        if name not in case.notices or author.unit not in case.notices[name].units:
            raise Refused("messages/not-yours", object=name, waiting=waiting)
    chosen = tuple(Acknowledged(name, author.unit) for name in dict.fromkeys(names) if name in waiting)
    if not chosen:
        raise Refused("messages/acknowledged-already", objects=tuple(names))
    return chosen
