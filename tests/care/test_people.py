from types import MappingProxyType

import pytest

from care.effects import ADMIN, Place, PlaceKind, case_room, direct, inbox, place
from care.people import LICENSED, Directory, Huvudman, HuvudmanKind, Member, Profession, Role, Unit, UnitType
from tests.builders import BIST, DIRECTORY, HSV, HT, KOMMUN, REGION, VC, user

A, B, C, D = (user(name) for name in ("a", "b", "c", "d"))


def staffed(*members: Member, contact: str | None = BIST) -> Directory:
    principal = Huvudman(KOMMUN, "Almfors kommun", HuvudmanKind.KOMMUN, contact)
    return Directory(MappingProxyType({KOMMUN: principal}), DIRECTORY.units, members)


def member(who: str, unit: str, *roles: Role, name: str = "", on_duty: bool = False, profession: Profession | None = None) -> Member:
    return Member(who, unit, frozenset(roles), profession, name, on_duty)


def test_a_unit_is_found_by_its_id_only() -> None:
    assert DIRECTORY.unit(VC).huvudman == REGION
    with pytest.raises(KeyError):
        DIRECTORY.unit("norrgården")


def test_members_are_found_by_unit_and_by_person() -> None:
    both = staffed(member(A, HSV, Role.MEDARBETARE, name="Ada"), member(A, HT, Role.ENHETSCHEF), member(B, HT, Role.MOTTAGARE))

    assert [m.user for m in both.members_of(HT)] == [A, B]
    assert [m.unit for m in both.memberships(A)] == [HSV, HT]
    assert both.members_of(VC) == ()
    assert both.memberships(C) == ()
    assert both.units_of(A) == {HSV, HT}
    assert both.roles(A, HT) == {Role.ENHETSCHEF}
    assert both.roles(A, VC) == frozenset()
    assert (both.name_of(A), both.name_of(B)) == ("Ada", B)


def test_a_revisor_and_a_system_role_act_for_no_unit() -> None:
    directory = staffed(
        member(A, HSV, Role.REVISOR), member(B, "", Role.SYSTEMFORVALTARE), member(C, HSV, Role.REVISOR, Role.MEDARBETARE), member(D, HSV)
    )

    assert directory.units_of(A) == directory.units_of(B) == directory.units_of(D) == frozenset()
    assert directory.units_of(C) == {HSV}
    assert directory.administrators() == (B,)


@pytest.mark.parametrize("profession", Profession)
def test_licensed_are_those_of_the_list(profession: Profession) -> None:
    assert member(A, HSV, profession=profession).licensed is (profession in LICENSED)
    assert not member(A, HSV).licensed


def test_the_profession_is_that_held_in_the_unit() -> None:
    directory = staffed(member(A, HSV, profession=Profession.SJUKSKOTERSKA), member(A, HT))

    assert directory.profession(A, HSV) is Profession.SJUKSKOTERSKA
    assert directory.profession(A, HT) is None
    assert directory.profession(A, VC) is None


def test_at_most_three_receivers_are_invited_and_without_any_the_chief() -> None:
    many = staffed(*(member(who, HSV, Role.MOTTAGARE) for who in (A, B, C, D)))
    none = staffed(member(A, HSV, Role.ENHETSCHEF), member(B, HSV, Role.MEDARBETARE))

    assert many.receivers(HSV) == (A, B, C)
    assert none.receivers(HSV) == (A,)


def test_those_on_duty_are_rung_else_all_receivers_else_the_chief() -> None:
    receivers = tuple(member(who, HSV, Role.MOTTAGARE) for who in (A, B, C, D))

    assert staffed(*receivers, member(user("e"), HSV, Role.MEDARBETARE, on_duty=True)).ringing(HSV) == (user("e"),)
    assert staffed(*receivers).ringing(HSV) == (A, B, C, D)
    assert staffed(member(A, HSV, Role.ENHETSCHEF)).ringing(HSV) == (A,)


def test_who_answers_for_a_unit_is_found_step_by_step() -> None:
    chief, admin = member(A, HSV, Role.ENHETSCHEF), member(B, HSV, Role.ENHETSADMIN)
    contact = member(C, BIST, Role.ENHETSCHEF)

    assert staffed(admin, chief, contact).answerable(HSV) == (A,)
    assert staffed(admin, contact).answerable(HSV) == (B,)
    assert staffed(contact).answerable(HSV) == (C,)
    assert staffed(contact, contact=None).answerable(HSV) == ()
    assert staffed(contact).answerable("k-eh-hsv") == ()
    stray = Directory({}, MappingProxyType({"x": Unit("x", "X", UnitType.EXTERN, "okänd")}))
    assert stray.answerable("x") == ()


def test_a_unit_is_staffed_by_two_who_may_act() -> None:
    one = member(A, HSV, Role.MOTTAGARE)

    assert staffed(one, member(B, HSV, Role.MEDARBETARE)).staffed(HSV)
    assert not staffed(one, member(B, HSV, Role.REVISOR)).staffed(HSV)
    assert not staffed(one, member(A, HSV, Role.MEDARBETARE)).staffed(HSV)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (case_room("c-1"), "case:c-1"),
        (inbox(HSV), f"inbox:{HSV}"),
        (direct(A), f"direct:{A}"),
        (ADMIN, "admin:"),
        (Place(PlaceKind.SPACE, HSV), f"space:{HSV}"),
    ],
)
def test_a_place_is_kept_as_text_and_read_again(where: Place, text: str) -> None:
    assert str(where) == text
    assert place(text) == where


def test_an_unknown_kind_of_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="kitchen"):
        place("kitchen:1")
