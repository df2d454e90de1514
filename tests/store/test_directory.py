from dataclasses import replace

from care.people import Member, Role
from store import directory
from store.database import Database
from store.directory import Roster
from store.keys import Vault
from store.tables import members
from tests.store.builders import ANNA, DIRECTORY, HSV, MONDAY, NOOR, TAGE, VC
from tests.store.telling import rows


async def test_the_directory_comes_out_as_it_went_in(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)

        found = await Roster(vault).read(tx)

    assert found == DIRECTORY
    assert list(found.units) == list(DIRECTORY.units)


async def test_names_of_people_do_not_stand_in_clear(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)

        assert all(b"Anna" not in row["name"] for row in await rows(tx, members))


async def test_an_empty_directory_is_empty(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        assert await directory.generation(tx) == 0
        assert (await Roster(vault).read(tx)).members == ()


async def test_a_roster_sees_what_another_process_changed(database: Database, vault: Vault) -> None:
    roster = Roster(vault)
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        before = await roster.read(tx)
        assert await roster.read(tx) is before

        await directory.set_duty(tx, NOOR, HSV, on=True)

        assert (await roster.read(tx)).ringing(HSV) == (NOOR,)
        assert await directory.generation(tx) == 2


async def test_an_import_leaves_on_duty_who_was(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        await directory.set_duty(tx, NOOR, HSV, on=True)
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        found = await Roster(vault).read(tx)
        await directory.set_duty(tx, NOOR, HSV, on=False)

        assert [m.user for m in found.members if m.on_duty] == [NOOR]
        assert not any(m.on_duty for m in (await Roster(vault).read(tx)).members)


async def test_a_unit_that_an_import_leaves_out_is_closed_and_stays_known(database: Database, vault: Vault) -> None:
    without = replace(
        DIRECTORY,
        units={unit.id: unit for unit in DIRECTORY.units.values() if unit.id != HSV},
        members=tuple(member for member in DIRECTORY.members if member.unit != HSV),
    )
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        await directory.save(tx, vault, without, MONDAY)

        found = await Roster(vault).read(tx)

    assert not found.units[HSV].open
    assert found.units[HSV].huvudman in found.huvudman
    assert found.members == without.members


async def test_a_changed_member_keeps_their_place_and_a_new_one_comes_last(database: Database, vault: Vault) -> None:
    new = Member("@ny.demo:almfors.example", HSV, frozenset({Role.MOTTAGARE}), None, "Ny")
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        await directory.put_member(tx, vault, Member(ANNA, VC, frozenset({Role.MEDARBETARE}), None, "Anna"), MONDAY)
        await directory.put_member(tx, vault, new, MONDAY)
        found = await Roster(vault).read(tx)

    assert [m.user for m in found.members] == [*(m.user for m in DIRECTORY.members), new.user]
    assert found.name_of(ANNA) == "Anna"
    assert found.with_role(HSV, Role.MEDARBETARE) == (NOOR, TAGE)
