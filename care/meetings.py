"""SIP meetings: a kallelse calls units that are obliged to attend to a stated time, and cannot exist without one (S2-105, S2-108).

Fields and answers: process 3.4, thin in this release. The bot never blocks a meeting: a no is shown with its reason and substitute.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.case import Author, Case, Entry, Event, Source, count, drop, put
from care.kallelse import Call, require_time, require_whole
from care.messages import expect, require_text, settle
from care.refusal import Refused


class Answer(StrEnum):
    """What a unit answers to a kallelse (process 3.4)."""

    JA = "ja"
    DIGITALT = "digitalt"
    NEJ = "nej"
    NAS = "nås"


class Phase(StrEnum):
    """Where a meeting stands."""

    CALLED = "kallad"
    RECALLED = "inställd"
    HELD = "genomförd"


@dataclass(frozen=True, slots=True)
class Reply:
    """A unit's answer; a nej carries its reason and who comes instead, once they are known."""

    answer: Answer
    at: datetime
    reason: str = ""
    substitute: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A called meeting. `sequence` grows with each change (iCalendar SEQUENCE), `caller` is the unit that called.

    `taken_back` says when each unit took an answer back since the last change: its time to answer began anew.
    """

    object: str
    call: Call
    caller: str
    posted: datetime
    sequence: int = 0
    phase: Phase = Phase.CALLED
    replies: Mapping[str, Reply] = field(default_factory=lambda: MappingProxyType({}))
    attended: frozenset[str] = frozenset()
    taken_back: Mapping[str, tuple[datetime, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def coming(self) -> bool:
        """Whether the meeting is still to be held."""
        return self.phase is Phase.CALLED

    @property
    def awaited(self) -> tuple[str, ...]:
        """Return the called units that have not answered."""
        return tuple(u for u in self.call.units if u not in self.replies) if self.coming else ()

    def without(self, unit: str) -> "Meeting":
        """Return a coming meeting to which a unit that left is no longer called."""
        if not self.coming or unit not in self.call.units:
            return self
        units = tuple(u for u in self.call.units if u != unit)
        return replace(self, call=replace(self.call, units=units), replies=drop(self.replies, unit))


@dataclass(frozen=True, slots=True)
class MeetingCalled(Event):
    """Units were called to a SIP meeting."""

    kind: ClassVar[str] = "meeting.called"
    object: str
    call: Call

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Await the answers; the caller's own unit is there."""
        caller = entry.author.unit
        meeting = Meeting(self.object, self.call, caller, entry.decided)
        if caller in self.call.units:
            meeting = replace(meeting, replies=put(meeting.replies, caller, Reply(Answer.JA, entry.decided)))
        case = replace(count(case, self.object), meetings=put(case.meetings, self.object, meeting))
        return expect(case, self.object, set(self.call.units) - {caller}, entry.decided)

    def facts(self) -> dict[str, str]:
        """Return the venue (statistics, process 3.10)."""
        return {"venue": self.call.venue.name}


@dataclass(frozen=True, slots=True)
class MeetingMoved(Event):
    """The meeting has another time; every unit answers anew."""

    kind: ClassVar[str] = "meeting.moved"
    object: str
    start: datetime
    end: datetime
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Set the new time and await answers and acknowledgements anew."""
        meeting, mover = case.meetings[self.object], entry.author.unit
        own = {mover: Reply(Answer.JA, entry.decided)} if mover in meeting.call.units else {}
        moved = replace(
            meeting,
            call=replace(meeting.call, start=self.start, end=self.end),
            sequence=meeting.sequence + 1,
            posted=entry.decided,
            replies=MappingProxyType(own),
            taken_back=MappingProxyType({}),
        )
        case = replace(
            case,
            meetings=put(case.meetings, self.object, moved),
            missed=frozenset(mark for mark in case.missed if not mark.startswith(f"{self.object}:")),
        )
        return expect(case, self.object, set(meeting.call.units) - {mover}, entry.decided)


@dataclass(frozen=True, slots=True)
class MeetingRecalled(Event):
    """The meeting will not be held; statistics keep both (process 3.4)."""

    kind: ClassVar[str] = "meeting.recalled"
    object: str
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Expect every called unit to take note; nobody answers any more."""
        meeting, author = case.meetings[self.object], entry.author.unit
        recalled = replace(meeting, phase=Phase.RECALLED, sequence=meeting.sequence + 1, posted=entry.decided)
        case = replace(
            case,
            meetings=put(case.meetings, self.object, recalled),
            missed=frozenset(mark for mark in case.missed if not mark.startswith(f"{self.object}:")),
        )
        return expect(case, self.object, set(meeting.call.units) - {author}, entry.decided)


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    """A called unit answered; any answer acknowledges the kallelse (commands 4)."""

    kind: ClassVar[str] = "meeting.answered"
    object: str
    unit: str
    answer: Answer
    reason: str = ""
    substitute: str = ""

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Keep the answer; a later one replaces it."""
        meeting = case.meetings[self.object]
        reply = Reply(self.answer, entry.decided, self.reason, self.substitute)
        answered = replace(meeting, replies=put(meeting.replies, self.unit, reply))
        notice = case.notices[self.object].by(self.unit, entry.decided)
        return replace(
            case,
            meetings=put(case.meetings, self.object, answered),
            notices=put(case.notices, self.object, notice),
            missed=case.missed - {f"{self.object}:{self.unit}"},
        )

    def facts(self) -> dict[str, str]:
        """Return the answer (statistics, process 3.10: närvaro)."""
        return {"answer": self.answer.name}


@dataclass(frozen=True, slots=True)
class AnswerTakenBack(Event):
    """A unit took its answer back while the meeting was still to come (commands 4: the reaction was removed)."""

    kind: ClassVar[str] = "meeting.answer-taken-back"
    object: str
    unit: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Await the unit's answer again, with as much time as for the first."""
        meeting = case.meetings[self.object]
        times = (*meeting.taken_back.get(self.unit, ()), entry.decided)
        waiting = replace(meeting, replies=drop(meeting.replies, self.unit), taken_back=put(meeting.taken_back, self.unit, times))
        return replace(case, meetings=put(case.meetings, self.object, waiting))


