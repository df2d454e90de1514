import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from care.case import Source
from care.effects import Anchor, Attach, Describe, Effect, Invite, Mail, Place, Revise, Say, Words, case_room, direct, inbox
from store import backlog, outbox, outcomes, sayings
from store.database import Database
from store.keys import Vault
from store.outbox import Envelope, Outgoing
from store.sealing import Keyring, kek
from store.tables import outbox as table
from tests import databases
from tests.store.telling import GATHER, MACHINE, rows

LEASE, HELD = timedelta(seconds=60), timedelta(minutes=15)
CASE, INBOX = case_room("c1"), inbox("k-alm-hsv")


def say(key: str, place: Place = CASE, *, urgent: bool = False, about: str = "") -> Say:
    return Say(key, place, urgent=urgent, words=Words(f"sagt {key}", f"<p>sagt {key}</p>"), about=about)


def revise(key: str, target: str = "overview") -> Revise:
    return Revise(key, CASE, anchor=Anchor(key=target), words=Words(key, key))


def mail(key: str) -> Mail:
    return Mail(key, CASE, to=("a@almfors.example",), subject="Kallelse", words=Words("x", "x"), invitation=b"BEGIN", method="REQUEST")


async def post(database: Database, vault: Vault, effects: Sequence[Effect], at: datetime = MACHINE, scope: str = "case:c1") -> None:
    async with database.write() as tx:
        await outbox.enqueue(tx, vault, effects, Envelope("c1", scope, at, GATHER))


async def claim(database: Database, vault: Vault, at: datetime = MACHINE, most: int = 10) -> tuple[Outgoing, ...]:
    async with database.write() as tx:
        return await outbox.claim(tx, vault, at, LEASE, most)


async def confirm(database: Database, outgoing: Outgoing, event: str = "$event") -> None:
    async with database.write() as tx:
        await outcomes.confirm(tx, outgoing.id, event, MACHINE)


def keys_of(found: Sequence[Outgoing]) -> list[str]:
    return [each.key for each in found]


async def test_an_effect_comes_out_as_it_went_in(database: Database, vault: Vault) -> None:
    effects = (say("a", about="F1"), Attach("b", INBOX, name="sip.pdf", mime="application/pdf", data=b"\x00\xff%PDF"), mail("c"))
    await post(database, vault, effects)

    found = await claim(database, vault)

    assert [(each.effect, each.attempts, each.first_attempt, each.case) for each in found] == [(e, 1, MACHINE, "c1") for e in effects]
    assert found[0].about == "F1"


async def test_a_key_is_taken_once_in_one_enqueueing_and_over_many(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a"), say("a", INBOX)])
    await post(database, vault, [say("a"), say("b")])

    async with database.read() as tx:
        assert [row["key"] for row in await rows(tx, table)] == ["a", "b"]


async def test_rows_of_one_place_go_in_order_each_after_the_one_before(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("1"), say("2"), say("3")])

    told: list[str] = []
    for _ in range(3):
        (outgoing,) = await claim(database, vault)
        assert await claim(database, vault) == ()
        told.append(outgoing.key)
        await confirm(database, outgoing)

    assert told == ["1", "2", "3"]


async def test_many_places_are_served_at_once_and_no_more_than_asked_for(database: Database, vault: Vault) -> None:
    await post(database, vault, [say(str(n), direct(f"@u{n}:x")) for n in range(8)])

    assert keys_of(await claim(database, vault, most=5)) == ["0", "1", "2", "3", "4"]
    assert keys_of(await claim(database, vault, most=5)) == ["5", "6", "7"]


async def test_a_place_with_something_urgent_goes_first_with_all_that_stands_before_it(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("calm", INBOX), say("before"), say("urgent", urgent=True), say("other", direct("@u:x"))])

    assert keys_of(await claim(database, vault, most=1)) == ["before"]


async def test_where_only_what_is_urgent_may_go_places_without_it_wait(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("calm", case_room("c2")), say("before"), say("hurried", urgent=True)])

    async with database.write() as tx:
        found = await outbox.claim(tx, vault, MACHINE, LEASE, 10, urgent=True)

    assert keys_of(found) == ["before"]
    assert keys_of(await claim(database, vault)) == ["calm"]


async def test_a_lease_that_has_run_out_lets_the_row_be_tried_again_with_the_same_id(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a")])
    (first,) = await claim(database, vault)

    assert await claim(database, vault, MACHINE + LEASE - timedelta(seconds=1)) == ()
    (again,) = await claim(database, vault, MACHINE + LEASE)

    assert (again.id, again.first_attempt, again.attempts) == (first.id, MACHINE, 2)


async def test_a_postponed_row_waits_and_holds_its_place_in_order(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("1"), say("2"), say("elsewhere", INBOX)])
    first, elsewhere = await claim(database, vault)
    await confirm(database, elsewhere)
    until = MACHINE + timedelta(minutes=5)
    async with database.write() as tx:
        await outcomes.postpone(tx, first.id, until, "429" * 100)

    assert await claim(database, vault, until - timedelta(seconds=240)) == ()
    assert keys_of(await claim(database, vault, until)) == ["1"]
    async with database.read() as tx:
        assert [len(row["error"] or "") for row in await rows(tx, table)] == [200, 0, 0]


