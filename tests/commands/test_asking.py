"""What a form says while it waits: help, the question again after a wrong answer, and what cannot be done."""

import pytest

from tests.commands.driver import HSV, Chat
from tests.commands.test_forms import CALL


@pytest.mark.parametrize("word", ["hjälp", "Hjälp!", "help", "?", "??", "!hjälp", "/help"])
async def test_help_in_a_form_is_about_its_question_and_keeps_it_open(chat: Chat, word: str) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga", word, "2", "Hur går det?", "hoppa över")

    assert heard[1].replies.startswith("Ett formulär är öppet: ”!fråga”")
    assert "2. Almfors kommun, hemsjukvården centrum" in heard[1].replies
    assert "del av det, eller enhetens id" in heard[1].replies
    assert (await chat.case()).questions["F1"].asked == HSV


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("!sip kalla", "hjälp"), "Skriv fritt, högst 4000 tecken"),
        (("!sip kalla", "Planera", "?"), "Skriv dag och klockslag"),
        (("!sip kalla", "Planera", "imorgon 13", "?"), "Skriv ett klockslag"),
        (("!sip kalla", *CALL[:5], "?"), "En person skrivs med @"),
        (("!plan uppföljning", "?"), "Skriv en dag"),
    ],
)
async def test_help_says_how_each_kind_of_answer_is_written(chat: Chat, lines: tuple[str, ...], told: str) -> None:
    room = await chat.opened("noor", "ulla")

    assert told in (await chat.form("anna", room, *lines))[-1].replies


async def test_tillbaka_at_the_first_question_says_that_it_is_the_first(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!fråga", "tillbaka")

    assert heard[-1].replies.startswith("Det här är den första frågan.")
    assert "Vilken enhet frågar du?" in heard[-1].replies


@pytest.mark.parametrize("nothing", ['""', "””", " ", "”\u00a0”"])
async def test_an_answer_without_words_is_told_to_be_empty(chat: Chat, nothing: str) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", nothing)

    assert heard[-1].replies.startswith("Svaret är tomt.")
    assert "Vad är syftet med mötet?" in heard[-1].replies


async def test_after_a_wrong_answer_the_question_and_its_choices_are_shown_again(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!sip kalla", *CALL[:3], "någonstans", "hem")

    again = heard[-2].replies.split("\n")
    assert again[0] == "Det är inget av valen. Ingenting har ändrats."
    assert "Var hålls mötet?" in again
    assert sum(line.endswith("hem") for line in again) == 1
    assert len(again) <= 16
    assert "Jag förstod" not in heard[-2].replies
    assert "Vilka enheter kallas?" in heard[-1].replies
