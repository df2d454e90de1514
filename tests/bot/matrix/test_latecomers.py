"""Who enters a room while a message is on its way there is given its key, also when the process that said it is gone by then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from vodozemac import MegolmDecryptionException

from bot.matrix.crypto.drawers import Drawer
from bot.matrix.errors import Permanent
from bot.matrix.keys import UNHEARD
from bot.matrix.wire import Json
from tests.bot.matrix.counterparts import ANNA, BOT, OTHER_ROOM, ROOM, Bot, Homeserver, Person, text
from tests.bot.shelves import TestClock

BEN = "@ben.demo:x"
Process = Callable[[], Awaitable[Bot]]
"""Starts the bot on the same store; what another has not committed is not in it."""


@pytest.fixture
def clock() -> TestClock:
    return TestClock(datetime(2026, 9, 1, tzinfo=UTC))


@pytest_asyncio.fixture
async def process(tmp_path: Path, server: Homeserver, clock: TestClock) -> AsyncIterator[Process]:
    started = list[Bot]()

    async def start() -> Bot:
        started.append(await Bot(tmp_path / "bot.db", server, clock=clock).open())
        started[-1].allowed = {ANNA, BEN}
        return started[-1]

    yield start
    for each in started:
        await each.close()


@pytest_asyncio.fixture
async def bot(process: Process) -> Bot:
    return await process()


@pytest_asyncio.fixture
async def anna(tmp_path: Path, server: Homeserver) -> AsyncIterator[Person]:
    """Somebody in the room."""
    made = Person(tmp_path / "anna", ANNA)
    server.knows(made)
    server.joined = {ANNA, BOT}
    server.claims = {ANNA: {made.machine.device: made.machine.one_time_key()}}
    yield made
    made.machine.close()


async def say(bot: Bot, words: str) -> Json:
    """Say something and commit it, as what stands before each request does; return the content of the event."""
    said = await bot.sharing.encrypt(ROOM, "m.room.message", text(words))
    await bot.cabinet.flush()
    return said


@pytest_asyncio.fixture
async def ben(tmp_path: Path, bot: Bot, anna: Person, server: Homeserver) -> AsyncIterator[Person]:
    """Somebody who is authorised for the room and comes in while the bot, which has spoken there to Anna, does not know of it."""
    made = Person(tmp_path / "ben", BEN)
    server.knows(made)
    await bot.sync(anna.event(await say(bot, "före"), sender=BOT))
    server.joined = {anna.user, BEN, BOT}
    server.claims = {BEN: {made.machine.device: made.machine.one_time_key()}}
    made.machine.learn_devices(BOT, {"SAMRUM": bot.machine.account.device_keys()})
    yield made
    made.machine.close()


ENTERED: Json = {
    "event_id": "$in",
    "type": "m.room.member",
    "sender": BEN,
    "state_key": BEN,
    "origin_server_ts": 1,
    "content": {"membership": "join"},
}


def taken(server: Homeserver, person: Person) -> list[Json]:
    """Have the person's device take the room keys that were sent to it alone; return them."""
    letters = [messages[person.user] for messages in server.to_device("m.room.encrypted") if person.user in messages]
    for letter in letters:
        person.machine.opens(BOT, letter[person.machine.device])
    return letters


async def test_who_came_in_while_a_message_was_on_its_way_is_given_the_key_from_it_on_and_once(
    bot: Bot, anna: Person, ben: Person, server: Homeserver
) -> None:
    said = await say(bot, "samtidigt")
    before = taken(server, ben)
    await bot.sync(ENTERED, anna.event(said, sender=BOT))
    await bot.sharing.catch_up()
    await bot.sharing.catch_up()
    later = await say(bot, "efter")

    assert before == []
    assert len(taken(server, ben)) == 1
    assert [ben.machine.reads(content)["content"]["body"] for content in (said, later)] == ["samtidigt", "efter"]


async def test_what_was_said_before_somebody_came_in_stays_closed_to_them(bot: Bot, anna: Person, ben: Person, server: Homeserver) -> None:
    said = await say(bot, "samtidigt")
    await bot.sync(anna.event(said, sender=BOT), ENTERED)
    await bot.sharing.catch_up()

    assert taken(server, ben) == []


