import pytest

from store import account, identities, tables
from store.account import Account
from store.database import Database
from store.identities import Seeds
from store.keys import Vault
from store.sealing import Keyring, Unopened, kek
from tests.store.builders import MONDAY

USER = "@samrum:x"
SEEDS = Seeds(b"\xff" * 32, b"\x01" * 32, b"\x02" * 32)


async def test_seeds_are_kept_sealed_and_come_back(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        assert await identities.load(tx, vault, USER) is None
        await identities.keep(tx, vault, USER, SEEDS, MONDAY)

    async with database.read() as tx:
        sealed = (await tx.execute(tables.identities.select())).one().seeds
        assert await identities.load(tx, vault, USER) == SEEDS
        assert await identities.load(tx, vault, "@other:x") is None
    assert not any(seed in sealed for seed in (SEEDS.master, SEEDS.self_signing, SEEDS.user_signing))


async def test_a_restored_identity_takes_the_place_of_another(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await identities.keep(tx, vault, USER, Seeds(b"a" * 32, b"b" * 32, b"c" * 32), MONDAY)
        await identities.keep(tx, vault, USER, SEEDS, MONDAY)

        assert await identities.load(tx, vault, USER) == SEEDS


async def test_the_identity_outlives_a_new_sign_in(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await identities.keep(tx, vault, USER, SEEDS, MONDAY)
        await account.keep(tx, vault, Account(USER, "NEW", "token"), MONDAY)

        assert await identities.load(tx, vault, USER) == SEEDS


async def test_seeds_do_not_open_under_another_kek(database: Database, vault: Vault) -> None:
    async with database.write() as tx:
        await identities.keep(tx, vault, USER, SEEDS, MONDAY)

        with pytest.raises(Unopened):
            await identities.load(tx, Vault(Keyring(kek(b"x" * 32))), USER)


def test_seeds_do_not_show_in_a_trace() -> None:
    assert repr(SEEDS) == "Seeds()"