@dataclass(frozen=True, slots=True)
class MeetingHeld(Event):
    """The meeting was held; `attended` are the units that were there, `person` whether the person took part (S2-113)."""

    kind: ClassVar[str] = "meeting.held"
    object: str
    attended: tuple[str, ...]
    person: bool

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Nothing more is expected for this meeting."""
        held = replace(case.meetings[self.object], phase=Phase.HELD, attended=frozenset(self.attended))
        case = replace(
            case,
            meetings=put(case.meetings, self.object, held),
            missed=frozenset(mark for mark in case.missed if not mark.startswith(f"{self.object}:")),
        )
        return settle(case, self.object)

    def facts(self) -> dict[str, str]:
        """Return whether the person was there and how many units (statistics)."""
        return {"person": "yes" if self.person else "no", "units": str(len(self.attended))}


def call(case: Case, wanted: Call, now: datetime) -> tuple[Event, ...]:
    """Call a meeting; refuse what a kallelse may not lack (process 3.4)."""
    require_whole(case, wanted, now)
    return (MeetingCalled(case.next("S"), replace(wanted, units=tuple(dict.fromkeys(wanted.units)))),)


def coming(case: Case) -> tuple[Meeting, ...]:
    """Return the meetings that are still to be held, soonest first."""
    return tuple(sorted((m for m in case.meetings.values() if m.coming), key=lambda m: m.call.start))


def choose(case: Case, name: str | None) -> Meeting:
    """Return the coming meeting that is meant: the named one, or the only one."""
    meetings = coming(case)
    if name is not None:
        if name not in case.meetings:
            raise Refused("meetings/unknown", object=name, coming=meetings)
        if not case.meetings[name].coming:
            raise Refused("meetings/over", object=name, phase=case.meetings[name].phase)
        return case.meetings[name]
    if len(meetings) != 1:
        raise Refused("meetings/which" if meetings else "meetings/none", coming=meetings)
    return meetings[0]


def move(case: Case, name: str | None, start: datetime, end: datetime | None, reason: str, now: datetime) -> tuple[Event, ...]:
    """Move a coming meeting; without an end it keeps its length."""
    meeting = choose(case, name)
    until = end or start + (meeting.call.end - meeting.call.start)
    require_time(start, until, now)
    if (start, until) == (meeting.call.start, meeting.call.end):
        raise Refused("meetings/same-time", object=meeting.object, start=start)
    return (MeetingMoved(meeting.object, start, until, reason),)


def recall(case: Case, name: str | None, reason: str) -> tuple[Event, ...]:
    """Recall a coming meeting, with a reason."""
    require_text(reason)
    return (MeetingRecalled(choose(case, name).object, reason),)


def reply(case: Case, author: Author, name: str | None, answer: Answer, reason: str = "", substitute: str = "") -> tuple[Event, ...]:
    """Answer for a called unit. A typed nej needs a reason (S2-117); a tapped one is asked for it afterwards."""
    meeting = choose(case, name)
    if author.unit not in meeting.call.units:
        raise Refused("meetings/not-called", object=meeting.object)
    if answer is Answer.NEJ and author.source is not Source.REACTION and not reason.strip():
        raise Refused("meetings/reason", object=meeting.object)
    before = meeting.replies.get(author.unit)
    if before and (before.answer, before.reason, before.substitute) == (answer, reason, substitute):
        raise Refused("meetings/answered-already", object=meeting.object, answer=answer)
    return (CallAnswered(meeting.object, author.unit, answer, reason, substitute),)


def take_back(case: Case, author: Author, name: str) -> tuple[Event, ...]:
    """Take an answer back while the meeting is still to come; nothing to take back is no event."""
    meeting = case.meetings.get(name)
    if meeting is None or not meeting.coming or author.unit not in meeting.replies:
        return ()
    return (AnswerTakenBack(name, author.unit),)


def hold(case: Case, name: str | None, attended: tuple[str, ...], *, person: bool, now: datetime) -> tuple[Event, ...]:
    """Note that a meeting was held, who came, and whether the person took part; not before it began."""
    meeting = choose(case, name)
    if now < meeting.call.start:
        raise Refused("meetings/not-yet", object=meeting.object, start=meeting.call.start)
    for unit in attended:
        if unit not in case.actors:
            raise Refused("meetings/not-an-actor", unit=unit)
    return (MeetingHeld(meeting.object, tuple(dict.fromkeys(attended)), person),)