@pytest.mark.parametrize("lost", ["allowed", "joined"])
async def test_who_came_in_and_is_not_authorised_or_has_left_again_is_given_nothing(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, lost: str
) -> None:
    said = await say(bot, "samtidigt")
    await bot.sync(ENTERED, anna.event(said, sender=BOT))
    (bot.allowed if lost == "allowed" else server.joined).remove(BEN)
    await bot.sharing.catch_up()
    bot.allowed = server.joined = {ANNA, BEN, BOT}
    await bot.sharing.catch_up()

    assert taken(server, ben) == []


async def test_who_could_not_be_given_the_key_is_given_it_later(bot: Bot, anna: Person, ben: Person, server: Homeserver) -> None:
    said = await say(bot, "samtidigt")
    await bot.sync(ENTERED, anna.event(said, sender=BOT))
    server.away = True
    await bot.sharing.catch_up()
    server.away = False
    await bot.sharing.catch_up()

    assert len(taken(server, ben)) == 1
    assert ben.machine.reads(said)["content"]["body"] == "samtidigt"


LEFT: Json = {**ENTERED, "event_id": "$out", "content": {"membership": "leave"}}
BACK: Json = {**ENTERED, "event_id": "$back"}


def read(person: Person, *contents: Json) -> list[str]:
    """What the person reads of these messages, "" for what is closed to them."""
    return [person.machine.reads(content)["content"]["body"] if opens(person, content) else "" for content in contents]


def opens(person: Person, content: Json) -> bool:
    try:
        person.machine.reads(content)
    except (MegolmDecryptionException, StopIteration):
        return False
    return True


async def unheard(_bot: Bot, _entered: Json, _said: Json) -> None:
    """Nothing of it has come back."""


async def told_of_the_entering(bot: Bot, entered: Json, _said: Json) -> None:
    await bot.sync(entered)


async def told_and_committed_by_another_task(bot: Bot, entered: Json, _said: Json) -> None:
    await bot.read(entered)
    await bot.cabinet.flush()


async def heard_and_committed_by_another_task(bot: Bot, entered: Json, said: Json) -> None:
    await bot.read(entered, said)
    await bot.cabinet.flush()


async def heard_and_not_committed(bot: Bot, entered: Json, said: Json) -> None:
    await bot.read(entered, said)


async def recorded(bot: Bot, entered: Json, said: Json) -> None:
    await bot.sync(entered, said)


async def away(bot: Bot, entered: Json, said: Json) -> None:
    """The homeserver failed where the key was to be given."""
    await bot.sync(entered, said)
    server = bot.server
    server.away = True
    await bot.sharing.catch_up()
    server.away = False


async def served_and_not_committed(bot: Bot, entered: Json, said: Json) -> None:
    await bot.sync(entered, said)
    await bot.sharing.catch_up()


@pytest.mark.parametrize(
    ("life", "known", "letters"),
    [
        (unheard, 0, 1),
        (told_of_the_entering, 1, 1),
        (told_and_committed_by_another_task, 0, 1),
        (heard_and_committed_by_another_task, 0, 1),
        (heard_and_not_committed, 0, 1),
        (recorded, 2, 1),
        (away, 2, 1),
        (served_and_not_committed, 2, 2),
    ],
)
async def test_the_next_process_gives_the_key_wherever_the_one_that_spoke_ended(
    life: Callable[[Bot, Json, Json], Awaitable[None]],
    known: int,
    letters: int,
    bot: Bot,
    anna: Person,
    ben: Person,
    server: Homeserver,
    process: Process,
) -> None:
    said = await say(bot, "samtidigt")
    events = (ENTERED, anna.event(said, sender=BOT))
    await life(bot, *events)

    second = await process()
    await second.sync(*events[known:])
    await second.sharing.catch_up()
    await second.cabinet.flush()
    third = await process()
    await third.sync(*events)
    await third.sharing.catch_up()

    assert len(taken(server, ben)) == letters
    assert read(ben, said) == ["samtidigt"]
    assert await kept(third, Drawer.MISSED, "SAMRUM") == set()


