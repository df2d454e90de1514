"""From what happened to what is said: each event of a case becomes effects, the same ones whenever it is asked (invariant 4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from care import actors as a
from care import closing as c
from care import meetings as m
from care import messages as n
from care import plans as p
from care import questions as q
from care import rooms as r
from care.case import Case, Entry, Event
from care.effects import Anchor, Effect, Pin, PlaceKind, Revise, Say, case_room
from care.expected import Due, Rules
from care.ladder import StepTaken
from care.opening import CaseOpened
from texts.announce import actors, closing, ladder, meetings, plans, questions, rooms
from texts.announce.overview import overview
from texts.announce.stage import Stage, object_key, overview_key

__all__ = ["announce", "fresh_overview", "object_key", "overview_key", "step_taken"]

Voice = Callable[[Stage, Entry, Any], Iterator[Effect]]

VOICES: Mapping[type[Event], Voice] = {
    CaseOpened: actors.opened,
    a.ActorAdded: actors.added,
    a.ActorAccepted: actors.accepted,
    a.ColleagueEntered: actors.entered,
    n.MessagePosted: questions.posted,
    q.QuestionAsked: questions.asked,
    q.QuestionAnswered: questions.answered,
    q.CounterAsked: questions.counter_asked,
    m.MeetingCalled: meetings.called,
    m.MeetingMoved: meetings.moved,
    m.MeetingRecalled: meetings.recalled,
    m.CallAnswered: meetings.replied,
    m.AnswerTakenBack: meetings.taken_back,
    m.MeetingHeld: meetings.held,
    p.GoalSet: plans.goal,
    p.MeasureSet: plans.measure,
    p.CoordinatorSet: plans.coordinator,
    p.FollowUpSet: plans.follow_up_set,
    p.PlanEstablished: plans.established,
    p.FollowedUp: plans.followed_up,
    c.ClosingProposed: closing.proposed,
    c.ClosingAgreed: closing.agreed,
    c.ClosingOpposed: closing.opposed,
    c.ClosingWithdrawn: closing.withdrawn,
    c.CaseClosed: closing.closed,
    r.RoomLost: rooms.lost,
    r.RoomMoved: rooms.moved,
    r.RoomWeakened: rooms.weakened,
    r.StrangerRemoved: rooms.stranger,
}
"""What each event says. An acknowledgement says nothing: the lägesbild shows it."""

Parting = Callable[[Stage, Entry, Any, Case], Iterator[Effect]]

PARTINGS: Mapping[type[Event], Parting] = {
    a.ActorDeclined: actors.declined,
    a.ActorRemoved: actors.removed,
    c.CaseReopened: closing.reopened,
    r.PersonLeft: rooms.left,
    r.PersonWithdrawn: rooms.withdrawn,
}
"""What is said when people leave the room: whom it concerns stands in the case before the step."""


def announce(
    entries: Iterable[Entry], before: Case | None, after: Case, rules: Rules, *, generation: int, organizer: str
) -> tuple[Effect, ...]:
    """Return the effects of a step.

    `generation` is that of the lägesbild in force, 0 before somebody has joined the room; `organizer` is the address of invitations.
    """
    effects: list[Effect] = []
    entries = tuple(entries)
    for entry in entries:
        stage = Stage(after, rules, entry.decided, overview_key(after.id, generation), organizer)
        effects += (effect for effect in _said(stage, entry, before) if before or not _unheard(effect))
    if entries and generation:
        effects.append(_revised(Stage(after, rules, entries[-1].decided, overview_key(after.id, generation), organizer), entries[-1]))
    return tuple(effects)


def _unheard(effect: Effect) -> bool:
    """Whether something would be said in a case room that nobody has joined: no key would go to anybody (invariant 6)."""
    return isinstance(effect, Say) and effect.place.kind is PlaceKind.CASE


def _revised(stage: Stage, entry: Entry) -> Revise:
    return Revise(f"{stage.overview}:{entry.seq}", stage.room, anchor=Anchor(key=stage.overview), words=overview(stage))


def _said(stage: Stage, entry: Entry, before: Case | None) -> Iterator[Effect]:
    event = entry.event
    if type(event) in VOICES:
        yield from VOICES[type(event)](stage, entry, event)
    elif before is not None and type(event) in PARTINGS:
        yield from PARTINGS[type(event)](stage, entry, event, before)


def step_taken(entry: Entry, after: Case, rules: Rules, due: Due, *, generation: int, organizer: str) -> tuple[Effect, ...]:
    """Return the effects of a step that the timer took, the lägesbild included."""
    stage = Stage(after, rules, entry.decided, overview_key(after.id, generation), organizer)
    assert isinstance(entry.event, StepTaken)
    revised = (_revised(stage, entry),) if generation else ()
    return (*ladder.step_taken(stage, entry, entry.event, due), *revised)


def fresh_overview(case: Case, rules: Rules, now: datetime, *, generation: int, organizer: str) -> tuple[Effect, ...]:
    """Return a new lägesbild, pinned in place of the old: someone joined, who cannot see what was said before (commands 5)."""
    key = overview_key(case.id, generation)
    stage = Stage(case, rules, now, key, organizer)
    place = case_room(case.id)
    return (
        Say(key, place, words=overview(stage), about="overview"),
        Pin(f"{key}:pin", place, anchor=Anchor(key=key)),
    )
