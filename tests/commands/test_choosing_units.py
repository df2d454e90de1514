"""What a line lacks or leaves open is asked for in a form: the text of an answer, and which of several units was meant."""

import pytest

from tests.commands.driver import BIST, HSV, Chat


async def test_an_answer_without_text_is_asked_for_its_text(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, f"!fråga {HSV} Vem möter upp?")

    asked = await chat.say("noor", room, "!svar F1")
    done = await chat.say("noor", room, "Jag", thread=asked.event)

    assert "Vad är svaret?" in asked
    assert "Jag" in done
    assert (await chat.case()).questions["F1"].answer == "Jag"


async def test_several_units_are_chosen_from_by_number_and_the_line_is_done_as_typed(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")

    asked = await chat.say("anna", room, "!fråga Almfors Vem möter upp? senast=imorgon")
    done = await chat.say("anna", room, "2", thread=asked.event)

    assert "1. Almfors kommun, biståndsenheten" in asked.text
    assert "2. Almfors kommun, hemsjukvården centrum" in asked.text
    question = (await chat.case()).questions["F1"]
    assert (question.asked, question.text) == (HSV, "Vem möter upp?")
    assert "Vem möter upp?" in done


@pytest.mark.parametrize(("typed", "elsewhere"), [("hemsjukvården", "k-eh-hsv"), ("vårdcentralen", "vc-ekhamn")])
async def test_a_name_that_a_place_follows_is_typed_anew_and_never_answered_by_a_number(chat: Chat, typed: str, elsewhere: str) -> None:
    room = await chat.opened("noor", "ulla")

    asked = await chat.say("anna", room, f"!fråga {typed} i Ekhamn Hur går det?")
    await chat.say("anna", room, "1", thread=asked.event)
    await chat.say("anna", room, "ja", thread=asked.event)

    assert "Skriv den som du menar" in asked.text
    assert asked.text.count(elsewhere) == 1
    assert not (await chat.case()).questions


async def test_until_one_of_several_units_is_chosen_nothing_is_asked_of_any(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")

    asked = await chat.say("anna", room, "!fråga Almfors Vem möter upp?")
    other = await chat.say("anna", room, "7", thread=asked.event)
    back = await chat.say("anna", room, "tillbaka", thread=asked.event)
    left = await chat.say("anna", room, "avbryt", thread=asked.event)

    assert not (await chat.case()).questions
    assert "ingen enhet" in other.text
    assert "Vilken enhet frågar du?" in back
    assert "avbr" in left.text.lower()


async def test_an_unclear_unit_in_a_form_is_chosen_by_its_own_numbers_and_not_by_those_shown_before(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")

    asked = await chat.say("anna", room, "!fråga")
    unclear = await chat.say("anna", room, "Almfors", thread=asked.event)
    await chat.say("anna", room, "1", thread=asked.event)
    await chat.say("anna", room, "Vem möter upp?", thread=asked.event)
    await chat.say("anna", room, "hoppa över", thread=asked.event)

    assert "1. Almfors kommun, biståndsenheten" in unclear.text
    assert (await chat.case()).questions["F1"].asked == BIST


async def test_an_empty_answer_is_told_without_a_word_about_equals_signs(chat: Chat) -> None:
    room = await chat.opened("noor")

    asked = await chat.say("anna", room, "!sip kalla")
    empty = await chat.say("anna", room, "  ", thread=asked.event)
    still = await chat.say("anna", room, "Planera hemgång", thread=asked.event)

    assert "likhetstecken" not in empty.text
    assert "Vilken dag" in still


async def test_a_number_of_a_person_is_not_repeated_in_what_was_left_over(chat: Chat) -> None:
    room = await chat.opened("noor")

    heard = await chat.say("anna", room, "!aktörer 19351217-2382")

    assert "2382" not in heard.text
    assert "••••" in heard.text
