"""The bot's identity as an operator meets it, on a real homeserver, with independent clients as witnesses."""

import re
import shutil
import sqlite3
from contextlib import closing

import aiohttp
import pytest

from demo.client import Client, Clients
from tests.bot.test_running import PASSWORD, SECONDS, Installation, installed, place, revoke, rooms_of
from tests.databases import about_sqlite

__all__ = ["installed", "place"]
pytestmark = [pytest.mark.homeserver, about_sqlite]
"""What a lost or foreign database does is shown on the file that holds it."""
FORM = re.compile(r"(?:[1-9A-HJ-NP-Za-km-z]{4} ){11}[1-9A-HJ-NP-Za-km-z]{4}")


def recovery_key(said: str) -> str:
    found = FORM.search(said)
    assert found, said
    return found[0]


async def init(place: Installation, *more: str) -> tuple[int, str]:
    return await place.command("init", "--admin", place.admin, *more)


async def strict(clients: Clients, place: Installation) -> Client:
    """Somebody whose client writes to and reads from signed devices only."""
    anna = await clients.login(place.anna, PASSWORD, cross_sign=True)
    await anna.only_signed()
    return anna


def assert_said_nothing_secret(ended: tuple[int, str]) -> None:
    code, said = ended
    assert code == 0
    assert "recovery key" not in said


async def answered(place: Installation, anna: Client) -> str:
    """Ask the bot in the direct room and return what kept the answer from being read, "" if nothing did."""
    direct = (await rooms_of(anna, "Samrum"))["Samrum"]
    asked = await anna.say(direct, "!hjälp")
    seen = await anna.wait(direct, lambda e: e.sender == place.user and bool(e.failure or e.body), timeout=SECONDS, after=asked)
    return seen.failure


async def test_init_shows_the_recovery_key_once_and_a_strict_client_reads_the_bot(place: Installation, clients: Clients) -> None:
    first, again = await init(place), await init(place)
    await place.command("import-directory", str(place.folder / "region.toml"))
    shown = await place.command("identity", "show")
    anna = await strict(clients, place)

    async with place.running():
        failure = await answered(place, anna)

    assert first[0] == 0
    assert recovery_key(first[1])
    assert_said_nothing_secret(again)
    assert shown[0] == 0
    assert "signed by the self-signing key" in shown[1]
    assert failure == ""


async def test_another_client_restores_the_identity_that_the_bot_stored(place: Installation, clients: Clients) -> None:
    _, said = await init(place)
    _, shown = await place.command("identity", "show")
    client = await clients.login(place.user, PASSWORD)

    master = await client.restore_secrets(recovery_key(said))

    assert f"master key: {master}\n" in shown


async def test_the_bot_restores_the_identity_that_another_client_stored(place: Installation, clients: Clients) -> None:
    client = await clients.login(place.user, PASSWORD, cross_sign=True)
    key = await client.keep_secrets()

    refused = await init(place)
    wrong = await place.command(
        "identity", "restore", "--recovery-key-env", "KEY", environ={"KEY": f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}"}
    )
    restored = await place.command("identity", "restore", "--recovery-key-env", "KEY", environ={"KEY": key})
    finished = await init(place)
    shown = await place.command("identity", "show")

    assert refused[0] == 2
    assert "run samrum identity restore" in refused[1]
    assert wrong[0] == 2
    assert "recovery key" in wrong[1]
    assert restored[0] == 0, restored[1]
    assert_said_nothing_secret(finished)
    assert shown[0] == 0


async def test_a_new_device_after_a_lost_key_store_is_read_without_a_word_to_anybody(installed: Installation, clients: Clients) -> None:
    anna = await strict(clients, installed)
    async with installed.running():
        before = await answered(installed, anna)
    with closing(sqlite3.connect(installed.folder / "data" / "samrum.db")) as connection, connection:
        connection.execute("DELETE FROM matrix_keys")

    stopped = await installed.command("run")
    renewed = await init(installed, "--new-device")
    async with installed.running():
        after = await answered(installed, anna)

    assert stopped[0] == 2
    assert "run samrum init --new-device" in stopped[1]
    assert_said_nothing_secret(renewed)
    assert (before, after) == ("", "")
    assert len(await devices(installed)) == 1


async def test_after_everything_is_lost_the_recovery_key_gives_the_identity_back(installed: Installation) -> None:
    _, said = await installed.command("identity", "new-recovery-key")
    _, before = await installed.command("identity", "show")
    shutil.rmtree(installed.folder / "data")

    lost = await init(installed)
    restored = await installed.command("identity", "restore", "--recovery-key-env", "KEY", environ={"KEY": recovery_key(said)})
    finished = await init(installed)
    status, after = await installed.command("identity", "show")

    assert (lost[0], restored[0], status) == (2, 0, 0)
    assert_said_nothing_secret(finished)
    assert master(after) == master(before)


async def test_without_the_recovery_key_a_new_identity_is_made_only_when_asked_for(installed: Installation) -> None:
    _, before = await installed.command("identity", "show")
    intact = await init(installed, "--new-identity")
    shutil.rmtree(installed.folder / "data")

    made = await init(installed, "--new-identity")
    status, after = await installed.command("identity", "show")

    assert intact[0] == 2
    assert "no new one is needed" in intact[1]
    assert made[0] == 0, made[1]
    assert recovery_key(made[1])
    assert status == 0
    assert master(after) != master(before)


async def test_a_device_that_was_signed_out_comes_back_with_its_keys(installed: Installation, clients: Clients) -> None:
    anna = await strict(clients, installed)
    await revoke(installed)
    dead = await installed.command("run")

    renewed = await init(installed)
    async with installed.running():
        failure = await answered(installed, anna)

    assert dead[0] == 2
    assert_said_nothing_secret(renewed)
    assert failure == ""


async def test_another_identity_on_the_account_stops_the_bot(installed: Installation, clients: Clients) -> None:
    intruder = await clients.login(installed.user, PASSWORD)
    _, renewed = await installed.command("identity", "new-recovery-key")
    await intruder.restore_secrets(recovery_key(renewed))
    await intruder.cross_sign(reset=True)

    status, said = await installed.command("run")
    shown = await installed.command("identity", "show")
    doctor = await installed.command("doctor")

    assert status == 2
    assert "another identity" in said
    assert shown[0] == 1
    assert "FAIL" in shown[1]
    assert doctor[0] == 1
    assert "FAIL  identity: the homeserver shows another than the one in the database" in doctor[1]
    assert "FAIL  identity: the bot's device is not signed by it" in doctor[1]


async def test_a_recovery_key_that_is_not_given_is_asked_for_with_a_sentence(installed: Installation) -> None:
    status, said = await installed.command("identity", "restore")

    assert status == 2
    assert "--recovery-key-env" in said


def master(shown: str) -> str:
    found = re.search(r"master key: (\S+)", shown)
    assert found, shown
    return found[1]


async def devices(place: Installation) -> list[object]:
    """Return the bot's devices, as the homeserver's administrator sees them."""
    where = f"{place.homeserver.url}/_synapse/admin/v2/users/{place.user}/devices"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {await place.homeserver.administrator()}"}) as session:
        found: dict[str, list[object]] = await (await session.get(where)).json()
    return found["devices"]
