from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from care import actors, closing, plans
from care.case import Case, Event, Status
from care.closing import CaseClosed, CaseReopened, ClosingAgreed, ClosingOpposed, ClosingProposed, ClosingWithdrawn, Proposal, Reason
from care.consent import Consent, Form
from care.meetings import MeetingRecalled, Phase, call
from care.questions import QuestionState, ask
from care.refusal import Refused
from tests.builders import ANNA, BIST, HSV, MONDAY, NOOR, ULLA, VC, at, kallelse, opened, running, step

LATER = at("2026-09-08 10:00")
REOPENED = at("2026-11-16 09:00")
CASE = running(HSV, BIST)
PROPOSED = step(CASE, ANNA, closing.propose(CASE, ANNA, Reason.MALEN_UPPFYLLDA), LATER)
MET = step(CASE, ANNA, call(CASE, kallelse(at("2026-09-10 13:00"), VC, HSV), MONDAY), MONDAY)


def agreed(case: Case) -> Case:
    return step(case, ULLA, closing.agree(case, ULLA), LATER)


def reopening(unit: str = HSV) -> CaseReopened:
    return CaseReopened("A4", "Nytt fall", "Lila tranan", Consent(Form.SKRIFTLIGT, unit, NOOR.user, REOPENED, frozenset({unit})))


def closed(case: Case = CASE) -> Case:
    return step(case, ANNA, closing.propose(case, ANNA, Reason.ATERTAGET_SAMTYCKE), LATER)


def test_a_proposal_waits_for_the_word_of_every_other_unit() -> None:
    assert closing.propose(CASE, ANNA, Reason.MALEN_UPPFYLLDA, 0) == (ClosingProposed(Reason.MALEN_UPPFYLLDA, 1),)
    assert PROPOSED.status is Status.AVSLUT_FORESLAGET
    assert PROPOSED.proposal == Proposal(Reason.MALEN_UPPFYLLDA, LATER, 1)
    assert closing.silent(PROPOSED) == (HSV, BIST)
    assert closing.silent(CASE) == ()


def test_a_proposal_changes_the_state_and_is_counted() -> None:
    case = step(CASE, ANNA, [ClosingProposed(Reason.ALLA_OVERENS, 3)], LATER)

    assert case.status is Status.AVSLUT_FORESLAGET
    assert case.proposal == Proposal(Reason.ALLA_OVERENS, LATER, 3)
    assert case.counters == {**CASE.counters, "Ä": 3}


def test_the_last_yes_closes_and_none_before_it() -> None:
    one = agreed(PROPOSED)
    assert one.status is Status.AVSLUT_FORESLAGET
    assert one.proposal is not None
    assert one.proposal.agreed == {BIST: LATER}

    one = replace(one, missed=frozenset({f"F1:{HSV}"}))
    events = closing.agree(one, NOOR)
    case = step(one, NOOR, events, LATER)

    assert events == (ClosingAgreed(HSV), CaseClosed(Reason.MALEN_UPPFYLLDA))
    assert case.status is Status.AVSLUTAT
    assert not case.open
    assert (case.proposal, case.missed) == (None, frozenset())
    assert CaseClosed(Reason.MALEN_UPPFYLLDA).facts() == {"reason": "MALEN_UPPFYLLDA"}


def test_a_unit_gives_its_word_once_and_the_initiator_none() -> None:
    with pytest.raises(Refused, match=r"^closing/answered-already$"):
        closing.agree(agreed(PROPOSED), ULLA)
    with pytest.raises(Refused, match=r"^closing/answered-already$"):
        closing.agree(PROPOSED, ANNA)


def test_one_no_with_its_reason_goes_on_with_the_case() -> None:
    with pytest.raises(Refused, match=r"^messages/empty$"):
        closing.oppose(PROPOSED, NOOR, "")
    events = closing.oppose(PROPOSED, NOOR, "Träningen är inte klar")
    case = step(PROPOSED, NOOR, events, LATER)

    assert events == (ClosingOpposed(HSV, "Träningen är inte klar"),)
    assert (case.status, case.proposal) == (Status.AKTIVT, None)


def test_the_initiator_withdraws_instead_of_opposing() -> None:
    with pytest.raises(Refused, match=r"^closing/withdraw-instead$"):
        closing.oppose(PROPOSED, ANNA, "Ångrar mig")
    case = step(PROPOSED, ANNA, closing.withdraw(PROPOSED), LATER)

    assert closing.withdraw(PROPOSED) == (ClosingWithdrawn(),)
    assert (case.status, case.proposal) == (Status.AKTIVT, None)


@pytest.mark.parametrize(
    "answer",
    [lambda: closing.agree(CASE, NOOR), lambda: closing.oppose(CASE, NOOR, "Nej"), lambda: closing.withdraw(CASE)],
)
def test_without_a_proposal_there_is_nothing_to_answer(answer: Callable[[], object]) -> None:
    with pytest.raises(Refused, match=r"^closing/nothing-proposed$"):
        answer()


def test_one_proposal_at_a_time_and_each_with_a_number_of_its_own() -> None:
    with pytest.raises(Refused, match=r"^closing/proposed-already$"):
        closing.propose(PROPOSED, ANNA, Reason.MALEN_UPPFYLLDA)
    case = step(PROPOSED, ANNA, closing.withdraw(PROPOSED), LATER)

    assert closing.propose(case, ANNA, Reason.ALLA_OVERENS) == (ClosingProposed(Reason.ALLA_OVERENS, 2),)
    assert closing.propose(case, ANNA, Reason.ALLA_OVERENS, 4) == (ClosingProposed(Reason.ALLA_OVERENS, 5),)


