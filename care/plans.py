"""The plan (SIP): numbered goals and measures, one responsible unit per measure, versions, a follow-up date.

A plan cannot be established without a goal, a measure with its responsible unit, a coordinating unit and a follow-up date
(process 3.5, S2-98). What changes after that is a new version; old ones stay in the journal. Thin in this release.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.case import Case, Entry, Event, count, put
from care.messages import require_text
from care.refusal import Refused


class Outcome(StrEnum):
    """How far the goals have come at a follow-up (S2-46)."""

    UPPNATT = "uppnått"
    DELVIS = "delvis"
    EJ = "ej"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a unit does for the person, towards a goal: exactly one unit is responsible (S2-42)."""

    object: str
    text: str
    goal: str
    unit: str


@dataclass(frozen=True, slots=True)
class Version:
    """An established version: its number, when, by which unit."""

    number: int
    at: datetime
    unit: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up that was done: `planned` is the date that it answers."""

    planned: date
    at: datetime
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan as it is being written.

    `changed` tells that it differs from the latest established version, `pending` that its follow-up has not been done, `dated` when
    its day was decided.
    """

    goals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    measures: Mapping[str, Measure] = field(default_factory=lambda: MappingProxyType({}))
    coordinator: str = ""
    follow_up: date | None = None
    pending: bool = False
    changed: bool = True
    versions: tuple[Version, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    dated: datetime | None = None

    @property
    def established(self) -> bool:
        """Whether a version was ever established."""
        return bool(self.versions)

    @property
    def awaiting(self) -> date | None:
        """Return the date at which an established plan has to be followed up, None when it has been or there is no plan."""
        return self.follow_up if self.established and self.pending else None

    def without(self, unit: str) -> "Plan":
        """Return the plan without a unit that left as its coordinator: another must be named (S2-44)."""
        return replace(self, coordinator="", changed=True) if unit == self.coordinator else self

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return what the plan lacks before it can be established, in the order in which it is asked for."""
        present = (("mål", self.goals), ("insats", self.measures), ("ansvar", self.coordinator), ("uppföljning", self.pending))
        return tuple(name for name, value in present if not value)


def plan_of(case: Case) -> Plan:
    """Return the plan of a case, empty before the first row."""
    return case.plan or Plan()


@dataclass(frozen=True, slots=True)
class GoalSet(Event):
    """A goal was written."""

    kind: ClassVar[str] = "plan.goal"
    object: str
    text: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Add the goal."""
        plan = plan_of(case)
        return replace(count(case, self.object), plan=replace(plan, goals=put(plan.goals, self.object, self.text), changed=True))


@dataclass(frozen=True, slots=True)
class MeasureSet(Event):
    """A measure was written, with its goal and its responsible unit."""

    kind: ClassVar[str] = "plan.measure"
    measure: Measure

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Add the measure."""
        plan = plan_of(case)
        measures = put(plan.measures, self.measure.object, self.measure)
        return replace(count(case, self.measure.object), plan=replace(plan, measures=measures, changed=True))


@dataclass(frozen=True, slots=True)
class CoordinatorSet(Event):
    """A unit has the coordinating responsibility for the plan (S2-44: exactly one)."""

    kind: ClassVar[str] = "plan.coordinator"
    unit: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Set the coordinator."""
        return replace(case, plan=replace(plan_of(case), coordinator=self.unit, changed=True))


@dataclass(frozen=True, slots=True)
class FollowUpSet(Event):
    """The day of the follow-up was decided."""

    kind: ClassVar[str] = "plan.follow-up-set"
    day: date

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Set the day; what was missed of an earlier one is history."""
        plan = replace(plan_of(case), follow_up=self.day, pending=True, changed=True, dated=entry.decided)
        return replace(case, plan=plan, missed=frozenset(mark for mark in case.missed if not mark.startswith("P1:")))


@dataclass(frozen=True, slots=True)
class PlanEstablished(Event):
    """The plan was established as a numbered version."""

    kind: ClassVar[str] = "plan.established"
    version_number: int

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Keep the version."""
        plan = plan_of(case)
        version = Version(self.version_number, entry.decided, entry.author.unit)
        return replace(case, plan=replace(plan, versions=(*plan.versions, version), changed=False))


@dataclass(frozen=True, slots=True)
class FollowedUp(Event):
    """The plan was followed up."""

    kind: ClassVar[str] = "plan.followed-up"
    planned: date
    outcome: Outcome
    text: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Keep the follow-up; a new date may be set for the next."""
        plan = plan_of(case)
        done = FollowUp(self.planned, entry.decided, self.outcome, self.text)
        return replace(
            case,
            plan=replace(plan, follow_ups=(*plan.follow_ups, done), pending=False),
            missed=frozenset(mark for mark in case.missed if not mark.startswith("P1:")),
        )

    def facts(self) -> dict[str, str]:
        """Return the outcome (statistics, process 3.10: uppföljda SIP)."""
        return {"outcome": self.outcome.name}


def goal(case: Case, *texts: str) -> tuple[Event, ...]:
    """Write a goal, or several in their order."""
    for text in texts:
        require_text(text)
    return tuple(GoalSet(case.next("M", number), text) for number, text in enumerate(texts))


def measure(case: Case, text: str, goal_name: str | None, unit: str) -> tuple[Event, ...]:
    """Write a measure for an actor unit, towards a goal; the goal may be left out when there is only one."""
    require_text(text)
    goals = plan_of(case).goals
    name = goal_name or (next(iter(goals)) if len(goals) == 1 else None)
    if name is None or name not in goals:
        raise Refused("plans/which-goal" if goals else "plans/no-goal", goals=goals, goal=goal_name or "")
    if unit not in case.actors:
        raise Refused("plans/not-an-actor", unit=unit)
    return (MeasureSet(Measure(case.next("I"), text, name, unit)),)


def coordinate(case: Case, unit: str) -> tuple[Event, ...]:
    """Give an actor unit the coordinating responsibility."""
    if unit not in case.actors:
        raise Refused("plans/not-an-actor", unit=unit)
    return (CoordinatorSet(unit),)


def follow_up_on(day: date, today: date) -> tuple[Event, ...]:
    """Decide the day of the follow-up; it lies in the future."""
    if day <= today:
        raise Refused("plans/past", day=day)
    return (FollowUpSet(day),)


def establish(case: Case, today: date | None = None) -> tuple[Event, ...]:
    """Establish the plan as its next version; refuse one that lacks what process 3.5 asks for, or has not changed.

    With `today`, also one whose follow-up date passed while it was being written.
    """
    plan = plan_of(case)
    if plan.lacking:
        raise Refused("plans/lacking", lacking=plan.lacking)
    if today and plan.follow_up and plan.follow_up < today:
        raise Refused("plans/past", day=plan.follow_up)
    if not plan.changed:
        raise Refused("plans/unchanged", version=len(plan.versions))
    return (PlanEstablished(len(plan.versions) + 1),)


def follow_up(case: Case, outcome: Outcome, text: str, following: date | None, today: date) -> tuple[Event, ...]:
    """Record the follow-up of an established plan, and the day of the next one if there is to be one."""
    plan = plan_of(case)
    if plan.awaiting is None:
        raise Refused("plans/nothing-to-follow-up")
    later = follow_up_on(following, today) if following else ()
    return (FollowedUp(plan.awaiting, outcome, text), *later)
