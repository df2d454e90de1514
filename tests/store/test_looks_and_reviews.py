from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from care.effects import ADMIN, case_room, direct
from store import access, directory, reviews, rooms
from store.access import Look
from store.database import Database
from store.keys import Vault
from store.reviews import Review
from tests.store.builders import ANNA, DIRECTORY, HSV, MONDAY, NOOR, VC

SAID = Review(HSV, MONDAY, "said", (("c1", "F1", "ANSWER"), ("c2", "A2", "ACCEPT")), "review:k-alm-hsv:1")


async def test_every_look_is_kept_in_its_order_by_case(database: Database) -> None:
    first, second = Look(MONDAY, ANNA, VC, "c1", "visa", "ärende visa"), Look(MONDAY, NOOR, HSV, "c1", "plan", "plan visa")
    async with database.write() as tx:
        for look in (first, second, replace(first, case="c2")):
            await access.note(tx, look)

        assert await access.looks(tx, "c1") == (first, second)
        assert await access.looks(tx, "c9") == ()


async def test_a_review_comes_out_as_it_went_in(database: Database, vault: Vault) -> None:
    done = replace(SAID, slot=MONDAY + timedelta(hours=6), key="k2", reviewed=MONDAY, reviewer=NOOR, nudged=MONDAY, raised=MONDAY)
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        await reviews.write(tx, SAID)
        await reviews.write(tx, done)

        assert await reviews.by_key(tx, SAID.key) == SAID
        assert await reviews.latest(tx, HSV) == done
        assert await reviews.last_slots(tx) == {HSV: done.slot}
        assert await reviews.latest(tx, VC) is None
        assert await reviews.by_key(tx, "unknown") is None


async def test_a_slot_is_said_once(database: Database) -> None:
    async with database.write() as tx:
        await reviews.write(tx, SAID)
        with pytest.raises(IntegrityError):
            await reviews.write(tx, SAID)


async def test_the_first_who_reviews_counts(database: Database) -> None:
    async with database.write() as tx:
        await reviews.write(tx, SAID)
        assert not await reviews.reviewed_since(tx, HSV, MONDAY)
        await reviews.mark_reviewed(tx, SAID, NOOR, MONDAY)
        await reviews.mark_reviewed(tx, SAID, ANNA, MONDAY + timedelta(hours=1))

        assert await reviews.latest(tx, HSV) == replace(SAID, reviewed=MONDAY, reviewer=NOOR)
        assert await reviews.reviewed_since(tx, HSV, MONDAY)
        assert not await reviews.reviewed_since(tx, HSV, MONDAY + timedelta(seconds=1))


async def test_a_ladder_goes_on_until_it_is_reviewed_or_raised(database: Database) -> None:
    other = replace(SAID, unit=VC, key="k2")
    folded = replace(SAID, slot=MONDAY - timedelta(hours=1), state="folded", key="k0")
    async with database.write() as tx:
        for review in (SAID, other, folded):
            await reviews.write(tx, review)
        await reviews.mark_nudged(tx, SAID, MONDAY)
        assert {each.unit for each in await reviews.unreviewed(tx)} == {HSV, VC}

        await reviews.mark_raised(tx, SAID, MONDAY)
        await reviews.mark_reviewed(tx, other, ANNA, MONDAY)

        assert await reviews.unreviewed(tx) == ()
        assert await reviews.latest(tx, HSV) == replace(SAID, nudged=MONDAY, raised=MONDAY)


async def test_a_place_has_one_room_and_a_room_one_place(database: Database) -> None:
    async with database.write() as tx:
        await rooms.settle(tx, ADMIN, "!a", MONDAY)
        await rooms.settle(tx, case_room("c1"), "!b", MONDAY)
        await rooms.settle(tx, case_room("c1"), "!c", MONDAY)
        await rooms.settle(tx, direct(ANNA), "!a", MONDAY)

        assert await rooms.all_rooms(tx) == {"!c": case_room("c1"), "!a": direct(ANNA)}
        assert await rooms.room_of(tx, ADMIN) is None
        assert await rooms.place_of(tx, "!c") == case_room("c1")
        await rooms.lose(tx, case_room("c1"), "!c", "removed", MONDAY)
        assert await rooms.place_of(tx, "!c") is None


async def test_a_persons_message_leads_to_the_object_that_it_made(database: Database) -> None:
    async with database.write() as tx:
        await rooms.note_origin(tx, "$1", "c1", "F1")
        await rooms.note_origin(tx, "$1", "c1", "F2")

        assert await rooms.origin(tx, "$1") == ("c1", "F1")
        assert await rooms.origin(tx, "$2") is None