async def kept(bot: Bot, drawer: Drawer, owner: str = ROOM) -> set[str]:
    await bot.cabinet.fetch(drawer, [owner])
    return {name.partition(" ")[0] for name in bot.cabinet.of(drawer, owner)}


async def test_what_is_said_is_committed_with_the_ratchet_that_said_it(bot: Bot, anna: Person, ben: Person, process: Process) -> None:
    said = await bot.sharing.encrypt(ROOM, "m.room.message", text("inte sagt än"))
    found = [await kept(await process(), Drawer.SAID)]
    await bot.cabinet.flush()
    second = await process()
    found.append(await kept(second, Drawer.SAID))
    await second.machine.voice.fetch(ROOM)

    assert (anna.user, ben.user) == (ANNA, BEN)
    assert found == [set(), {"said"}]
    assert not second.machine.voice.unsent(ROOM, said["session_id"], 1)


@pytest.mark.parametrize("arrives", [0, 1])
async def test_of_a_row_that_was_encrypted_twice_the_message_that_arrived_is_the_one_that_is_given(
    arrives: int, bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    server.joined = {ANNA, BOT}
    said = [await say(bot, "samtidigt")]
    second = await process()
    said.append(await say(second, "samtidigt"))
    server.joined = {ANNA, BEN, BOT}
    await second.cabinet.flush()

    third = await process()
    await third.sync(ENTERED, anna.event(said[arrives], sender=BOT))
    await third.sharing.catch_up()
    later = await say(third, "efter")
    await third.sync(anna.event(later, sender=BOT))

    assert len(taken(server, ben)) == 1
    assert read(ben, *said, later) == ["" if arrives else "samtidigt", "samtidigt", "efter"]
    assert await kept(third, Drawer.SAID) == {"said", "entered"}


@pytest.mark.parametrize("again", [False, True])
async def test_what_was_said_before_somebody_came_in_stays_closed_also_to_the_next_process(
    again: bool, bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    events = (anna.event(await say(bot, "samtidigt"), sender=BOT), ENTERED)
    await (bot.read if again else bot.sync)(*events)
    await bot.cabinet.flush()

    second = await process()
    await second.sync(*events)
    await second.sharing.catch_up()

    assert taken(server, ben) == []


async def test_what_was_said_while_somebody_was_gone_stays_closed_when_they_come_back(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    said = await say(bot, "medan")
    await bot.sync(ENTERED, LEFT)

    second = await process()
    await second.sync(anna.event(said, sender=BOT), BACK)
    await second.sharing.catch_up()

    assert taken(server, ben) == []


async def test_a_message_that_another_has_overtaken_is_given_too(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    overtaken = await say(bot, "först")
    await bot.sync(ENTERED)
    later = await say(bot, "sedan")

    second = await process()
    await second.sync(anna.event(later, sender=BOT), anna.event(overtaken, sender=BOT))
    await second.sharing.catch_up()
    last = await say(second, "sist")
    await second.sync(anna.event(last, sender=BOT))

    assert len(taken(server, ben)) == 2
    assert read(ben, overtaken, later, last) == ["först", "sedan", "sist"]
    assert await kept(second, Drawer.SAID) == set()


async def test_of_two_messages_that_were_missed_the_earlier_key_is_given_in_whichever_order_they_arrived(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    server.joined = {ANNA, BOT}
    said = [await say(bot, words) for words in ("först", "sedan")]
    server.joined = {ANNA, BEN, BOT}

    second = await process()
    await second.sync(ENTERED, *(anna.event(content, sender=BOT) for content in reversed(said)))
    await second.sharing.catch_up()

    assert len(taken(server, ben)) == 1
    assert read(ben, *said) == ["först", "sedan"]


@pytest.mark.parametrize("drop", ["rotate", "begin_anew"])
async def test_a_message_whose_key_was_dropped_while_it_was_on_its_way_is_given_beside_that_of_the_new_one(
    drop: str, bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process, clock: TestClock
) -> None:
    server.joined = {ANNA, BOT}
    server.claims |= {ANNA: {anna.machine.device: anna.machine.one_time_key()}}
    old = await say(bot, "med den gamla")
    await (bot.sharing.rotate(ROOM) if drop == "rotate" else bot.machine.begin_anew())
    clock.forward(seconds=1)
    new = await say(bot, "med den nya")
    server.joined = {ANNA, BEN, BOT}

    second = await process()
    await second.sync(ENTERED, *(anna.event(content, sender=BOT) for content in (old, new)))
    await second.sharing.catch_up()

    assert old["session_id"] != new["session_id"]
    assert len(taken(server, ben)) == 2
    assert read(ben, old, new) == ["med den gamla", "med den nya"]


@pytest.mark.parametrize("life", [unheard, told_of_the_entering, recorded])
async def test_of_a_room_that_is_pruned_nothing_is_left_and_nothing_is_given(
    life: Callable[[Bot, Json, Json], Awaitable[None]], bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process
) -> None:
    events = (ENTERED, anna.event(await say(bot, "samtidigt"), sender=BOT))
    await life(bot, *events)
    await bot.machine.hear_of(OTHER_ROOM, BEN, inside=True)
    second = await process()
    await second.sharing.prune(ROOM)
    await second.cabinet.flush()

    third = await process()
    await third.sharing.catch_up()

    assert taken(server, ben) == []
    assert await kept(third, Drawer.SAID) | await kept(third, Drawer.MISSED, "SAMRUM") == set()


async def test_what_never_arrives_is_forgotten_after_a_week_and_not_before(
    bot: Bot, anna: Person, ben: Person, process: Process, clock: TestClock
) -> None:
    await say(bot, "kommer aldrig fram")
    clock.forward(days=UNHEARD.days - 1)
    lost = await process()
    await lost.keys.upkeep()
    before = await kept(lost, Drawer.SAID)
    clock.forward(days=2)

    await lost.keys.upkeep()

    assert (anna.user, ben.user) == (ANNA, BEN)
    assert before == {"said"}
    assert await kept(lost, Drawer.SAID) == await kept(await process(), Drawer.SAID) == set()


async def test_a_bot_that_was_away_for_long_still_gives_what_it_hears_when_it_comes_back(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process, clock: TestClock
) -> None:
    said = await say(bot, "samtidigt")
    clock.forward(days=UNHEARD.days * 2)

    second = await process()
    await second.sync(ENTERED, anna.event(said, sender=BOT))
    await second.cabinet.flush()
    third = await process()
    clock.forward(days=UNHEARD.days * 2)
    await third.sync()
    await third.keys.upkeep()
    await third.sharing.catch_up()

    assert len(taken(server, ben)) == 1
    assert read(ben, said) == ["samtidigt"]


async def test_a_room_that_the_homeserver_refuses_keeps_nobody_elsewhere_waiting(
    bot: Bot, anna: Person, ben: Person, server: Homeserver, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.joined = {ANNA, BOT}
    other = await bot.sharing.encrypt(OTHER_ROOM, "m.room.message", text("i ett annat rum"))
    await bot.sync(ENTERED, anna.event(other, sender=BOT), room=OTHER_ROOM)
    server.joined = {ANNA, BEN, BOT}
    said = await say(bot, "samtidigt")
    await bot.sync(ENTERED, anna.event(said, sender=BOT))
    call = server.call

    async def refusing(method: str, where: str, body: Json | None = None, **more: object) -> Json:
        if "other" in where:
            raise Permanent("M_FORBIDDEN", 403)
        return await call(method, where, body, **more)

    second = await process()
    monkeypatch.setattr(server, "call", refusing)
    await second.sharing.catch_up()

    assert len(taken(server, ben)) == 1
    assert read(ben, said) == ["samtidigt"]
    assert len(second.machine.latecomers.missed) == 1


async def test_a_membership_that_is_none_stops_nothing(bot: Bot, anna: Person, ben: Person, server: Homeserver) -> None:
    said = await say(bot, "samtidigt")
    await bot.sync({**ENTERED, "content": {"membership": ["join"]}}, {**ENTERED, "event_id": "$x", "content": {"membership": {}}})
    await bot.sync(anna.event(said, sender=BOT))
    await bot.sharing.catch_up()

    assert taken(server, ben) == []
