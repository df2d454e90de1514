"""From the sync to the commands: nothing lost, nothing twice, in order within a room."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.failures import Permanent, Temporary
from bot.incoming import Intake, message
from bot.matrix.incoming import Batch, Incoming
from bot.matrix.incoming import Kind as Heard
from bot.reception import Reception
from bot.workers import Workers
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import Say, Words, direct, inbox
from store import changed_identities, outbox, rooms
from store import inbox as letters
from store.changed_identities import Changed
from store.inbox import Kind, Message
from tests.bot.shelves import (
    ADMIN,
    ANNA,
    BOT,
    NOON,
    UNIT,
    Homeserver,
    House,
    TestClock,
    changes,
    house,
    member,
    staff,
    until,
    visitors,
)
from tests.bot.test_household import enqueued

ROOM = "!inbox"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.fill(staff(member(ANNA)))
        async with made.shelf.database.write() as tx:
            await rooms.settle(tx, inbox(UNIT), ROOM, NOON)
        yield made


def heard(event: str, body: str = "", *, room: str = ROOM, sender: str = ANNA, kind: Heard = Heard.MESSAGE) -> Incoming:
    return Incoming(
        event, room, sender, NOON, kind, body=body or event, msgtype="m.text", decrypted=True, trusted=True, room_encrypted=True
    )


@dataclass
class Submitted:
    """What was handed to the workers."""

    messages: list[Message] = field(default_factory=list[Message])

    def __call__(self, messages: Sequence[Message]) -> None:
        self.messages += messages


def intake(home: House, submitted: Submitted) -> Intake:
    return Intake(
        home.shelf.database,
        home.shelf.vault,
        home.shelf.roster,
        home.clock,
        home.clock,
        bot=BOT,
        submit=submitted,
        recording=lambda _batch: home.shelf.database.write(),
    )


async def waiting(home: House) -> list[str]:
    async with home.shelf.database.read() as tx:
        return [each.event for each in await letters.waiting(tx, home.shelf.vault)]


async def position(home: House) -> str | None:
    async with home.shelf.database.read() as tx:
        return await letters.token(tx, BOT)


async def test_rows_and_position_are_committed_together(home: House) -> None:
    submitted = Submitted()

    await intake(home, submitted).take(Batch("s1", (heard("$1"), heard("$2"))))

    assert await waiting(home) == ["$1", "$2"]
    assert await position(home) == "s1"
    assert [each.event for each in submitted.messages] == ["$1", "$2"]


async def test_a_batch_that_comes_again_is_kept_once(home: House) -> None:
    taking = intake(home, Submitted())
    await taking.take(Batch("s1", (heard("$1"),)))

    await taking.take(Batch("s1", (heard("$1"), heard("$2"))))

    assert await waiting(home) == ["$1", "$2"]


async def test_a_batch_that_cannot_be_kept_moves_nothing(home: House) -> None:
    taking = intake(home, Submitted())
    broken = replace(heard("$1"), sender="@" + "x" * 10, at=NOON.replace(tzinfo=None))

    with pytest.raises(Exception, match=r"aware|offset|naive"):
        await taking.take(Batch("s1", (broken,)))

    assert (await waiting(home), await position(home)) == ([], None)


async def test_what_an_earlier_process_left_is_handed_over_first(home: House) -> None:
    await intake(home, Submitted()).take(Batch("s1", (heard("$1"), heard("$2"))))
    submitted = Submitted()

    await intake(home, submitted).rest()

    assert [each.event for each in submitted.messages] == ["$1", "$2"]


async def test_a_first_sync_brings_nothing_from_before_the_room_was_known(home: House) -> None:
    invited = replace(heard("$invite", kind=Heard.INVITATION), room_id="!new")

    await intake(home, Submitted()).take(Batch("s1", (heard("$old", room="!elsewhere"), heard("$known"), invited), initial=True))

    assert await waiting(home) == ["$known", "$invite"]


async def test_the_bots_own_events_are_no_messages_and_confirm_its_outbox(home: House) -> None:
    await home.enqueue(Say("m", inbox(UNIT), words=Words("hej", "hej")))
    async with home.shelf.database.write() as tx:
        (row,) = await outbox.claim(tx, home.shelf.vault, NOON, timedelta(seconds=60), 1)

    await intake(home, Submitted()).take(Batch("s1", (replace(heard("$own", sender=BOT), transaction_id=row.id),)))

    assert await waiting(home) == []
    assert await home.event_of("m") == "$own"


def test_time_and_trust_are_those_of_the_event() -> None:
    clock = TestClock()
    clock.forward(hours=-1)

    found = message(heard("$1"), clock)
    forged = message(replace(heard("$1"), decrypted=False), clock)

    assert found is not None
    assert (found.sent, found.trusted, found.encrypted) == (clock.now(), True, True)
    assert forged is not None
    assert not forged.trusted


def test_why_a_device_is_not_trusted_is_kept() -> None:
    found = message(replace(heard("$1"), trusted=False, standing="unsigned"), TestClock())

    assert found is not None
    assert (found.trusted, found.standing) == (False, "unsigned")


def test_bots_are_not_answered_and_file_names_are_no_commands() -> None:
    notice = message(replace(heard("$1"), msgtype="m.notice"), TestClock())
    file = message(replace(heard("$1", "!aktörer"), msgtype="m.file"), TestClock())

    assert notice is None
    assert file is not None
    assert file.body == ""


def test_what_cannot_be_read_stands_beside_the_message_that_it_may_become() -> None:
    found = message(heard("$1", kind=Heard.UNDECRYPTABLE), TestClock())

    assert found is not None
    assert (found.event, found.target, found.kind) == ("unreadable:$1", "$1", Kind.UNREADABLE)


@dataclass
class Desk:
    """A dispatcher that notes what it handles, once and in the bot's rooms, fails where told, and can be made to wait."""

    home: House
    handled: list[str] = field(default_factory=list[str])
    apologies: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    bugs: int = 0
    bugs_in_apology: int = 0
    gates: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    async def handle(self, message: Message) -> None:
        if message.room in self.gates:
            await self.gates[message.room].wait()
        if self.bugs:
            self.bugs -= 1
            raise RuntimeError("a bug")
        async with self.home.shelf.database.read() as tx:
            done, place = await letters.is_done(tx, message.event), await rooms.place_of(tx, message.room)
        if not done and place:
            self.handled.append(message.event)
        await self._finish(message)

    async def apologise(self, message: Message, error: str) -> None:
        if self.bugs_in_apology:
            self.bugs_in_apology -= 1
            raise RuntimeError("a bug in the apology")
        self.apologies.append((message.event, error))
        await self._finish(message)

    async def _finish(self, message: Message) -> None:
        async with self.home.shelf.database.write() as tx:
            await letters.done(tx, message.event, NOON)


