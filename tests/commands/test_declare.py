from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated

import pytest

from care.effects import PlaceKind
from care.people import Unit
from commands.declare import Arg, CaseRef, Command, Handler, Kind, ObjectRef, UserRef, Weight, declare


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def command(handler: Handler) -> Command:
    return declare(handler, noun="fråga", verb="lägg till", en=("ask", "add"), where=frozenset({PlaceKind.CASE}), says="…")


async def everything(
    desk: object,
    text: Annotated[str, Arg()],
    *,
    yes: Annotated[bool, Arg()],
    count: Annotated[int | None, Arg()] = None,
    day: Annotated[date | None, Arg()] = None,
    moment: Annotated[datetime | None, Arg()] = None,
    hour: Annotated[time | None, Arg()] = None,
    unit: Annotated[Unit | None, Arg()] = None,
    units: Annotated[tuple[Unit, ...], Arg()] = (),
    words: Annotated[tuple[str, ...], Arg()] = (),
    person: Annotated[UserRef | None, Arg()] = None,
    thing: Annotated[ObjectRef | None, Arg()] = None,
    case: Annotated[CaseRef | None, Arg()] = None,
    colour: Annotated[Colour | None, Arg()] = None,
) -> None: ...


def test_a_signature_declares_kinds_places_and_what_is_required() -> None:
    declared = command(everything)

    kinds = {p.name: (p.kind, p.many) for p in declared.parameters}
    assert kinds == {
        "text": (Kind.TEXT, False),
        "yes": (Kind.YES_NO, False),
        "count": (Kind.NUMBER, False),
        "day": (Kind.DAY, False),
        "moment": (Kind.MOMENT, False),
        "hour": (Kind.CLOCK, False),
        "unit": (Kind.UNIT, False),
        "units": (Kind.UNIT, True),
        "words": (Kind.TEXT, True),
        "person": (Kind.USER, False),
        "thing": (Kind.OBJECT, False),
        "case": (Kind.CASE, False),
        "colour": (Kind.CHOICE, False),
    }
    assert [p.name for p in declared.parameters if p.required] == ["text", "yes"]
    assert [p.name for p in declared.positional] == ["text"]


def test_a_declared_command_answers_to_its_names_without_case_accents_and_hyphens() -> None:
    declared = declare(everything, noun="aktör", verb="lägg till", en=("actor", "add"), also=("ny aktör",), where=frozenset(), says="…")

    assert declared.name == "aktör lägg till"
    assert declared.nouns == {"aktor", "actor"}
    assert declared.verbs == {"laggtill", "add"}
    assert "nyaktor" in declared.aliases
    assert declared.weight is Weight.ORDINARY


def test_the_last_text_with_a_place_takes_the_rest() -> None:
    async def two(desk: object, first: Annotated[str, Arg()], second: Annotated[str, Arg()]) -> None: ...

    assert [p.rest for p in command(two).parameters] == [False, True]


def test_choices_are_the_words_of_the_users_with_the_values_they_mean() -> None:
    async def paint(desk: object, colour: Annotated[Colour, Arg(choices={"röd": "red"})]) -> None: ...

    assert dict(command(paint).parameters[0].choices) == {"röd": Colour.RED, "blue": Colour.BLUE}


def test_a_choice_is_understood_in_everyday_words_and_in_english_and_these_are_not_shown() -> None:
    async def meet(desk: object, place: Annotated[str, Arg(choices=("hem", "telefon"))]) -> None: ...

    parameter = command(meet).parameters[0]

    assert (parameter.meant["hemma"], parameter.meant["athome"], parameter.meant["phone"]) == ("hem", "hem", "telefon")
    assert list(parameter.choices) == ["hem", "telefon"]


def test_a_word_that_would_stand_for_two_choices_is_refused_when_it_is_declared() -> None:
    async def meet(desk: object, place: Annotated[str, Arg(choices=("digitalt", "ja digitalt"))]) -> None: ...

    with pytest.raises(TypeError, match="online"):
        command(meet)


def test_an_argument_may_be_needed_although_its_handler_could_do_without() -> None:
    async def say(desk: object, nr: Annotated[str, Arg()] = "", text: Annotated[str, Arg(needed=True)] = "") -> None: ...

    assert [(p.name, p.required) for p in command(say).parameters] == [("nr", False), ("text", True)]


def test_what_is_said_instead_of_a_name_is_kept_squeezed() -> None:
    declared = declare(everything, noun="aktör", en=("actor", None), like=("bjud in", "Vem är med"), where=frozenset(), says="…")

    assert declared.like == {"bjudin", "vemarmed"}
    assert not declared.like & declared.aliases


def test_a_parameter_is_found_by_its_name() -> None:
    assert command(everything).parameter("yes").kind is Kind.YES_NO
    with pytest.raises(KeyError):
        command(everything).parameter("no")


async def unannotated(desk: object, text: str) -> None: ...
async def without_arg(desk: object, text: Annotated[str, "text"]) -> None: ...
async def a_float(desk: object, number: Annotated[float, Arg()]) -> None: ...
async def a_list(desk: object, numbers: Annotated[list[str], Arg()]) -> None: ...
async def two_types(desk: object, both: Annotated[int | str, Arg()]) -> None: ...
async def swallowing(desk: object, *texts: Annotated[str, Arg()]) -> None: ...
async def early_list(desk: object, units: Annotated[tuple[Unit, ...], Arg()], text: Annotated[str, Arg()]) -> None: ...
async def resting_date(desk: object, day: Annotated[date, Arg(rest=True)]) -> None: ...
async def one_name(desk: object, a: Annotated[str, Arg(sv="namn")], *, b: Annotated[str, Arg(en="Namn")]) -> None: ...
async def wrong_choice(desk: object, colour: Annotated[Colour, Arg(choices={"grön": "green"})]) -> None: ...


@pytest.mark.parametrize("handler", [unannotated, without_arg, a_float, a_list, two_types, swallowing, early_list, resting_date, one_name])
def test_what_could_not_be_read_is_refused_when_it_is_declared(handler: Handler) -> None:
    with pytest.raises(TypeError):
        command(handler)


def test_a_choice_that_means_nothing_is_refused_when_it_is_declared() -> None:
    with pytest.raises(TypeError):
        command(wrong_choice)
