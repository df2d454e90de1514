"""Closing and reopening (process 3.11, commands 3): the initiating unit proposes with a reason, every other actor gives its word.

All yes closes; one no returns to AKTIVT; silence is shown to the initiating unit and never counted as yes; withdrawn consent closes
without answers (S2-49, S2-50, S2-51).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.actors import found, remove, without
from care.case import Author, Case, Entry, Event, Status, drop, put
from care.clock import local
from care.consent import Consent
from care.meetings import MeetingRecalled, coming
from care.messages import require_text
from care.plans import Plan
from care.refusal import Refused

ROUNDS = "Ä"
"""Under which letter a case counts its proposals to close."""


class Reason(StrEnum):
    """The four reasons of S2-49."""

    BEHOVET_FINNS_INTE = "behovet finns inte"
    MALEN_UPPFYLLDA = "målen uppfyllda"
    ALLA_OVERENS = "alla aktörer överens"
    ATERTAGET_SAMTYCKE = "återtaget samtycke"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal to close, and the units that have said yes."""

    reason: Reason
    posted: datetime
    round: int
    agreed: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def without(self, unit: str) -> "Proposal":
        """Return the proposal in which a unit that left has no word."""
        return replace(self, agreed=drop(self.agreed, unit))


@dataclass(frozen=True, slots=True)
class ClosingProposed(Event):
    """The initiating unit proposes to close."""

    kind: ClassVar[str] = "closing.proposed"
    reason: Reason
    round: int

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Wait for the word of every other unit."""
        proposal = Proposal(self.reason, entry.decided, self.round)
        return replace(case, status=Status.AVSLUT_FORESLAGET, proposal=proposal, counters=put(case.counters, ROUNDS, self.round))


@dataclass(frozen=True, slots=True)
class ClosingAgreed(Event):
    """A unit agrees to close."""

    kind: ClassVar[str] = "closing.agreed"
    unit: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Count the unit's word."""
        assert case.proposal is not None
        agreed = put(case.proposal.agreed, self.unit, entry.decided)
        return replace(case, proposal=replace(case.proposal, agreed=agreed))


@dataclass(frozen=True, slots=True)
class ClosingOpposed(Event):
    """A unit does not agree; the case goes on."""

    kind: ClassVar[str] = "closing.opposed"
    unit: str
    reason: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Go on with the case."""
        return replace(case, status=Status.AKTIVT, proposal=None)


@dataclass(frozen=True, slots=True)
class ClosingWithdrawn(Event):
    """The initiating unit withdraws its proposal."""

    kind: ClassVar[str] = "closing.withdrawn"

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Go on with the case."""
        return replace(case, status=Status.AKTIVT, proposal=None)


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    """The case is closed; the reason outlives the content."""

    kind: ClassVar[str] = "case.closed"
    reason: Reason

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Close: nothing more is expected of anybody."""
        return replace(case, status=Status.AVSLUTAT, proposal=None, missed=frozenset())

    def facts(self) -> dict[str, str]:
        """Return the reason of closing (statistics)."""
        return {"reason": self.reason.name}


@dataclass(frozen=True, slots=True)
class CaseReopened(Event):
    """A former actor reopened the case: protected identity asked, consent given anew (S2-52, process 3.11)."""

    kind: ClassVar[str] = "case.reopened"
    object: str
    reason: str
    codename: str
    consent: Consent

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Begin again with the unit that reopened as initiator; the other actors are added anew by their own events."""
        mine = entry.author.unit
        for unit in tuple(case.actors):
            case = without(case, unit, entry)
        case = replace(
            case,
            status=Status.AKTIVT,
            codename=self.codename,
            consent=self.consent,
            initiator=mine,
            former=case.former - {mine},
            plan=_resumed(case.plan, local(entry.decided).date()) if case.plan else None,
        )
        return found(case, self.object, entry)


def _resumed(plan: Plan, today: date) -> Plan:
    """Return the plan of a reopened case: to be established anew; a follow-up date that passed while it was closed was not missed."""
    to_come = plan.follow_up is not None and plan.follow_up >= today
    return replace(plan, pending=plan.pending and to_come, changed=True)


def propose(case: Case, author: Author, reason: Reason, rounds: int = 0) -> tuple[Event, ...]:
    """Propose to close; close at once with consent withdrawn, alone in the case, or when all who are left have agreed.

    The case counts its proposals; `rounds` is the least number of earlier ones.
    """
    if reason is Reason.ATERTAGET_SAMTYCKE:
        return _closed(case, reason)
    if case.proposal is not None and silent(case):
        raise Refused("closing/proposed-already")
    if case.proposal is not None:
        return _closed(case, case.proposal.reason)
    if set(case.actors) == {author.unit}:
        return _closed(case, reason)
    return (ClosingProposed(reason, max(rounds, case.counters.get(ROUNDS, 0)) + 1),)


def take_out(case: Case, author: Author, unit: str, reason: str) -> tuple[Event, ...]:
    """Take a unit out; when the initiating unit takes out the last whose word was awaited, that closes the case (commands 3)."""
    gone = remove(case, unit, reason)
    last = case.proposal is not None and author.unit == case.initiator and silent(case) == (unit,)
    return (*gone, *_closed(case, case.proposal.reason)) if case.proposal and last else gone


def _closed(case: Case, reason: Reason) -> tuple[Event, ...]:
    """Return the closing, after the recall of what was still to come (process 3.11): no invitation stays in a calendar."""
    return (*(MeetingRecalled(meeting.object, reason.value) for meeting in coming(case)), CaseClosed(reason))


def silent(case: Case) -> tuple[str, ...]:
    """Return the units whose word is still awaited."""
    if case.proposal is None:
        return ()
    return tuple(unit for unit in case.actors if unit != case.initiator and unit not in case.proposal.agreed)


def agree(case: Case, author: Author) -> tuple[Event, ...]:
    """Agree for the author's unit; the last word closes the case."""
    if case.proposal is None:
        raise Refused("closing/nothing-proposed")
    if author.unit not in silent(case):
        raise Refused("closing/answered-already")
    last = silent(case) == (author.unit,)
    return (ClosingAgreed(author.unit), *(_closed(case, case.proposal.reason) if last else ()))


def oppose(case: Case, author: Author, reason: str) -> tuple[Event, ...]:
    """Oppose for the author's unit, with a reason."""
    if case.proposal is None:
        raise Refused("closing/nothing-proposed")
    if author.unit == case.initiator:
        raise Refused("closing/withdraw-instead")
    require_text(reason)
    return (ClosingOpposed(author.unit, reason),)


def withdraw(case: Case) -> tuple[Event, ...]:
    """Withdraw the proposal."""
    if case.proposal is None:
        raise Refused("closing/nothing-proposed")
    return (ClosingWithdrawn(),)