@dataclass
class Later:
    """An edge that can read some events by now."""

    readable: dict[str, Incoming] = field(default_factory=dict[str, Incoming])
    troubles: list[Exception] = field(default_factory=list[Exception])

    async def read(self, room: str, event_id: str) -> Incoming | None:
        if self.troubles:
            raise self.troubles.pop(0)
        return self.readable.get(event_id, heard(event_id, room=room, kind=Heard.UNDECRYPTABLE))


def reception(
    home: House, desk: Desk, *, edge: Later | None = None, server: Homeserver | None = None, taken: Submitted | None = None
) -> Reception:
    doors = server or Homeserver()
    made = (visitors(home, doors), changes(home, doors))
    return Reception(home.shelf.database, home.clock, *made, desk, edge or Later(), intake(home, taken or Submitted()))


async def kept(home: House, *events: Incoming) -> tuple[Message, ...]:
    submitted = Submitted()
    await intake(home, submitted).take(Batch("s1", events))
    return tuple(submitted.messages)


async def test_a_message_is_handled_once_however_often_it_is_handed_over(home: House) -> None:
    desk = Desk(home)
    (found,) = await kept(home, heard("$1"))

    await reception(home, desk).receive(found)
    await reception(home, desk).receive(found)

    assert desk.handled == ["$1"]


async def test_a_bug_is_owned_up_to_with_an_id_and_the_next_message_is_handled(home: House) -> None:
    desk = Desk(home, bugs=1)
    first, second = await kept(home, heard("$1"), heard("$2"))
    at = reception(home, desk)

    await at.receive(first)
    await at.receive(second)

    assert [event for event, _ in desk.apologies] == ["$1"]
    assert len(desk.apologies[0][1]) == 8
    assert desk.handled == ["$2"]
    assert await waiting(home) == []


async def test_three_failed_apologies_end_the_process(home: House) -> None:
    desk = Desk(home, bugs=1, bugs_in_apology=2)
    first, second = await kept(home, heard("$1"), heard("$2"))
    await reception(home, desk).receive(first)
    assert len(desk.apologies) == 1

    desk.bugs, desk.bugs_in_apology = 1, 3
    with pytest.raises(RuntimeError, match="apology"):
        await reception(home, desk).receive(second)
    assert await waiting(home) == ["$2"]


