from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from care import opening as o
from care.case import Author, Status
from care.consent import Consent, Form, require_covered
from care.events import evolve
from care.people import Directory, Member, Role
from care.refusal import Refused
from tests.builders import ANNA, BIST, DIRECTORY, ESTER, HSV, HT, MED, MONDAY, VC, entered, opened, opening, user


def test_a_case_begins_with_its_consent_its_person_and_its_first_actor() -> None:
    case = opened()

    assert (case.id, case.number, case.codename, case.profile) == ("c-1", "SÄ-2026-00042", "Blå tranan", "demo@1")
    assert (case.status, case.person, case.purpose) == (Status.AKTIVT, ESTER, "Klara sig hemma efter fallet")
    assert (case.initiator, case.opened, case.touched, case.seq) == (VC, MONDAY, MONDAY, 1)
    assert case.perspectives == (o.Perspective.OMVARDNAD, o.Perspective.REHABILITERING)
    assert case.consent == Consent(Form.MUNTLIGT, VC, ANNA.user, MONDAY, frozenset({VC}))
    assert case.name == "SÄ-2026-00042 Blå tranan"
    assert opening().facts() == {"perspectives": "OMVARDNAD,REHABILITERING"}


def test_a_case_is_opened_once() -> None:
    case = opened()

    with pytest.raises(ValueError, match=r"^a case is opened once$"):
        evolve(case, entered(case, ANNA, opening(), MONDAY))


@pytest.mark.parametrize(
    ("stop", "go", "reason"),
    [
        (lambda: o.require_unprotected(protected=True), lambda: o.require_unprotected(protected=False), "opening/protected"),
        (lambda: o.require_consent(given=False), lambda: o.require_consent(given=True), "opening/no-consent"),
        (lambda: o.require_unique(taken=True), lambda: o.require_unique(taken=False), "opening/case-exists"),
        (lambda: o.require_consulted(consulted=False), lambda: o.require_consulted(consulted=True), "opening/not-consulted"),
        (
            lambda: require_covered(covered=False, unit_name="Hemsjukvården"),
            lambda: require_covered(covered=True, unit_name="Hemsjukvården"),
            "consent/not-covered",
        ),
    ],
)
def test_each_check_stops_on_its_own_ground_only(stop: Callable[[], None], go: Callable[[], None], reason: str) -> None:
    go()
    with pytest.raises(Refused, match=f"^{reason}$"):
        stop()


@pytest.mark.parametrize(
    "stop",
    [
        lambda: o.require_unprotected(protected=True),
        lambda: o.require_consent(given=False),
        lambda: o.require_unique(taken=True),
    ],
)
def test_a_stop_tells_nothing_about_the_person(stop: Callable[[], None]) -> None:
    with pytest.raises(Refused) as no:
        stop()

    assert no.value.values == {}


def test_a_refused_unit_is_named() -> None:
    with pytest.raises(Refused) as no:
        require_covered(covered=False, unit_name="Hemsjukvården")

    assert no.value.values == {"unit": "Hemsjukvården"}


def test_a_case_has_two_units_at_least_each_once() -> None:
    assert o.require_units(VC, (HSV, VC, BIST, HSV), DIRECTORY) == (HSV, BIST)
    assert o.require_units(VC, (HSV,), DIRECTORY) == (HSV,)
    for units in ((), (VC,)):
        with pytest.raises(Refused, match=r"^opening/too-few-units$"):
            o.require_units(VC, units, DIRECTORY)


def test_a_unit_that_is_closed_or_has_nobody_to_invite_is_not_added() -> None:
    shut = replace(DIRECTORY.units[HSV], open=False)
    without_hsv = Directory(DIRECTORY.huvudman, {**DIRECTORY.units, HSV: shut}, DIRECTORY.members)
    empty = Directory({}, DIRECTORY.units, ())

    for directory in (without_hsv, empty):
        with pytest.raises(Refused, match=r"^actors/nobody-there$") as no:
            o.require_units(VC, (HSV,), directory)
        assert no.value.values == {"unit": HSV}


def test_one_huvudman_alone_is_pointed_out() -> None:
    assert o.single_huvudman(HSV, (BIST, HT), DIRECTORY)
    assert not o.single_huvudman(HSV, (BIST, VC), DIRECTORY)
    assert o.single_huvudman(VC, (MED,), DIRECTORY)


@pytest.mark.parametrize(
    ("name", "unit", "roles", "allowed"),
    [
        ("anna", VC, {Role.MOTTAGARE}, True),
        ("anna", HSV, {Role.MOTTAGARE}, False),
        ("vera", VC, {Role.REVISOR}, False),
        ("vera", VC, {Role.REVISOR, Role.MEDARBETARE}, True),
        ("vera", VC, {Role.REVISOR, Role.SYSTEMFORVALTARE}, False),
        ("vera", VC, set[Role](), False),
    ],
)
def test_only_one_who_may_act_for_the_unit_starts(name: str, unit: str, roles: set[Role], allowed: bool) -> None:
    directory = Directory(DIRECTORY.huvudman, DIRECTORY.units, (Member(user(name), VC, frozenset(roles)),))
    by = Author(user(name), unit, frozenset(roles))

    if allowed:
        o.may_start(by, directory)
    else:
        with pytest.raises(Refused, match=r"^permissions/not-your-unit$") as no:
            o.may_start(by, directory)
        assert no.value.values == {"unit": unit}


def test_consent_is_widened_to_one_more_unit_and_nothing_else_changes() -> None:
    given = replace(opening().consent, until=date(2027, 9, 7))

    assert given.covering(HSV) == replace(given, covers=frozenset({VC, HSV}))
