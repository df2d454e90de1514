"""Reactions: what one tap may do, and what it may not."""

from datetime import timedelta

import pytest

from care.effects import Say, Words, inbox
from care.meetings import Answer
from commands.taps import plain
from store import outbox, outcomes, reviews
from store.inbox import Kind
from store.keys import transit_scope
from store.reviews import Review
from tests.commands.driver import BIST, HSV, HT, MONDAY, OPENING, VC, Chat, member, user
from tests.commands.test_meetings import CALL


async def kallelse(chat: Chat) -> tuple[str, str]:
    """Return the room of a case, and the event of its kallelse."""
    room = await chat.opened("noor", "ulla")
    heard = await chat.confirmed("anna", room, CALL)
    return room, heard.about("S1").event


@pytest.mark.parametrize(
    ("key", "answer"),
    [("✅", Answer.JA), ("💻", Answer.DIGITALT), ("❌", Answer.NEJ), ("☎️", Answer.NAS), ("☎", Answer.NAS), ("✅\ufe0f", Answer.JA)],
)
async def test_a_tap_on_a_kallelse_answers_it(chat: Chat, key: str, answer: Answer) -> None:
    room, event = await kallelse(chat)
    heard = await chat.tap("noor", room, event, key)

    assert (await chat.case()).meetings["S1"].replies[HSV].answer is answer
    assert ("skriver nu varför" in heard) is (answer is Answer.NEJ)


def test_skin_tones_and_selectors_do_not_matter() -> None:
    assert plain("☎️") == "☎"
    assert plain("👍🏽") == "👍"