async def test_a_message_from_a_room_that_is_nobodys_is_finished_unanswered(home: House) -> None:
    desk = Desk(home)
    (found,) = await kept(home, heard("$1", room="!elsewhere"))

    await reception(home, desk).receive(found)

    assert (desk.handled, await waiting(home)) == ([], [])


async def test_an_invitation_is_answered_when_the_homeserver_is_back(home: House) -> None:
    server = Homeserver(people={"!new": {BOT, ANNA}})
    server.before.append(("join", lambda: Temporary(0.01)))
    (found,) = await kept(home, replace(heard("$invite", kind=Heard.INVITATION), room_id="!new", membership="invite", state_key=BOT))

    await reception(home, Desk(home), server=server).receive(found)

    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, direct(ANNA)) == "!new"
    assert await waiting(home) == []


async def test_a_late_key_turns_what_could_not_be_read_into_a_message(home: House) -> None:
    desk, submitted = Desk(home), Submitted()
    (found,) = await kept(home, heard("$1", kind=Heard.UNDECRYPTABLE))

    await reception(home, desk, edge=Later({"$1": heard("$1", "!hjälp")}), taken=submitted).receive(found)

    assert desk.handled == []
    assert [(each.event, each.body) for each in submitted.messages] == [("$1", "!hjälp")]
    assert await waiting(home) == ["$1"]


async def test_what_stays_unreadable_goes_to_the_commands(home: House) -> None:
    desk = Desk(home)
    (found,) = await kept(home, heard("$1", kind=Heard.UNDECRYPTABLE))

    await reception(home, desk).receive(found)

    assert desk.handled == ["unreadable:$1"]


async def given_up(home: House) -> None:
    """Let a message be heard that cannot be read, its grace period run out, and the process end."""
    (found,) = await kept(home, replace(heard("$1", kind=Heard.UNDECRYPTABLE), session_id="megolm"))
    await reception(home, Desk(home)).receive(found)


async def test_a_key_that_comes_after_the_notice_and_a_restart_lets_the_message_be_read(home: House) -> None:
    await given_up(home)
    again, submitted = Submitted(), Submitted()

    await intake(home, again).take(Batch("s2", sessions=frozenset({"megolm", "another"})))
    await reception(home, Desk(home), edge=Later({"$1": heard("$1", "!hjälp")}), taken=submitted).receive(again.messages[0])

    assert [(each.kind, each.target) for each in again.messages] == [(Kind.LATE, "$1")]
    assert [(each.event, each.body) for each in submitted.messages] == [("$1", "!hjälp")]
    assert await waiting(home) == ["$1"]


async def test_a_late_key_that_is_told_of_twice_asks_once(home: House) -> None:
    await given_up(home)
    first, second = Submitted(), Submitted()
    for submitted in (first, second):
        await intake(home, submitted).take(Batch("s2", sessions=frozenset({"megolm"})))
    at = reception(home, Desk(home), edge=Later({"$1": heard("$1", "!hjälp")}))

    await at.receive(first.messages[0])
    await at.receive(second.messages[0])

    assert await waiting(home) == ["$1"]


async def test_a_key_that_opens_nothing_leaves_the_message_to_a_better_one(home: House) -> None:
    await given_up(home)
    desk, submitted = Desk(home), Submitted()
    for position in ("s2", "s3"):
        await intake(home, submitted).take(Batch(position, sessions=frozenset({"megolm"})))
    first, second = submitted.messages

    await reception(home, desk).receive(first)
    assert await waiting(home) == [second.event]
    await reception(home, desk, edge=Later({"$1": heard("$1", "!hjälp")})).receive(second)

    assert await waiting(home) == ["$1"]
    assert desk.handled == []


async def test_what_the_batch_itself_could_read_is_not_asked_for(home: House) -> None:
    await given_up(home)
    submitted = Submitted()

    await intake(home, submitted).take(Batch("s2", (heard("$1", "!hjälp"),), sessions=frozenset({"megolm"})))

    assert [each.event for each in submitted.messages] == ["$1"]


async def test_a_homeserver_that_is_away_is_no_reason_to_say_that_a_message_cannot_be_read(home: House) -> None:
    desk, edge = Desk(home), Later({"$1": heard("$1", "!hjälp")}, [Temporary(0.01), Temporary(0.01)])
    (found,) = await kept(home, heard("$1", kind=Heard.UNDECRYPTABLE))

    await reception(home, desk, edge=edge).receive(found)

    assert desk.handled == []
    assert await waiting(home) == ["$1"]


