"""Forms: one question at a time, answers by number, going back, skipping, confirming, ending."""

from datetime import timedelta

import pytest

from commands.catalogue import COMMANDS
from commands.declare import Command
from commands.forms.form import Form, line
from commands.reading import Invocation, read
from tests.commands.driver import BIST, HSV, HT, MONDAY, OPENING, VC, Chat, user
from tests.commands.region import scene

CALL = ("Planera hemgång", "imorgon 13", "14:00", "hem", "1 2 3", "1", "nej", "hoppa över", "031-390 06 00", "hoppa över")


def command(name: str) -> Command:
    return next(each for each in COMMANDS if each.name == name)


@pytest.mark.parametrize(
    "text",
    [
        "enkel",
        'Hon sa "hej"',
        "det's bra",
        "«citat»",
        "5″ slang",
        "‹inre› och `kod`",
        "''två''",
        "!svar F1 ja",
        "både \"a\" och 'b'",
        "rad ett\nrad två",
        "tom= nr=3 senast=idag",
        "x" * 4000,
        "imorgon 13",
    ],
)
def test_any_text_survives_the_line_that_a_form_stands_for(text: str) -> None:
    form = Form("!meddelande", "", "!", "$1", MONDAY).answered("text", text)

    found = read(line(form, command("meddelande")).text, COMMANDS, scene())

    assert isinstance(found, Invocation)
    assert found.values["text"] == text


def test_a_text_with_all_kinds_of_marks_keeps_its_words() -> None:
    form = Form("!meddelande", "", "!", "$1", MONDAY).answered("text", "\"a\" 'b' «c»")

    found = read(line(form, command("meddelande")).text, COMMANDS, scene())

    assert isinstance(found, Invocation)
    assert found.values["text"] == "\"a\" 'b' ”c”"


