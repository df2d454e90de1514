"""Trusting a new identity: only by an administrator, only where something changed, only after a typed name, and once."""

from datetime import timedelta

from care.effects import ADMIN, Trust
from store import changed_identities
from tests.commands.driver import HSV, MONDAY, Chat, user, words

ROOM = str(ADMIN)
NOOR = user("noor")
LINE = f"!lita på {NOOR}"


async def changed(chat: Chat) -> dict[str, object]:
    async with chat.database.read() as tx:
        return dict(await changed_identities.changed(tx))


async def suspect(chat: Chat) -> None:
    async with chat.database.write() as tx:
        await changed_identities.note(tx, {NOOR: "master"}, MONDAY)


async def test_the_consequences_come_first_and_nothing_has_happened_yet(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.say("admin", ROOM, LINE)

    assert NOOR in heard.replies
    assert "hemsjukvården centrum" in heard.replies
    assert "läsa och styra igen" in heard.replies
    assert "Skriv ”ja noor.demo”" in heard.replies
    assert heard.effects(Trust) == ()
    assert NOOR in await changed(chat)


async def test_the_typed_name_accepts_the_identity_once_and_says_so_after_it(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.form("admin", ROOM, LINE, "ja noor.demo")

    assert [(each.user, each.identity) for each in heard[-1].effects(Trust)] == [(NOOR, "master")]
    assert isinstance(heard[-1].sent[0].effect, Trust)
    assert "litar på den nya identiteten" in heard[-1].replies
    assert user("admin") in heard[-1].replies
    assert await changed(chat) == {}
    assert "ingen ny identitet" in (await chat.say("admin", ROOM, LINE)).replies


async def test_another_persons_name_confirms_nothing(chat: Chat) -> None:
    await suspect(chat)

    heard = await chat.form("admin", ROOM, LINE, "ja anna.demo", "nej")

    assert [each.effects(Trust) for each in heard] == [(), (), ()]
    assert NOOR in await changed(chat)


async def test_a_confirmation_after_another_administrator_was_first_changes_nothing(chat: Chat) -> None:
    await suspect(chat)
    asked = await chat.say("admin", ROOM, LINE)
    async with chat.database.write() as tx:
        await changed_identities.settle(tx, NOOR)

    heard = await chat.say("admin", ROOM, "ja noor.demo", thread=asked.event)

    assert heard.effects(Trust) == ()
    assert "ingen ny identitet" in heard.replies


async def test_an_identity_that_changed_once_more_meanwhile_is_not_the_one_that_was_asked_about(chat: Chat) -> None:
    await suspect(chat)
    asked = await chat.say("admin", ROOM, LINE)
    async with chat.database.write() as tx:
        await changed_identities.note(tx, {NOOR: "another"}, MONDAY + timedelta(minutes=1))
    chat.later(timedelta(minutes=2))

    heard = await chat.say("admin", ROOM, "ja noor.demo", thread=asked.event)

    assert heard.effects(Trust) == ()
    assert "ändrats igen" in heard.replies
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
    assert "”ja noor.demo”" in heard.replies


async def test_only_administrators_in_their_room_may(chat: Chat) -> None:
    await suspect(chat)
    elsewhere = [await chat.say("noor", room, LINE) for room in ("direkt", f"inbox:{HSV}")]

    assert (await chat.say("noor", ROOM, LINE)).sent == ()
    assert "administratörernas rum" in words(elsewhere)
    assert [each.effects(Trust) for each in elsewhere] == [(), ()]


async def test_help_in_the_admin_room_names_the_command(chat: Chat) -> None:
    assert "lita" in (await chat.say("admin", ROOM, "!hjälp")).replies
    assert "!lita på @" in (await chat.say("admin", ROOM, "!hjälp lita på")).replies