async def test_an_event_that_is_gone_is_given_up(home: House) -> None:
    desk = Desk(home)
    (found,) = await kept(home, heard("$1", kind=Heard.UNDECRYPTABLE))

    await reception(home, desk, edge=Later({}, [Permanent("M_NOT_FOUND")])).receive(found)

    assert desk.handled == ["unreadable:$1"]


async def test_a_changed_identity_is_alarmed_once_and_noted_with_the_batch(home: House) -> None:
    for _ in range(2):
        await intake(home, Submitted()).take(Batch("s1", changed={ANNA: "master", "@okand:almfors.test": ""}, vouched={ANNA: ("phone",)}))

    (alarm,) = [each for each in await enqueued(home) if isinstance(each, Say)]
    async with home.shelf.database.read() as tx:
        noted = await changed_identities.changed(tx)
    assert (alarm.place, alarm.rings) == (ADMIN_ROOM, (ADMIN,))
    assert f"!lita på {ANNA}" in alarm.words.body
    assert "Norrgårdens vårdcentral" in alarm.words.body
    assert noted == {ANNA: Changed("master", NOON, ("phone",)), "@okand:almfors.test": Changed("", NOON)}


async def test_an_identity_that_changes_again_is_alarmed_again(home: House) -> None:
    for position in ("s1", "s2"):
        await intake(home, Submitted()).take(Batch(position, changed={ANNA: "master"}))

    assert len(await enqueued(home)) == 2


async def test_a_device_that_vouches_later_is_noted_without_an_alarm(home: House) -> None:
    await intake(home, Submitted()).take(Batch("s1", changed={ANNA: "master"}))
    await intake(home, Submitted()).take(Batch("s2", vouched={ANNA: ("phone",)}))

    async with home.shelf.database.read() as tx:
        noted = await changed_identities.changed(tx)
    assert len(await enqueued(home)) == 1
    assert noted[ANNA].vouching == ("phone",)


async def test_a_batch_that_cannot_be_kept_alarms_nobody(home: House) -> None:
    broken = replace(heard("$1"), at=NOON.replace(tzinfo=None))

    with pytest.raises(Exception, match=r"aware|offset|naive"):
        await intake(home, Submitted()).take(Batch("s1", (broken,), changed={ANNA: "master"}))

    assert await enqueued(home) == []


def told(event: str, room: str, kind: Kind = Kind.MESSAGE) -> Message:
    return Message(event, room, ANNA, NOON, kind)


async def test_a_room_goes_in_order_and_does_not_keep_the_others_waiting() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def handle(each: Message) -> None:
        if each.event == "$a1":
            await gate.wait()
        done.append(each.event)
        if len(done) in {2, 4}:
            reached.set()

    reached = asyncio.Event()
    workers = Workers(handle, lambda: None, grace=0.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told("$a1", "!a"), told("$a2", "!a"), told("$b1", "!b"), told("$b2", "!b")])
    async with asyncio.timeout(60):
        await reached.wait()
        assert done == ["$b1", "$b2"]
        reached.clear()
        gate.set()
        await reached.wait()
    workers.stop()
    await running

    assert done == ["$b1", "$b2", "$a1", "$a2"]
    assert workers.waiting == 0


async def test_an_answer_that_does_not_come_does_not_hold_up_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.workers.DRAIN_SECONDS", 0.05)
    done: list[str] = []
    begun = asyncio.Event()

    async def handle(each: Message) -> None:
        if each.event == "$a1":
            begun.set()
            await asyncio.Event().wait()
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=0.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told("$a1", "!a", Kind.INVITATION), told("$a2", "!a"), told("$b1", "!b")])
    async with asyncio.timeout(60):
        await begun.wait()
        workers.stop()
        await running

    assert done == ["$b1"]
    assert workers.waiting == 2


async def test_calm_is_when_every_message_is_handled_but_for_those_that_wait_for_their_keys() -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def handle(_: Message) -> None:
        begun.set()
        await gate.wait()

    workers = Workers(handle, lambda: None, grace=3600)
    running = asyncio.create_task(workers.run())
    async with asyncio.timeout(60):
        await workers.calm()
        workers.submit([told("$late", "!a", Kind.UNREADABLE)])
        await workers.calm()
        workers.submit([told("$a1", "!a"), told("$a2", "!a"), told("$b1", "!b")])
        calm = asyncio.create_task(workers.calm())
        await begun.wait()
        assert not calm.done()
        gate.set()
        await calm
        assert workers.waiting == 1
        workers.stop()
        await running


