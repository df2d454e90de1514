"""One reminder for each person and subject, gone with whoever takes it first."""

from dataclasses import replace
from datetime import timedelta

from care.effects import case_room, inbox
from care.snoozing import Snooze
from store import snoozes
from store.database import Database
from tests.store.builders import ANNA, HSV, MONDAY, NOOR

AT = MONDAY + timedelta(hours=6)
QUESTION = Snooze(NOOR, case_room("c-1"), AT, "$question", "c-1", "F1", tap="$tap")
REVIEW = Snooze(NOOR, inbox(HSV), AT + timedelta(hours=18), "$digest", slot=MONDAY)


async def test_what_is_kept_is_what_is_found(database: Database) -> None:
    async with database.write() as tx:
        assert await snoozes.put(tx, QUESTION)
        assert await snoozes.put(tx, REVIEW)
        assert await snoozes.put(tx, replace(QUESTION, user=ANNA))

        assert await snoozes.of_person(tx, NOOR, case_room("c-1")) == (QUESTION,)
        assert await snoozes.of_person(tx, NOOR, inbox(HSV)) == (REVIEW,)
        assert await snoozes.fallen(tx, AT) == (replace(QUESTION, user=ANNA), QUESTION)
        assert await snoozes.fallen(tx, AT - timedelta.resolution) == ()
        assert await snoozes.next_at(tx, MONDAY) == AT
        assert await snoozes.next_at(tx, AT) == REVIEW.at
        assert await snoozes.next_at(tx, REVIEW.at) is None


async def test_the_same_again_is_no_second_reminder_and_another_time_takes_its_place(database: Database) -> None:
    later = replace(QUESTION, at=REVIEW.at)
    async with database.write() as tx:
        await snoozes.put(tx, QUESTION)

        assert not await snoozes.put(tx, replace(QUESTION, message="$reminder", tap="$other"))
        assert await snoozes.put(tx, later)
        assert await snoozes.of_person(tx, NOOR, case_room("c-1")) == (later,)


async def test_what_is_typed_after_a_tap_is_still_taken_back_by_removing_the_tap(database: Database) -> None:
    async with database.write() as tx:
        await snoozes.put(tx, QUESTION)
        await snoozes.put(tx, replace(QUESTION, tap=""))

        assert await snoozes.tapped(tx, NOOR, "$tap") == QUESTION
        assert await snoozes.tapped(tx, ANNA, "$tap") is None
        assert await snoozes.tapped(tx, NOOR, "$question") is None


async def test_it_is_taken_once_and_not_at_all_when_it_has_moved(database: Database) -> None:
    async with database.write() as tx:
        await snoozes.put(tx, QUESTION)

        assert not await snoozes.take(tx, replace(QUESTION, at=REVIEW.at))
        assert await snoozes.take(tx, QUESTION)
        assert not await snoozes.take(tx, QUESTION)
