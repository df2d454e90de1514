"""The account's secret storage: what is stored comes back with the recovery key, and with nothing else."""

import json
from typing import cast

import pytest

from bot.matrix.crypto import recovery
from bot.matrix.crypto.identity import Signers, new_seeds
from bot.matrix.crypto.storage import SecretStorage, fitting
from bot.matrix.errors import Permanent, Unusable
from bot.matrix.wire import Json, Wire
from tests.bot.matrix.bots import SEEDS
from tests.bot.matrix.crypto.accounts import USER, Server


def storage(server: Server) -> SecretStorage:
    return SecretStorage(cast("Wire", server), USER)


async def test_the_recovery_key_gives_the_seeds_back() -> None:
    server = Server()

    assert not await storage(server).prepared()
    words = await storage(server).store(SEEDS)

    assert await storage(server).prepared()
    assert await storage(server).restored(words) == SEEDS
    assert not any(secret.hex() in json.dumps(server.data) for secret in (SEEDS.master, recovery.read(words)))


async def test_a_new_recovery_key_ends_the_one_before() -> None:
    server = Server()
    first = await storage(server).store(SEEDS)
    second = await storage(server).store(SEEDS)

    assert await storage(server).restored(second) == SEEDS
    with pytest.raises(Unusable, match="not the recovery key"):
        await storage(server).restored(first)


async def test_a_storage_that_broke_off_is_not_prepared() -> None:
    server = Server()
    await storage(server).store(SEEDS)
    del server.data["m.cross_signing.user_signing"]

    assert not await storage(server).prepared()


@pytest.mark.parametrize(
    ("words", "says"),
    [("EsTc", "no recovery key"), (recovery.spelled(b"k" * 32), "not the recovery key")],
)
async def test_another_key_opens_nothing(words: str, says: str) -> None:
    server = Server()
    await storage(server).store(SEEDS)

    with pytest.raises(Unusable, match=says):
        await storage(server).restored(words)


async def test_an_account_without_storage_is_told() -> None:
    with pytest.raises(Unusable, match="no secret storage"):
        await storage(Server()).restored(recovery.spelled(b"k" * 32))


@pytest.mark.parametrize("held", [{}, {"encrypted": {}}, {"encrypted": 7}])
async def test_a_missing_secret_is_told(held: Json) -> None:
    server = Server()
    words = await storage(server).store(SEEDS)
    server.data["m.cross_signing.master"] = held

    with pytest.raises(Unusable, match="no secret storage"):
        await storage(server).restored(words)


@pytest.mark.parametrize("plain", [b"AAAA", b"no base64!", b""])
async def test_a_secret_that_is_no_seed_is_refused(plain: bytes) -> None:
    server = Server()
    words = await storage(server).store(SEEDS)
    name = server.data["m.secret_storage.default_key"]["key"]
    held = recovery.sealed(recovery.read(words), "m.cross_signing.master", plain)
    server.data["m.cross_signing.master"] = {"encrypted": {name: held}}

    with pytest.raises(Unusable):
        await storage(server).restored(words)


async def test_a_refusal_is_not_taken_for_an_empty_storage() -> None:
    server = Server()
    server.forbidden = "/account_data/"

    with pytest.raises(Permanent):
        await storage(server).prepared()


def test_seeds_must_be_those_of_the_shown_identity() -> None:
    assert fitting(SEEDS, Signers.of(SEEDS).public) is SEEDS
    with pytest.raises(Unusable, match="earlier one"):
        fitting(SEEDS, Signers.of(new_seeds()).public)
