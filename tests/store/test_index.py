from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from care.case import Case, Status
from care.expected import Due, Matter
from care.ladder import Step
from store import index
from store.database import Database
from store.index import CaseRow
from store.tables import case_people, due
from tests.store.builders import ANNA, BIST, HARALD, HSV, HT, MONDAY, VC, opened, opening
from tests.store.telling import rows

AT = MONDAY + timedelta(days=1)
ITEM = Due(Matter.ANSWER, "F1", HSV, Step.MISSED, AT, AT, "1")


def case(name: str = "c1", number: str = "SÄ-2026-00001", codename: str = "Blå tranan", status: Status = Status.AKTIVT) -> Case:
    return replace(opened(case_id=name, first=opening(HARALD, number, codename)).now, status=status)


async def test_numbers_count_per_year(database: Database) -> None:
    async with database.write() as tx:
        numbers = [await index.take_number(tx, year) for year in (2026, 2026, 2027, 2026)]

    assert numbers == ["SÄ-2026-00001", "SÄ-2026-00002", "SÄ-2027-00001", "SÄ-2026-00003"]


async def test_a_person_has_one_open_case_by_constraint(database: Database) -> None:
    async with database.write() as tx:
        await index.write(tx, case(), "p")
        assert await index.open_case_of(tx, "p") == "c1"

    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await index.write(tx, case("c2", "SÄ-2026-00002", "Rosa ugglan"), "p")


async def test_a_codename_belongs_to_one_open_case_by_constraint(database: Database) -> None:
    async with database.write() as tx:
        await index.write(tx, case(), "p")
        assert await index.codenames_taken(tx) == {"Blå tranan"}

    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await index.write(tx, case("c2", "SÄ-2026-00002"), "q")


async def test_a_closed_case_makes_room_for_another_of_the_person_and_the_codename(database: Database) -> None:
    async with database.write() as tx:
        await index.write(tx, case(), "p")
        await index.write(tx, case(status=Status.AVSLUTAT), "")
        assert await index.open_case_of(tx, "p") is None

        await index.write(tx, case("c2", "SÄ-2026-00002"), "p")

        assert await index.open_case_of(tx, "p") == "c2"
        assert await index.open_cases(tx) == ("c2",)
        assert [row.id for row in await index.named(tx, "blå tranan")] == ["c2", "c1"]
        assert [row.id for row in await index.named(tx, "SÄ-2026-00001")] == ["c1"]


async def test_cases_are_found_by_their_units_as_long_as_these_take_part(database: Database) -> None:
    story = opened((BIST, HSV))
    expected = CaseRow("c1", "SÄ-2026-00001", "Blå tranan", open=True, initiator=VC)
    async with database.write() as tx:
        await index.write(tx, story.now, "p")

        assert await index.cases_of_units(tx, [HSV, BIST]) == (expected,)
        assert await index.cases_of_units(tx, [HT]) == ()
        assert await index.row_of(tx, "c1") == expected
        assert await index.row_of(tx, "c9") is None
        assert await index.cases_of_units(tx, [HSV], closed=True) == ()


async def test_rows_that_stay_the_same_are_left_alone_and_the_rest_follows(database: Database) -> None:
    before, after = opened((BIST,)).now, opened((BIST, HSV)).now
    async with database.write() as tx:
        await index.write(tx, before, "p")
        await index.write(tx, after, "", before)

        people = await rows(tx, case_people)
        assert {row["user"]: row["unit"] for row in people} == dict(after.participants)
        assert ANNA in after.participants
        assert await index.cases_of_units(tx, [HSV]) != ()


async def test_a_due_item_is_open_then_said_and_stays_said(database: Database) -> None:
    async with database.write() as tx:
        await index.write_due(tx, case(), [ITEM], MONDAY)
        assert await index.next_due(tx) == AT
        assert await index.fallen_due(tx, AT - timedelta(seconds=1)) == ()
        (fallen,) = await index.fallen_due(tx, AT)

        await index.said(tx, fallen.key, AT)
        await index.write_due(tx, case(), [ITEM], AT)
        await index.write_due(tx, case(), [], AT)

        assert await index.fallen_due(tx, AT) == ()
        assert await index.next_due(tx) is None
        assert [(row["state"], row["settled"]) for row in await rows(tx, due)] == [("said", AT)]


async def test_a_due_item_is_cancelled_when_it_is_not_expected_and_open_again_when_it_is(database: Database) -> None:
    async with database.write() as tx:
        await index.write_due(tx, case(), [ITEM], MONDAY)
        await index.write_due(tx, case(), [], AT)
        assert [(row["state"], row["settled"]) for row in await rows(tx, due)] == [("cancelled", AT)]

        await index.write_due(tx, case(), [ITEM], AT)

        assert [(row["state"], row["settled"]) for row in await rows(tx, due)] == [("open", None)]


async def test_an_open_due_item_follows_its_time_when_hours_or_figures_change(database: Database) -> None:
    later = Due(Matter.ANSWER, "F1", HSV, Step.MISSED, AT + timedelta(hours=1), AT, "1")
    async with database.write() as tx:
        await index.write_due(tx, case(), [ITEM], MONDAY)
        await index.write_due(tx, case(), [later], MONDAY)

        assert await index.next_due(tx) == later.at


async def test_the_due_items_of_another_case_are_left_alone(database: Database) -> None:
    async with database.write() as tx:
        await index.write_due(tx, case(), [ITEM], MONDAY)
        await index.write_due(tx, case("c2"), [], MONDAY)

        assert [row["state"] for row in await rows(tx, due)] == ["open"]
