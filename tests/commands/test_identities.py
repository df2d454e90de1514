"""Trusting a new identity: only by an administrator, only the one whose key was compared with the person, and once."""

from datetime import timedelta

import pytest

from care.effects import ADMIN, Trust
from store import changed_identities
from tests.commands.driver import HSV, MONDAY, Chat, user, words

ROOM = str(ADMIN)
NOOR = user("noor")
LINE = f"!lita på {NOOR}"
MASTER = "M4s7erM4s7erM4s7erM4s7erM4s7erM4s7erM4s7mst"
PHONE, TABLET = "Ab1cAb1cAb1cAb1cAb1cAb1cAb1cAb1cAb1cAb1cPhn", "Zy9xZy9xZy9xZy9xZy9xZy9xZy9xZy9xZy9xZy9xTab"


async def changed(chat: Chat) -> dict[str, object]:
    async with chat.database.read() as tx:
        return dict(await changed_identities.changed(tx))


async def suspect(chat: Chat, *vouching: str, identity: str = MASTER, later: timedelta = timedelta()) -> None:
    async with chat.database.write() as tx:
        await changed_identities.note(tx, {NOOR: identity}, MONDAY + later, {NOOR: vouching or (PHONE,)})


async def test_the_consequences_come_first_and_nothing_has_happened_yet(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.say("admin", ROOM, LINE)

    assert NOOR in heard.replies
    assert "hemsjukvården centrum" in heard.replies
    assert "läsa och ge kommandon igen" in heard.replies
    assert heard.effects(Trust) == ()
    assert NOOR in await changed(chat)


async def test_the_key_of_the_vouching_device_is_shown_as_clients_show_it_but_for_its_last_group(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.say("admin", ROOM, LINE)

    assert f"• {'Ab1c ' * 10}…\n" in heard.replies
    assert "sessionsnyckeln" in heard.replies
    assert "Phn" not in heard.replies
    assert "M4s7" not in heard.replies


async def test_an_identity_that_no_device_vouches_for_is_compared_by_its_own_key(chat: Chat) -> None:
    async with chat.database.write() as tx:
        await changed_identities.note(tx, {NOOR: MASTER}, MONDAY)

    heard = await chat.form("admin", ROOM, LINE, "ja mst")

    assert "M4s7 erM4" in heard[0].replies
    assert "Ingen av personens mobiler eller datorer går i god" in heard[0].replies
    assert [each.identity for each in heard[-1].effects(Trust)] == [MASTER]


async def test_the_last_group_that_the_person_reads_accepts_the_identity_once_and_says_so_after_it(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.form("admin", ROOM, LINE, "ja Phn")

    assert [(each.user, each.identity) for each in heard[-1].effects(Trust)] == [(NOOR, MASTER)]
    assert isinstance(heard[-1].sent[0].effect, Trust)
    assert "litar på den nya identiteten" in heard[-1].replies
    assert user("admin") in heard[-1].replies
    assert await changed(chat) == {}
    assert "ingen ny identitet" in (await chat.say("admin", ROOM, LINE)).replies


@pytest.mark.parametrize("word", ["ja", "ja noor.demo", "ja phn", "ja Ab1c", "ja Tab", "Phn", "ja mst"])
async def test_nothing_but_the_last_group_letter_by_letter_confirms(chat: Chat, word: str) -> None:
    await suspect(chat)

    heard = await chat.form("admin", ROOM, LINE, word, "nej")

    assert "Det stämmer inte" in heard[1].replies
    assert "Phn" not in words(heard)
    assert [each.effects(Trust) for each in heard] == [(), (), ()]
    assert NOOR in await changed(chat)


async def test_any_one_of_several_devices_that_vouch_is_enough(chat: Chat) -> None:
    await suspect(chat, PHONE, TABLET)

    heard = await chat.form("admin", ROOM, LINE, "Ja  Tab ")

    assert "Det räcker att en av nycklarna stämmer" in heard[0].replies
    assert [each.identity for each in heard[-1].effects(Trust)] == [MASTER]


async def test_an_identity_that_was_swapped_before_the_form_began_is_not_the_one_that_the_person_reads(chat: Chat) -> None:
    await suspect(chat)
    await suspect(chat, TABLET, identity="another", later=timedelta(minutes=1))

    heard = await chat.form("admin", ROOM, LINE, "ja Phn")

    assert "Det stämmer inte" in heard[-1].replies
    assert [each.effects(Trust) for each in heard] == [(), ()]
    assert NOOR in await changed(chat)


async def test_no_identity_at_all_is_nothing_to_trust_and_the_way_on_is_said(chat: Chat) -> None:
    await suspect(chat, identity="")

    heard = await chat.form("admin", ROOM, LINE, "ja ", "ja Phn")

    assert "har ingen identitet längre" in heard[0].replies
    assert "konfigurera återställning" in heard[0].replies
    assert [each.effects(Trust) for each in heard] == [(), (), ()]
    assert NOOR in await changed(chat)


async def test_a_confirmation_after_another_administrator_was_first_changes_nothing(chat: Chat) -> None:
    await suspect(chat)
    asked = await chat.say("admin", ROOM, LINE)
    async with chat.database.write() as tx:
        await changed_identities.settle(tx, NOOR)

    heard = await chat.say("admin", ROOM, "ja Phn", thread=asked.event)

    assert heard.effects(Trust) == ()
    assert "ingen ny identitet" in heard.replies


async def test_an_identity_that_changed_once_more_meanwhile_is_not_the_one_that_was_asked_about(chat: Chat) -> None:
    await suspect(chat)
    asked = await chat.say("admin", ROOM, LINE)
    await suspect(chat, identity="another", later=timedelta(minutes=1))
    chat.later(timedelta(minutes=2))

    heard = await chat.say("admin", ROOM, "ja Phn", thread=asked.event)

    assert heard.effects(Trust) == ()
    assert "ändrats igen" in heard.replies
    assert "nytt larm" in heard.replies
    assert NOOR in await changed(chat)


async def test_an_identity_that_has_not_changed_and_a_stranger_are_refused_with_a_way_on(chat: Chat) -> None:
    unchanged = await chat.say("admin", ROOM, f"!lita på {user('anna')}")
    unknown = await chat.say("admin", ROOM, "!lita på @okand:almfors.test")

    assert "ingen ny identitet" in unchanged.replies
    assert "verifiera" in unchanged.replies
    assert "finns inte i katalogen" in unknown.replies


async def test_the_command_asks_for_whom_and_takes_a_mention(chat: Chat) -> None:
    await suspect(chat)
    asked = await chat.say("admin", ROOM, "!lita på")
    pill = f'<a href="https://matrix.to/#/{NOOR}">Noor Demo</a>'

    heard = await chat.say("admin", ROOM, "Noor Demo", thread=asked.event, html=pill)

    assert "Vems nya identitet" in asked.replies
    assert "sessionsnyckeln" in heard.replies


async def test_only_administrators_in_their_room_may(chat: Chat) -> None:
    await suspect(chat)
    elsewhere = [await chat.say("noor", room, LINE) for room in ("direkt", f"inbox:{HSV}")]

    assert (await chat.say("noor", ROOM, LINE)).sent == ()
    assert "administratörernas rum" in words(elsewhere)
    assert [each.effects(Trust) for each in elsewhere] == [(), ()]


async def test_help_in_the_admin_room_names_the_command(chat: Chat) -> None:
    assert "lita" in (await chat.say("admin", ROOM, "!hjälp")).replies
    assert "!lita på @" in (await chat.say("admin", ROOM, "!hjälp lita på")).replies
