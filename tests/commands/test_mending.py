"""A line with one argument that can mean several things: a choice by number, and the rest of the line is kept."""

import pytest

from care.questions import Question
from commands.catalogue import COMMANDS
from commands.forms.mending import mended
from commands.reading import Misread, read
from tests.commands.driver import BIST, HSV, VC, Chat, at
from tests.commands.region import scene


async def asked(chat: Chat) -> Question:
    return (await chat.case()).questions["F1"]


@pytest.mark.parametrize(
    ("line", "answer", "unit", "text", "due"),
    [
        ("!fråga Almfors Hur går det?", "2", HSV, "Hur går det?", "2026-09-08 08:00"),
        ("!fråga Almfors Hur går det?", "biståndsenheten", BIST, "Hur går det?", "2026-09-08 08:00"),
        ("!fråga hemsjukvrden Hur går det?", "1", HSV, "Hur går det?", "2026-09-08 08:00"),
        ("!fråga hsv Kan ni komma på torsdag", "1", HSV, "Kan ni komma", "2026-09-10 16:00"),
        ("!fråga hsv Kan ni komma på torsdag", "2", HSV, "Kan ni komma på torsdag", "2026-09-08 08:00"),
        ("!fråga hsv Kan ni komma på torsdag", "Kommer ni på fredag?", HSV, "Kommer ni på fredag?", "2026-09-08 08:00"),
        ("!fråga hsv Hur? senast=lördag 13", "1", HSV, "Hur?", "2026-09-12 13:00"),
        ("!fråga hsv senast=lördag 13", "fredag 13", HSV, "Hur?", "2026-09-11 13:00"),
        ("!fråga hsv Hur? senast=”måndag 13”", "2", HSV, "Hur?", "2026-09-14 13:00"),
        ("!fråga hsv Hur? senast=torsdag halv sju", "2", HSV, "Hur?", "2026-09-10 18:30"),
        ("!fråga hsv Hur? senast=25 dec kl 10", "1", HSV, "Hur?", "2026-12-25 10:00"),
        ("!fråga hsv Hur? senast=kl 13", "2", HSV, "Hur?", "2026-09-08 13:00"),
    ],
)
async def test_a_choice_mends_a_line_and_the_rest_is_kept(chat: Chat, line: str, answer: str, unit: str, text: str, due: str) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, line, answer)
    if (await chat.case()).questions == {}:
        await chat.say("anna", room, text, thread=heard[0].event)

    question = await asked(chat)
    assert "Ingenting har ändrats" in heard[0].replies
    assert (question.asked, question.text, question.due) == (unit, text, at(due))


async def test_a_wrong_answer_to_a_mending_question_offers_again(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga hsv Hur? senast=lördag 13", "söndag 13", "1")

    assert "1. 2026-09-13 13:00" in heard[1].replies
    assert (await asked(chat)).due == at("2026-09-13 13:00")


async def test_the_rest_of_a_kallelse_is_kept(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, '!sip kalla syfte="Planera" tid=måndag 13:00 plats=hem närstående=nej', "2", "14")

    assert "2. 2026-09-14 13:00" in heard[0].replies
    assert "När slutar mötet?" in heard[1].replies
    assert "Vilka enheter kallas?" in heard[2].replies


KALLA = '!sip kalla syfte="Planera" slut=14:00 plats=hem närstående=nej ledare=@anna.demo:almfors.test telefon=0123-4567'


@pytest.mark.parametrize(
    ("lines", "units"),
    [
        (('tid="torsdag 13:00" enheter=bistånd,Almfors', "2"), (BIST, HSV)),
        (('tid="torsdag 13:00" enheter=Almfors och vårdcentralen', "hsv"), (HSV, VC)),
        (('tid="torsdag 13:00" enheter=mob, hsv', "2"), (BIST, HSV)),
        (('tid="torsdag 13:00" enheter=bistånd,Almfors', "1 2"), (BIST, HSV)),
        (('tid="torsdag 13:00"', "hsv, Almfors", "1", "hoppa över", "hoppa över"), (HSV, BIST)),
        (('tid="lördag 13:00" enheter=Almfors, bist', "1", "2"), (HSV, BIST)),
    ],
)
async def test_a_choice_replaces_one_unit_of_a_list_and_nothing_else(chat: Chat, lines: tuple[str, ...], units: tuple[str, ...]) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, f"{KALLA} {lines[0]}", *lines[1:])
    await chat.say("anna", room, f"ja {await chat.noun()}", thread=heard[0].event)

    call = (await chat.case()).meetings["S1"].call
    assert set(call.units) - {VC} == set(units) - {VC}
    assert (call.end, call.phone) == (call.start.replace(hour=call.start.hour + 1), "0123-4567")


