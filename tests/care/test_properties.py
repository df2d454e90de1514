"""Random lives of a case: whoever tries whatever, whenever, the invariants of architecture 9 hold (1, 3 and 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from care import actors, closing, meetings, messages, plans, questions
from care.case import Author, Case, Entry, Event, Status
from care.clock import local
from care.closing import CaseReopened, Reason
from care.consent import Consent, Form
from care.events import evolve, fold
from care.expected import Due, Matter, ball, due_items, expectations
from care.meetings import Answer
from care.people import Role
from care.permissions import check
from care.plans import Outcome
from care.refusal import Refused
from tests.builders import (
    ANNA,
    BIST,
    DIRECTORY,
    EVA,
    HSV,
    HT,
    MED,
    MONDAY,
    NOOR,
    RULES,
    SIRI,
    TAGE,
    TIMER,
    ULLA,
    VC,
    author,
    entered,
    kallelse,
    opening,
    tapped,
)

PEOPLE = (ANNA, ULLA, NOOR, TAGE, EVA, SIRI, tapped(NOOR), author("vera", VC, Role.REVISOR))
UNITS = (VC, BIST, HSV, HT, MED)
NAMES = ("F1", "F2", "S1", "S2", "K1", "A2", "A3", None)


@dataclass(frozen=True)
class Attempt:
    """What somebody tries: `ahead` is how far in the future it lies, where it needs a time."""

    by: Author
    unit: str
    name: str | None
    ahead: timedelta
    now: datetime

    @property
    def later(self) -> datetime:
        return self.now + self.ahead


def add(case: Case, a: Attempt) -> tuple[Event, ...]:
    return actors.add(case, a.unit, DIRECTORY.receivers(a.unit))


def mention(case: Case, a: Attempt) -> tuple[Event, ...]:
    return messages.acknowledge(case, a.by, [a.name] if a.name else [])


def invite(case: Case, a: Attempt) -> tuple[Event, ...]:
    return meetings.call(case, kallelse(a.later, *case.actors, leader=a.by), a.now)


def write_plan(case: Case, a: Attempt) -> tuple[Event, ...]:
    goal, measure = case.next("M"), case.next("I")
    dated = plans.follow_up_on(local(a.later).date(), local(a.now).date())
    rows = (*plans.goal(case, "Gå till köket"), plans.MeasureSet(plans.Measure(measure, "Gångträning", goal, case.initiator)))
    return (*rows, *plans.coordinate(case, a.unit), *dated)


def follow_up(case: Case, a: Attempt) -> tuple[Event, ...]:
    following = local(a.later).date() if a.name else None
    return plans.follow_up(case, Outcome.DELVIS, "Går med stöd", following, local(a.now).date())


def reopen(case: Case, a: Attempt) -> tuple[Event, ...]:
    consent = Consent(Form.SKRIFTLIGT, a.by.unit, a.by.user, a.now, frozenset({a.by.unit}))
    return (CaseReopened(case.next("A"), "Nytt fall", "Lila tranan", consent),)


DECISIONS: Mapping[str, Callable[[Case, Attempt], tuple[Event, ...]]] = {
    "add": add,
    "accept": lambda case, a: actors.accept(case, a.by, a.by.user),
    "decline": lambda case, a: actors.decline(case, a.by, "Fel område"),
    "remove": lambda case, a: closing.take_out(case, a.by, a.unit, "Klar"),
    "leave": lambda case, a: actors.remove(case, a.by.unit, "Klar"),
    "enter": lambda case, a: actors.enter(case, a.by, "Hembesök"),
    "post": lambda case, _: messages.post(case, "Ester kommer hem"),
    "acknowledge": mention,
    "ask": lambda case, a: questions.ask(case, a.by, a.unit, "Vem möter?", a.later, a.now),
    "answer": lambda case, a: questions.answer(case, a.by, a.name, "Tage", a.now),
    "ask back": lambda case, a: questions.answer(case, a.by, a.name, "Vilken dag?", a.now),
    "call": invite,
    "move": lambda case, a: meetings.move(case, a.name, a.later, None, "Krock", a.now),
    "recall": lambda case, a: meetings.recall(case, a.name, "Sjuk"),
    "reply": lambda case, a: meetings.reply(case, a.by, a.name, Answer.JA),
    "take back": lambda case, a: meetings.take_back(case, a.by, a.name or "S1"),
    "hold": lambda case, a: meetings.hold(case, a.name, tuple(case.actors), person=True, now=a.now),
    "write plan": write_plan,
    "measure": lambda case, a: plans.measure(case, "Gångträning", "M1", a.unit),
    "establish": lambda case, a: plans.establish(case, local(a.now).date()),
    "follow up": follow_up,
    "propose": lambda case, a: closing.propose(case, a.by, Reason.ALLA_OVERENS),
    "withdraw consent": lambda case, a: closing.propose(case, a.by, Reason.ATERTAGET_SAMTYCKE) if a.name == "K1" else (),
    "agree": lambda case, a: closing.agree(case, a.by),
    "oppose": lambda case, a: closing.oppose(case, a.by, "Inte klart"),
    "withdraw": lambda case, _: closing.withdraw(case),
    "reopen": reopen,
}


class Life(RuleBasedStateMachine):
    """A case, its journal, and the index of due items as the store keeps it: open, said or cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.journal: list[Entry] = []
        self.due: dict[str, str] = {}
        self.fired: list[str] = []

    @initialize(units=st.sets(st.sampled_from(UNITS[1:])))
    def begin(self, units: set[str]) -> None:
        first = entered(None, ANNA, opening(), self.now)
        self.journal = [first]
        self.case = evolve(None, first)
        for unit in sorted(units):
            self.take(ANNA, actors.add(self.case, unit, DIRECTORY.receivers(unit)))

    def take(self, by: Author, events: tuple[Event, ...]) -> None:
        """Take a step whole or not at all, and bring the index up to date."""
        case, made = self.case, list[Entry]()
        for event in events:
            made.append(entered(case, by, event, self.now))
            case = evolve(case, made[-1])
        self.case = case
        self.journal += made
        derived = {item.key(case.id): item for item in due_items(case, RULES)}
        for key, item in derived.items():
            if self.due.get(key, "cancelled") == "cancelled":
                self.due[key] = "open"
                assert by is TIMER or item.matter is Matter.FOLLOW_UP or item.at >= self.now, "what a step starts lies ahead"
        self.due |= {key: "cancelled" for key, state in self.due.items() if state == "open" and key not in derived}

    @rule(
        by=st.sampled_from(PEOPLE),
        what=st.sampled_from(sorted(DECISIONS)),
        unit=st.sampled_from(UNITS),
        name=st.sampled_from(NAMES),
        hours=st.integers(-2, 400),
        after=st.integers(0, 240),
    )
    def attempt(self, by: Author, what: str, unit: str, name: str | None, hours: int, after: int) -> None:
        self.now += timedelta(minutes=after)
        try:
            self.take(by, DECISIONS[what](self.case, Attempt(by, unit, name, timedelta(hours=hours), self.now)))
        except Refused:
            return

    @rule(
        what=st.sampled_from(["accept", "answer", "agree", "oppose", "acknowledge", "ask", "propose", "remove", "withdraw", "reopen"]),
        unit=st.sampled_from(UNITS),
        hours=st.integers(1, 200),
    )
    def whose_turn_it_is_acts(self, what: str, unit: str, hours: int) -> None:
        self.of_the_unit_in_turn(what, unit, hours)

    @rule(what=st.sampled_from(["call", "move", "reply", "take back", "recall", "hold"]), hours=st.integers(1, 200))
    def the_meeting_goes_on(self, what: str, hours: int) -> None:
        self.of_the_unit_in_turn(what, VC, hours)

    @rule(what=st.sampled_from(["write plan", "establish", "follow up"]), unit=st.sampled_from(UNITS), hours=st.integers(24, 1200))
    def the_plan_goes_on(self, what: str, unit: str, hours: int) -> None:
        self.of_the_unit_in_turn(what, unit, hours)

    def of_the_unit_in_turn(self, what: str, unit: str, hours: int) -> None:
        turn = ball(self.case, RULES).unit
        by = next(person for person in PEOPLE if person.unit == turn)
        self.attempt(by, what, unit, None, hours, 1)

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        """Let the timer bring up what fell due meanwhile, the earliest first; what a step cancels is not said."""
        self.now += timedelta(hours=hours)
        while waiting := self.overdue():
            item = waiting[0]
            key = item.key(self.case.id)
            assert key not in self.fired, "each thing happens once"
            self.due[key] = "said"
            self.fired.append(key)
            self.take(TIMER, (item.taken(self.now),))
        assert not [key for key, item in self.derived().items() if item.at <= self.now and self.due[key] != "said"]

    def derived(self) -> dict[str, Due]:
        return {item.key(self.case.id): item for item in due_items(self.case, RULES)}

    def overdue(self) -> list[Due]:
        return [item for key, item in self.derived().items() if item.at <= self.now and self.due[key] == "open"]

    @invariant()
    def consent_covers_every_unit(self) -> None:
        assert self.case.actors.keys() <= self.case.consent.covers

    @invariant()
    def the_initiator_is_one_of_the_actors(self) -> None:
        assert self.case.initiator in self.case.actors
        assert not self.case.former & self.case.actors.keys()

    @invariant()
    def whoever_is_in_the_room_is_there_for_an_actor(self) -> None:
        assert set(self.case.participants.values()) <= self.case.actors.keys()
        assert all(actor.handler in self.case.participants for actor in self.case.actors.values() if actor.handler)

    @invariant()
    def only_actors_are_waited_for_and_the_ball_lies_with_one(self) -> None:
        turn = ball(self.case, RULES)
        assert {each.unit for each in expectations(self.case, RULES)} <= self.case.actors.keys()
        assert {turn.unit, turn.next_unit} - {""} <= self.case.actors.keys()
        assert {item.unit for item in due_items(self.case, RULES)} - {""} <= self.case.actors.keys()

    @invariant()
    def a_proposal_and_the_state_of_the_case_agree(self) -> None:
        assert (self.case.proposal is not None) is (self.case.status is Status.AVSLUT_FORESLAGET)
        assert self.case.open or not due_items(self.case, RULES)
        assert self.case.open or not meetings.coming(self.case)

    @invariant()
    def what_is_missed_is_of_an_actor(self) -> None:
        assert {mark.partition(":")[2] for mark in self.case.missed} <= self.case.actors.keys()

    def teardown(self) -> None:
        """Replay the journal: it is allowed step by step once more, and tells the same case."""
        case: Case | None = None
        for entry in self.journal:
            check(case, entry.event, entry.author)
            case = evolve(case, entry)
        if self.journal:
            assert case == self.case == fold(self.journal)
            assert len(self.fired) == len(set(self.fired))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
