"""A person who chose English: answers are in English wherever they write, and rooms of several still speak the installation's language."""

import pytest

from care.language import Language
from store import preferences
from tests.commands.driver import HSV, VC, Chat, Heard, user


async def choose(chat: Chat, name: str, language: Language = Language.EN) -> None:
    async with chat.database.write() as tx:
        await preferences.choose(tx, user(name), language, chat.clocks.machine)


def told(heard: Heard) -> str:
    """Return what the room was told, without the answer to the writer."""
    return "\n".join(each.body for each in heard.said if each.body not in heard.replies)


async def test_help_names_commands_by_their_english_names(chat: Chat) -> None:
    await choose(chat, "anna")

    here = (await chat.say("anna", "direkt", "!help")).replies
    topic = (await chat.say("anna", "direkt", "!hjälp ärende starta")).replies

    assert "“!case start” – Start a coordination case" in here
    assert "and “case”. Everything: “!help more”" in here
    assert "Starta" not in here
    assert "consent=” Has the person consented, orally or in writing?" in topic
    assert "!case start" in topic


async def test_help_knows_roles_pages_and_next_steps_in_english_too(chat: Chat) -> None:
    room = await chat.opened("noor")
    await choose(chat, "noor")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    said = {
        line: (await chat.say("noor", room, line)).replies
        for line in ("!help", "!help nurse", "!help sip call more", "!case waiting", "!term SVU")
    }

    assert said["!help"].startswith("The case is waiting for you right now:\n• acknowledge F1 by Monday 7 September at 15:00: “!ack F1”")
    assert "Your cheat sheet: “!help nurse in home health care”" in said["!help"]
    assert "“!sip reply” in the case: Reply to the summons." in said["!help nurse"]
    assert "“email=”" in said["!help sip call more"]
    assert "must answer question F1 by Tuesday 8 September at 08:00: Kan ni komma?" in said["!case waiting"]
    assert "SVPL (Jönköping and Västra Götaland), SVU (Skåne)." in said["!term SVU"]


async def test_another_person_is_still_answered_in_swedish(chat: Chat) -> None:
    await choose(chat, "anna")

    assert "”!ärende starta” – Starta ett samordningsärende" in (await chat.say("noor", "direkt", "!help")).replies


async def test_a_form_asks_in_english_and_does_what_it_does_in_swedish(chat: Chat) -> None:
    room = await chat.opened("noor")
    await choose(chat, "anna")

    heard = await chat.form("anna", room, "!ask", "hemsjukvården", "Can you come?", "Thursday 13:00")

    assert "Which unit are you asking?" in heard[0].replies
    assert "What do you want to know?" in heard[1].replies
    assert "senast torsdag 10 september kl. 13:00" in told(heard[-1])


