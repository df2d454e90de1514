"""What is known of a claimed row, whatever it is and whatever became of its room."""

from datetime import timedelta

from care.effects import Anchor, Revise, Say, Words
from store import errands, renewals, rooms
from store.database import Database
from store.errands import Known
from store.keys import Vault
from store.outbox import Outgoing
from store.renewals import Trial
from tests.store.telling import MACHINE
from tests.store.test_outbox import CASE, claim, confirm, post, say

WORDS = Words("svar", "svar")
LATER = MACHINE + timedelta(hours=1)


async def known(database: Database, row: Outgoing) -> Known:
    async with database.read() as tx:
        return await errands.known(tx, row)


async def settle(database: Database, room: str) -> None:
    async with database.write() as tx:
        await rooms.settle(tx, CASE, room, MACHINE)


async def said(database: Database, vault: Vault, key: str, event: str) -> None:
    await post(database, vault, [say(key)])
    (row,) = await claim(database, vault)
    await confirm(database, row, event)


async def test_nothing_is_known_of_a_new_row_whose_place_has_no_room(database: Database, vault: Vault) -> None:
    await post(database, vault, [say("a")])
    (row,) = await claim(database, vault)

    assert await known(database, row) == Known("", "", Trial(row.id, 0, MACHINE), {}, again=False)


async def test_a_row_knows_its_room_its_event_its_trial_and_what_it_answers(database: Database, vault: Vault) -> None:
    await settle(database, "!room")
    await said(database, vault, "root", "$root")
    by_key, by_event, missing = Anchor(key="root"), Anchor(event="$person"), Anchor(key="nowhere")
    effects = (Say("b", CASE, words=WORDS, thread=by_key, reply=by_event), Revise("c", CASE, anchor=missing, words=WORDS))
    await post(database, vault, effects[:1])
    (row,) = await claim(database, vault)
    async with database.write() as tx:
        trial = await renewals.renew(tx, Trial(row.id, 0, MACHINE), LATER)

    assert await known(database, row) == Known("!room", "", trial, {by_key: "$root", by_event: "$person"}, again=False)

    await confirm(database, row, "$b")
    assert (await known(database, row)).event == "$b"
    await post(database, vault, effects[1:])
    (edit,) = await claim(database, vault, LATER)
    assert (await known(database, edit)).anchors == {missing: ""}


async def test_what_was_said_in_a_room_that_the_place_has_lost_is_no_anchor_any_more(database: Database, vault: Vault) -> None:
    await settle(database, "!old")
    await said(database, vault, "before", "$before")
    async with database.write() as tx:
        await rooms.lose(tx, CASE, "!old", "gone", LATER)
    await settle(database, "!new")
    gone, other = Anchor(key="before"), Anchor(event="$other")
    await post(database, vault, [Say("b", CASE, words=WORDS, thread=gone, reply=other)])
    (row,) = await claim(database, vault)

    assert await known(database, row) == Known("!new", "", Trial(row.id, 0, MACHINE), {other: "$other"}, again=True)