async def test_parking_frees_the_place_and_is_counted(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("1"), say("2")])
    (first,) = await claim(database, vault)
    async with database.write() as tx:
        await outcomes.park(tx, first.id, "403", MACHINE)

    assert keys_of(await claim(database, vault)) == ["2"]
    async with database.read() as tx:
        assert await backlog.figures(tx) == backlog.Backlog(1, 1, MACHINE)


async def test_what_has_happened_is_not_parked_any_more(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("1")])
    (first,) = await claim(database, vault)
    await confirm(database, first)
    async with database.write() as tx:
        await outcomes.park(tx, first.id, "403", MACHINE)

        assert await sayings.event_of(tx, "1") == "$event"
        assert await backlog.figures(tx) == backlog.Backlog(0, 0, None)


async def test_a_row_that_cannot_be_opened_is_parked_and_holds_up_nobody(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("lost")], scope="transit:2026-09-01")
    await post(database, vault, [say("next"), say("elsewhere", INBOX)])
    async with database.write() as tx:
        await vault.destroy(tx, "transit:2026-09-01", MACHINE)

    assert keys_of(await claim(database, vault)) == ["elsewhere"]
    assert keys_of(await claim(database, vault)) == ["next"]
    async with database.read() as tx:
        assert (await backlog.figures(tx)).parked == 1