@pytest.mark.parametrize("case", [CASE, PROPOSED, agreed(PROPOSED)])
def test_withdrawn_consent_closes_at_once_whatever_was_proposed(case: Case) -> None:
    events = closing.propose(case, ANNA, Reason.ATERTAGET_SAMTYCKE)

    assert events == (CaseClosed(Reason.ATERTAGET_SAMTYCKE),)
    assert not step(case, ANNA, events, LATER).open


def test_alone_in_the_case_the_initiator_closes_at_once() -> None:
    case = opened()

    assert closing.propose(case, ANNA, Reason.BEHOVET_FINNS_INTE) == (CaseClosed(Reason.BEHOVET_FINNS_INTE),)


def test_no_meeting_stays_in_the_calendar_of_a_closed_case() -> None:
    events = closing.propose(MET, ANNA, Reason.ATERTAGET_SAMTYCKE)
    case = step(MET, ANNA, events, LATER)

    assert events == (MeetingRecalled("S1", "återtaget samtycke"), CaseClosed(Reason.ATERTAGET_SAMTYCKE))
    assert case.meetings["S1"].phase is Phase.RECALLED


def test_the_last_yes_recalls_what_was_still_to_come() -> None:
    case = agreed(step(MET, ANNA, closing.propose(MET, ANNA, Reason.MALEN_UPPFYLLDA), LATER))

    assert closing.agree(case, NOOR) == (
        ClosingAgreed(HSV),
        MeetingRecalled("S1", "målen uppfyllda"),
        CaseClosed(Reason.MALEN_UPPFYLLDA),
    )


def test_to_take_out_the_last_silent_unit_closes() -> None:
    one = agreed(PROPOSED)

    events = closing.take_out(one, ANNA, HSV, "Svarar inte")

    assert events == (actors.ActorRemoved(HSV, "Svarar inte"), CaseClosed(Reason.MALEN_UPPFYLLDA))
    assert not step(one, ANNA, events, LATER).open


@pytest.mark.parametrize(
    ("case", "unit"),
    [(CASE, HSV), (PROPOSED, HSV), (agreed(PROPOSED), BIST)],
)
def test_to_take_out_a_unit_while_others_are_awaited_closes_nothing(case: Case, unit: str) -> None:
    assert closing.take_out(case, ANNA, unit, "Svarar inte") == (actors.ActorRemoved(unit, "Svarar inte"),)


def test_when_the_last_silent_unit_leaves_by_itself_the_initiator_closes_by_proposing_again() -> None:
    one = agreed(PROPOSED)
    events = closing.take_out(one, NOOR, HSV, "Vi är klara")
    case = step(one, NOOR, events, LATER)

    assert events == (actors.ActorRemoved(HSV, "Vi är klara"),)
    assert case.open
    assert closing.propose(case, ANNA, Reason.ALLA_OVERENS) == (CaseClosed(Reason.MALEN_UPPFYLLDA),)


def test_a_unit_that_comes_back_gives_its_word_anew() -> None:
    case = step(agreed(PROPOSED), ANNA, actors.remove(PROPOSED, BIST, "Fel enhet"), LATER)
    case = step(case, ANNA, actors.add(case, BIST, (ULLA.user,)), LATER)

    assert closing.silent(case) == (HSV, BIST)


def test_a_former_actor_reopens_with_consent_given_anew() -> None:
    case = step(CASE, ANNA, ask(CASE, ANNA, HSV, "Vem möter?", at("2026-09-09 08:00"), MONDAY), MONDAY)
    case = closed(case)

    case = step(case, NOOR, [reopening()], REOPENED)

    assert case.open
    assert (case.status, case.codename, case.initiator) == (Status.AKTIVT, "Lila tranan", HSV)
    assert tuple(case.actors) == (HSV,)
    assert case.actors[HSV].object == "A4"
    assert case.former == {VC, BIST}
    assert case.participants == {NOOR.user: HSV}
    assert case.consent.covers == {HSV}
    assert case.consent.form is Form.SKRIFTLIGT
    assert case.questions["F1"].state is QuestionState.LAPSED
    assert all(not notice.waiting for notice in case.notices.values())
    assert case.plan is None


@pytest.mark.parametrize(
    ("day", "awaiting"),
    [(date(2026, 11, 15), None), (date(2026, 11, 16), date(2026, 11, 16)), (date(2026, 12, 1), date(2026, 12, 1))],
)
def test_a_follow_up_that_passed_while_the_case_was_closed_was_not_missed(day: date, awaiting: date | None) -> None:
    case = step(CASE, ANNA, written(day), MONDAY)
    case = step(case, ANNA, plans.establish(case), MONDAY)

    case = step(closed(case), NOOR, [reopening()], REOPENED)

    assert plans.plan_of(case).awaiting == awaiting
    assert plans.plan_of(case).changed


def test_a_plan_without_a_follow_up_date_is_kept_as_it_was_when_the_case_reopens() -> None:
    case = step(CASE, ANNA, plans.goal(CASE, "Gå till köket"), MONDAY)

    case = step(closed(case), NOOR, [reopening()], REOPENED)

    assert plans.plan_of(case).goals == {"M1": "Gå till köket"}
    assert not plans.plan_of(case).pending


def written(day: date) -> list[Event]:
    measure = plans.Measure("I1", "Gångträning", "M1", HSV)
    return [plans.GoalSet("M1", "Gå till köket"), plans.MeasureSet(measure), plans.CoordinatorSet(HSV), plans.FollowUpSet(day)]
