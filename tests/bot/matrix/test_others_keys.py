"""Hostile and missing keys of others against the real crypto."""

import pytest

from bot.matrix.crypto.identities import Device
from bot.matrix.errors import Unusable
from bot.matrix.shapes import Pair
from tests.bot.matrix.counterparts import ANNA, BOT, MALLORY, OTHER_ROOM, ROOM, Bot, Homeserver, Person


def trusted(bot: Bot, *users: str) -> dict[Pair, Device]:
    return bot.machine.persons.devices(users)[0]


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

    assert set(trusted(bot, ANNA, MALLORY)) == {(ANNA, anna.machine.device)}
    assert bot.counters["bad_device_keys"] >= 3


async def test_a_device_that_signs_keys_without_an_owner_harms_its_owner_only(
    bot: Bot, anna: Person, mallory: Person, server: Homeserver
) -> None:
    keys = mallory.machine.keys()
    server.devices[MALLORY][mallory.machine.device] = mallory.machine.sign({"keys": keys["keys"]})

    await bot.keys.know([ANNA, MALLORY])

    assert set(trusted(bot, ANNA, MALLORY)) == {(ANNA, anna.machine.device)}
    assert bot.counters["bad_device_keys"] == 1


async def test_a_homeserver_that_does_not_answer_for_its_users_is_not_asked_again_at_once(bot: Bot, server: Homeserver) -> None:
    await bot.keys.know(["@far:away"])
    await bot.keys.know(["@far:away"])

    assert server.queries == [{"@far:away"}]


async def test_a_device_out_of_step_gets_a_new_session_and_a_sign_of_it_once_an_hour(bot: Bot, anna: Person, server: Homeserver) -> None:
    await bot.keys.know([ANNA])
    lost = {"signed_curve25519:AAAAAQ": bot.machine.account.sign({"key": anna.machine.identity["curve25519"]})}
    anna.machine.meet(BOT, bot.machine.account.device, lost)
    server.claims = {ANNA: {anna.machine.device: anna.machine.one_time_key()}}

    for room in (ROOM, OTHER_ROOM):
        await bot.sync(to_device=(anna.room_key(bot.machine, room),))
        await bot.keys.upkeep()

    (sent,) = server.to_device("m.room.encrypted")
    assert anna.machine.opens(BOT, sent[ANNA][anna.machine.device]) is not None
    assert bot.machine.out_of_step() == frozenset()


async def test_upkeep_that_fails_is_done_after_the_next_sync(bot: Bot, anna: Person, server: Homeserver) -> None:
    await bot.keys.know([anna.user])
    await bot.keys.observe({"device_lists": {"changed": [ANNA]}, "device_one_time_keys_count": {}}, initial=False)
    server.away = True
    await bot.keys.upkeep()
    server.away = False
    await bot.keys.upkeep()

    assert bot.counters["upkeep_failed"] == 2
    assert server.queries == [{ANNA}, {ANNA}]
    assert bot.machine.account.unpublished() == {}


async def test_a_key_clash_without_end_is_reported(bot: Bot, server: Homeserver) -> None:
    server.clash = True

    with pytest.raises(Unusable, match="key store"):
        await bot.keys.upkeep()


async def test_a_malformed_one_time_key_is_counted_and_its_device_left_alone(bot: Bot, anna: Person, server: Homeserver) -> None:
    await bot.keys.know([ANNA])
    devices = trusted(bot, ANNA)
    server.claims = {ANNA: {anna.machine.device: {"signed_curve25519:AAAA": anna.machine.sign({"key": "AAAA"})}}}

    await bot.keys.reach(devices)
    await bot.keys.reach(devices)

    assert bot.counters["bad_one_time_key"] == 1
    assert not bot.machine.post.reachable(devices[ANNA, anna.machine.device])


async def test_a_one_time_key_that_the_device_did_not_sign_is_refused(bot: Bot, anna: Person, mallory: Person, server: Homeserver) -> None:
    await bot.keys.know([ANNA])
    server.claims = {ANNA: {anna.machine.device: mallory.machine.one_time_key()}}

    await bot.keys.reach(trusted(bot, ANNA))

    assert bot.counters["bad_one_time_key"] == 1
