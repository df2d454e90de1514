"""The rooms follow the directory, each step once, and keys go only to those who belong there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest_asyncio

from bot.household import AT_ONCE, Household, allowed, name_of, space, wanted
from care.effects import ADMIN as ADMIN_ROOM
from care.effects import Effect, Invite, OpenRoom, Remove, Rename, case_room, direct, inbox
from care.people import Role
from store import outbox, outcomes, rooms, seats
from store.tables import case_people, case_units, cases
from tests.bot.shelves import ADMIN, ANNA, NOON, OLLE, UNIT, VERA, House, house, member, staff


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


def keeper(home: House) -> Household:
    return Household(home.shelf.database, home.shelf.vault, home.shelf.roster, home.clock)


async def enqueued(home: House) -> list[Effect]:
    """What has been enqueued since the last call, room by room; it counts as done."""
    found: list[Effect] = []
    while True:
        async with home.shelf.database.write() as tx:
            rows = await outbox.claim(tx, home.shelf.vault, home.clock.utc(), timedelta(seconds=60), 100)
            for row in rows:
                await outcomes.confirm(tx, row.id, "", home.clock.utc())
        if not rows:
            return found
        found += [row.effect for row in rows]


def invited(effects: list[Effect]) -> set[tuple[str, str]]:
    return {(str(effect.place), effect.user) for effect in effects if isinstance(effect, Invite)}


def removed(effects: list[Effect]) -> set[tuple[str, str]]:
    return {(str(effect.place), effect.user) for effect in effects if isinstance(effect, Remove)}


async def test_the_first_directory_makes_all_rooms_and_invites_everybody(home: House) -> None:
    await home.fill(staff(member(ANNA), member(VERA, Role.REVISOR)))

    await keeper(home).keep()

    effects = await enqueued(home)
    opened = {str(effect.place): effect.name for effect in effects if isinstance(effect, OpenRoom)}
    assert opened == {
        "admin:": "Samrum administration",
        f"inbox:{UNIT}": "Inkorg Norrgårdens vårdcentral",
        f"space:{UNIT}": "Norrgårdens vårdcentral",
        f"direct:{ANNA}": "Samrum",
        f"direct:{VERA}": "Samrum",
        f"direct:{ADMIN}": "Samrum",
    }
    assert invited(effects) == {
        ("admin:", ADMIN),
        (f"inbox:{UNIT}", ANNA),
        (f"space:{UNIT}", ANNA),
        (f"direct:{ANNA}", ANNA),
        (f"direct:{VERA}", VERA),
        (f"direct:{ADMIN}", ADMIN),
    }


async def test_each_room_is_opened_before_anybody_is_invited_to_it(home: House) -> None:
    await home.fill(staff(member(ANNA), member(OLLE)))

    await keeper(home).keep()

    opened = set[str]()
    for effect in await enqueued(home):
        if isinstance(effect, OpenRoom):
            opened.add(str(effect.place))
        assert str(effect.place) in opened


async def test_what_is_done_is_not_done_again_also_by_a_new_process(home: House) -> None:
    await home.fill(staff(member(ANNA)))
    await keeper(home).keep()
    await enqueued(home)

    assert not await keeper(home).keep()
    assert await enqueued(home) == []


async def test_who_leaves_is_removed_and_who_comes_back_is_invited_again(home: House) -> None:
    household = keeper(home)
    await home.fill(staff(member(ANNA), member(OLLE)))
    await household.keep()
    await enqueued(home)

    await home.fill(staff(member(ANNA)))
    await household.keep()
    assert removed(await enqueued(home)) == {(f"inbox:{UNIT}", OLLE), (f"space:{UNIT}", OLLE), (f"direct:{OLLE}", OLLE)}

    await home.fill(staff(member(ANNA), member(OLLE)))
    await household.keep()
    assert invited(await enqueued(home)) == {(f"inbox:{UNIT}", OLLE), (f"space:{UNIT}", OLLE), (f"direct:{OLLE}", OLLE)}

    await home.fill(staff(member(ANNA)))
    await household.keep()
    assert (f"inbox:{UNIT}", OLLE) in removed(await enqueued(home))


async def test_a_member_who_may_only_audit_any_more_leaves_the_inbox_and_keeps_the_direct_room(home: House) -> None:
    household = keeper(home)
    await home.fill(staff(member(ANNA), member(OLLE)))
    await household.keep()
    await enqueued(home)

    await home.fill(staff(member(ANNA), member(OLLE, Role.REVISOR)))
    await household.keep()

    assert removed(await enqueued(home)) == {(f"inbox:{UNIT}", OLLE), (f"space:{UNIT}", OLLE)}


async def test_a_lost_room_is_made_again_and_its_people_invited(home: House) -> None:
    household = keeper(home)
    await home.fill(staff(member(ANNA)))
    await household.keep()
    await enqueued(home)

    async with home.shelf.database.write() as tx:
        await seats.clear(tx, direct(ANNA))
    household.reconsider()
    await household.keep()

    effects = await enqueued(home)
    assert [type(effect) for effect in effects] == [OpenRoom, Invite]
    assert {effect.place for effect in effects} == {direct(ANNA)}


async def called(home: House, name: str) -> None:
    """Give the unit a name in the directory."""
    people = staff(member(ANNA))
    await home.fill(replace(people, units=MappingProxyType({UNIT: replace(people.units[UNIT], name=name)})))


async def test_a_renamed_unit_renames_its_inbox_and_its_space_each_time_once(home: House) -> None:
    household = keeper(home)
    for name in ("Norr", "Söder", "Norr"):
        await called(home, name)
        await household.keep()
        await keeper(home).keep()
    effects = await enqueued(home)

    names = {
        place: [each.name for each in effects if isinstance(each, Rename) and each.place == place] for place in (inbox(UNIT), space(UNIT))
    }
    assert names == {inbox(UNIT): ["Inkorg Söder", "Inkorg Norr"], space(UNIT): ["Söder", "Norr"]}
    assert {each.place for each in effects if isinstance(each, Rename)} == names.keys()


async def test_a_unit_renamed_while_its_room_is_lost_gets_one_that_has_the_name(home: House) -> None:
    household = keeper(home)
    await called(home, "Norr")
    await household.keep()
    await enqueued(home)
    async with home.shelf.database.write() as tx:
        await seats.clear(tx, inbox(UNIT))

    await called(home, "Söder")
    await household.keep()

    inboxes = [effect for effect in await enqueued(home) if effect.place == inbox(UNIT)]
    assert [type(effect) for effect in inboxes] == [OpenRoom, Invite]
    assert isinstance(inboxes[0], OpenRoom)
    assert inboxes[0].name == "Inkorg Söder"


async def test_a_large_directory_is_taken_in_in_portions(home: House) -> None:
    people = [member(f"@p{number}:almfors.test") for number in range(AT_ONCE)]
    await home.fill(staff(*people))

    await keeper(home).keep()

    assert (await home.backlog()).waiting == 3 + 1 + 4 * AT_ONCE + 2
    assert not await keeper(home).keep()


async def test_keys_go_to_those_who_belong_in_the_room_and_to_nobody_else(home: House) -> None:
    moved = replace(member("@moved:almfors.test"), unit="another")
    people = staff(member(ANNA), member(OLLE, Role.ENHETSCHEF), member(VERA, Role.REVISOR), moved)
    await home.fill(people)
    async with home.shelf.database.write() as tx:
        for place in (case_room("c1"), inbox(UNIT), direct(ANNA), direct("@gone:almfors.test"), ADMIN_ROOM, space(UNIT)):
            await rooms.settle(tx, place, f"!{place}", NOON)
        case = {"number": "SÄ-1", "codename": "Blå tranan", "codename_noun": "tranan", "status": "AKTIVT", "initiator": UNIT}
        await tx.execute(cases.insert().values(id="c1", open=True, seq=1, touched=NOON, **case))
        await tx.execute(case_units.insert().values(case_id="c1", unit=UNIT, standing="deltar"))
        there = (ANNA, "@gone:almfors.test", "@moved:almfors.test")
        await tx.execute(case_people.insert(), [{"case_id": "c1", "user": user, "unit": UNIT} for user in there])

    async with home.shelf.database.read() as tx:
        found = {place: await allowed(tx, people, f"!{place}") for place in await _places(home)}
        unknown = await allowed(tx, people, "!elsewhere")

    assert found == {
        "case:c1": {ANNA},
        f"inbox:{UNIT}": {ANNA, OLLE},
        f"direct:{ANNA}": {ANNA},
        "direct:@gone:almfors.test": frozenset(),
        "admin:": {ADMIN},
        f"space:{UNIT}": frozenset(),
    }
    assert unknown == frozenset()


async def _places(home: House) -> list[str]:
    async with home.shelf.database.read() as tx:
        return [str(place) for place in (await rooms.all_rooms(tx)).values()]


def test_no_room_is_named_after_a_person() -> None:
    people = staff(member(ANNA))

    assert all("anna" not in name_of(place, people) for place in wanted(people))
