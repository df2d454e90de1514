"""The whole table of who may cause what: every kind of event against every kind of author (process 3.0.2, commands 4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from care import actors, closing, ladder, meetings, messages, plans, questions, rooms
from care.case import Author, Case, Event, Source
from care.consent import Consent, Form
from care.events import KINDS
from care.people import Role
from care.permissions import UNASKED, check
from care.refusal import Refused
from tests.builders import (
    ANNA,
    BIST,
    EDGE,
    EVA,
    HSV,
    HT,
    MED,
    MONDAY,
    NOOR,
    SIRI,
    TIMER,
    ULLA,
    VC,
    at,
    kallelse,
    opening,
    running,
    step,
    tapped,
    user,
)

DUE = at("2026-09-08 08:00")
START = at("2026-09-10 13:00")
LATER = at("2026-09-07 10:00")


def in_the_middle() -> Case:
    """Return a case of vårdcentral (initiator), hemsjukvård and bistånd, which hemtjänst left, with one object of each kind."""
    case = running(HSV, BIST, HT)
    case = step(case, EVA, [actors.ActorRemoved(HT, "Klar")], MONDAY)
    case = step(case, ANNA, questions.ask(case, ANNA, HSV, "Vem möter?", DUE, MONDAY), MONDAY)
    case = step(case, ANNA, meetings.call(case, kallelse(START, VC, HSV, BIST), MONDAY), MONDAY)
    case = step(case, ANNA, messages.post(case, "Hej"), MONDAY)
    return step(case, ANNA, plans.goal(case, "Gå till köket"), MONDAY)


CASE = in_the_middle()
PROPOSED = step(CASE, ANNA, closing.propose(CASE, ANNA, closing.Reason.MALEN_UPPFYLLDA), LATER)
AGREED = step(PROPOSED, ULLA, [closing.ClosingAgreed(BIST)], LATER)
ALL_AGREED = step(AGREED, NOOR, [closing.ClosingAgreed(HSV)], LATER)
CLOSED = step(CASE, ANNA, [closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE)], LATER)
ALONE = step(running(HSV), NOOR, [actors.ActorRemoved(HSV, "Klar")], LATER)

WARNED = ladder.StepTaken("F1", "ANSWER", HSV, ladder.Step.WARN, DUE, DUE, late=False)
REVISOR = Author(user("vera"), VC, frozenset({Role.REVISOR}))
NOBODY = Author(user("vera"), HSV)
AUTHORS = {
    "initiator": ANNA,
    "own": NOOR,
    "other": ULLA,
    "former": EVA,
    "stranger": SIRI,
    "revisor": REVISOR,
    "tapped": tapped(NOOR),
    "timer": TIMER,
    "edge": EDGE,
}

CONSENT = Consent(Form.MUNTLIGT, HSV, NOOR.user, LATER, frozenset({HSV}))
YES, NO_ACTOR, INITIATOR, OWN = "", "permissions/not-an-actor", "permissions/initiator-only", "permissions/not-your-unit"
NO_ROLE, TYPED, TIMED = "permissions/no-acting-role", "permissions/typed-only", "permissions/timer-only"

ANY_ACTOR = {"initiator": YES, "own": YES, "other": YES, "former": NO_ACTOR, "stranger": NO_ACTOR, "tapped": TYPED}
OWN_UNIT = {"initiator": OWN, "own": YES, "other": OWN, "former": NO_ACTOR, "stranger": NO_ACTOR, "tapped": TYPED}
OWN_TAP = OWN_UNIT | {"tapped": YES}
INITIATOR_ONLY = {"initiator": YES, "own": INITIATOR, "other": INITIATOR, "former": NO_ACTOR, "stranger": NO_ACTOR, "tapped": TYPED}
WAS_THERE = {"initiator": YES, "own": YES, "other": YES, "former": YES, "stranger": "permissions/not-a-former-actor", "tapped": TYPED}
ANYBODY = dict.fromkeys(("initiator", "own", "other", "former", "stranger"), YES) | {"tapped": TYPED}
NOBODY_BUT_THE_TIMER = dict.fromkeys(AUTHORS, TIMED) | {"timer": YES}
NOBODY_BUT_THE_EDGE = dict.fromkeys(AUTHORS, TIMED) | {"edge": YES}

TABLE: list[tuple[Case | None, Event, dict[str, str]]] = [
    (None, opening(), ANYBODY),
    (CASE, actors.ActorAdded("A5", MED, ()), ANY_ACTOR),
    (CASE, actors.ActorAccepted(HSV, NOOR.user), OWN_UNIT),
    (CASE, actors.ActorDeclined(HSV, "Nej"), OWN_UNIT),
    (CASE, actors.ActorRemoved(HSV, "Klar"), OWN_UNIT | {"initiator": YES, "other": INITIATOR}),
    (CASE, actors.ColleagueEntered(NOOR.user, HSV, "Hembesök"), OWN_UNIT),
    (CASE, messages.MessagePosted("K2", "Hej"), ANY_ACTOR),
    (CASE, messages.Acknowledged("K1", HSV), OWN_TAP),
    (CASE, questions.QuestionAsked("F2", BIST, "Finns beslut?", DUE), ANY_ACTOR),
    (CASE, questions.QuestionAnswered("F1", "Tage", late=False), OWN_UNIT),
    (CASE, questions.CounterAsked("F1", "När?"), OWN_UNIT),
    (CASE, meetings.MeetingCalled("S2", kallelse(START, HSV)), ANY_ACTOR),
    (CASE, meetings.MeetingMoved("S1", START, START + timedelta(hours=2), "Krock"), ANY_ACTOR),
    (CASE, meetings.MeetingRecalled("S1", "Sjuk"), ANY_ACTOR),
    (CASE, meetings.CallAnswered("S1", HSV, meetings.Answer.JA), OWN_TAP),
    (CASE, meetings.AnswerTakenBack("S1", HSV), OWN_TAP),
    (CASE, meetings.MeetingHeld("S1", (VC,), person=True), ANY_ACTOR),
    (CASE, plans.GoalSet("M2", "Sova gott"), ANY_ACTOR),
    (CASE, plans.MeasureSet(plans.Measure("I1", "Gångträning", "M1", HSV)), ANY_ACTOR),
    (CASE, plans.CoordinatorSet(HSV), ANY_ACTOR),
    (CASE, plans.FollowUpSet(date(2026, 10, 5)), ANY_ACTOR),
    (CASE, plans.PlanEstablished(1), ANY_ACTOR),
    (CASE, plans.FollowedUp(date(2026, 10, 5), plans.Outcome.DELVIS, ""), ANY_ACTOR),
    (CASE, closing.ClosingProposed(closing.Reason.ALLA_OVERENS, 1), INITIATOR_ONLY),
    (PROPOSED, closing.ClosingAgreed(HSV), OWN_UNIT),
    (PROPOSED, closing.ClosingOpposed(HSV, "Inte klart"), OWN_UNIT),
    (PROPOSED, closing.ClosingWithdrawn(), INITIATOR_ONLY),
    (CASE, closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE), INITIATOR_ONLY),
    (PROPOSED, closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE), INITIATOR_ONLY),
    (ALL_AGREED, closing.CaseClosed(closing.Reason.MALEN_UPPFYLLDA), ANY_ACTOR),
    (CLOSED, closing.CaseReopened("A5", "Nytt fall", "Lila tranan", CONSENT), WAS_THERE),
    (CASE, ladder.StepTaken("F1", "ANSWER", HSV, ladder.Step.MISSED, DUE, DUE, late=False), NOBODY_BUT_THE_TIMER),
    *((case, rooms.RoomLost(rooms.Fate.REMOVED), NOBODY_BUT_THE_EDGE) for case in (CASE, CLOSED)),
    (CASE, rooms.RoomMoved(), NOBODY_BUT_THE_EDGE),
    (CASE, rooms.RoomWeakened(("m.room.join_rules",), restored=True), NOBODY_BUT_THE_EDGE),
    (CASE, rooms.StrangerRemoved(SIRI.user), NOBODY_BUT_THE_EDGE),
    (CASE, rooms.PersonLeft(NOOR.user), NOBODY_BUT_THE_EDGE),
    (CASE, rooms.PersonWithdrawn(NOOR.user), NOBODY_BUT_THE_EDGE),
]
ROWS = [
    pytest.param(case, event, who, expected.get(who, NO_ROLE if who == "revisor" else TIMED), id=f"{event.kind}-{who}")
    for case, event, expected in TABLE
    for who in AUTHORS
]


def verdict(case: Case | None, event: Event, by: Author) -> str:
    try:
        check(case, event, by)
    except Refused as refusal:
        return refusal.reason
    return YES


@pytest.mark.parametrize(("case", "event", "who", "expected"), ROWS)
def test_who_may_cause_what(case: Case | None, event: Event, who: str, expected: str) -> None:
    assert verdict(case, event, AUTHORS[who]) == expected


def test_the_table_holds_every_kind_of_event() -> None:
    assert {event.kind for _, event, _ in TABLE} == KINDS.keys()


@pytest.mark.parametrize("role", Role)
def test_a_role_acts_or_does_not(role: Role) -> None:
    acting = {Role.MOTTAGARE, Role.MEDARBETARE, Role.ENHETSCHEF, Role.ENHETSADMIN}
    by = Author(NOOR.user, HSV, frozenset({role}))

    assert verdict(CASE, messages.MessagePosted("K2", "Hej"), by) == (YES if role in acting else NO_ROLE)


def test_a_revisor_who_is_a_colleague_too_acts_and_one_without_roles_does_not() -> None:
    both = replace(REVISOR, roles=frozenset({Role.REVISOR, Role.MEDARBETARE}))

    assert verdict(CASE, messages.MessagePosted("K2", "Hej"), both) == YES
    assert verdict(CASE, messages.MessagePosted("K2", "Hej"), NOBODY) == NO_ROLE


SILENT = {"case.closed", *(kind.kind for kind, source in UNASKED.items() if source is Source.EDGE)}


@pytest.mark.parametrize("event", [event for case, event, _ in TABLE if case is CASE and event.kind not in SILENT])
def test_in_a_closed_case_nothing_happens(event: Event) -> None:
    by = TIMER if isinstance(event, ladder.StepTaken) else ANNA

    assert verdict(CLOSED, event, by) == "permissions/closed"


def test_what_happens_to_its_room_is_noted_in_a_closed_case_too_and_in_none_that_is_not() -> None:
    assert verdict(CLOSED, rooms.PersonLeft(NOOR.user), EDGE) == YES
    assert verdict(None, rooms.PersonLeft(NOOR.user), EDGE) == "permissions/closed"
    assert verdict(CASE, WARNED, EDGE) == TIMED


def test_the_timer_has_nothing_to_do_without_a_case_and_roles_do_not_help_it() -> None:
    assert verdict(None, WARNED, TIMER) == "permissions/closed"
    assert verdict(CASE, messages.MessagePosted("K2", "Hej"), replace(NOOR, source=Source.TIMER)) == TIMED


def test_a_case_that_is_open_is_not_reopened() -> None:
    assert verdict(CASE, closing.CaseReopened("A5", "Nytt fall", "Lila tranan", CONSENT), NOOR) == "permissions/still-open"


@pytest.mark.parametrize(
    ("case", "reason", "by"),
    [
        (CASE, closing.Reason.ALLA_OVERENS, ANNA),
        (PROPOSED, closing.Reason.MALEN_UPPFYLLDA, ANNA),
        (AGREED, closing.Reason.MALEN_UPPFYLLDA, ANNA),
        (ALL_AGREED, closing.Reason.ALLA_OVERENS, ANNA),
    ],
)
def test_nobody_closes_over_the_heads_of_the_others(case: Case, reason: closing.Reason, by: Author) -> None:
    assert verdict(case, closing.CaseClosed(reason), by) == "closing/not-agreed"


def test_what_was_not_agreed_names_who_is_silent() -> None:
    with pytest.raises(Refused) as no:
        check(AGREED, closing.CaseClosed(closing.Reason.MALEN_UPPFYLLDA), ANNA)

    assert no.value.values == {"silent": (HSV,)}


def test_alone_in_the_case_the_initiator_needs_nobodys_word() -> None:
    assert verdict(ALONE, closing.CaseClosed(closing.Reason.BEHOVET_FINNS_INTE), ANNA) == YES


def test_the_last_word_closes_only_for_one_who_is_still_in_the_case() -> None:
    assert verdict(ALL_AGREED, closing.CaseClosed(closing.Reason.MALEN_UPPFYLLDA), EVA) == NO_ACTOR


def test_nobody_brings_a_colleague_in_but_the_colleague() -> None:
    assert verdict(CASE, actors.ColleagueEntered(user("tage"), HSV, "Hembesök"), NOOR) == OWN


@pytest.mark.parametrize(
    ("case", "event", "by", "values"),
    [
        (CASE, messages.MessagePosted("K2", "Hej"), SIRI, {"unit": MED}),
        (CASE, actors.ActorAccepted(HSV, NOOR.user), ULLA, {"unit": BIST}),
        (CASE, actors.ActorRemoved(HSV, "Klar"), ULLA, {"unit": VC}),
        (CASE, closing.ClosingProposed(closing.Reason.ALLA_OVERENS, 1), NOOR, {"unit": VC}),
        (CASE, questions.QuestionAnswered("F1", "Tage", late=False), ULLA, {"unit": BIST}),
        (CASE, actors.ColleagueEntered(user("tage"), HSV, "Hembesök"), NOOR, {"unit": HSV}),
        (CLOSED, messages.MessagePosted("K2", "Hej"), ANNA, {"case": "SÄ-2026-00042 Blå tranan"}),
        (
            CLOSED,
            WARNED,
            TIMER,
            {"case": "SÄ-2026-00042 Blå tranan"},
        ),
        (None, WARNED, TIMER, {"case": ""}),
    ],
)
def test_a_refusal_says_who_could_do_it_or_what_is_in_the_way(
    case: Case | None, event: Event, by: Author, values: dict[str, object]
) -> None:
    with pytest.raises(Refused) as no:
        check(case, event, by)

    assert no.value.values == values
