"""The outbox loop: each effect once, in order per room, whatever breaks off where."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.claiming import LEAST_SECONDS
from bot.delivery import Delivery, pause
from bot.descriptions import Descriptions
from bot.failures import Permanent, Temporary
from bot.household import space
from bot.matrix.errors import Limited
from bot.performing import Performer, alias
from care.effects import (
    ADMIN,
    Anchor,
    Attach,
    Effect,
    Invite,
    Mail,
    OpenRoom,
    Pin,
    Redact,
    Remove,
    Rename,
    Revise,
    Say,
    Seal,
    Trust,
    Verify,
    Words,
    case_room,
    direct,
    inbox,
)
from store import backlog, outcomes, rooms, sayings
from store.database import Transaction
from store.tables import outbox as table
from tests.bot.shelves import ANNA, BOT, NOON, UNIT, Homeserver, House, Killed, house, member, staff, until

CASE = case_room("c1")
ROOM = "!case"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        async with made.shelf.database.write() as tx:
            await rooms.settle(tx, CASE, ROOM, NOON)
        yield made


@pytest.fixture
def server() -> Homeserver:
    return Homeserver()


def say(key: str, body: str = "", *, rings: tuple[str, ...] = (), reactions: tuple[str, ...] = (), thread: Anchor | None = None) -> Say:
    text = body or key
    return Say(key, CASE, words=Words(text, f"<p>{text}</p>"), rings=rings, reactions=reactions, thread=thread)


class Watched(Delivery):
    """A loop that tells when it has found nothing to claim and has nothing under way."""

    resting = False

    async def _rest(self) -> None:
        self.resting = not self._busy
        await super()._rest()
        self.resting = False


def delivery(home: House, server: Homeserver) -> Watched:
    return Watched(home.shelf, Performer(server, None, federate=False, descriptions=Descriptions(BOT, "direct and inbox")), server)


async def deliver(home: House, server: Homeserver) -> None:
    """One life of the loop: until nothing is under way or may be tried now."""
    loop = delivery(home, server)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(60):
        while not task.done() and not await idle(loop):  # noqa: ASYNC110 - the loop rings no bell for tests
            await asyncio.sleep(0.01)
    loop.stop()
    await task


async def idle(loop: Watched) -> bool:
    if not loop.resting:
        return False
    seconds = await loop._claiming.idle_seconds()
    return loop.resting and (seconds is None or seconds > LEAST_SECONDS)


async def killed(home: House, server: Homeserver) -> None:
    with suppress(Killed, BaseExceptionGroup):
        await deliver(home, server)


async def test_messages_of_a_room_arrive_once_and_in_order(home: House, server: Homeserver) -> None:
    await home.enqueue(*(say(f"m{number}") for number in range(12)))

    await deliver(home, server)

    assert server.bodies(ROOM) == [f"m{number}" for number in range(12)]
    assert await home.event_of("m3") == server.events[3].id
    assert (await home.backlog()).waiting == 0


async def test_calm_is_when_what_was_enqueued_has_left(home: House, server: Homeserver, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = asyncio.Event()

    async def slowly(room: str, event_type: str, content: Mapping[str, object], txn_id: str) -> str:
        await let_go.wait()
        return await Homeserver.send(server, room, event_type, content, txn_id)

    monkeypatch.setattr(server, "send", slowly)
    loop = delivery(home, server)
    task = asyncio.create_task(loop.run())
    async with asyncio.timeout(60):
        await loop.calm()
        await home.enqueue(say("m1"), say("m2"))
        loop.wake()
        calm = asyncio.create_task(loop.calm())
        await asyncio.sleep(0.05)
        assert not calm.done()
        let_go.set()
        await calm
    confirmed = await home.event_of("m2")
    loop.stop()
    await task

    assert confirmed == server.events[1].id


async def test_what_stands_in_line_for_hours_is_under_way_once(home: House, server: Homeserver, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, tried = asyncio.Event(), list[str]()

    async def in_line(room: str, event_type: str, content: Mapping[str, object], txn_id: str) -> str:
        tried.append(txn_id)
        await let_go.wait()
        return await Homeserver.send(server, room, event_type, content, txn_id)

    monkeypatch.setattr(server, "send", in_line)
    await home.enqueue(say("patient"))
    loop = delivery(home, server)
    task = asyncio.create_task(loop.run())
    await until(lambda: bool(tried))
    for _ in range(3):
        home.clock.forward(hours=3)
        loop.wake()
        await asyncio.sleep(0.05)
    let_go.set()
    await until(lambda: bool(server.events))
    loop.stop()
    await task

    assert len(tried) == len(server.bodies(ROOM)) == 1


async def test_a_message_that_rings_is_text_and_any_other_a_notice(home: House, server: Homeserver) -> None:
    await home.enqueue(say("loud", rings=(ANNA,)), say("quiet"))

    await deliver(home, server)

    loud, quiet = (event.content for event in server.events)
    assert (loud["msgtype"], loud["m.mentions"]) == ("m.text", {"user_ids": [ANNA]})
    assert (quiet["msgtype"], quiet["m.mentions"]) == ("m.notice", {})
    assert (quiet["format"], quiet["formatted_body"]) == ("org.matrix.custom.html", "<p>quiet</p>")
    assert quiet["se.samrum.outbox"] == server.events[1].txn


async def test_a_thread_names_its_root_also_for_clients_without_threads(home: House, server: Homeserver) -> None:
    await home.enqueue(say("root"), say("answer", thread=Anchor(key="root")))

    await deliver(home, server)

    root, answer = server.events
    assert answer.content["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": root.id,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": root.id},
    }


async def test_a_message_whose_anchor_never_came_is_sent_without_relation(home: House, server: Homeserver) -> None:
    await home.enqueue(say("alone", thread=Anchor(key="nowhere")))

    await deliver(home, server)

    assert "m.relates_to" not in server.events[0].content


@pytest.mark.parametrize(
    "effect",
    [
        Revise("e", CASE, anchor=Anchor(key="nowhere"), words=Words("a", "a")),
        Pin("e", CASE, anchor=Anchor(key="nowhere")),
        Redact("e", CASE, anchor=Anchor(key="nowhere")),
    ],
)
async def test_what_changes_a_message_that_is_not_there_is_parked_and_told(home: House, server: Homeserver, effect: Effect) -> None:
    await home.fill(staff())
    await home.enqueue(effect, say("after"))

    await deliver(home, server)

    assert server.bodies(ROOM) == ["after"]
    assert (await home.backlog()).parked == 1
    assert len(server.bodies(server.aliases[alias(BOT, ADMIN)])) == 1


async def test_an_edit_reads_well_in_clients_that_know_no_edits(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    await deliver(home, server)
    await home.enqueue(Revise("m:2", CASE, anchor=Anchor(key="m"), words=Words("nytt", "<p>nytt</p>")))

    await deliver(home, server)

    content = server.events[1].content
    assert content["body"] == "* nytt"
    assert content["m.new_content"]["body"] == "nytt"
    assert content["m.relates_to"] == {"rel_type": "m.replace", "event_id": server.events[0].id}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("act", ["send", "react"])
async def test_a_kill_around_any_act_leaves_message_and_reactions_once(home: House, server: Homeserver, act: str, moment: str) -> None:
    await home.enqueue(say("q", reactions=("✅", "❌")), say("next"))
    getattr(server, moment).append((act, Killed))

    await killed(home, server)
    await deliver(home, server)

    assert server.bodies(ROOM) == ["q", "next"]
    assert server.reactions(server.events[0].id) == ["✅", "❌"]
    assert await home.event_of("q") == server.events[0].id


async def test_the_event_is_known_before_its_reactions_are_there(home: House, server: Homeserver) -> None:
    await home.enqueue(say("q", reactions=("✅",)))
    server.before.append(("react", Killed))

    await killed(home, server)

    async with home.shelf.database.read() as tx:
        assert await sayings.spoken(tx, server.events[0].id) is not None
    assert (await home.backlog()).waiting == 1


async def test_a_refused_reaction_does_not_make_the_message_unsent(home: House, server: Homeserver) -> None:
    await home.enqueue(say("q", reactions=("✅", "❌")))
    server.before.append(("react", lambda: Permanent("M_DUPLICATE_ANNOTATION")))

    await deliver(home, server)

    assert server.reactions(server.events[0].id) == ["❌"]
    assert await home.backlog() == backlog.Backlog(0, 0, None)


async def test_a_kill_between_answer_and_confirmation_repeats_with_the_same_id(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.after.append(("send", Killed))

    await killed(home, server)
    await deliver(home, server)

    assert [act[2] for act in server.done("send")] == [server.events[0].txn] * 2
    assert len(server.events) == 1


async def test_a_confirmation_that_breaks_off_is_made_up_for_and_nothing_is_sent_twice(
    home: House, server: Homeserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.enqueue(say("m1"), say("m2"))
    loop, confirm, broken = delivery(home, server), outcomes.confirm_all, list[Mapping[str, str]]()

    async def breaks(tx: Transaction, events: Mapping[str, str], now: datetime) -> None:
        await confirm(tx, events, now)
        if events and not broken:
            broken.append(events)
            raise RuntimeError

    monkeypatch.setattr(outcomes, "confirm_all", breaks)
    with pytest.raises(ExceptionGroup):
        await loop.run()
    assert (await home.backlog()).waiting == 2

    task = asyncio.create_task(loop.run())
    await until(lambda: len(server.events) == 2)
    loop.stop()
    await task

    assert len(server.done("send")) == 2
    assert server.bodies(ROOM) == ["m1", "m2"]
    assert (await home.backlog()).waiting == 0


async def test_who_stops_confirms_what_is_under_way_and_begins_nothing_more(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m1"), say("m2"))
    loop = delivery(home, server)

    def stop() -> None:
        loop.stop()

    server.after.append(("send", stop))
    await loop.run()

    assert server.bodies(ROOM) == ["m1"]
    assert await home.event_of("m1") == server.events[0].id
    async with home.shelf.database.read() as tx:
        assert (await tx.execute(select(table.c.key).where(table.c.lease.is_not(None)))).all() == []


async def test_a_temporary_failure_holds_its_own_room_only(home: House, server: Homeserver) -> None:
    await home.fill(staff(member(ANNA)))
    await home.enqueue(say("m1"), say("m2"), Say("d", direct(ANNA), words=Words("hej", "hej")))
    server.before.append(("send", lambda: Temporary(30.0)))

    await deliver(home, server)
    assert server.bodies(ROOM) == []
    assert server.bodies(server.aliases[alias(BOT, direct(ANNA))]) == ["hej"]

    home.clock.forward(seconds=31)
    await deliver(home, server)
    assert server.bodies(ROOM) == ["m1", "m2"]


async def test_a_postponed_row_is_tried_again_in_the_same_life_when_its_time_comes(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", lambda: Temporary(0.0)))
    loop = delivery(home, server)
    task = asyncio.create_task(loop.run())
    await until(lambda: not server.before)

    home.clock.forward(seconds=2)
    loop.wake()
    await until(lambda: bool(server.events))

    loop.stop()
    await task
    assert server.bodies(ROOM) == ["m"]


async def test_the_servers_wish_is_waited_for_and_without_one_the_pause_grows_to_a_minute() -> None:
    assert pause(1, 90.0) == timedelta(seconds=90)
    assert timedelta(seconds=1) <= pause(1, None) <= timedelta(seconds=1.25)
    assert timedelta(seconds=8) <= pause(4, None) <= timedelta(seconds=10)
    assert timedelta(seconds=60) <= pause(5000, None) <= timedelta(seconds=75)


async def test_a_permanent_failure_frees_the_room_and_is_told_once(home: House, server: Homeserver) -> None:
    await home.fill(staff())
    await home.enqueue(say("large"), say("next"))
    server.before.append(("send", lambda: Permanent("M_TOO_LARGE")))

    await deliver(home, server)
    await deliver(home, server)

    told = server.bodies(server.aliases[alias(BOT, ADMIN)])
    assert server.bodies(ROOM) == ["next"]
    assert len(told) == 1
    assert "large" not in told[0]


async def test_an_alarm_that_cannot_be_said_raises_no_other(home: House, server: Homeserver) -> None:
    await home.fill(staff())
    await home.enqueue(say("large"))
    server.before += [("send", lambda: Permanent("M_TOO_LARGE"))] * 2

    await deliver(home, server)

    assert (await home.backlog()).parked == 2
    assert server.bodies(server.aliases[alias(BOT, ADMIN)]) == []


async def test_a_room_is_made_once_whatever_moment_the_process_ends_at(home: House, server: Homeserver) -> None:
    await home.fill(staff(member(ANNA)))
    await home.enqueue(OpenRoom("open", inbox(UNIT), name="Inkorg"), Invite("in", inbox(UNIT), user=ANNA))
    server.after.append(("create_room", Killed))

    await killed(home, server)
    await deliver(home, server)

    room = server.aliases[alias(BOT, inbox(UNIT))]
    assert len(server.wishes) == 1
    assert server.done("invite") == [("invite", room, ANNA)]
    async with home.shelf.database.read() as tx:
        assert await rooms.room_of(tx, inbox(UNIT)) == room


async def test_a_message_that_is_due_before_its_household_room_makes_it(home: House, server: Homeserver) -> None:
    await home.fill(staff(member(ANNA)))
    await home.enqueue(Say("d", direct(ANNA), words=Words("hej", "hej")), OpenRoom("open", direct(ANNA), name="Samrum"))

    await deliver(home, server)

    assert server.bodies(server.aliases[alias(BOT, direct(ANNA))]) == ["hej"]
    assert len(server.wishes) == 1
    assert server.wishes[0].is_direct


async def test_a_message_for_a_stranger_makes_no_room(home: House, server: Homeserver) -> None:
    await home.fill(staff())
    await home.enqueue(Say("d", direct(ANNA), words=Words("hej", "hej")))

    await deliver(home, server)

    assert alias(BOT, direct(ANNA)) not in server.aliases
    assert (await home.backlog()).parked == 1


async def test_files_states_and_people_reach_the_room(home: House, server: Homeserver) -> None:
    await home.enqueue(
        say("m"),
        Attach("f", CASE, name="kallelse.ics", mime="text/calendar", data=b"BEGIN", thread=Anchor(key="m")),
        Pin("p", CASE, anchor=Anchor(key="m")),
        Rename("n", CASE, name="SÄ-2026-00001 Blå tranan"),
        Seal("s", CASE, closed=True),
        Seal("o", CASE, closed=False),
        Remove("r", CASE, user=ANNA),
        Redact("x", CASE, anchor=Anchor(key="m")),
    )

    await deliver(home, server)

    message, file, redaction = server.events
    assert (file.content["msgtype"], file.content["body"]) == ("m.file", "kallelse.ics")
    assert file.content["m.relates_to"]["event_id"] == message.id
    assert redaction.content["redacts"] == message.id
    names = [act[0] for act in server.acts]
    assert names == ["send", "upload", "send", "pin", "set_state", "close_room", "open_room", "remove", "redact"]


async def test_an_identity_is_accepted_once_across_a_crash(home: House, server: Homeserver) -> None:
    await home.enqueue(Trust("t", CASE, user=ANNA, identity="master"), say("m"))
    server.before.append(("accept", Killed))
    await killed(home, server)

    await deliver(home, server)
    await deliver(home, server)

    assert server.done("accept") == [("accept", ANNA, "master")]
    assert [act[0] for act in server.acts] == ["accept", "send"]


async def test_what_an_administrator_found_reaches_the_edge_once_across_a_crash(home: House, server: Homeserver) -> None:
    await home.enqueue(Verify("v", CASE, number=417, agrees=True))
    server.before.append(("confirm", Killed))
    await killed(home, server)

    await deliver(home, server)
    await deliver(home, server)

    assert server.done("confirm") == [("confirm", "417", "True")]


async def test_the_inbox_of_a_unit_is_shown_in_its_space(home: House, server: Homeserver) -> None:
    await home.fill(staff(member(ANNA)))
    await home.enqueue(OpenRoom("i", inbox(UNIT), name="Inkorg"), OpenRoom("s", space(UNIT), name="Norrgården"))

    await deliver(home, server)

    child, parent = server.aliases[alias(BOT, inbox(UNIT))], server.aliases[alias(BOT, space(UNIT))]
    assert ("set_state", parent, "m.space.child", child, repr({"via": ["almfors.test"]})) in server.acts


async def test_a_row_older_than_transaction_ids_is_found_in_its_room_and_not_doubled(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m", reactions=("✅",)))
    server.after.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)
    server.forgets_transactions = True

    await deliver(home, server)

    (message, _) = server.events
    assert server.bodies(ROOM) == ["m"]
    assert server.reactions(message.id) == ["✅"]
    assert await home.event_of("m") == message.id
    assert server.sought == [(message.txn, NOON)]


async def test_an_old_row_that_its_room_does_not_hold_is_sent_under_a_new_id(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)

    await deliver(home, server)

    (message,) = server.events
    assert (message.content["body"], message.txn) == ("m", f"{message.content['se.samrum.outbox']}:t1")


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_around_the_send_under_a_new_id_repeats_with_that_id(home: House, server: Homeserver, moment: str) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)
    getattr(server, moment).append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=1)

    await deliver(home, server)

    assert [event.txn[36:] for event in server.events] == [":t1"]
    assert len(server.sought) == 1


async def test_a_new_id_that_has_grown_old_too_is_looked_for_with_all_before_it(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)
    server.after.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)
    server.forgets_transactions = True

    await deliver(home, server)

    assert server.bodies(ROOM) == ["m"]
    assert await home.event_of("m") == server.events[0].id


async def test_a_room_that_cannot_be_looked_through_now_is_looked_through_later(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.after.append(("send", Killed))
    await killed(home, server)
    home.clock.forward(hours=24)
    server.forgets_transactions = True
    server.before.append(("find", lambda: Temporary(1.0)))

    await deliver(home, server)
    assert await home.event_of("m") is None
    home.clock.forward(seconds=2)
    await deliver(home, server)

    assert server.bodies(ROOM) == ["m"]
    assert await home.event_of("m") == server.events[0].id


async def test_a_row_that_was_not_let_through_has_not_failed(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", lambda: Limited("rooms", 61.0)))

    await deliver(home, server)
    assert server.bodies(ROOM) == []
    home.clock.forward(seconds=62)
    await deliver(home, server)

    assert server.bodies(ROOM) == ["m"]
    async with home.shelf.database.read() as tx:
        assert list((await tx.execute(select(table.c.attempts))).scalars()) == [1]


async def test_mail_without_a_mail_server_is_parked(home: House, server: Homeserver) -> None:
    await home.fill(staff())
    await home.enqueue(Mail("e", CASE, to=("a@almfors.test",), subject="Kallelse", words=Words("a", "a")))

    await deliver(home, server)

    assert (await home.backlog()).parked == 1


async def test_the_loop_stops_without_leaving_anything_under_way(home: House, server: Homeserver) -> None:
    loop = delivery(home, server)
    task = asyncio.create_task(loop.run())
    await home.enqueue(say("m"))
    loop.wake()
    await until(lambda: bool(server.events))

    loop.stop()
    async with asyncio.timeout(60):
        await task

    assert (await home.backlog()).waiting == 0


async def test_a_bug_in_an_act_ends_the_loop(home: House, server: Homeserver) -> None:
    await home.enqueue(say("m"))
    server.before.append(("send", lambda: RuntimeError("a bug")))

    with pytest.raises(BaseExceptionGroup) as raised:
        await deliver(home, server)

    assert raised.group_contains(RuntimeError)
