"""All events of a case in one list, and the fold that makes a case of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from care import actors, closing, ladder, meetings, messages, opening, plans, questions, rooms
from care.case import Case, Entry, Event

KINDS: Mapping[str, type[Event]] = {
    event.kind: event
    for event in (
        opening.CaseOpened,
        actors.ActorAdded,
        actors.ActorAccepted,
        actors.ActorDeclined,
        actors.ActorRemoved,
        actors.ColleagueEntered,
        messages.MessagePosted,
        messages.Acknowledged,
        questions.QuestionAsked,
        questions.QuestionAnswered,
        questions.CounterAsked,
        meetings.MeetingCalled,
        meetings.MeetingMoved,
        meetings.MeetingRecalled,
        meetings.CallAnswered,
        meetings.AnswerTakenBack,
        meetings.MeetingHeld,
        plans.GoalSet,
        plans.MeasureSet,
        plans.CoordinatorSet,
        plans.FollowUpSet,
        plans.PlanEstablished,
        plans.FollowedUp,
        closing.ClosingProposed,
        closing.ClosingAgreed,
        closing.ClosingOpposed,
        closing.ClosingWithdrawn,
        closing.CaseClosed,
        closing.CaseReopened,
        ladder.StepTaken,
        rooms.RoomLost,
        rooms.RoomMoved,
        rooms.RoomWeakened,
        rooms.StrangerRemoved,
        rooms.PersonLeft,
        rooms.PersonWithdrawn,
    )
}
"""What the journal calls each event."""


def evolve(case: Case | None, entry: Entry) -> Case:
    """Return the case after one more entry; raise ValueError when the first is not an opening, a number is skipped or cases are mixed."""
    if case is None:
        if not isinstance(entry.event, opening.CaseOpened) or entry.seq != 1:
            raise ValueError("a journal begins with its opening")
        return entry.event.begin(entry)
    if entry.case != case.id:
        raise ValueError("a journal is of one case")
    if entry.seq != case.seq + 1:
        raise ValueError("a journal has no gaps")
    return replace(entry.event.evolve(case, entry), seq=entry.seq, touched=entry.decided)


def fold(entries: Iterable[Entry]) -> Case:
    """Return the case that a journal tells; raise ValueError for an empty one."""
    case: Case | None = None
    for entry in entries:
        case = evolve(case, entry)
    if case is None:
        raise ValueError("a journal begins with its opening")
    return case
