"""Units by what they are called, in the demo region and in a large one."""

from dataclasses import replace

import pytest

from care.effects import PlaceKind
from care.people import Directory, Unit, UnitType
from commands.declare import Arg, Kind, Parameter
from commands.reading import Misread, Reason
from commands.reading.once import once_for
from commands.reading.outcome import Scene
from commands.reading.register import known, register
from commands.reading.unit_kinds import KINDS
from commands.reading.units import read_one_unit, read_unit, search
from commands.reading.words import split
from tests.commands.region import ACTORS, NOW, UNITS, scene, unit

ONE = Parameter("enhet", Kind.UNIT, Arg(sv="enhet"))
ANY = Parameter("enhet", Kind.UNIT, Arg(sv="enhet", outside=True))
SECOND = unit("vc-soder", "Söders vårdcentral", UnitType.VARDCENTRAL, "vårdcentralen")


def with_second(*actors: str) -> Scene:
    return replace(scene(), directory=Directory(units={**UNITS, SECOND.id: SECOND}), actors=actors)


def taken(text: str, where: Scene, parameter: Parameter = ONE) -> tuple[str, int] | tuple[Reason, object]:
    found = read_unit(parameter, split(text), where)
    if isinstance(found, Misread):
        return found.reason, found.values.get("candidates")
    return found[0].id, found[1]


def test_a_word_for_a_kind_is_the_one_unit_of_that_kind_in_the_case() -> None:
    assert taken("vårdcentralen Hej", with_second(*ACTORS)) == ("vc-norrgard", 1)


def test_a_word_for_a_kind_is_asked_about_where_the_case_has_several_even_if_one_is_called_so() -> None:
    here = with_second(*ACTORS, "vc-soder")

    assert taken("vårdcentralen Hej", here) == (Reason.UNIT_AMBIGUOUS, ("vc-norrgard", "vc-soder"))
    assert taken("Söders Hej", here) == ("vc-soder", 1)


def test_a_word_for_a_kind_that_the_case_has_not_is_looked_for_among_all() -> None:
    assert taken("vårdcentralen", with_second("k-alm-hsv")) == (Reason.UNIT_OUTSIDE_CASE, ("k-alm-hsv",))
    assert taken("akutmottagningen", scene()) == (Reason.UNIT_UNKNOWN, ())
    assert taken("medicinavdelningen", scene(), ANY) == (Reason.UNIT_UNKNOWN, ("las-med2",))
    assert taken("sjukhuset", scene(), ANY) == ("las-med2", 1)


@pytest.mark.parametrize("kind", UnitType)
def test_every_kind_of_unit_but_the_outside_world_has_a_word(kind: UnitType) -> None:
    assert any(kind in kinds for kinds in KINDS.values()) is (kind is not UnitType.EXTERN)


@pytest.mark.parametrize("text", ["hsv och bist Hej", "hsv, bist Hej", "hsv,bist Hej", "hsv/bist", "hsv + bist", "hsv samt mob Hej"])
def test_two_units_where_one_is_asked_are_refused_and_none_is_chosen(text: str) -> None:
    assert taken(text, scene())[0] is Reason.SEVERAL_UNITS


@pytest.mark.parametrize("text", ["hemsjukvården Ekhamn Hej", "hemsjukvården i Ekhamn Hej", "biståndsenheten Ekhamns sida"])
def test_a_name_that_the_next_word_makes_another_units_is_asked_about_and_no_number_answers_it(text: str) -> None:
    found = read_unit(ONE, split(text), scene())

    assert isinstance(found, Misread)
    assert (found.reason, found.end) == (Reason.UNIT_AMBIGUOUS, 0)


def test_the_words_that_several_units_share_are_told_with_their_end() -> None:
    text = "Almfors  kommun Hej"
    found = read_unit(ONE, split(text), scene())

    assert isinstance(found, Misread)
    assert text[found.at : found.end] == "Almfors  kommun"


@pytest.mark.parametrize("text", ["hemsjukvården kan ni komma", "hemsjukvården och tack", "hsv i morgon", "hemsjukvården Almfors Hej"])
def test_a_name_with_text_behind_it_is_that_unit(text: str) -> None:
    assert taken(text, scene())[0] == "k-alm-hsv"


def test_words_between_those_of_a_name_mean_nothing_more() -> None:
    found = read_one_unit(ANY, split("biståndsenheten i Ekhamn"), scene())

    assert not isinstance(found, Misread)
    assert found[0].id == "k-eh-bist"


def test_slips_are_shown_with_the_units_of_the_case_first() -> None:
    assert taken("vrdcentral", with_second("vc-soder"))[1] == ("vc-soder", "vc-ekhamn", "vc-norrgard")


def large() -> Directory:
    copies = {f"{u.id}-{i}": replace(u, id=f"{u.id}-{i}", name=f"{u.name} {i}") for i in range(120) for u in UNITS.values()}
    return Directory(units={**UNITS, **copies})


@pytest.mark.parametrize(
    "query", ["k-alm-hsv-7", "hemsjukvården centrum 7", "bistånd 7", "almfors", "kalmhsv7", "mobila 119", "xyzzy", "7", "?"]
)
def test_the_register_finds_what_a_search_through_all_units_finds(query: str) -> None:
    region = large()
    every = [u for u in region.units.values() if u.open]
    where = Scene(PlaceKind.INBOX, NOW, region)

    found = read_one_unit(ANY, split(query), where)

    expected = [u.id for u in search(query, every)]
    if isinstance(found, Misread):
        candidates = found.values["candidates"]
        assert (found.reason, candidates) in {(Reason.UNIT_AMBIGUOUS, tuple(expected[:9])), (Reason.UNIT_UNKNOWN, ())}
        assert found.values.get("more", 0) == max(0, len(expected) - 9)
    else:
        assert [found[0].id] == expected


def test_a_register_is_made_once_for_a_directory_and_anew_for_its_successor() -> None:
    first, second = Directory(units=UNITS), Directory(units={"mob": UNITS["mob"]})

    assert register(first) is register(first)
    assert list(register(second).units) == ["mob"]
    assert register(first) is register(first)


def test_what_is_made_once_is_told_apart_by_the_thing_itself() -> None:
    made: list[list[int]] = []

    def make(source: list[int]) -> int:
        made.append(source)
        return len(source)

    counted, one, equal = once_for(make), [1], [1]

    assert (counted(one), counted(one), counted(equal)) == (1, 1, 1)
    assert len(made) == 2


def test_closed_units_are_not_in_the_register() -> None:
    closed: Unit = UNITS["k-eh-dag"]

    assert not closed.open
    assert closed.id not in register(Directory(units=UNITS)).units
    assert "dagverksamheten" in known(closed).words
