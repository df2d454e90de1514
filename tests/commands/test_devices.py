"""What people are told about a device that is not trusted, and about messages that could not be read in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care.effects import ADMIN, Say, direct, inbox
from store import inbox as letters
from store import unread
from store.inbox import Kind, Message
from store.unread import Unread
from tests.commands.driver import ESTER, HSV, VC, Chat, Heard, Sent, at, user

ANNA, NOOR = user("anna"), user("noor")
HERS = [str(direct(ANNA)), str(inbox(VC))]


def places(heard: Heard) -> list[str]:
    return sorted(str(each.effect.place) for each in heard.sent)


def says(heard: Heard) -> list[Say]:
    return [each.effect for each in heard.sent if isinstance(each.effect, Say)]


async def unsigned(
    chat: Chat, room: str, body: str, *, name: str = "anna", device: str = "NEW", standing: str = "unsigned", thread: str = ""
) -> Heard:
    return await chat.hear(chat.message(name, room, body=body, trusted=False, device=device, standing=standing, thread=thread))


@pytest.mark.parametrize("body", ["!meddelande Hej", "/meddelande Hej", "Samrum: aktörer", "!xyzzy"])
async def test_a_command_from_a_device_that_is_not_trusted_is_answered_in_the_inbox_and_never_in_the_case(chat: Chat, body: str) -> None:
    room = await chat.opened("noor")

    heard = await unsigned(chat, room, body)

    assert places(heard) == HERS
    assert all(each.rings == (ANNA,) for each in says(heard))
    assert "Kryptering" in heard.text
    assert "återställning" in heard.text
    assert (await chat.case()).counters.get("K", 0) == 0


async def test_nothing_of_what_was_typed_is_said_or_kept(chat: Chat) -> None:
    heard = await unsigned(chat, "direkt", f"!ärende starta {ESTER} namn=Ester")

    assert ESTER not in heard.text
    assert "Ester" not in heard.text
    assert await chat.rows("dialogues") == []
    assert heard.log == 0


async def test_the_person_is_told_once_per_device_and_day(chat: Chat) -> None:
    told = [await unsigned(chat, "direkt", "hej") for _ in range(2)]
    other = await unsigned(chat, f"inbox:{VC}", "!hjälp", device="OTHER")
    chat.later(timedelta(days=1))
    tomorrow = await unsigned(chat, "direkt", "hej")

    assert [places(each) for each in (*told, other, tomorrow)] == [HERS, [], HERS, HERS]


async def test_talk_among_people_needs_no_trusted_device(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert (await unsigned(chat, room, "Ska vi ses på fredag?")).sent == ()
    assert (await unsigned(chat, f"inbox:{VC}", "God morgon")).sent == ()


async def test_answers_to_a_form_and_to_a_question_are_not_taken(chat: Chat) -> None:
    room = await chat.opened("noor")
    asked = await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")
    form = await chat.say("noor", room, "!fråga")
    answer = await unsigned(chat, room, "Ja, på torsdag", name="noor", thread=asked.about("F1").event)
    reply = await unsigned(chat, room, "hemsjukvården", name="noor", thread=form.event, device="OTHER")

    hers = [str(direct(NOOR)), str(inbox(HSV))]
    assert [places(answer), places(reply)] == [hers, hers]
    assert (await chat.case()).questions["F1"].open


async def test_a_changed_identity_is_told_to_ring_the_administrator(chat: Chat) -> None:
    heard = await unsigned(chat, "direkt", "!hjälp", standing="changed")

    assert "Ring er administratör" in heard.text
    assert "Konfigurera" not in heard.text


async def test_an_administrator_is_told_in_the_admin_room_too(chat: Chat) -> None:
    heard = await unsigned(chat, str(ADMIN), "!lita på @noor.demo:almfors.test", name="admin")

    assert str(ADMIN) in places(heard)


async def test_a_stranger_with_an_unknown_device_is_met_with_silence(chat: Chat) -> None:
    message = chat.message("anna", "direkt", body="!hjälp", trusted=False, standing="unknown")

    assert (await chat.hear(replace(message, sender="@okand:almfors.test"))).sent == ()


async def lost(chat: Chat, room: str, *, name: str = "anna", event: str = "$lost") -> Heard:
    """Let the grace period of a message that cannot be read run out."""
    message = replace(chat.message(name, room, kind=Kind.UNREADABLE, target=event), event=f"unreadable:{event}")
    waits = Unread(event, message.room, message.sender, "session", message.sent)
    async with chat.database.write() as tx:
        await unread.put(tx, [waits], chat.clocks.machine)
    return await chat.hear(message)


def late(chat: Chat, room: str, body: str, *, event: str = "$lost", ago: timedelta = timedelta()) -> Message:
    message = chat.message("anna", room, body=body)
    return replace(message, event=event, sent=chat.clocks.civil - ago)


async def test_what_cannot_be_read_is_told_its_writer_in_the_room_once_a_day(chat: Chat) -> None:
    room = await chat.opened("noor")
    first, second = await lost(chat, room), await lost(chat, f"inbox:{VC}", event="$other")
    colleague = await lost(chat, room, name="noor", event="$third")
    chat.later(timedelta(days=1))
    tomorrow = await lost(chat, room, event="$fourth")

    (said,) = says(first)
    assert (str(said.place), said.rings) == (room, (ANNA,))
    assert said.reply is not None
    assert said.reply.event == "$lost"
    assert "Skriv det igen" in first.text
    assert second.sent == ()
    assert [len(colleague.sent), len(tomorrow.sent)] == [1, 1]


async def test_a_strangers_unreadable_message_triggers_nothing(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert (await lost(chat, room, name="disa")).sent == ()


async def test_a_late_message_is_obeyed_and_answered_once_when_nothing_was_written_since(chat: Chat) -> None:
    await lost(chat, "direkt")
    chat.later(timedelta(minutes=10))

    message = late(chat, "direkt", "!hjälp", ago=timedelta(minutes=11))
    first, again = await chat.hear(message), await chat.hear(message)

    assert "!ärende starta" in first.replies
    assert again.sent == ()
    assert await chat.rows("unread") == []


async def test_a_late_command_that_was_written_again_is_not_done_twice(chat: Chat) -> None:
    room = await chat.opened("noor")
    await lost(chat, room)
    chat.later(timedelta(minutes=1))
    again = await chat.say("anna", room, "!meddelande Hej")

    heard = await chat.hear(late(chat, room, "!meddelande Hej", ago=timedelta(minutes=2)))

    assert again.about("K1")
    assert "har inte utförts" in heard.replies
    assert (await chat.case()).counters["K"] == 1


async def test_a_command_that_is_read_on_another_day_is_not_done(chat: Chat) -> None:
    room = await chat.opened("noor")
    await lost(chat, room)
    chat.later(at("2026-09-08 08:00") - chat.clocks.civil)

    heard = await chat.hear(late(chat, room, "!meddelande Hej", ago=timedelta(hours=20)))

    assert "har inte utförts" in heard.replies
    assert (await chat.case()).counters.get("K", 0) == 0


@pytest.mark.parametrize(("days", "done"), [(8, 0), (6, 1)])
async def test_a_command_that_is_older_than_seven_days_is_not_done_although_nothing_is_known_of_its_waiting(
    chat: Chat, days: int, done: int
) -> None:
    room = await chat.opened("noor")
    chat.later(timedelta(days=days))

    heard = await chat.hear(late(chat, room, "!meddelande Hej", ago=timedelta(days=days)))

    assert ("har inte utförts" in heard.replies) is (done == 0)
    assert (await chat.case()).counters.get("K", 0) == done


async def test_late_talk_is_met_with_silence(chat: Chat) -> None:
    room = await chat.opened("noor")
    await lost(chat, room)
    chat.later(timedelta(days=1))

    assert (await chat.hear(late(chat, room, "Ska vi ses?", ago=timedelta(days=1)))).sent == ()


async def test_a_key_within_the_grace_period_changes_nothing(chat: Chat) -> None:
    room = await chat.opened("noor")
    waits = Unread("$lost", f"!{room}", ANNA, "session", chat.clocks.civil)
    async with chat.database.write() as tx:
        await unread.put(tx, [waits], chat.clocks.machine)
    await chat.say("anna", room, "Hej")

    heard = await chat.hear(late(chat, room, "!meddelande Hej", ago=timedelta(minutes=1)))

    assert isinstance(heard.about("K1"), Sent)


async def test_two_late_messages_do_not_stand_in_each_others_way(chat: Chat) -> None:
    room = await chat.opened("noor")
    for event in ("$one", "$two"):
        await lost(chat, room, event=event)
    chat.later(timedelta(minutes=5))
    ago = timedelta(minutes=6)
    messages = [late(chat, room, f"!meddelande {event}", event=event, ago=ago) for event in ("$one", "$two")]
    async with chat.database.write() as tx:
        await letters.put(tx, chat.vault, messages, chat.clocks.machine)

    heard = [await chat.hear(message) for message in messages]

    assert [each.about(name).about for each, name in zip(heard, ("K1", "K2"), strict=True)] == ["K1", "K2"]
