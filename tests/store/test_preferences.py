from datetime import timedelta

from care.language import Language, Spoken
from store import directory, preferences
from store.database import Database
from store.directory import Roster
from store.keys import Vault
from store.tables import preferences as table
from tests.store.builders import ANNA, DIRECTORY, MONDAY, NOOR
from tests.store.telling import rows


async def test_a_language_is_remembered_per_person_and_the_last_choice_holds(database: Database) -> None:
    later = MONDAY + timedelta(hours=1)
    async with database.write() as tx:
        assert await preferences.languages(tx) == {}

        await preferences.choose(tx, ANNA, Language.EN, MONDAY)
        await preferences.choose(tx, NOOR, Language.EN, MONDAY)
        await preferences.choose(tx, ANNA, Language.SV, later)

        assert await preferences.languages(tx) == {ANNA: Language.SV, NOOR: Language.EN}
        assert {row["user"]: row["changed"] for row in await rows(tx, table)} == {ANNA: later, NOOR: MONDAY}


async def test_the_directory_that_is_read_next_knows_the_choice_of_another_process_too(database: Database, vault: Vault) -> None:
    here, there = Roster(vault), Roster(vault)
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)
        assert (await here.read(tx)).spoken.to(ANNA) is Language.SV

        await preferences.choose(tx, ANNA, Language.EN, MONDAY)

        assert {(await roster.read(tx)).spoken.to(ANNA) for roster in (here, there)} == {Language.EN}


async def test_an_import_of_the_directory_leaves_the_languages_that_people_chose(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await preferences.choose(tx, ANNA, Language.EN, MONDAY)
        await directory.save(tx, vault, DIRECTORY, MONDAY)

        assert (await Roster(vault).read(tx)).spoken == Spoken(Language.SV, {ANNA: Language.EN})


async def test_the_rooms_speak_the_language_of_the_installation(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await directory.save(tx, vault, DIRECTORY, MONDAY)

        assert (await Roster(vault, Language.EN).read(tx)).spoken == Spoken(Language.EN)