async def test_confirming_wipes_the_payload_and_keeps_what_it_became(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a", about="F1"), Invite("b", CASE, user="@u:x")])
    (said,) = await claim(database, vault)
    await confirm(database, said, "$said")
    (invited,) = await claim(database, vault)
    await confirm(database, invited, "")

    async with database.read() as tx:
        assert [(row["payload"], row["state"], row["event"]) for row in await rows(tx, table)] == [
            (None, "done", "$said"),
            (None, "done", None),
        ]
        assert await sayings.event_of(tx, "a") == "$said"
        assert await sayings.event_of(tx, "b") is None
        assert await sayings.spoken(tx, "$said") == sayings.Spoken("a", "case:c1", "c1", "F1")
        assert await sayings.spoken(tx, "$unknown") is None


async def test_revisions_are_gathered_and_only_the_newest_goes_when_the_first_would_have_gone(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1")])
    await post(database, vault, [revise("r2"), revise("r3")], MACHINE + timedelta(seconds=1))

    assert await claim(database, vault, MACHINE + GATHER - timedelta(milliseconds=1)) == ()
    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["r3"]
    async with database.read() as tx:
        found = await rows(tx, table)
    assert [(row["key"], row["state"], row["payload"] is None) for row in found] == [
        ("r1", "cancelled", True),
        ("r2", "cancelled", True),
        ("r3", "waiting", False),
    ]


async def test_a_replaced_revision_does_not_come_back_when_it_is_enqueued_again(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1"), revise("r2")])
    await post(database, vault, [revise("r1"), revise("r2")])

    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["r2"]


async def test_a_revision_that_was_attempted_is_followed_and_not_replaced(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1")])
    (tried,) = await claim(database, vault, MACHINE + GATHER)
    await post(database, vault, [revise("r2")], MACHINE + GATHER)
    await confirm(database, tried)

    assert tried.key == "r1"
    assert keys_of(await claim(database, vault, MACHINE + 2 * GATHER)) == ["r2"]


async def hold(database: Database) -> None:
    async with database.write() as tx:
        await outcomes.hold(tx, str(CASE), MACHINE + HELD)


async def release(database: Database, at: datetime) -> None:
    async with database.write() as tx:
        await outcomes.release(tx, str(CASE), at)


async def test_what_replaces_a_revision_that_is_held_back_is_let_go_with_the_rest(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1")])
    await hold(database)
    await post(database, vault, [revise("r2")], MACHINE + GATHER)
    still = await claim(database, vault, MACHINE + 2 * GATHER)
    await release(database, MACHINE + 2 * GATHER)

    assert still == ()
    assert keys_of(await claim(database, vault, MACHINE + 2 * GATHER)) == ["r2"]


async def test_a_revision_of_a_message_that_is_held_back_is_let_go_with_it(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("overview")])
    await hold(database)
    await post(database, vault, [revise("r1")])
    await release(database, MACHINE + GATHER)
    (first,) = await claim(database, vault, MACHINE + GATHER)
    await confirm(database, first)

    assert first.key == "overview"
    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["r1"]


async def test_a_revision_does_not_wait_for_a_message_that_was_held_back_while_it_was_sent(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("overview")])
    (said,) = await claim(database, vault)
    await hold(database)
    await confirm(database, said)
    await post(database, vault, [revise("r1")])

    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["r1"]


async def test_a_row_that_failed_while_its_place_was_held_back_is_let_go_with_the_rest(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a"), say("b")])
    (tried,) = await claim(database, vault)
    await hold(database)
    async with database.write() as tx:
        await outcomes.postpone(tx, tried.id, MACHINE + GATHER, "temporary")
    await release(database, MACHINE + GATHER)

    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["a"]


async def test_revisions_of_other_messages_are_left_alone(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1", "overview"), revise("s1", "question")])

    async with database.read() as tx:
        assert [row["state"] for row in await rows(tx, table)] == ["waiting", "waiting"]


async def test_a_gathered_revision_does_not_hold_up_what_is_said_after_it(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1"), say("a")])

    assert keys_of(await claim(database, vault)) == ["a"]


async def test_a_place_has_one_row_under_way_even_when_an_older_one_becomes_ready(database: Database, vault: Vault) -> None:
    await post(database, vault, [revise("r1"), say("a")])
    (said,) = await claim(database, vault)

    assert await claim(database, vault, MACHINE + GATHER) == ()
    await confirm(database, said)
    assert keys_of(await claim(database, vault, MACHINE + GATHER)) == ["r1"]


async def test_mail_does_not_block_the_room_of_its_case(database: Database, vault: Vault) -> None:
    await post(database, vault, [mail("m1"), mail("m2"), say("a")])

    assert keys_of(await claim(database, vault)) == ["m1", "a"]


async def test_descriptions_do_not_block_the_room_that_they_are_for(database: Database, vault: Vault) -> None:
    await post(database, vault, [Describe("d1", CASE), say("a"), Describe("d2", CASE)])

    assert keys_of(await claim(database, vault)) == ["d1", "a"]


async def test_cancelling_a_scope_wipes_what_it_had_still_to_say_and_nothing_else(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("form")], scope="dialogue:d1")
    await post(database, vault, [say("case")])
    async with database.write() as tx:
        await outcomes.cancel_scope(tx, "dialogue:d1", MACHINE)
        found = await rows(tx, table)

    assert [(row["state"], row["payload"] is None) for row in found] == [("cancelled", True), ("waiting", False)]


async def test_two_claimers_at_once_never_get_the_same_row(database: Database, vault: Vault, url: str) -> None:
    await post(database, vault, [say(f"{n}", direct(f"@u{n % 20}:x")) for n in range(60)])
    other = Database(url)

    async def deliver(through: Database) -> list[str]:
        done: list[str] = []
        while found := await claim(through, vault, most=3):
            for outgoing in found:
                done.append(outgoing.key)
                await confirm(through, outgoing)
        return done

    delivered = list(chain(*await asyncio.gather(deliver(database), deliver(other), deliver(database), deliver(other))))
    await other.close()

    assert sorted(delivered, key=int) == [str(n) for n in range(60)]


async def test_the_next_wake_is_when_something_can_be_claimed_and_not_before(database: Database, vault: Vault) -> None:
    async with database.read() as tx:
        assert await outbox.next_wake(tx) is None

    await post(database, vault, [say("1"), say("2"), revise("r1")])
    async with database.read() as tx:
        assert await outbox.next_wake(tx) == MACHINE

    await claim(database, vault)
    async with database.read() as tx:
        assert await outbox.next_wake(tx) == MACHINE + LEASE
    assert await claim(database, vault, MACHINE + LEASE - timedelta(milliseconds=1)) == ()
    assert keys_of(await claim(database, vault, MACHINE + LEASE)) == ["1"]


MOVES = st.lists(
    st.tuples(st.sampled_from(["say", "revise", "elsewhere", "mail", "claim", "confirm", "postpone"]), st.integers(0, 90)), max_size=14
)


@given(MOVES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_whatever_happened_something_is_claimed_at_the_next_wake_and_nothing_before(moves: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder, databases.migrated(Path(folder)) as url:
        database, vault = Database(url), Vault(Keyring(kek(bytes(32))))
        now = await play(database, vault, moves)
        async with database.read() as tx:
            wake, waiting = await outbox.next_wake(tx), (await backlog.figures(tx)).waiting

        assert (wake is None) == (waiting == 0)
        if wake and wake > now:
            assert await claim(database, vault, wake - timedelta(microseconds=1)) == ()
        if wake:
            assert await claim(database, vault, max(wake, now)) != ()
        await database.close()


async def play(database: Database, vault: Vault, moves: list[tuple[str, int]]) -> datetime:
    now, claimed = MACHINE, list[Outgoing]()
    for n, (move, seconds) in enumerate(moves):
        now += timedelta(seconds=seconds)
        posted = {"say": say(f"{n}"), "revise": revise(f"{n}"), "elsewhere": say(f"{n}", INBOX), "mail": mail(f"{n}")}.get(move)
        if posted:
            await post(database, vault, [posted], now)
        elif move == "claim":
            claimed += await claim(database, vault, now)
        elif claimed and move == "confirm":
            await confirm(database, claimed.pop())
        elif claimed:
            async with database.write() as tx:
                await outcomes.postpone(tx, claimed.pop().id, now + timedelta(seconds=seconds), "429")
    return now


async def test_a_row_in_an_unknown_state_is_refused_by_the_database(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a")])

    with pytest.raises(Exception, match="ck_outbox_state"):
        async with database.write() as tx:
            await tx.execute(update(table).values(state=str(Source.TYPED)))
