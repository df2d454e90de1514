"""What comes in: who is heard, what is said once, what happens to a bug and to a message that comes twice."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from care.effects import ADMIN, Pin, Place, PlaceKind
from care.people import Role
from commands import typed
from store.inbox import Kind
from tests.commands import driver
from tests.commands.driver import BIST, BOT, HSV, HT, VC, Chat, member, user


async def test_a_message_is_handled_once(chat: Chat) -> None:
    room = await chat.opened("noor")
    message = chat.message("anna", room, body="!meddelande Hej")
    first, again = await chat.hear(message), await chat.hear(message)

    assert (len(first.said), again.sent) == (1, ())
    assert list((await chat.case()).counters.items()).count(("K", 1)) == 1


async def test_what_was_handled_is_wiped(chat: Chat) -> None:
    await chat.say("anna", "direkt", "hej")

    assert [row["payload"] for row in await chat.rows("inbox")] == [None]


@pytest.mark.parametrize("room", ["okänt rum", "direct:@ulla.demo:almfors.test", f"inbox:{BIST}", "admin:", f"space:{VC}"])
async def test_one_who_does_not_belong_in_a_room_gets_no_answer(chat: Chat, room: str) -> None:
    await chat.place(Place(PlaceKind.SPACE, VC))

    assert (await chat.say("anna", room, "!hjälp")).sent == ()


async def test_a_colleague_who_is_not_in_the_case_is_not_heard_in_its_room(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert (await chat.say("disa", room, "!aktörer")).sent == ()
    assert (await chat.say("vera", room, "!aktörer")).sent == ()


async def test_one_who_has_left_every_unit_is_not_heard(chat: Chat) -> None:
    assert (await chat.hear(replace(chat.message("anna", "direkt", body="!hjälp"), sender="@okand:almfors.test"))).sent == ()


async def test_the_bot_does_not_answer_itself(chat: Chat) -> None:
    assert (await chat.hear(replace(chat.message("anna", "direkt", body="!hjälp"), sender=BOT))).sent == ()


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.EDIT])
async def test_what_no_trusted_device_wrote_is_not_obeyed(chat: Chat, kind: Kind) -> None:
    room = await chat.opened("noor")
    asked = await chat.say("anna", room, f"!aktör ta bort {BIST} behövs inte")
    message = chat.message("anna", room, kind=kind, body=f"ja {await chat.noun()}", thread=asked.event, target=asked.event, trusted=False)

    assert [each for each in (await chat.hear(message)).sent if str(each.effect.place) == room] == []
    assert BIST in (await chat.case()).actors


async def test_what_came_in_clear_is_not_obeyed(chat: Chat) -> None:
    assert (await chat.hear(chat.message("anna", "direkt", kind=Kind.CLEAR, body="!hjälp"))).sent == ()


async def test_an_administrator_looks_things_up_in_the_admin_room(chat: Chat) -> None:
    assert "Norrgårdens" in await chat.say("admin", str(ADMIN), "!enheter norrgården")


@pytest.mark.parametrize("line", ["!aktörer", "!aktörr", "!svar F9 hej", "!aktör ta bort k-alm-bist behövs inte"])
async def test_changing_or_removing_a_command_is_answered_once(chat: Chat, line: str) -> None:
    room = await chat.opened("noor")
    command = await chat.say("anna", room, line)
    edits = [await chat.edit("anna", room, command.event, "!fråga") for _ in range(2)]
    removals = [await chat.redact("anna", room, command.event) for _ in range(2)]

    assert ["ändra ett skickat kommando" in each.replies for each in edits] == [True, False]
    assert ["ta bort ett kommando" in each.replies for each in removals] == [True, False]
    assert [edits[1].sent, removals[1].sent] == [(), ()]


async def test_talk_may_be_changed_and_removed_in_peace(chat: Chat) -> None:
    room = await chat.opened("noor")
    talk = await chat.say("anna", room, "Hej allihop")

    assert (await chat.edit("anna", room, talk.event, "Hej")).sent == ()
    assert (await chat.redact("anna", room, talk.event)).sent == ()


@pytest.mark.parametrize("into", ["!fråga hemsjukvården Hur går det?", "!frgåa hemsjukvården hej", "! aktörer"])
async def test_talk_that_is_edited_into_a_command_is_answered_once_and_does_nothing(chat: Chat, into: str) -> None:
    room = await chat.opened("noor")
    talk = await chat.say("anna", room, "Hur går det?")
    edits = [await chat.edit("anna", room, talk.event, into) for _ in range(2)]

    assert ["ändras i efterhand" in each.replies for each in edits] == [True, False]
    assert edits[1].sent == ()
    assert (await chat.case()).questions == {}


async def test_an_answer_to_a_form_that_is_edited_is_answered_and_one_that_is_removed_is_not(chat: Chat) -> None:
    room = await chat.opened("noor")
    begun = await chat.say("anna", room, "!sip kalla")
    purpose = await chat.say("anna", room, "Planera", thread=begun.event)
    edited = await chat.edit("anna", room, purpose.event, "Planera om")

    assert "i ett formulär ”tillbaka”" in edited.replies
    assert edited.log == 0
    assert (await chat.redact("anna", room, purpose.event)).sent == ()


async def test_talk_in_a_case_room_and_an_inbox_is_met_with_silence(chat: Chat) -> None:
    room = await chat.opened("noor")

    for place in (room, f"inbox:{VC}"):
        assert (await chat.say("anna", place, "Ska vi ses på fredag?")).sent == ()
    assert await chat.rows("dialogues") == []


async def test_talk_in_a_direct_room_is_answered(chat: Chat) -> None:
    assert "!hjälp" in (await chat.say("anna", "direkt", "hej på dig")).replies


@pytest.mark.parametrize("text", ["Det är akut!", "AKUT läge", "hon är akut sjuk"])
async def test_akut_is_answered_with_numbers(chat: Chat, text: str) -> None:
    room = await chat.opened("noor")
    heard = await chat.say("anna", room, text)

    assert "Ring 112" in heard.replies
    assert "031-390 06 11" in heard.replies
    assert "031-390 06 00" in (await chat.say("anna", "direkt", text)).replies


async def test_akut_in_a_command_and_in_an_answer_is_answered_too(chat: Chat) -> None:
    room = await chat.opened("noor")
    asked = await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma? Det är akut")
    answered = await chat.say("noor", room, "Vi kommer akut", thread=asked.about("F1").event)

    assert ["Ring 112" in asked, "Ring 112" in answered] == [True, True]
    assert not (await chat.case()).questions["F1"].open


@pytest.mark.parametrize("text", ["akutmottagningen ringde", "!enheter akut", "!begrepp akut"])
async def test_a_word_that_only_holds_akut_rings_nobody_up(chat: Chat, text: str) -> None:
    room = await chat.opened("noor")

    assert "112" not in (await chat.say("anna", room, text)).replies


async def test_a_bug_saves_nothing_and_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await chat.opened("noor")
    before = await chat.case()

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(typed, "_note", broken)
    message = chat.message("anna", room, body="!meddelande Hej")
    with pytest.raises(ZeroDivisionError):
        await chat.hear(message)
    assert [each async for each in chat.delivered()] == []
    assert (await chat.case()).seq == before.seq

    await chat.dispatcher.apologise(message, "F-4711")
    told = [each.body async for each in chat.delivered()]
    assert "F-4711" in told[0]
    await chat.dispatcher.apologise(message, "F-4711")
    assert [each async for each in chat.delivered()] == []
    assert (await chat.hear(message)).sent == ()


async def test_a_bug_in_a_tap_is_not_told(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.dispatcher.apologise(chat.message("anna", room, kind=Kind.REACTION, target="$1", key="✅"), "F-1")
    await chat.dispatcher.apologise(chat.message("anna", "okänt", body="hej"), "F-2")

    assert [each async for each in chat.delivered()] == []


async def test_what_could_not_be_forgotten_is_forgotten_after_the_next_message(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    forget, tries = chat.database.forget, list[bool]()

    async def busy() -> None:
        tries.append(True)
        if len(tries) == 1:
            raise TimeoutError
        await forget()

    monkeypatch.setattr(chat.database, "forget", busy)
    await chat.say("anna", "direkt", "!ärende starta")
    await chat.say("anna", "direkt", "avbryt")
    await chat.say("anna", "direkt", "hej")

    assert len(tries) == 2


async def test_one_who_joins_gets_a_recap_and_a_fresh_lagesbild(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    heard = await chat.join("tage", room)

    assert heard.text.startswith("Välkommen till")
    assert "F1" in heard.said[0].body
    assert heard.said[1].about == "overview"
    assert len(heard.effects(Pin)) == 1
    assert ("recap", user("tage"), HSV) in [(row["what"], row["user"], row["unit"]) for row in await chat.rows("access")]


async def test_a_recap_names_meetings_and_the_plan_but_nobody(chat: Chat) -> None:
    room = await chat.opened("noor")
    line = (
        f'!sip kalla syfte="planera" tid="imorgon 13:00" slut=14:00 plats=hem enheter={HSV} ledare={user("anna")} närstående=nej telefon=1'
    )
    await chat.confirmed("anna", room, line)
    heard = await chat.join("tage", room)

    assert "S1 SIP-möte tisdag 8 september kl. 13:00–14:00" in heard.said[0].body
    assert "Ester" not in heard.said[0].body


async def test_joins_within_the_gathering_time_share_one_welcome(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(driver.chat(tmp_path, joins=timedelta(minutes=1)))
        room = await chat.opened("noor")
        first = await chat.join("anna", room)
        heard = [await chat.join(name, room) for name in ("noor", "tage")]
        chat.later(timedelta(minutes=1))
        welcomed = [each async for each in chat.delivered()]

    assert "Välkommen" in first, "whoever opened the case does not wait"
    assert [each.said for each in heard] == [(), ()]
    assert ["Välkommen" in each.body for each in welcomed].count(True) == 1


@pytest.mark.parametrize(("name", "membership"), [("disa", "join"), ("tage", "leave")])
async def test_who_only_leaves_or_does_not_belong_is_not_welcomed(chat: Chat, name: str, membership: str) -> None:
    room = await chat.opened("noor")
    message = chat.message(name, room, kind=Kind.MEMBERSHIP, membership=membership, subject=user(name))

    assert (await chat.hear(message)).sent == ()
    assert (await chat.join("anna", "direkt")).sent == ()


async def test_with_two_units_the_one_that_may_do_the_step_acts(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.employ(member("noor", BIST, Role.MEDARBETARE))
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    await chat.say("anna", room, "!fråga biståndsenheten Kan ni besluta?")
    answered = await chat.say("noor", room, "!svar F2 Ja")

    assert "från Almfors kommun, biståndsenheten" in answered
    acknowledged = await chat.say("noor", room, "!kvittera")
    assert "för Almfors kommun, hemsjukvården centrum" in acknowledged.replies


async def test_a_unit_that_is_not_in_the_case_is_offered_never_asked(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.say("anna", room, f"!fråga {HT} Kan ni handla?")

    assert f"!aktör lägg till {HT} samtycke=ja" in heard.replies
    assert (await chat.case()).questions == {}
