import pytest

from store.database import Database
from store.keys import DIRECTORY, Vault, case_scope, dialogue_scope, transit_scope
from store.people import person_of
from store.sealing import Keyring, Unopened, kek
from store.tables import keys
from tests.store.builders import ESTER, HARALD, MONDAY
from tests.store.telling import rows

SCOPE = case_scope("c1")


async def test_a_scope_has_one_key_made_when_it_is_first_needed(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        with pytest.raises(Unopened):
            await vault.key(tx, SCOPE)
        made = await vault.obtain(tx, SCOPE, MONDAY)

        assert await vault.obtain(tx, SCOPE, MONDAY) == made
        assert await vault.key(tx, SCOPE) == made
        assert await vault.obtain(tx, case_scope("c2"), MONDAY) != made


async def test_a_destroyed_key_is_gone_and_never_made_again(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await vault.obtain(tx, SCOPE, MONDAY)
        await vault.obtain(tx, DIRECTORY, MONDAY)
        await vault.destroy(tx, SCOPE, MONDAY)

        with pytest.raises(Unopened):
            await vault.key(tx, SCOPE)
        with pytest.raises(Unopened):
            await vault.obtain(tx, SCOPE, MONDAY)
        assert await vault.destroyed(tx) == {SCOPE}


async def test_an_erased_key_leaves_no_trace(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await vault.obtain(tx, dialogue_scope("d1"), MONDAY)
        await vault.erase(tx, dialogue_scope("d1"))

        assert await rows(tx, keys) == []
        assert await vault.destroyed(tx) == frozenset()


async def test_a_rotation_wraps_every_living_key_anew_and_keeps_it(database: Database, vault: Vault) -> None:
    new = kek(b"n" * 32)
    async with database.write() as tx:
        made = await vault.obtain(tx, SCOPE, MONDAY)
        await vault.obtain(tx, transit_scope(MONDAY), MONDAY)
        await vault.obtain(tx, DIRECTORY, MONDAY)
        await vault.destroy(tx, DIRECTORY, MONDAY)
        rotated = Vault(Keyring(new, older=(vault.ring.current,)))

        assert await rotated.rewrap(tx) == 2
        assert await rotated.rewrap(tx) == 0
        assert await Vault(Keyring(new)).key(tx, SCOPE) == made
        with pytest.raises(Unopened):
            await vault.key(tx, SCOPE)


async def test_no_key_stands_in_the_database_as_it_is(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        made = await vault.obtain(tx, SCOPE, MONDAY)

        assert made.secret not in (await rows(tx, keys))[0]["wrapped"]


async def test_a_person_has_the_same_hash_always_and_another_person_another(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        ester = await person_of(tx, vault, ESTER.number, "", MONDAY)

        assert await person_of(tx, vault, ESTER.number, "", MONDAY) == ester
        assert await person_of(tx, vault, HARALD.number, "", MONDAY) != ester
        assert len(ester) == 64
        assert ESTER.number not in ester


async def test_a_reservnummer_is_a_person_only_together_with_its_issuer(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        here = await person_of(tx, vault, "99ABÖ-1", "region-almfors", MONDAY)

        assert await person_of(tx, vault, "99ABÖ-1", "almfors-kommun", MONDAY) != here
        assert await person_of(tx, vault, "99ABÖ-1", "region-almfors", MONDAY) == here
        with pytest.raises(ValueError, match="reservnummer and its issuer"):
            await person_of(tx, vault, "99ABÖ-1", "", MONDAY)
        with pytest.raises(ValueError, match="reservnummer and its issuer"):
            await person_of(tx, vault, "x:99ABÖ-1", "region-almfors", MONDAY)