async def test_a_form_goes_on_when_its_owner_chooses_another_language_meanwhile(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!fråga")
    await choose(chat, "anna")

    asked = await chat.say("anna", room, "hemsjukvården", thread=heard[0].event)
    await chat.say("anna", room, "Kan ni komma?", thread=heard[0].event)
    sent = await chat.say("anna", room, "skip", thread=heard[0].event)

    assert "What do you want to know?" in asked.replies
    assert "Kan ni komma?" in sent.about("F1").body


async def test_choices_are_shown_in_english_and_picked_by_number(chat: Chat) -> None:
    await choose(chat, "anna")

    heard = await chat.form("anna", "direkt", "!case start", "2", "1")

    assert "1. yes\n2. no" in heard[0].replies
    assert "1. oral\n2. written\n3. no" in heard[1].replies
    assert "Which personal identity number or coordination number?" in heard[2].replies


async def test_what_was_not_understood_is_named_in_english(chat: Chat) -> None:
    room = await chat.opened("noor")
    await choose(chat, "noor")

    verb = (await chat.say("noor", room, "!sip")).replies
    date = (await chat.say("noor", room, "!plan followup någon gång")).replies

    assert "!sip call" in verb
    assert "!sip kalla" not in verb
    assert "!plan followup" in date
    assert "a date" in date


async def test_a_lagesbild_that_was_asked_for_is_in_the_language_of_who_asks_and_that_of_the_room_is_not(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await choose(chat, "noor")

    shown = await chat.say("noor", room, "!case show")
    joined = await chat.join("noor", room)

    assert "Monday 7 September" in shown.text
    assert "måndag 7 september" in joined.text
    assert "Monday" not in joined.text


async def test_what_a_person_asks_for_in_english_is_said_to_the_room_in_its_own_language(chat: Chat) -> None:
    room = await chat.opened("noor")
    await choose(chat, "noor")
    await choose(chat, "anna")

    heard = await chat.say("anna", room, "!ask hemsjukvården Can you come? by=Thursday 13:00")

    assert "torsdag 10 september kl. 13:00" in heard.about("F1").body
    assert "Thursday 10" not in told(heard)


async def test_a_device_that_is_not_trusted_is_told_of_in_the_language_of_each_room(chat: Chat) -> None:
    await choose(chat, "noor")

    heard = await chat.hear(chat.message("noor", f"inbox:{HSV}", body="!help", trusted=False))

    assert {str(each.effect.place): "vad du skrev" in each.body or "det du skrev" in each.body for each in heard.said} == {
        f"direct:{user('noor')}": False,
        f"inbox:{HSV}": True,
    }


async def test_a_term_is_explained_in_english_by_either_word(chat: Chat) -> None:
    await choose(chat, "anna")

    for word in ("aktör", "actor"):
        heard = (await chat.say("anna", "direkt", f"!term {word}")).replies
        assert "Also called: party; in Swedish: part." in heard
        assert heard.startswith("actor (aktör) – A unit that takes part in a coordination case.")
    assert "!term principal" in (await chat.say("anna", "direkt", "!term huvudmam")).replies


async def test_a_person_chooses_a_language_in_either_and_is_answered_in_it_at_once(chat: Chat) -> None:
    english = await chat.say("anna", "direkt", "!språk engelska")
    again = await chat.say("anna", f"inbox:{VC}", "!help")
    swedish = await chat.say("anna", "direkt", "!language swedish")

    assert "Samrum now answers you in English" in english.replies
    assert "!language swedish" in english.replies
    assert "Start a coordination case" in again.replies
    assert "Samrum svarar dig nu på svenska" in swedish.replies
    assert "!språk engelska" in swedish.replies
    assert [(row["user"], row["language"]) for row in await chat.rows("preferences")] == [(user("anna"), "sv")]


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("!språk engelska", "en"),
        ("!sprak English", "en"),
        ("!language english", "en"),
        ("/language en", "en"),
        ("språk eng", "en"),
        ("!språk svenska", "sv"),
        ("!språk sv", "sv"),
        ("!LANGUAGE Swedish", "sv"),
        ("!språk språk=svenska", "sv"),
        ("!language language=english", "en"),
    ],
)
async def test_a_language_is_chosen_by_its_name_in_either_language(chat: Chat, typed: str, language: str) -> None:
    await chat.say("anna", "direkt", typed)

    assert [row["language"] for row in await chat.rows("preferences")] == [language]


async def test_a_bare_word_asks_which_language_and_shows_each_once(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!språk", "2")

    assert "1. svenska\n2. engelska\n\n" in heard[0].replies
    assert "Samrum now answers you in English" in heard[1].replies
    assert "1. Swedish\n2. English\n\n" in (await chat.say("anna", "direkt", "!language")).replies


async def test_a_language_that_there_is_not_changes_nothing(chat: Chat) -> None:
    heard = await chat.say("anna", "direkt", "!språk finska")

    assert "Det är inget av valen" in heard.replies
    assert await chat.rows("preferences") == []


async def test_what_one_person_chose_holds_for_nobody_else_and_says_nothing_to_others(chat: Chat) -> None:
    heard = await chat.say("anna", f"inbox:{VC}", "!språk engelska")

    assert heard.text == heard.replies
    assert "Starta ett samordningsärende" in (await chat.say("noor", "direkt", "!hjälp")).replies


async def test_a_repeated_message_chooses_once(chat: Chat) -> None:
    message = chat.message("anna", "direkt", body="!språk engelska")

    first, second = await chat.hear(message), await chat.hear(message)

    assert first.replies
    assert not second.sent
