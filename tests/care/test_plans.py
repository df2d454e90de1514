from dataclasses import replace
from datetime import date

import pytest

from care import plans
from care.plans import (
    CoordinatorSet,
    FollowedUp,
    FollowUp,
    FollowUpSet,
    GoalSet,
    Measure,
    MeasureSet,
    Outcome,
    Plan,
    PlanEstablished,
    Version,
)
from care.refusal import Refused
from tests.builders import ANNA, HSV, MED, MONDAY, NOOR, VC, at, running, step

TODAY = date(2026, 9, 7)
DAY = date(2026, 10, 5)
CASE = running(HSV)
WRITTEN = step(
    CASE,
    ANNA,
    [GoalSet("M1", "Gå till köket"), MeasureSet(Measure("I1", "Gångträning", "M1", HSV)), CoordinatorSet(HSV), FollowUpSet(DAY)],
    MONDAY,
)
LATER = at("2026-09-08 10:00")
ESTABLISHED = step(WRITTEN, NOOR, plans.establish(WRITTEN), LATER)


def test_a_plan_begins_empty_and_says_what_it_lacks_in_the_order_it_is_asked_for() -> None:
    assert plans.plan_of(CASE) == Plan()
    assert plans.plan_of(CASE).lacking == ("mål", "insats", "ansvar", "uppföljning")
    with pytest.raises(Refused, match=r"^plans/lacking$") as no:
        plans.establish(step(CASE, ANNA, plans.goal(CASE, "Gå till köket"), MONDAY))
    assert no.value.values == {"lacking": ("insats", "ansvar", "uppföljning")}


def test_rows_are_numbered_and_a_measure_has_one_goal_and_one_unit() -> None:
    case = step(CASE, ANNA, plans.goal(CASE, "Gå till köket"), MONDAY)
    case = step(case, ANNA, plans.measure(case, "Gångträning", None, HSV), MONDAY)
    case = step(case, ANNA, plans.goal(case, "Sova gott"), MONDAY)
    case = step(case, ANNA, plans.measure(case, "Se över medicin", "M2", VC), MONDAY)

    assert plans.plan_of(case).goals == {"M1": "Gå till köket", "M2": "Sova gott"}
    assert plans.plan_of(case).measures == {
        "I1": Measure("I1", "Gångträning", "M1", HSV),
        "I2": Measure("I2", "Se över medicin", "M2", VC),
    }


def test_a_measure_without_a_clear_goal_or_with_an_outsider_is_refused() -> None:
    one = step(CASE, ANNA, plans.goal(CASE, "Gå till köket"), MONDAY)
    two = step(one, ANNA, plans.goal(one, "Sova gott"), MONDAY)

    for case, goal, unit, reason in (
        (CASE, None, HSV, "plans/no-goal"),
        (two, None, HSV, "plans/which-goal"),
        (two, "M3", HSV, "plans/which-goal"),
        (one, "M1", MED, "plans/not-an-actor"),
    ):
        with pytest.raises(Refused, match=f"^{reason}$"):
            plans.measure(case, "Gångträning", goal, unit)
    for text in ("", "å" * 4001):
        with pytest.raises(Refused, match=r"^messages/"):
            plans.measure(one, text, "M1", HSV)
        with pytest.raises(Refused, match=r"^messages/"):
            plans.goal(one, text)


def test_only_an_actor_coordinates() -> None:
    assert plans.coordinate(CASE, HSV) == (CoordinatorSet(HSV),)
    with pytest.raises(Refused, match=r"^plans/not-an-actor$"):
        plans.coordinate(CASE, MED)


def test_a_follow_up_lies_in_the_future() -> None:
    assert plans.follow_up_on(date(2026, 9, 8), TODAY) == (FollowUpSet(date(2026, 9, 8)),)
    with pytest.raises(Refused, match=r"^plans/past$"):
        plans.follow_up_on(TODAY, TODAY)


def test_a_plan_is_established_as_a_numbered_version_and_again_only_when_changed() -> None:
    plan = plans.plan_of(ESTABLISHED)
    assert plans.establish(WRITTEN) == (PlanEstablished(1),)
    assert not plans.plan_of(WRITTEN).established
    assert plan.established
    assert plan.versions == (Version(1, LATER, HSV),)
    with pytest.raises(Refused, match=r"^plans/unchanged$") as no:
        plans.establish(ESTABLISHED)
    assert no.value.values == {"version": 1}

    for row in (plans.goal(ESTABLISHED, "Sova gott"), plans.measure(ESTABLISHED, "Larm", None, VC), plans.coordinate(ESTABLISHED, VC)):
        changed = step(ESTABLISHED, ANNA, row, LATER)
        assert plans.establish(changed) == (PlanEstablished(2),)


def test_a_plan_whose_follow_up_has_passed_needs_a_new_date_before_it_is_established() -> None:
    assert plans.establish(WRITTEN, DAY) == (PlanEstablished(1),)
    with pytest.raises(Refused, match=r"^plans/past$") as no:
        plans.establish(WRITTEN, date(2026, 10, 6))
    assert no.value.values == {"day": DAY}


def test_a_follow_up_is_awaited_from_the_establishing_until_it_is_done() -> None:
    assert plans.plan_of(WRITTEN).awaiting is None
    assert plans.plan_of(ESTABLISHED).awaiting == DAY

    case = replace(ESTABLISHED, missed=frozenset({f"P1:{HSV}", f"F1:{HSV}"}))
    events = plans.follow_up(case, Outcome.DELVIS, "Går med stöd", None, TODAY)
    case = step(case, NOOR, events, LATER)

    assert events == (FollowedUp(DAY, Outcome.DELVIS, "Går med stöd"),)
    assert events[0].facts() == {"outcome": "DELVIS"}
    assert plans.plan_of(case).awaiting is None
    assert plans.plan_of(case).follow_ups == (FollowUp(DAY, LATER, Outcome.DELVIS, "Går med stöd"),)
    assert plans.plan_of(case).lacking == ("uppföljning",)
    assert case.missed == {f"F1:{HSV}"}


def test_a_follow_up_may_name_the_next_one() -> None:
    following = date(2026, 12, 1)
    events = plans.follow_up(ESTABLISHED, Outcome.UPPNATT, "Klarar sig", following, TODAY)
    case = step(ESTABLISHED, NOOR, events, LATER)

    assert plans.plan_of(case).awaiting == following
    with pytest.raises(Refused, match=r"^plans/past$"):
        plans.follow_up(ESTABLISHED, Outcome.UPPNATT, "Klarar sig", TODAY, TODAY)


def test_there_is_nothing_to_follow_up_before_a_plan() -> None:
    with pytest.raises(Refused, match=r"^plans/nothing-to-follow-up$"):
        plans.follow_up(WRITTEN, Outcome.EJ, "", None, TODAY)


def test_a_new_date_makes_what_was_missed_of_the_old_one_history() -> None:
    case = replace(ESTABLISHED, missed=frozenset({f"P1:{HSV}", f"F1:{HSV}"}))

    case = step(case, ANNA, [FollowUpSet(date(2026, 11, 2))], LATER)

    assert case.missed == {f"F1:{HSV}"}
    assert plans.plan_of(case).dated == LATER


def test_a_plan_whose_coordinator_left_needs_another_one() -> None:
    plan = plans.plan_of(ESTABLISHED)

    assert plan.without(HSV).lacking == ("ansvar",)
    assert plan.without(HSV).changed
    assert plan.without(VC) is plan
