"""The bot's own identity: made once, checked at each start, never overwritten."""

from typing import cast

import pytest

from bot.matrix.crypto.identity import Identity, Signers, new_seeds, shown
from bot.matrix.crypto.signing import signed_by
from bot.matrix.errors import Permanent, Unusable
from bot.matrix.wire import Wire
from store.identities import Seeds
from tests.bot.matrix.bots import SEEDS, Held
from tests.bot.matrix.crypto.accounts import DEVICE, DEVICE_KEY, PASSWORD, USER, Server, own

UPLOAD = "/keys/device_signing/upload"


def identity(server: Server, held: Held, password: str = "") -> Identity:
    return Identity(cast("Wire", server), held, own(), lambda: password)


async def test_a_first_identity_is_published_whole_and_signs_the_device() -> None:
    server, held = Server(), Held()
    mine = identity(server, held)

    made = await mine.make()
    await mine.ensure()

    assert made
    assert held.seeds is not None
    signers = Signers.of(held.seeds)
    master, signing, using = signers.master.public, signers.self_signing.public, signers.user_signing.public
    assert [server.keys[usage]["keys"] for usage in signers.public] == [{f"ed25519:{key}": key} for key in (master, signing, using)]
    assert signed_by(server.keys["self_signing"], USER, master, master)
    assert signed_by(server.keys["user_signing"], USER, master, master)
    assert signed_by(server.keys["master"], USER, DEVICE, DEVICE_KEY.public)
    assert signed_by(server.device, USER, signing, signing)
    assert (await shown(cast("Wire", server), USER, DEVICE)).signed(USER)


async def test_the_seeds_are_kept_before_their_keys_are_uploaded() -> None:
    server, held = Server(), Held()
    server.strict = True
    mine = identity(server, held)

    await mine.make()
    kept = held.seeds
    with pytest.raises(Unusable, match="password"):
        await mine.ensure()

    assert kept is not None
    assert not server.keys
    await identity(server, held, PASSWORD).ensure()
    assert server.keys["master"]["keys"] == {f"ed25519:{Signers.of(kept).master.public}": Signers.of(kept).master.public}


async def test_a_start_that_finds_all_in_order_changes_nothing() -> None:
    server, held = Server(), Held(SEEDS)
    mine = identity(server, held)
    await mine.ensure()
    server.asked.clear()

    await mine.ensure()

    assert server.asked == ["/keys/query"]
    assert await mine.make() is False


async def test_another_identity_on_the_homeserver_stops_the_bot_and_is_not_overwritten() -> None:
    server = Server()
    server.shows(new_seeds())
    before = dict(server.keys)

    with pytest.raises(Unusable, match=r"another identity.*identity restore"):
        await identity(server, Held(SEEDS), PASSWORD).ensure()

    assert server.keys == before
    assert UPLOAD not in server.asked


@pytest.mark.parametrize("act", ["make", "ensure"])
async def test_an_identity_whose_seeds_are_lost_is_restored_and_not_replaced(act: str) -> None:
    server, held = Server(), Held()
    server.shows(SEEDS)
    mine = identity(server, held, PASSWORD)

    with pytest.raises(Unusable, match="not in this database: run samrum identity restore"):
        await (mine.make() if act == "make" else mine.ensure())

    assert held.seeds is None


async def test_without_any_identity_the_bot_does_not_start() -> None:
    with pytest.raises(Unusable, match="run samrum init"):
        await identity(Server(), Held()).ensure()


async def test_a_lost_identity_is_replaced_when_that_is_asked_for_and_the_password_is_right() -> None:
    server, held = Server(), Held()
    server.shows(SEEDS)

    assert await identity(server, held, PASSWORD).make(anew=True)
    await identity(server, held).ensure()

    assert held.seeds not in (None, SEEDS)
    assert (await shown(cast("Wire", server), USER, DEVICE)).signed(USER)


async def test_a_wrong_password_replaces_nothing_and_is_told() -> None:
    server = Server()
    server.shows(SEEDS)
    before = dict(server.keys)

    with pytest.raises(Unusable, match=r"password.*\(M_FORBIDDEN\)"):
        await identity(server, Held(), "fel").make(anew=True)

    assert server.keys == before


async def test_an_intact_identity_is_not_replaced() -> None:
    server, held = Server(), Held(SEEDS)
    server.shows(SEEDS)

    with pytest.raises(Unusable, match="no new one is needed"):
        await identity(server, held, PASSWORD).make(anew=True)

    assert held.seeds == SEEDS


async def test_a_device_that_the_homeserver_made_up_is_not_signed() -> None:
    server = Server()
    server.device["keys"] = {**server.device["keys"], f"curve25519:{DEVICE}": "forged"}

    with pytest.raises(Unusable, match="--new-device"):
        await identity(server, Held(SEEDS)).ensure()

    assert "/keys/signatures/upload" not in server.asked


async def test_a_signature_that_vanished_is_made_again() -> None:
    server, held = Server(), Held(SEEDS)
    await identity(server, held).ensure()
    server.device = dict(own().keys())

    await identity(server, held).ensure()

    assert (await shown(cast("Wire", server), USER, DEVICE)).signed(USER)


async def test_a_new_device_signs_the_master_key_too() -> None:
    server = Server()
    server.shows(SEEDS)
    server.keys["master"].pop("signatures")

    await identity(server, Held(SEEDS)).ensure()

    assert signed_by(server.keys["master"], USER, DEVICE, DEVICE_KEY.public)
    assert UPLOAD not in server.asked


async def test_a_refused_signature_is_told() -> None:
    server = Server()
    server.refuses = True

    with pytest.raises(Unusable, match="refuses the signature"):
        await identity(server, Held(SEEDS)).ensure()


async def test_a_refusal_that_no_password_helps_is_passed_on() -> None:
    server = Server()
    server.forbidden = UPLOAD

    with pytest.raises(Permanent):
        await identity(server, Held(SEEDS), PASSWORD).ensure()


def test_seeds_are_random_and_of_three() -> None:
    first, second = new_seeds(), new_seeds()

    assert len({first.master, first.self_signing, first.user_signing, second.master}) == 4
    assert isinstance(first, Seeds)
