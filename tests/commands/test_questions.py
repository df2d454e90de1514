"""Messages, questions and answers in the chat."""

import pytest

from care.questions import QuestionState
from tests.commands.driver import BIST, HSV, Chat, at, user


async def asked(chat: Chat, line: str = "!fråga hemsjukvården Kan ni komma på torsdag?") -> tuple[str, str]:
    """Return the room of a case and the event of a question to Hemsjukvården."""
    room = await chat.opened("noor", "ulla")
    heard = await chat.say("anna", room, line)
    return room, heard.about("F1").event


async def test_a_question_rings_the_asked_unit_alone(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma? senast=onsdag 13:00")

    assert set(heard.about("F1").effect.rings) == {user("noor"), user("tage")}  # type: ignore[attr-defined]
    assert (await chat.case()).questions["F1"].due == at("2026-09-09 13:00")


@pytest.mark.parametrize("due", ["onsdag ca 13", "onsdag prick", "imorgon bitti", 'onsdag "13:00"', '"onsdag" 13:00'])
async def test_an_hour_that_was_not_understood_goes_to_nobody_as_text(chat: Chat, due: str) -> None:
    room = await chat.opened("noor", "ulla")

    heard = await chat.say("anna", room, f"!fråga hemsjukvården Kan ni komma? senast={due}")

    assert "Ingenting har ändrats" in heard
    assert not (await chat.case()).questions


@pytest.mark.parametrize("way", ["thread", "reply_to"])
async def test_a_reply_by_the_asked_unit_is_the_answer(chat: Chat, way: str) -> None:
    room, event = await asked(chat)
    await chat.hear(chat.message("tage", room, body="Ja, klockan tio", **{way: event}))  # type: ignore[arg-type]

    question = (await chat.case()).questions["F1"]
    assert (question.state, question.answer) == (QuestionState.ANSWERED, "Ja, klockan tio")


async def test_a_question_back_leaves_the_question_open(chat: Chat) -> None:
    room, event = await asked(chat)
    heard = await chat.say("noor", room, "Vilken tid?", thread=event)

    assert "Klockan går vidare" in heard
    assert (await chat.case()).questions["F1"].open


async def test_talk_of_others_in_the_thread_of_a_question_is_talk(chat: Chat) -> None:
    room, event = await asked(chat)
    others = [await chat.say(name, room, "Det undrar vi också", thread=event) for name in ("anna", "ulla")]
    empty = await chat.say("noor", room, " ", thread=event)
    await chat.say("noor", room, "Ja", thread=event)
    after = await chat.say("noor", room, "Tack", thread=event)

    assert [each.sent for each in (*others, empty, after)] == [(), (), (), ()]


async def test_an_answer_that_is_too_long_is_told_so(chat: Chat) -> None:
    room, event = await asked(chat)

    assert "5000 tecken" in (await chat.say("noor", room, "å" * 5000, thread=event)).replies
    assert (await chat.case()).questions["F1"].open


async def test_a_number_that_is_no_question_begins_the_answer(chat: Chat) -> None:
    room, _ = await asked(chat)
    await chat.say("noor", room, "!svar 3 dagar till")

    assert (await chat.case()).questions["F1"].answer == "3 dagar till"


async def test_a_number_names_the_question(chat: Chat) -> None:
    room, _ = await asked(chat)
    await chat.say("anna", room, "!fråga hemsjukvården Och på fredag?")
    unclear = await chat.say("noor", room, "!svar Ja")
    await chat.say("noor", room, "!svar 2 Ja")

    assert "F1" in unclear.replies
    assert "F2" in unclear.replies
    assert [(name, q.open) for name, q in (await chat.case()).questions.items()] == [("F1", True), ("F2", False)]


@pytest.mark.parametrize("way", ["thread", "reply_to"])
async def test_a_thread_or_a_reply_tells_which_question_a_command_answers(chat: Chat, way: str) -> None:
    room, _ = await asked(chat)
    second = await chat.say("anna", room, "!fråga hemsjukvården Och på fredag?")
    pointed = {way: second.about("F2").event}
    begun = await chat.hear(chat.message("noor", room, body="!svar", **pointed))  # type: ignore[arg-type]
    await chat.say("noor", room, "Ja", thread=pointed.get("thread", begun.event))

    assert [(name, q.answer) for name, q in (await chat.case()).questions.items()] == [("F1", ""), ("F2", "Ja")]


async def test_a_question_that_is_answered_is_not_mistaken_for_the_only_open_one(chat: Chat) -> None:
    room, first = await asked(chat)
    await chat.say("anna", room, "!fråga hemsjukvården Och på fredag?")
    await chat.say("noor", room, "Ja", thread=first)
    heard = await chat.say("noor", room, "!svar Nej", thread=first)

    assert "F1 är redan besvarad" in heard.replies
    assert (await chat.case()).questions["F2"].open


async def test_a_bare_number_in_the_thread_of_another_question_is_asked_about(chat: Chat) -> None:
    room, first = await asked(chat)
    await chat.say("anna", room, "!fråga hemsjukvården Och på fredag?")
    heard = await chat.say("noor", room, "!svar 2 dagar till", thread=first)

    assert "Vilken fråga svarar du på?" in heard.replies
    assert all(question.open for question in (await chat.case()).questions.values())


async def test_an_answer_without_words_is_asked_for_and_which_question_first(chat: Chat) -> None:
    room, _ = await asked(chat)
    single = await chat.say("noor", room, "!svar")
    await chat.say("noor", room, "avbryt")
    await chat.say("anna", room, "!fråga hemsjukvården Och på fredag?")
    heard = await chat.form("noor", room, "!svar", "F2", "Ja")

    assert "Vad är svaret?" in single.replies
    assert "F1" in heard[0].replies
    assert "Vilken fråga svarar du på?" in heard[0].said[-1].body
    assert "Vad är svaret?" in heard[1].replies
    assert (await chat.case()).questions["F2"].answer == "Ja"


async def test_nothing_to_answer_is_told_before_the_answer_is_asked_for(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert "Ingen fråga väntar på svar" in (await chat.say("noor", room, "!svar")).replies
    assert await chat.rows("dialogues") == []


async def test_the_form_offers_a_time_and_takes_none(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga", "2", "Kan ni komma?", "hoppa över")

    assert "1. Almfors kommun, biståndsenheten\n2. Almfors kommun, hemsjukvården centrum\n\n" in heard[0].replies
    assert "När behöver du svaret?" in heard[2].replies
    question = (await chat.case()).questions["F1"]
    assert (question.asked, question.due) == (HSV, at("2026-09-08 08:00"))


async def test_ones_own_unit_is_not_offered_and_not_asked(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!fråga", "vc-norrgard", "Kan ni komma?", "idag 15:30", "1")

    assert "vårdcentral" not in heard[0].replies.lower()
    assert "Vilken enhet frågar du?" in heard[-2].replies
    assert (await chat.case()).questions["F1"].asked == BIST


async def test_acknowledging_without_a_number_takes_all_that_waits(chat: Chat) -> None:
    room, _ = await asked(chat)
    await chat.say("anna", room, "!meddelande Nytt nummer")
    heard = await chat.say("noor", room, "!kvittera")

    assert "Almfors kommun, hemsjukvården centrum: F1 och K1" in heard.replies
    assert "inget att kvittera" in (await chat.say("noor", room, "!kvittera")).replies
