import re

import pytest

from care.people import Directory, Profession, Role
from demo import region

STORY_UNITS = ("vc-norrgard", "k-alm-bist", "k-alm-hsv", "k-alm-ht", "las-med2", "psy-oppen", "k-eh-hsv")
FICTION = re.compile(r"031-390 06 \d\d|070-174 06 (0[5-9]|[1-9]\d)")
"""Two of the series that the Swedish Post and Telecom Authority keeps free for fiction."""


@pytest.fixture
def almfors() -> Directory:
    return region.load("almfors.test")


def test_staff_are_users_of_the_homeserver_and_obviously_fictional(almfors: Directory) -> None:
    assert all(re.fullmatch(r"@[a-z]+\.demo:almfors\.test", member.user) for member in almfors.members)
    assert all(member.name.endswith(" Demo") for member in almfors.members)


@pytest.mark.parametrize("unit", STORY_UNITS)
def test_units_of_the_stories_are_staffed_with_receivers_and_a_chief(almfors: Directory, unit: str) -> None:
    assert almfors.staffed(unit)
    assert almfors.with_role(unit, Role.MOTTAGARE)
    assert almfors.with_role(unit, Role.ENHETSCHEF)


def test_everybody_but_chiefs_auditor_and_administrator_receives_for_the_unit(almfors: Directory) -> None:
    others = {role for member in almfors.members for role in member.roles} - {Role.MOTTAGARE}

    assert others == {Role.ENHETSCHEF, Role.REVISOR, Role.SYSTEMFORVALTARE}
    assert all(len(member.roles) == 1 for member in almfors.members)


def test_every_step_of_the_ladder_ends_at_somebody(almfors: Directory) -> None:
    assert all(almfors.answerable(unit) for unit in almfors.units)
    assert almfors.administrators() == ("@admin.demo:almfors.test",)


def test_a_unit_without_staff_and_units_with_too_few_are_there_on_purpose(almfors: Directory) -> None:
    assert almfors.members_of("k-eh-dag") == ()
    assert not almfors.staffed("k-eh-dag")
    assert not almfors.staffed("vc-lindparken")


def test_people_are_who_the_stories_say_they_are(almfors: Directory) -> None:
    assert almfors.profession("@anna.demo:almfors.test", "vc-norrgard") is Profession.VARDSAMORDNARE
    assert almfors.profession("@tage.demo:almfors.test", "k-alm-hsv") is Profession.ARBETSTERAPEUT
    assert almfors.roles("@karim.demo:almfors.test", "vc-lindparken") == {Role.ENHETSCHEF}
    assert almfors.units_of("@vera.demo:almfors.test") == frozenset()
    assert len(almfors.units) == 20


def test_every_telephone_number_is_one_for_fiction(almfors: Directory) -> None:
    on_call = [unit.on_call.rpartition(", ")[2] for unit in almfors.units.values() if unit.on_call]
    numbers = [unit.phone for unit in almfors.units.values()] + on_call

    assert on_call
    assert [number for number in numbers if not FICTION.fullmatch(number)] == []
