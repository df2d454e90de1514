"""Hostile and missing keys of others against the real crypto."""

import pytest

from bot.matrix.errors import Unusable
from bot.matrix.keys import device_keys
from tests.bot.matrix.counterparts import ANNA, MALLORY, Bot, Homeserver, Person


async def test_one_persons_malformed_device_keys_do_not_keep_anothers_away(
    bot: Bot, anna: Person, mallory: Person, server: Homeserver
) -> None:
    good = server.devices[MALLORY].pop(mallory.machine.device)
    server.devices[MALLORY] = {
        "SHORT": {**good, "device_id": "SHORT", "keys": {"ed25519:SHORT": "AAAA", "curve25519:SHORT": "AAAA"}},
        "NONE": 7,
        "NOBODY": mallory.machine.sign({"keys": good["keys"]}),
        "EMPTY": {},
    }

    await bot.keys.know([ANNA, MALLORY])

    assert set(bot.machine.devices([ANNA, MALLORY])) == {(ANNA, anna.machine.device)}
    assert bot.counters["bad_device_keys"] >= 3


async def test_a_device_that_signs_keys_without_an_owner_harms_its_owner_only(
    bot: Bot, anna: Person, mallory: Person, server: Homeserver
) -> None:
    keys = device_keys(mallory.machine)
    server.devices[MALLORY][mallory.machine.device] = mallory.machine.sign({"keys": keys["keys"]})

    await bot.keys.know([ANNA, MALLORY])

    assert set(bot.machine.devices([ANNA, MALLORY])) == {(ANNA, anna.machine.device)}
    assert bot.counters["bad_device_keys"] == 1


async def test_a_homeserver_that_does_not_answer_for_its_users_is_not_asked_again_at_once(bot: Bot, server: Homeserver) -> None:
    await bot.keys.know(["@far:away"])
    await bot.keys.know(["@far:away"])

    assert server.queries == [{"@far:away"}]


async def test_a_device_out_of_step_gets_a_new_session_and_a_sign_of_it(bot: Bot, anna: Person, server: Homeserver) -> None:
    await bot.keys.know([ANNA])
    device = bot.machine.devices([ANNA])[ANNA, anna.machine.device]
    bot.machine._olm.wedged_devices.append(device)
    anna.machine.account.generate_one_time_keys(1)
    name, key = next(iter(anna.machine.account.one_time_keys["curve25519"].items()))
    server.claims = {ANNA: {anna.machine.device: {f"signed_curve25519:{name}": anna.machine.sign({"key": key})}}}

    await bot.keys.upkeep()

    assert bot.machine.reachable(device)
    assert not bot.machine.wedged()
    assert [where for where in server.sent if "/sendToDevice/m.room.encrypted/" in where] != []
    assert bot.machine.unsent() == []


async def test_upkeep_that_fails_is_done_after_the_next_sync(bot: Bot, server: Homeserver) -> None:
    bot.keys.observe({"device_lists": {"changed": [ANNA]}})
    server.devices[ANNA] = {}
    server.away = True
    await bot.keys.upkeep()
    server.away = False
    await bot.keys.upkeep()

    assert bot.counters["upkeep_failed"] == 2
    assert server.queries == [{ANNA}]
    assert bot.machine.account.shared


async def test_a_key_clash_without_end_is_reported(bot: Bot, server: Homeserver) -> None:
    server.clash = True

    with pytest.raises(Unusable, match="key store"):
        await bot.keys.upkeep()


async def test_a_malformed_one_time_key_is_counted(bot: Bot, anna: Person) -> None:
    await bot.keys.know([ANNA])
    bad = anna.machine.sign({"key": "AAAA"})

    bot.keys._meet(ANNA, anna.machine.device, {"signed_curve25519:AAAA": bad})
    bot.keys._meet(ANNA, anna.machine.device, {})

    assert (bot.counters["bad_one_time_key"], bot.counters["no_one_time_key"]) == (1, 1)
    assert not bot.machine.reachable(bot.machine.devices([ANNA])[ANNA, anna.machine.device])