async def test_a_tap_acknowledges_one_message(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    posted = await chat.say("anna", room, "!meddelande Nytt nummer")
    await chat.tap("noor", room, posted.about("K1").event, "✅")

    assert (await chat.case()).notices["K1"].waiting == {BIST}


async def test_a_tap_on_the_command_counts_for_what_it_made(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    posted = await chat.say("anna", room, "!meddelande Nytt nummer")
    await chat.tap("noor", room, posted.event, "✅")

    assert (await chat.case()).notices["K1"].waiting == {BIST}


async def test_a_tap_in_the_inbox_acknowledges_being_added_and_no_more(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", OPENING, "ja 1935")
    await chat.tap("noor", f"inbox:{HSV}", heard[-1].about("A3").event, "✅")

    case = await chat.case()
    assert case.notices["A3"].waiting == frozenset()
    assert case.actors[HSV].standing == "tillagd"


@pytest.mark.parametrize("key", ["👍", "1️⃣", "⏱", ""])
async def test_other_taps_mean_nothing(chat: Chat, key: str) -> None:
    room, event = await kallelse(chat)

    assert (await chat.tap("noor", room, event, key)).sent == ()


async def test_a_tap_on_talk_on_the_lagesbild_and_on_a_tap_means_nothing(chat: Chat) -> None:
    room, event = await kallelse(chat)
    talk = await chat.say("anna", room, "Hej")
    joined = await chat.join("tage", room)
    tap = await chat.tap("noor", room, event, "✅")

    for target in (talk.event, joined.about("overview").event, tap.event, "$okänt"):
        assert (await chat.tap("noor", room, target, "✅")).sent == ()


async def test_one_who_is_not_in_the_case_cannot_tap(chat: Chat) -> None:
    room, event = await kallelse(chat)

    assert (await chat.tap("disa", room, event, "✅")).sent == ()
    assert HSV not in (await chat.case()).meetings["S1"].replies


async def test_a_tap_from_another_room_does_not_count(chat: Chat) -> None:
    _, event = await kallelse(chat)
    elsewhere = [await chat.tap("noor", room, event, "✅") for room in ("direkt",)]
    elsewhere.append(await chat.tap("sam", "inbox:k-alm-saml", event, "✅"))

    assert [each.sent for each in elsewhere] == [(), ()]
    assert HSV not in (await chat.case()).meetings["S1"].replies


async def test_a_tap_on_what_is_over_is_met_with_silence(chat: Chat) -> None:
    room, event = await kallelse(chat)
    await chat.confirmed("anna", room, "!sip ställ in sjuk")
    acknowledged = await chat.tap("noor", room, event, "❌")
    assert acknowledged.sent == ()
    assert (await chat.case()).notices["S1"].waiting == {BIST, HSV}

    before = [(await chat.tap("ulla", room, event, "✅"), (await chat.case()).seq)[1] for _ in range(2)]
    assert before[0] == before[1]
    assert (await chat.case()).notices["S1"].waiting == {HSV}


async def test_removing_a_tap_takes_the_answer_back(chat: Chat) -> None:
    room, event = await kallelse(chat)
    tap = await chat.tap("noor", room, event, "✅")
    heard = await chat.redact("noor", room, tap.event)

    assert "tagit tillbaka sitt svar" in heard
    assert HSV not in (await chat.case()).meetings["S1"].replies
    assert (await chat.redact("noor", room, tap.event)).sent == ()


async def test_removing_a_tap_does_not_take_back_what_a_colleague_answered(chat: Chat) -> None:
    room, event = await kallelse(chat)
    tap = await chat.tap("noor", room, event, "✅")
    await chat.say("tage", room, '!sip svar nej "dubbelbokade"')
    heard = await chat.redact("noor", room, tap.event)

    assert heard.sent == ()
    assert (await chat.case()).meetings["S1"].replies[HSV].answer is Answer.NEJ


async def test_removing_a_tap_takes_back_the_answer_of_its_own_unit(chat: Chat) -> None:
    room, event = await kallelse(chat)
    await chat.tap("ulla", room, event, "✅")
    await chat.employ(member("noor", BIST))
    tap = await chat.tap("noor", room, event, "✅")
    await chat.redact("noor", room, tap.event)

    assert set((await chat.case()).meetings["S1"].replies) == {BIST}


async def test_removing_an_acknowledging_tap_changes_nothing(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    posted = await chat.say("anna", room, "!meddelande Nytt nummer")
    tap = await chat.tap("noor", room, posted.event, "✅")

    assert (await chat.redact("noor", room, tap.event)).sent == ()
    assert (await chat.case()).notices["K1"].waiting == {BIST}


async def test_removing_a_tap_after_the_meeting_changes_nothing(chat: Chat) -> None:
    room, event = await kallelse(chat)
    tap = await chat.tap("noor", room, event, "✅")
    await chat.confirmed("anna", room, "!sip ställ in sjuk")

    assert (await chat.redact("noor", room, tap.event)).sent == ()


async def digest(chat: Chat, *rows: tuple[str, str, str]) -> str:
    """Put a digest into the inbox of Hemsjukvården, and return its event."""
    key, scope = f"review:{HSV}:1", transit_scope(MONDAY)
    said = Say(key, inbox(HSV), words=Words("Genomgång", "Genomgång"))
    async with chat.database.write() as tx:
        await reviews.write(tx, Review(HSV, MONDAY, "said", rows, key))
        await outbox.enqueue(tx, chat.vault, (said,), outbox.Envelope("", scope, MONDAY, timedelta()))
    return (await anext(chat.delivered())).event


async def test_a_tap_on_the_digest_marks_the_review_and_acknowledges_no_row(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!meddelande Nytt nummer")
    event = await digest(chat, ((await chat.case()).id, "K1", "kvittera"))
    await chat.tap("noor", f"inbox:{HSV}", event, "✅")

    assert [(row["reviewer"], bool(row["reviewed"])) for row in await chat.rows("reviews")] == [(user("noor"), True)]
    assert HSV in (await chat.case()).notices["K1"].waiting


@pytest.mark.parametrize(("name", "room", "key"), [("noor", f"inbox:{HSV}", "👍"), ("anna", f"inbox:{VC}", "✅")])
async def test_other_taps_do_not_review_a_digest(chat: Chat, name: str, room: str, key: str) -> None:
    await chat.tap(name, room, await digest(chat), key)

    assert [row["reviewed"] for row in await chat.rows("reviews")] == [None]


async def test_rows_of_the_digest_are_acknowledged_by_number(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!meddelande Nytt nummer")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni?")
    case = (await chat.case()).id
    await digest(chat, (case, "K1", "kvittera"), (case, "F1", "svara på fråga"), (case, "S9", "möte"))
    some = await chat.say("noor", f"inbox:{HSV}", "!kvittera 1 3")
    rest = await chat.say("noor", f"inbox:{HSV}", "!kvittera")
    none = await chat.say("noor", f"inbox:{HSV}", "!kvittera 4")

    assert "rad 1." in some.replies
    assert "Rad 3 går inte" in some.replies
    assert "rad 2." in rest.replies
    assert "ingen rad 4" in none.replies
    assert (await chat.case()).notices["F1"].waiting == frozenset()


async def test_without_a_digest_there_are_no_rows(chat: Chat) -> None:
    heard = await chat.say("noor", f"inbox:{HSV}", "!kvittera 1")

    assert "ingen genomgång" in heard.replies
    assert (await chat.hear(chat.message("noor", f"inbox:{HSV}", kind=Kind.INVITATION))).sent == ()


async def test_a_tap_on_a_number_chooses_for_whoever_began_the_form_and_is_marked_in_the_journal(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    question = (await chat.say("anna", room, '!fråga text="Hur går det?"')).said[0]
    others = await chat.tap("noor", room, question.event, "2️⃣")
    beside = [await chat.tap("anna", room, question.event, key) for key in ("3️⃣", "✅", "2")]
    due = await chat.tap("anna", room, question.event, "2️⃣")
    await chat.say("anna", room, "hoppa över", reply_to=due.said[0].event)

    assert isinstance(question.effect, Say)
    assert question.effect.reactions == ("1️⃣", "2️⃣")
    assert [each.sent for each in (others, *beside)] == [(), (), (), ()]
    assert "När behöver du svaret?" in due.replies
    assert (await chat.case()).questions["F1"].asked == HSV
    assert (await chat.rows("journal"))[-1]["source"] == "chosen"


@pytest.mark.parametrize("key", ["3️⃣", "3\u20e3"])
async def test_a_tap_on_a_question_that_is_answered_means_nothing(chat: Chat, key: str) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!fråga")
    question = begun.said[0].event
    await chat.tap("anna", room, question, "2️⃣")
    again = await chat.tap("anna", room, question, key)
    await chat.say("anna", room, "avbryt")
    over = await chat.tap("anna", room, question, key)

    assert [again.sent, over.sent] == [(), ()]


@pytest.mark.parametrize(
    ("room", "lines"),
    [
        ("direkt", ("!ärende starta",)),
        ("direkt", ("!ärende starta", "nej")),
        ("", (f"!aktör lägg till {HT}",)),
        ("", ("!sip kalla", "Planera", "imorgon 13", "14", "hem")),
        ("", ("!meddelande",)),
    ],
)
async def test_consent_an_opening_and_lists_are_typed(chat: Chat, room: str, lines: tuple[str, ...]) -> None:
    case = await chat.opened("noor")
    heard = await chat.form("anna", room or case, *lines)
    question = heard[-1].said[-1]

    assert isinstance(question.effect, Say)
    assert question.effect.reactions == ()
    assert (await chat.tap("anna", room or case, question.event, "1️⃣")).sent == ()


async def test_what_weighs_is_confirmed_in_words_after_a_tap(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!ärende avsluta")
    summary = await chat.tap("anna", room, begun.said[0].event, "1️⃣")
    taps = [await chat.tap("anna", room, summary.said[0].event, key) for key in ("1️⃣", "✅")]

    assert f"ja {await chat.noun()}" in summary.replies
    assert [each.sent for each in taps] == [(), ()]


async def test_a_tap_when_the_time_is_out_says_so(chat: Chat) -> None:
    room = await chat.opened("noor")
    question = (await chat.say("anna", room, "!fråga")).said[0].event
    chat.later(timedelta(hours=8))

    assert "Tiden för formuläret är ute" in (await chat.tap("anna", room, question, "1️⃣")).replies


async def test_reactions_that_are_not_there_yet_are_dropped_when_the_question_is_answered(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = chat.message("anna", room, body="!fråga")
    await chat.dispatcher.handle(begun)
    async with chat.database.write() as tx:
        (claimed,) = await outbox.claim(tx, chat.vault, chat.clocks.machine, timedelta(minutes=1), 100)
        await outcomes.arrived(tx, claimed.id, "$question")
    heard = await chat.tap("anna", room, "$question", "2️⃣")

    assert "Vad undrar du?" in heard.replies
    assert next(row["state"] for row in await chat.rows("outbox") if row["id"] == claimed.id) == "done"


async def test_removing_a_tap_on_a_number_asks_again_while_it_is_the_newest_answer(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!fråga")
    tap = await chat.tap("anna", room, begun.said[0].event, "1️⃣")
    again = await chat.redact("anna", room, tap.event)
    other = await chat.tap("anna", room, again.said[0].event, "2️⃣")
    await chat.say("anna", room, "Hur går det?", thread=begun.event)
    late = await chat.redact("anna", room, other.event)
    await chat.say("anna", room, "hoppa över", thread=begun.event)

    assert "Vilken enhet frågar du?" in again.replies
    assert late.sent == ()
    assert (await chat.case()).questions["F1"].asked == HSV
