"""Actors: the units that take part in a case, and the people who act for them.

The unit answers, people act for it (glossary: aktör ≠ person). A unit that is added must accept or decline within its next review
(process 3.0.2); its mottagare are invited at once, further colleagues enter with a reason, logged (architecture 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.case import Author, Case, Entry, Event, count, drop, put
from care.messages import expect, release, require_text
from care.questions import lapse
from care.refusal import Refused


class Standing(StrEnum):
    """Where a unit stands in the case."""

    TILLAGD = "tillagd"
    DELTAR = "deltar"


@dataclass(frozen=True, slots=True)
class Actor:
    """A unit in the case: `object` names its being added (`A2`), `handler` who handles the case there.

    `people` are those who came for it, also one who is in the case for another unit too; `returning` says that it took part before.
    """

    unit: str
    object: str
    standing: Standing
    since: datetime
    added_by: str
    handler: str = ""
    people: tuple[str, ...] = ()
    returning: bool = False


@dataclass(frozen=True, slots=True)
class ActorAdded(Event):
    """A unit was added; the person's consent covers it. `invited` are the users asked into the room."""

    kind: ClassVar[str] = "actor.added"
    object: str
    unit: str
    invited: tuple[str, ...]

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Add the unit, widen the consent to it and expect its answer."""
        returning = self.unit in case.former
        actor = Actor(self.unit, self.object, Standing.TILLAGD, entry.decided, entry.author.unit, returning=returning)
        case = replace(
            count(case, self.object),
            actors=put(case.actors, self.unit, actor),
            former=case.former - {self.unit},
            consent=case.consent.covering(self.unit),
        )
        return expect(join(case, self.unit, *self.invited), self.object, {self.unit}, entry.decided)


@dataclass(frozen=True, slots=True)
class ActorAccepted(Event):
    """The unit takes part; `handler` handles the case there."""

    kind: ClassVar[str] = "actor.accepted"
    unit: str
    handler: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Let the unit take part, its handler in the room."""
        actor = case.actors[self.unit]
        taking_part = replace(actor, standing=Standing.DELTAR, handler=self.handler)
        case = replace(
            case,
            actors=put(case.actors, self.unit, taking_part),
            missed=case.missed - {f"{actor.object}:{self.unit}"},
        )
        return acknowledged(join(case, self.unit, self.handler), actor.object, self.unit, entry)


def found(case: Case, name: str, entry: Entry) -> Case:
    """Return the case with its author's unit as first actor: it takes part at once, the author handles the case."""
    unit, user = entry.author.unit, entry.author.user
    actor = Actor(unit, name, Standing.DELTAR, entry.decided, unit, user)
    case = replace(count(case, name), actors=put(case.actors, unit, actor), consent=case.consent.covering(unit))
    return join(case, unit, user)


def join(case: Case, unit: str, *users: str) -> Case:
    """Return the case in which people take part for a unit; one who is there for another unit already stays there for it too."""
    actor = case.actors[unit]
    people = tuple(dict.fromkeys((*actor.people, *users)))
    newcomers = {user: unit for user in users if user not in case.participants}
    return replace(
        case,
        actors=put(case.actors, unit, replace(actor, people=people)),
        participants=MappingProxyType({**case.participants, **newcomers}),
    )


def acknowledged(case: Case, name: str, unit: str, entry: Entry) -> Case:
    """Count an object as read by a unit because it answered."""
    notice = case.notices.get(name)
    return replace(case, notices=put(case.notices, name, notice.by(unit, entry.decided))) if notice else case


@dataclass(frozen=True, slots=True)
class ActorDeclined(Event):
    """The unit does not take part, and says why."""

    kind: ClassVar[str] = "actor.declined"
    unit: str
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Take the unit, its people and what was expected of it out of the case."""
        return without(case, self.unit, entry)


@dataclass(frozen=True, slots=True)
class ActorRemoved(Event):
    """The unit was taken out ("utelämna part"), by the initiating unit or by itself."""

    kind: ClassVar[str] = "actor.removed"
    unit: str
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Take the unit, its people and what was expected of it out of the case."""
        return without(case, self.unit, entry)


