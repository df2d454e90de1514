"""Who may do what (process 3.0.2), asked of every event before it is journalled and again at replay (invariant 3).

An event is allowed for its author by the unit acted for and the roles held there at that moment; both stand in its header.
"""

from collections.abc import Callable, Mapping
from typing import cast

from care import actors, closing, ladder, meetings, messages, opening, plans, questions, rooms
from care.case import Author, Case, Event, Source
from care.people import Role
from care.refusal import Refused

ACTING = frozenset({Role.MOTTAGARE, Role.MEDARBETARE, Role.ENHETSCHEF, Role.ENHETSADMIN})
"""Roles that may act in cases; a revisor may not (architecture 5)."""

Rule = Callable[[Case, Event, Author], None]


def _actor(case: Case, _event: Event, author: Author) -> None:
    if author.unit not in case.actors:
        raise Refused("permissions/not-an-actor", unit=author.unit)


def _initiator(case: Case, event: Event, author: Author) -> None:
    _actor(case, event, author)
    if author.unit != case.initiator:
        raise Refused("permissions/initiator-only", unit=case.initiator)


def _own(case: Case, event: Event, author: Author) -> None:
    _actor(case, event, author)
    if cast("actors.ActorAccepted", event).unit != author.unit:
        raise Refused("permissions/not-your-unit", unit=author.unit)


def _initiator_or_own(case: Case, event: Event, author: Author) -> None:
    _actor(case, event, author)
    if author.unit not in (case.initiator, cast("actors.ActorRemoved", event).unit):
        raise Refused("permissions/initiator-only", unit=case.initiator)


def _asked(case: Case, event: Event, author: Author) -> None:
    _actor(case, event, author)
    if case.questions[cast("questions.QuestionAnswered", event).object].asked != author.unit:
        raise Refused("permissions/not-your-unit", unit=author.unit)


def _colleague(case: Case, event: Event, author: Author) -> None:
    _own(case, event, author)
    if cast("actors.ColleagueEntered", event).user != author.user:
        raise Refused("permissions/not-your-unit", unit=author.unit)


def _former(case: Case, _event: Event, author: Author) -> None:
    if author.unit not in case.former | case.actors.keys():
        raise Refused("permissions/not-a-former-actor")


def _closer(case: Case, event: Event, author: Author) -> None:
    """Let a unit close as all agreed, and the initiating unit when it is alone or consent is withdrawn (S2-50, S2-51)."""
    reason = cast("closing.CaseClosed", event).reason
    if case.proposal and case.proposal.reason is reason and not closing.silent(case):
        _actor(case, event, author)
        return
    _initiator(case, event, author)
    if reason is not closing.Reason.ATERTAGET_SAMTYCKE and set(case.actors) != {case.initiator}:
        raise Refused("closing/not-agreed", silent=closing.silent(case))


RULES: Mapping[type[Event], Rule] = {
    actors.ActorAdded: _actor,
    actors.ActorAccepted: _own,
    actors.ActorDeclined: _own,
    actors.ActorRemoved: _initiator_or_own,
    actors.ColleagueEntered: _colleague,
    messages.MessagePosted: _actor,
    messages.Acknowledged: _own,
    questions.QuestionAsked: _actor,
    questions.QuestionAnswered: _asked,
    questions.CounterAsked: _asked,
    meetings.MeetingCalled: _actor,
    meetings.MeetingMoved: _actor,
    meetings.MeetingRecalled: _actor,
    meetings.CallAnswered: _own,
    meetings.AnswerTakenBack: _own,
    meetings.MeetingHeld: _actor,
    plans.GoalSet: _actor,
    plans.MeasureSet: _actor,
    plans.CoordinatorSet: _actor,
    plans.FollowUpSet: _actor,
    plans.PlanEstablished: _actor,
    plans.FollowedUp: _actor,
    closing.ClosingProposed: _initiator,
    closing.ClosingAgreed: _own,
    closing.ClosingOpposed: _own,
    closing.ClosingWithdrawn: _initiator,
    closing.CaseClosed: _closer,
    closing.CaseReopened: _former,
}
"""The rule of each event; openings and what nobody asks for have none of their own."""

UNASKED: Mapping[type[Event], Source] = {
    ladder.StepTaken: Source.TIMER,
    rooms.RoomLost: Source.EDGE,
    rooms.RoomMoved: Source.EDGE,
    rooms.RoomWeakened: Source.EDGE,
    rooms.StrangerRemoved: Source.EDGE,
    rooms.PersonLeft: Source.EDGE,
    rooms.PersonWithdrawn: Source.EDGE,
}
"""What no person may cause, and who alone does: the timer, and the edge (what the homeserver says of a room, also of a closed case's)."""

BY_REACTION = frozenset({messages.Acknowledged, meetings.CallAnswered, meetings.AnswerTakenBack})
"""What a tap may do (commands 4): reactions are neither encrypted nor authenticated."""


def _unasked(case: Case | None, author: Author) -> None:
    if case is None or not (case.open or author.source is Source.EDGE):
        raise Refused("permissions/closed", case=case.name if case else "")


def check(case: Case | None, event: Event, author: Author) -> None:
    """Refuse an event that its author may not cause; `case` is the case before it, None before its opening."""
    if UNASKED.get(type(event)) is not (author.source if author.source in UNASKED.values() else None):
        raise Refused("permissions/timer-only")
    if type(event) in UNASKED:
        _unasked(case, author)
        return
    if not author.roles & ACTING:
        raise Refused("permissions/no-acting-role")
    if author.source is Source.REACTION and type(event) not in BY_REACTION:
        raise Refused("permissions/typed-only")
    if isinstance(event, opening.CaseOpened):
        return
    assert case is not None
    if case.open is isinstance(event, closing.CaseReopened):
        raise Refused("permissions/still-open" if case.open else "permissions/closed", case=case.name)
    RULES[type(event)](case, event, author)