async def test_what_is_kept_of_a_list_is_shown(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.say("anna", room, f'{KALLA} tid="torsdag 13:00" enheter=bistånd,Almfors')

    assert "2. Almfors kommun, hemsjukvården centrum" in heard.replies
    assert "Resten av listan är kvar: ”bistånd”" in heard.replies


@pytest.mark.parametrize(
    ("lines", "unit", "text", "due"),
    [
        (("!fråga Almfors Kan ni komma på torsdag", "2", "1"), HSV, "Kan ni komma", "2026-09-10 16:00"),
        (("!fråga Almfors Kan ni komma på torsdag", "2", "2"), HSV, "Kan ni komma på torsdag", "2026-09-08 08:00"),
        (("!fråga Almfors Hur? senast=lördag 13", "1", "2"), HSV, "Hur?", "2026-09-12 13:00"),
        (("!fråga mob Hur? senast=lördag 13", "hoppa över", "3"), HSV, "Hur?", "2026-09-08 08:00"),
    ],
)
async def test_two_wrong_arguments_are_asked_about_one_after_the_other(
    chat: Chat, lines: tuple[str, ...], unit: str, text: str, due: str
) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, *lines)

    question = await asked(chat)
    assert (question.asked, question.text, question.due) == (unit, text, at(due))
    assert "Ingenting har ändrats" in heard[1].replies


async def test_going_back_asks_again_what_was_taken_out_of_a_line(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga hsv senast=lördag 13", "1", "tillbaka")

    assert "Vad undrar du?" in heard[1].replies
    assert "När behöver du svaret?" in heard[2].replies


async def test_a_unit_outside_the_case_is_offered_to_be_added_or_replaced_by_one_of_the_case(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga mob Hur går det?", "3")

    assert "Mobila närvårdsteamet är inte med i ärendet" in heard[0].replies
    assert "!aktör lägg till mob samtycke=ja" in heard[0].replies
    assert "!enheter sök" in heard[0].replies
    assert "3. Almfors kommun, hemsjukvården centrum" in heard[0].replies
    assert ((await asked(chat)).asked, (await asked(chat)).text) == (HSV, "Hur går det?")


async def test_the_line_that_adds_a_unit_is_ready_to_be_typed(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga mob Hur går det?", "!aktör lägg till mob samtycke=ja")

    assert "läggs till och bjuds in" in heard[1].replies


async def test_a_slip_in_the_thread_of_an_open_form_does_not_end_that_form(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!meddelande")
    slip = await chat.say("anna", room, "!fråga Almfors Hur går det?", thread=begun.event)
    await chat.say("anna", room, "Nytt nummer", thread=begun.event)

    assert "Flera enheter heter något med" in slip.replies
    assert "1." not in slip.replies
    assert "K1" in (await chat.case()).notices


@pytest.mark.parametrize(
    "line",
    [
        "!fråga hsv Hur? senast=snart",
        "!sip klar deltog=”Almfors”,bist personen=ja",
        "!fråga Almfors Hur? senast=snart",
        "!fråga hsv Hur? senast=torsdag ca 13",
        "!fråga hsv Kan ni komma på torsdag senast=",
    ],
)
def test_a_line_that_no_choice_makes_good_is_left_to_its_refusal(line: str) -> None:
    def again(text: str) -> object:
        return read(text, COMMANDS, scene())

    misread = again(line)

    assert isinstance(misread, Misread)
    assert mended(line, misread, lambda text: read(text, COMMANDS, scene())) is None