@dataclass(frozen=True, slots=True)
class ColleagueEntered(Event):
    """A colleague of an actor unit came into the case, with a reason (architecture 5)."""

    kind: ClassVar[str] = "actor.colleague-entered"
    user: str
    unit: str
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Let the colleague into the room."""
        return join(case, self.unit, self.user)


def without(case: Case, unit: str, entry: Entry) -> Case:
    """Return the case without a unit: its people leave, its open questions lapse, nothing more is expected of it.

    A unit that took part, now or earlier, is a former actor and may reopen the case (S2-52); one that only was added never became one.
    """
    leaving, staying = case.actors[unit], drop(case.actors, unit)
    took_part = leaving.returning or leaving.standing is Standing.DELTAR
    case = replace(
        case,
        actors=staying,
        former=case.former | ({unit} if took_part else frozenset()),
        participants=_participants(case, unit, staying),
        plan=case.plan.without(unit) if case.plan else None,
        proposal=case.proposal.without(unit) if case.proposal else None,
        meetings=MappingProxyType({name: meeting.without(unit) for name, meeting in case.meetings.items()}),
        missed=frozenset(mark for mark in case.missed if not mark.endswith(f":{unit}")),
    )
    return lapse(release(case, unit), unit, entry.decided)


def _participants(case: Case, gone: str, staying: Mapping[str, Actor]) -> Mapping[str, str]:
    """Return who is left when a unit goes: of its people those who came for another unit too, now for that one."""
    for_whom = {user: actor.unit for actor in staying.values() for user in actor.people}
    left = {user: unit if unit != gone else for_whom.get(user, "") for user, unit in case.participants.items()}
    return MappingProxyType({user: unit for user, unit in left.items() if unit})


def add(case: Case, unit: str, invited: tuple[str, ...], *, ahead: int = 0) -> tuple[Event, ...]:
    """Add a unit that the consent covers; refuse one that is there already."""
    if unit in case.actors:
        raise Refused("actors/already-there", unit=unit)
    return (ActorAdded(case.next("A", ahead), unit, invited),)


def accept(case: Case, author: Author, handler: str) -> tuple[Event, ...]:
    """Accept for the author's unit; refuse a unit that has accepted already."""
    _require_invited(case, author)
    return (ActorAccepted(author.unit, handler),)


def decline(case: Case, author: Author, reason: str) -> tuple[Event, ...]:
    """Decline for the author's unit; one that has accepted leaves by `ta bort` instead."""
    _require_invited(case, author)
    require_text(reason)
    return (ActorDeclined(author.unit, reason),)


def _require_invited(case: Case, author: Author) -> None:
    if author.unit not in case.actors:
        raise Refused("permissions/not-an-actor", unit=author.unit)
    if case.actors[author.unit].standing is Standing.DELTAR:
        raise Refused("actors/accepted-already", unit=author.unit)


def remove(case: Case, unit: str, reason: str) -> tuple[Event, ...]:
    """Take a unit out; the initiating unit cannot leave (it closes the case, or hands it over)."""
    if unit not in case.actors:
        raise Refused("actors/not-there", unit=unit)
    if unit == case.initiator:
        raise Refused("actors/initiator-stays", unit=unit)
    return (ActorRemoved(unit, reason),)


def enter(case: Case, author: Author, reason: str) -> tuple[Event, ...]:
    """Let a colleague of an actor unit in; refuse one who is in the case already, and one without a reason."""
    require_text(reason)
    if case.participants.get(author.user):
        raise Refused("actors/in-already")
    return (ColleagueEntered(author.user, author.unit, reason),)


def standing(case: Case) -> Mapping[str, Standing]:
    """Return where each unit stands, in the order in which they were added."""
    return {unit: actor.standing for unit, actor in case.actors.items()}
