"""What a form lives through: a restart, a release, two people in it, its owner taken out of the room."""

import json
from dataclasses import replace
from datetime import timedelta

from commands.dispatch import Dispatcher
from commands.forms.form import Form
from store import codec, sealing
from store.directory import Roster
from store.keys import Vault
from tests.commands import driver
from tests.commands.driver import BIST, HSV, MONDAY, Chat


def restarted(chat: Chat) -> Chat:
    """Return the chat with another process of the bot: nothing of the former one is left but the database."""
    vault = Vault(sealing.Keyring(sealing.kek(bytes(range(32)))))
    setting = chat.dispatcher._setting
    dispatcher = Dispatcher(
        database=chat.database,
        vault=vault,
        roster=Roster(vault),
        profile=setting.profile,
        clock=chat.clocks,
        machine=chat.clocks,
        bot=driver.BOT,
        bot_name=setting.bot_name,
        organizer=setting.organizer,
        prefix=setting.prefix,
        gather=timedelta(),
        joins=timedelta(),
    )
    return replace(chat, vault=vault, dispatcher=dispatcher)


async def test_a_form_goes_on_after_a_restart_between_any_two_answers(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!fråga")
    for answer in ("2", "Hur går det?", "imorgon 13"):
        chat = restarted(chat)
        heard = await chat.say("anna", room, answer, thread=begun.event)

    assert heard.about("F1").body.startswith("F1 · Fråga till Almfors kommun, hemsjukvården")


async def test_a_tap_and_a_confirmation_count_after_a_restart(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!ärende avsluta")
    chat = restarted(chat)
    await chat.tap("anna", room, begun.said[0].event, "2️⃣")
    chat = restarted(chat)
    await chat.say("anna", room, f"ja {await chat.noun()}", thread=begun.event)

    assert (await chat.case()).status == "avslut föreslaget"


def test_a_form_of_the_release_before_is_understood() -> None:
    old = json.loads(codec.encode(Form("!fråga", "", "!", "$1", MONDAY)))
    for name in ("asked", "tapped", "mending", "whole"):
        del old[name]

    assert codec.decode(Form, json.dumps(old).encode()) == Form("!fråga", "", "!", "$1", MONDAY)


async def test_two_people_in_one_thread_have_a_form_each(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!meddelande")
    await chat.say("noor", room, "!fråga", thread=begun.event)
    await chat.say("noor", room, "biståndsenheten", thread=begun.event)
    await chat.say("anna", room, "Nytt nummer", thread=begun.event)
    await chat.say("noor", room, "Hur går det?", thread=begun.event)
    await chat.say("noor", room, "hoppa över", thread=begun.event)

    case = await chat.case()
    assert (case.questions["F1"].asker, case.questions["F1"].asked) == (HSV, BIST)
    assert "K1" in case.notices


async def test_another_in_the_thread_of_a_form_is_told_once_whose_it_is(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("anna", room, "!meddelande")
    heard = [await chat.say(name, room, "Nytt nummer", thread=begun.event) for name in ("noor", "noor", "ulla")]

    assert ["svarar bara Anna Demo" in each.replies for each in heard] == [True, False, True]
    assert heard[1].sent == ()
    assert (await chat.case()).notices.keys().isdisjoint({"K1"})


async def test_talk_in_a_thread_that_a_form_only_joined_is_talk(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!meddelande", thread="$annan")

    assert (await chat.say("noor", room, "Hej", thread="$annan")).sent == ()


async def test_one_who_is_taken_out_of_the_room_taps_and_types_in_vain(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    begun = await chat.say("ulla", room, "!fråga")
    question = begun.said[0].event
    await chat.confirmed("anna", room, f"!aktör ta bort {BIST} behövs inte")

    assert await chat.rows("dialogues") == []
    assert (await chat.tap("ulla", room, question, "1️⃣")).sent == ()
    assert (await chat.say("ulla", room, "1", thread=begun.event)).sent == ()


async def test_the_same_person_cannot_answer_in_the_room_what_two_forms_ask(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    for line in ("!meddelande", "!plan mål"):
        await chat.say("anna", room, line)

    assert (await chat.say("anna", room, "Gå själv")).sent == ()
    assert len(await chat.rows("dialogues")) == 2
