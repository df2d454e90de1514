"""Actors in the chat: added, accepting, declining, coming in."""

import pytest

from care.actors import Standing
from care.effects import Invite, Remove
from care.people import Role
from tests.commands.driver import BIST, ESTER, HSV, HT, OPENING, VC, Chat, member, user

PHONE = 12
"""Lines that a phone shows at once."""


async def test_a_unit_is_added_after_its_consequence_was_shown(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!aktör lägg till hemtjänst samtycke=ja", f"ja {await chat.noun()}")

    assert "Almfors kommun, hemtjänst Söder läggs till" in heard[0].replies
    assert [effect.user for effect in heard[1].effects(Invite)] == [user("eva")]
    assert (await chat.case()).actors[HT].standing is Standing.TILLAGD


async def test_a_unit_that_the_consent_does_not_cover_is_not_added(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.form("anna", room, "!aktör lägg till hemtjänst", "nej")

    assert "samtycke omfattar inte" in heard[-1].replies
    assert HT not in (await chat.case()).actors


async def test_a_unit_without_anybody_is_not_added(chat: Chat) -> None:
    room = await chat.opened("noor")
    async with chat.database.write() as tx:
        await tx.exec_driver_sql("DELETE FROM members WHERE unit IN ('k-eh-dag', 'k-eh-hsv')")
    await chat.employ(member("ture", "k-eh-bist"))

    assert "ingen där kan ta emot" in (await chat.say("anna", room, "!aktör lägg till k-eh-dag samtycke=ja")).replies


async def test_one_huvudman_alone_is_pointed_out(chat: Chat) -> None:
    only = OPENING.replace(f"{BIST},{HSV}", "vc-ekhamn")
    assert "samma huvudman" in (await chat.say("anna", "direkt", only)).replies
    await chat.say("anna", "direkt", "ja 1935")

    heard = await chat.say("anna", await chat.room(), "!aktör lägg till psy-oppen samtycke=ja")
    assert "samma huvudman" in heard.replies


async def test_a_unit_accepts_from_its_inbox_without_naming_the_only_case(chat: Chat) -> None:
    await chat.opened()
    heard = await chat.say("noor", f"inbox:{HSV}", "!aktör tacka ja")

    case = await chat.case()
    assert f"deltar nu i {case.name}" in heard.replies
    assert case.actors[HSV].handler == user("noor")


async def test_in_the_case_room_acceptance_is_told_once(chat: Chat) -> None:
    room = await chat.opened()

    assert len((await chat.say("noor", room, "!aktör tacka ja")).said) == 1


async def test_many_actors_come_in_pages_and_each_is_shown_once(chat: Chat) -> None:
    many = ("vc-ekhamn", "vc-lindparken", "psy-oppen", "las-med2", "las-ort", "hab", "mob", "k-alm-kort", "k-alm-saml", "k-eh-bist")
    await chat.form("anna", "direkt", OPENING.replace(f"{BIST},{HSV}", ",".join((BIST, HSV, *many))), "ja 1935")
    room = await chat.room()
    first, second, third, last = [await chat.say("anna", room, f"!aktörer{page}") for page in ("", " mer", " 3", " mer 99")]

    assert "7 aktörer till: ”!aktörer mer”" in first.replies
    assert "Sida 2" in second.replies.splitlines()[0]
    assert "1 aktör till: ”!aktörer mer 3”" in second.replies
    assert "till:" not in third.replies
    assert last.replies == third.replies
    shown = [line for page in (first, second, third) for line in page.replies.splitlines() if line.startswith("•")]
    assert [line.split("”")[1] for line in shown] == [VC, BIST, HSV, *many]
    assert all(len([line for line in page.replies.splitlines() if line]) <= PHONE for page in (first, second, third))


async def test_a_colleague_is_named_as_handler_but_not_a_stranger(chat: Chat) -> None:
    room = await chat.opened()
    refused = await chat.say("noor", room, f"!aktör tacka ja handläggare={user('ulla')}")
    await chat.say("noor", room, f"!aktör tacka ja handläggare={user('disa')}")

    assert "arbetar inte på" in refused.replies
    assert (await chat.case()).actors[HSV].handler == user("disa")


async def test_with_several_waiting_the_case_is_asked_for(chat: Chat) -> None:
    await chat.opened()
    first = await chat.case()
    await chat.form("anna", "direkt", OPENING.replace(ESTER, "19380205-2393"), "ja 1938")
    asked = await chat.say("noor", f"inbox:{HSV}", "!aktör tacka ja")
    assert first.name in asked.replies

    for name in (str(int(first.number[-5:])), first.codename.lower()):
        heard = await chat.say("noor", f"inbox:{HSV}", f"!ärende visa {name}")
        assert first.number in heard.replies
    await chat.say("noor", f"inbox:{HSV}", f"!aktör tacka ja {first.number}")
    assert "redan tackat ja" not in (await chat.say("noor", f"inbox:{HSV}", "!aktör tacka ja")).replies
    assert "Inget ärende väntar" in (await chat.say("noor", f"inbox:{HSV}", "!aktör tacka ja")).replies


async def test_a_case_number_of_another_year_is_found_by_its_last_digits(chat: Chat) -> None:
    await chat.opened()
    chat.clocks.civil = chat.clocks.civil.replace(year=2027)

    assert "Ester Demoson" in (await chat.say("noor", f"inbox:{HSV}", "!ärende visa 1")).replies


async def test_without_a_case_there_is_none_to_show(chat: Chat) -> None:
    assert "inget öppet ärende" in (await chat.say("noor", f"inbox:{HSV}", "!ärende visa")).replies


async def test_a_case_of_others_is_as_unknown_as_one_that_is_not(chat: Chat) -> None:
    await chat.opened()
    number = (await chat.case()).number
    heard = [await chat.say("siri", "direkt", f"!ärende visa {name}") for name in (number, "SÄ-2026-00099")]

    assert heard[0].replies.replace(number, "SÄ-2026-00099") == heard[1].replies
    assert await chat.rows("access") == []


async def test_declining_from_the_inbox_is_confirmed_and_told(chat: Chat) -> None:
    await chat.opened()
    noun = await chat.noun()
    heard = await chat.form("ulla", f"inbox:{BIST}", "!aktör tacka nej personen är inte aktuell hos oss", f"ja {noun}")

    assert heard[0].replies.startswith("Ester Demoson")
    assert "har tackat nej" in heard[1].replies
    assert [effect.user for effect in heard[1].effects(Remove)] == [user("ulla")]
    assert BIST not in (await chat.case()).actors


async def test_declining_in_the_room_is_told_once(chat: Chat) -> None:
    room = await chat.opened()
    heard = await chat.confirmed("ulla", room, "!aktör tacka nej personen är inte aktuell hos oss")

    assert heard.replies == ""
    assert BIST not in (await chat.case()).actors


async def test_open_questions_to_a_unit_that_is_removed_are_named(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!fråga biståndsenheten Kan ni besluta?")

    assert "gäller: F1" in (await chat.say("anna", room, f"!aktör ta bort {BIST} behövs inte")).replies


async def test_a_colleague_comes_in_with_a_reason(chat: Chat) -> None:
    room = await chat.opened("noor")
    number = (await chat.case()).number
    heard = await chat.form("disa", "direkt", "!delta", number, "vikarierar för Noor")

    assert "Du är nu med" in heard[-1].replies
    assert [effect.user for effect in heard[-1].effects(Invite)] == [user("disa")]
    assert ("receipts/entered", user("disa")) in [(row["what"], row["user"]) for row in await chat.rows("access")]
    assert "Aktörer i" in (await chat.say("disa", room, "!aktörer")).replies


@pytest.mark.parametrize(("name", "place"), [("vera", "direkt"), ("siri", "direkt")])
async def test_one_without_a_unit_in_the_case_does_not_come_in(chat: Chat, name: str, place: str) -> None:
    await chat.opened("noor")
    number = (await chat.case()).number

    assert "inget sådant ärende" in (await chat.say(name, place, f"!delta {number} nyfiken")).replies
    assert user(name) not in (await chat.case()).participants


async def test_one_whose_unit_left_while_in_the_room_may_do_nothing_more(chat: Chat) -> None:
    room = await chat.opened("noor")
    await chat.employ(member("noor", HSV, Role.REVISOR))

    assert (await chat.say("noor", room, "!meddelande hej")).sent == ()
    await chat.employ(member("noor", HT, Role.MEDARBETARE))
    for words in ("!meddelande hej", "!sip svar", "!hjälp", "!ärende visa"):
        assert (await chat.say("noor", room, words)).sent == (), "no key goes to them any more, so no answer either"


async def test_the_actors_are_listed_with_their_numbers(chat: Chat) -> None:
    room = await chat.opened("noor")
    heard = await chat.say("anna", room, "!aktörer")

    assert "Norrgårdens vårdcentral" in heard.replies
    assert "startade ärendet: Anna Demo handlägger, 031-390 06 00" in heard.replies
    assert "har inte tackat ja än" in heard.replies
    assert VC in heard.replies
