"""Rooms that others make, and people who come where they do not belong."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.failures import Permanent, Temporary
from bot.performing import alias
from bot.sentences import CLEAR, CROWDED, STRANGER, UNENCRYPTED
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import Effect, Invite, OpenRoom, Remove, direct, inbox
from store import inbox as letters
from store import rooms
from store.inbox import Kind, Message
from tests.bot.shelves import ADMIN, ANNA, BOT, NOON, OLLE, UNIT, Homeserver, House, house, household, member, staff, visitors
from tests.bot.test_household import enqueued

STRANGE = "@okand:almfors.test"
ROOM = "!made:by-a-person"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.fill(staff(member(ANNA)))
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver(people={ROOM: {BOT, ANNA}})


def invitation(sender: str = ANNA, *, encrypted: bool = True, event: str = "$invite") -> Message:
    return Message(event, ROOM, sender, NOON, Kind.INVITATION, membership="invite", subject=BOT, encrypted=encrypted)


def change(room: str, subject: str, membership: str, *, sender: str = ADMIN) -> Message:
    return Message(f"${membership}", room, sender, NOON, Kind.MEMBERSHIP, membership=membership, subject=subject)


async def keep(home: House, message: Message) -> None:
    async with home.shelf.database.write() as tx:
        await letters.put(tx, home.shelf.vault, [message], NOON)


async def room_of_anna(home: House) -> str | None:
    async with home.shelf.database.read() as tx:
        return await rooms.room_of(tx, direct(ANNA))


async def test_the_encrypted_room_of_two_becomes_the_persons_direct_room(home: House, server: Homeserver) -> None:
    await visitors(home, server).invited(invitation())

    assert await room_of_anna(home) == ROOM
    assert server.acts == [("join", ROOM)]


async def test_the_household_makes_no_second_room_for_a_person_who_made_one(home: House, server: Homeserver) -> None:
    await visitors(home, server).invited(invitation())

    await household(home).keep()

    assert not [effect for effect in await enqueued(home) if effect.place == direct(ANNA)]


async def test_the_newest_room_wins_and_the_bot_leaves_the_old_one(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!old", NOON)

    await visitors(home, server).invited(invitation())

    assert await room_of_anna(home) == ROOM
    assert ("leave", "!old", "") in server.acts


async def test_a_room_with_more_people_is_left_with_the_reason(home: House, server: Homeserver) -> None:
    server.people[ROOM] |= {OLLE}

    await visitors(home, server).invited(invitation())

    assert server.acts == [("join", ROOM), ("leave", ROOM, CROWDED)]
    assert await room_of_anna(home) is None


async def test_a_stranger_in_an_encrypted_room_is_told_by_the_reason_only(home: House, server: Homeserver) -> None:
    await visitors(home, server).invited(invitation(STRANGE))

    assert server.acts == [("leave", ROOM, STRANGER)]
    assert server.events == []


@pytest.mark.parametrize(("sender", "sentence"), [(STRANGE, STRANGER), (ANNA, UNENCRYPTED)])
async def test_an_unencrypted_room_gets_one_constant_sentence(home: House, server: Homeserver, sender: str, sentence: str) -> None:
    await visitors(home, server).invited(invitation(sender, encrypted=False))

    assert server.bodies(ROOM) == [sentence]
    assert sentence in CLEAR
    assert server.acts[-1] == ("leave", ROOM, "")
    assert await room_of_anna(home) is None


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("refused", ["say_in_clear", "members", "join"])
async def test_a_room_where_the_bot_is_refused_anything_is_left(home: House, server: Homeserver, refused: str, encrypted: bool) -> None:
    server.before.append((refused, lambda: Permanent("M_FORBIDDEN")))

    await visitors(home, server).invited(invitation(encrypted=encrypted))

    expected = ROOM if encrypted and refused == "say_in_clear" else None
    assert await room_of_anna(home) == expected
    assert (server.acts[-1] == ("leave", ROOM, "")) is (expected is None)


async def test_a_room_in_use_is_not_left_because_the_one_before_it_cannot_be(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), "!old", NOON)
    server.before.append(("leave", lambda: Permanent("M_UNKNOWN")))

    await visitors(home, server).invited(invitation())

    assert await room_of_anna(home) == ROOM
    assert server.done("leave") == []


async def test_an_invitation_from_elsewhere_is_rejected_without_a_word(home: House, server: Homeserver) -> None:
    await visitors(home, server).invited(invitation("@anna.demo:elsewhere.test"))

    assert server.acts == [("leave", ROOM, "")]


async def test_an_answer_that_broke_off_is_repeated_without_saying_it_twice(home: House, server: Homeserver) -> None:
    server.before.append(("leave", Temporary))
    with pytest.raises(Temporary):
        await visitors(home, server).invited(invitation(STRANGE, encrypted=False))

    await visitors(home, server).invited(invitation(STRANGE, encrypted=False))

    assert server.bodies(ROOM) == [STRANGER]


async def test_who_does_not_belong_in_an_inbox_is_removed_and_the_administrators_are_told_once(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)
    message = change("!inbox", STRANGE, "join", sender=STRANGE)
    await keep(home, message)

    assert await visitors(home, server).passed(message)
    assert await visitors(home, server).passed(message)

    effects = await enqueued(home)
    assert [(type(effect), effect.place) for effect in effects if isinstance(effect, Remove)] == [(Remove, inbox(UNIT))]
    assert len(told(effects)) == 1
    async with home.shelf.database.read() as tx:
        assert await letters.is_done(tx, message.event)


async def test_a_member_who_joins_is_left_to_the_commands(home: House, server: Homeserver) -> None:
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, inbox(UNIT), "!inbox", NOON)

    assert not await visitors(home, server).passed(change("!inbox", ANNA, "join", sender=ANNA))
    assert await enqueued(home) == []


async def test_a_room_that_the_bot_was_removed_from_is_forgotten_told_and_made_again(home: House, server: Homeserver) -> None:
    kept = household(home)
    await kept.keep()
    await enqueued(home)
    async with home.shelf.database.write() as tx:
        await rooms.settle(tx, direct(ANNA), ROOM, NOON)

    assert await visitors(home, server, kept).passed(change(ROOM, BOT, "leave", sender=ANNA))
    await kept.keep()

    effects = await enqueued(home)
    assert await room_of_anna(home) is None
    assert len(told(effects)) == 1
    assert [type(effect) for effect in effects if effect.place == direct(ANNA)] == [OpenRoom, Invite]


async def test_a_removal_from_a_room_that_nobody_knows_is_no_alarm(home: House, server: Homeserver) -> None:
    assert await visitors(home, server).passed(change("!unknown", BOT, "leave", sender=ANNA))

    assert await enqueued(home) == []


def told(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if effect.place == ADMIN_ROOM and effect.key.startswith("alarm:")]


def test_an_alias_tells_nothing_about_its_person() -> None:
    assert "anna" not in alias(BOT, direct(ANNA))
    assert len({alias(BOT, direct(ANNA)), alias(BOT, direct(OLLE)), alias(OLLE, direct(ANNA))}) == 3


def test_the_sentences_hold_no_values() -> None:
    assert not any("{" in sentence or "%" in sentence for sentence in CLEAR)