async def test_no_more_rooms_are_worked_on_at_once_than_allowed() -> None:
    at_work, most = 0, 0

    async def handle(_: Message) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.01)
        at_work -= 1

    workers = Workers(handle, lambda: None, grace=0.0, at_once=3)
    running = asyncio.create_task(workers.run())
    workers.submit([told(f"${number}", f"!{number}") for number in range(12)])
    await until(lambda: not workers.waiting)
    workers.stop()
    await running

    assert most == 3


async def test_strangers_who_invite_the_bot_hold_up_nobody_else() -> None:
    gate, done, inviting = asyncio.Event(), list[str](), set[str]()

    async def handle(each: Message) -> None:
        if each.kind is Kind.INVITATION:
            inviting.add(each.event)
            await gate.wait()
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=0.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told(f"invitation:{number}", f"!stranger{number}", Kind.INVITATION) for number in range(50)])
    workers.submit([told(f"${number}", f"!{number}") for number in range(20)])
    await until(lambda: workers.waiting == 50)
    meanwhile = (len(inviting), sorted(done))
    gate.set()
    await until(lambda: not workers.waiting)
    workers.stop()
    await running

    assert meanwhile == (2, sorted(f"${number}" for number in range(20)))
    assert len(done) == 70


async def test_a_message_in_line_is_not_lined_up_again() -> None:
    done: list[str] = []

    async def handle(each: Message) -> None:
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=0.0)
    workers.submit([told("$1", "!a"), told("$1", "!a")])
    running = asyncio.create_task(workers.run())
    await until(lambda: not workers.waiting)
    workers.stop()
    await running

    assert done == ["$1"]


async def test_what_cannot_be_read_waits_for_its_key_without_holding_up_its_room() -> None:
    done: list[str] = []

    async def handle(each: Message) -> None:
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=1.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told("unreadable:$1", "!a", Kind.UNREADABLE), told("$2", "!a")])
    await until(lambda: not workers.waiting)
    workers.stop()
    await running

    assert done == ["$2", "unreadable:$1"]


async def test_what_can_be_read_by_now_waits_for_nothing_and_holds_up_nobody() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def handle(each: Message) -> None:
        if each.kind is Kind.LATE:
            await gate.wait()
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=3600)
    running = asyncio.create_task(workers.run())
    workers.submit([told("late:s2:$1", "!a", Kind.LATE), told("$2", "!a")])
    await until(lambda: done == ["$2"])
    gate.set()
    await until(lambda: not workers.waiting)
    workers.stop()
    await running

    assert done == ["$2", "late:s2:$1"]


async def test_a_wait_that_is_over_leaves_nothing_behind() -> None:
    tasks: list[weakref.ref[object]] = []

    async def handle(_: Message) -> None:
        tasks.append(weakref.ref(asyncio.current_task()))

    workers = Workers(handle, lambda: None, grace=0.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told(f"late:{n}", "!a", kind) for n, kind in enumerate((Kind.LATE, Kind.UNREADABLE))])
    await until(lambda: len(tasks) == 2 and not workers.waiting)
    await asyncio.sleep(0)
    gc.collect()
    left = [task for task in tasks if task() is not None]
    workers.stop()
    await running

    assert left == []


async def test_stopping_finishes_the_message_in_hand_and_begins_no_other() -> None:
    done: list[str] = []
    begun = asyncio.Event()

    async def handle(each: Message) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        done.append(each.event)

    workers = Workers(handle, lambda: None, grace=0.0)
    running = asyncio.create_task(workers.run())
    workers.submit([told("$1", "!a"), told("$2", "!a")])
    await begun.wait()
    workers.stop()
    await running

    assert done == ["$1"]
    assert workers.waiting == 1


async def test_what_the_handler_raises_ends_the_work() -> None:
    async def handle(_: Message) -> None:
        raise RuntimeError("a bug")

    workers = Workers(handle, lambda: None, grace=0.0)
    workers.submit([told("$1", "!a")])

    with pytest.raises(BaseExceptionGroup) as raised:
        await workers.run()
    assert raised.group_contains(RuntimeError)


async def test_a_command_sent_as_a_structure_counts_only_when_this_bot_is_meant(home: House) -> None:
    ours = replace(heard("$1"), command="!aktörer", body="visas bara", mentions=(BOT,))
    anothers = replace(heard("$2"), command="!ban", body="/ban", mentions=("@draupnir:almfors.test",))
    submitted = Submitted()

    await intake(home, submitted).take(Batch("s1", (ours, anothers)))

    assert [each.body for each in submitted.messages] == ["!aktörer", "/ban"]