async def test_a_form_asks_in_a_thread_of_its_own(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.say("anna", room, "!fråga")

    effect = heard.said[0].effect
    assert getattr(effect, "thread", None) is not None
    assert effect.thread.event == heard.event  # type: ignore[attr-defined]
    assert (effect.rings, effect.text) == ((), False)  # type: ignore[attr-defined]


async def test_a_form_in_a_thread_goes_on_there(chat: Chat) -> None:
    room = await chat.opened("noor")
    begun = await chat.say("anna", room, "!meddelande", thread="$annan")
    done = await chat.say("anna", room, "Nytt nummer", thread="$annan")

    assert begun.said[0].effect.thread.event == "$annan"  # type: ignore[attr-defined]
    assert "Nytt nummer" in done


async def test_numbers_choose_among_what_was_shown(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!sip kalla", *CALL, f"ja {await chat.noun()}")

    assert "1. Norrgårdens vårdcentral" in heard[4].replies
    assert "1. Anna Demo" in heard[5].replies
    meeting = (await chat.case()).meetings["S1"]
    assert meeting.call.units == (VC, BIST, HSV)
    assert meeting.call.leader == user("anna")


async def test_a_number_that_was_not_shown_is_asked_about(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", *CALL[:3], "9", "2️⃣")

    assert "inget av valen" in heard[-2].replies
    assert "Vilka enheter kallas" in heard[-1].replies


async def test_the_caret_stands_in_the_answer(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, '!sip kalla syfte="planera"', "imorgon klockan blå")

    lines = heard[-1].replies.split("\n")
    at = lines.index("imorgon klockan blå")
    assert "^" in lines[at + 1]
    assert lines[at + 1].index("^") <= len("imorgon klockan blå")


async def test_a_mention_and_the_word_jag_name_people(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", *CALL[:5])
    pill = f'<a href="https://matrix.to/#/{user("noor")}">Noor Demo</a>'
    await chat.say("anna", room, "Noor Demo", thread=heard[0].event, html=pill)
    for answer in CALL[6:]:
        await chat.say("anna", room, answer, thread=heard[0].event)
    summary = await chat.say("anna", room, "vänta", thread=heard[0].event)
    assert "Inget har hänt än" in summary.replies
    await chat.say("anna", room, f"ja {await chat.noun()}", thread=heard[0].event)

    assert (await chat.case()).meetings["S1"].call.leader == user("noor")


async def test_tillbaka_asks_the_last_question_again(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", "Fel syfte", "tillbaka", "Rätt syfte", *CALL[1:], f"ja {await chat.noun()}")

    assert "Vad är syftet med mötet?" in heard[2].replies
    assert (await chat.case()).meetings["S1"].call.purpose == "Rätt syfte"


async def test_what_is_required_cannot_be_skipped(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!meddelande", "hoppa över", "Hej")

    assert "går inte att hoppa över" in heard[1].replies
    assert "Hej" in heard[2]


async def test_avbryt_ends_a_form_from_anywhere_in_the_room(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, "!sip kalla")
    heard = await chat.say("anna", room, "Avbryt")

    assert "Avbrutet" in heard.replies
    assert await chat.rows("dialogues") == []


async def test_what_was_wrong_is_asked_again_and_the_rest_is_kept(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", "Planera", "imorgon 13", "12:00", "15:00", "sjukhus", "orkar inte åka", *CALL[4:7])

    assert "Sluttiden stämmer inte" in heard[3].replies
    assert "När slutar mötet?" in heard[3].replies
    assert "Varför på sjukhus?" in heard[5].replies
    heard += [
        await chat.say("anna", room, each, thread=heard[0].event) for each in ("http://osäker", "https://video.example/x", "hoppa över")
    ]
    heard.append(await chat.say("anna", room, "anna@", thread=heard[0].event))
    assert "https://" in heard[-4].replies
    assert "E-post" in heard[-1].replies or "e-post" in heard[-1].replies
    summary = await chat.say("anna", room, "anna@almfors.test", thread=heard[0].event)
    assert "på sjukhuset, därför att: orkar inte åka" in summary.replies


async def test_nobody_in_the_room_can_lead(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!sip kalla", *CALL[:5], user("eva"), "jag")

    assert "kan inte leda mötet" in heard[-2].replies
    assert "närstående" in heard[-1].replies


async def test_a_step_of_weight_waits_for_the_noun(chat: Chat) -> None:
    room = await chat.opened("noor")
    noun = await chat.noun()
    heard = await chat.form("anna", room, f"!aktör ta bort {BIST} hemtjänst räcker", "ja", "ja svanen-fel", f"JA {noun}.")

    assert heard[0].replies.startswith("Ester Demoson, född 1935")
    assert [f"ja {noun}" in each.replies for each in heard[:3]] == [True, True, True]
    assert BIST not in (await chat.case()).actors


async def test_a_confirmation_may_stand_in_the_main_timeline(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, f"!aktör ta bort {BIST} hemtjänst räcker")

    asked = await chat.say("anna", room, "ja")
    assert f"ja {await chat.noun()}" in asked.replies
    await chat.say("anna", room, f"ja {await chat.noun()}")
    assert BIST not in (await chat.case()).actors


async def test_a_reply_to_the_question_is_an_answer_wherever_it_stands(chat: Chat) -> None:
    room = await chat.opened("noor")
    asked = await chat.say("anna", room, "!meddelande")
    heard = await chat.say("anna", room, "Nytt nummer", reply_to=asked.said[0].event)

    assert "Nytt nummer" in heard


async def test_talk_beside_a_form_is_not_taken_as_its_answer(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, "!meddelande")
    heard = [await chat.say("anna", room, text) for text in ("ja, det blir bra", "Nej tack", "tillbaka imorgon")]

    assert [each.sent for each in heard] == [(), (), ()]


async def test_only_the_one_who_began_can_confirm(chat: Chat) -> None:
    room = await chat.opened("noor")
    begun = await chat.say("anna", room, f"!aktör ta bort {BIST} hemtjänst räcker")
    heard = await chat.say("noor", room, f"ja {await chat.noun()}", thread=begun.event)

    assert "inget att bekräfta" in heard.replies
    assert BIST in (await chat.case()).actors


async def test_two_forms_of_one_person_do_not_mix(chat: Chat) -> None:
    room = await chat.opened("noor")
    one, two = await chat.say("anna", room, "!meddelande"), await chat.say("anna", room, "!plan mål")
    await chat.say("anna", room, "Gå själv", thread=two.event)
    await chat.say("anna", room, "Nytt nummer", thread=one.event)

    case = await chat.case()
    assert case.plan
    assert dict(case.plan.goals) == {"M1": "Gå själv"}
    assert "K1" in case.notices


async def test_a_command_in_a_form_is_a_command(chat: Chat) -> None:
    room = await chat.opened("noor")
    begun = await chat.say("anna", room, "!meddelande")
    heard = await chat.say("anna", room, "!aktörer", thread=begun.event)

    assert "Aktörer i" in heard.replies
    assert len(await chat.rows("dialogues")) == 1


async def test_in_a_direct_room_a_word_that_is_a_command_is_an_answer(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!begrepp", "översikt")

    assert "ordlistan" in heard[-1].replies


async def test_the_prefix_of_the_writer_is_kept(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "/ärende starta", "nej", "nej")

    assert "”/ärende starta”" in heard[-1].replies


async def test_a_form_whose_unit_left_is_outdated(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!fråga biståndsenheten")
    await chat.confirmed("anna", room, f"!aktör ta bort {BIST} behövs inte")
    heard = await chat.say("anna", room, "Hur går det?", thread=begun.event)

    assert "gäller inte längre" in heard.replies
    assert await chat.rows("dialogues") == []


async def test_a_summary_that_is_no_longer_true_is_refused(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, f"!aktör lägg till {HT} samtycke=ja")
    await chat.confirmed("noor", room, f"!aktör lägg till {HT} samtycke=ja")
    heard = await chat.say("anna", room, f"ja {await chat.noun()}", thread=begun.event)

    assert "redan med i ärendet" in heard.replies


async def test_a_summary_that_cannot_be_read_any_more_is_outdated(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, f"!aktör ta bort {BIST} behövs inte")
    await chat.confirmed("ulla", room, f"!aktör ta bort {BIST} fel enhet")
    heard = await chat.say("anna", room, f"ja {await chat.noun()}", thread=begun.event)

    assert "gäller inte längre" in heard.replies or "inte med i ärendet" in heard.replies


async def test_the_forms_of_one_who_leaves_end(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("ulla", room, "!sip kalla")
    await chat.confirmed("anna", room, f"!aktör ta bort {BIST} behövs inte")

    assert await chat.rows("dialogues") == []
    assert (await chat.say("ulla", room, "Planera", thread=begun.event)).sent == ()


async def test_a_form_that_waited_too_long_is_over_and_its_keys_are_gone(chat: Chat) -> None:
    room = await chat.opened("noor")
    begun = await chat.say("anna", room, "!sip kalla")
    chat.later(timedelta(hours=7, minutes=59))
    await chat.say("anna", room, "Planera", thread=begun.event)
    chat.later(timedelta(hours=8))
    heard = await chat.say("anna", room, "imorgon 13", thread=begun.event)

    assert "Tiden för formuläret är ute" in heard.replies
    assert not [row for row in await chat.rows("keys") if str(row["scope"]).startswith("dialogue:")]


async def test_a_summary_that_shows_the_person_is_noted(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, f"!aktör ta bort {BIST} behövs inte")

    assert ("form/summary", user("anna")) in [(row["what"], row["user"]) for row in await chat.rows("access")]


async def test_an_answer_that_is_too_long_is_told_its_own_length(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!meddelande", "å" * 4001)

    assert "4001 tecken, högst 4000" in heard[-1].replies


async def test_a_form_of_a_command_that_is_gone_is_outdated(chat: Chat) -> None:
    await chat.say("anna", "direkt", OPENING)
    async with chat.database.write() as tx:
        await tx.exec_driver_sql("UPDATE dialogues SET kind = 'ärende borttaget'")
    heard = await chat.say("anna", "direkt", "ja 1935")

    assert "gäller inte längre" in heard.replies
    assert await chat.cases() == 0
