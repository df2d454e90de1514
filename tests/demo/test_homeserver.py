import asyncio
from pathlib import Path

import aiohttp
import pytest

from demo.homeserver import Homeserver, HomeserverError

pytestmark = pytest.mark.homeserver


async def whoami(server: Homeserver, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(server.url, headers=headers) as session,
        session.get("/_matrix/client/v3/account/whoami") as response,
    ):
        return str((await response.json())["user_id"])


async def override(server: Homeserver, user: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {await server.administrator()}"}
    async with (
        aiohttp.ClientSession(server.url, headers=headers) as session,
        session.get(f"/_synapse/admin/v1/users/{user}/override_ratelimit") as response,
    ):
        answer: dict[str, int] = await response.json()
        return answer


async def test_a_registered_person_can_log_in_and_registering_again_changes_nothing(homeserver: Homeserver) -> None:
    first = await homeserver.register("rut.demo", "hemligt", display="Rut Demo")

    again = await homeserver.register("rut.demo", "annat")

    assert first == again == "@rut.demo:almfors.test"
    assert await whoami(homeserver, await homeserver.login("rut.demo", "hemligt")) == first
    with pytest.raises(HomeserverError, match="M_FORBIDDEN"):
        await homeserver.login("rut.demo", "annat")


async def test_the_administrator_sees_who_is_free_of_limits_and_who_is_not(homeserver: Homeserver) -> None:
    person = await homeserver.register("free.demo", "hemligt")
    bot = await homeserver.register("slow.demo", "hemligt", limited=True)

    assert await override(homeserver, person) == {"messages_per_second": 0, "burst_count": 0}
    assert await override(homeserver, bot) == {}


async def test_accounts_sessions_and_port_survive_a_restart_and_a_power_cut(tmp_path: Path) -> None:
    async with Homeserver(tmp_path) as before:
        await before.register("rut.demo", "hemligt")
        token = await before.login("rut.demo", "hemligt")
        await before.kill()
        await before.start()
        assert await whoami(before, token) == "@rut.demo:almfors.test"

    async with Homeserver(tmp_path) as after:
        assert after.port == before.port
        assert await whoami(after, token) == "@rut.demo:almfors.test"
        assert await after.login("rut.demo", "hemligt") != token


async def test_with_limits_nobody_is_free_of_them_but_many_people_can_log_in_from_one_address(tmp_path: Path) -> None:
    async with Homeserver(tmp_path, limits=True) as strict:
        people = [await strict.register(f"person{number}.demo", "hemligt") for number in range(8)]
        tokens = {await strict.login(person, "hemligt") for person in people}

        assert len(tokens) == len(people)
        assert await override(strict, people[0]) == {}
        with pytest.raises(HomeserverError, match="M_LIMIT_EXCEEDED"):
            await asyncio.gather(*(strict.login(people[0], "hemligt") for _ in range(8)))


async def test_a_port_in_use_is_refused(homeserver: Homeserver, tmp_path: Path) -> None:
    with pytest.raises(HomeserverError, match="in use"):
        await Homeserver(tmp_path, homeserver.port).start()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = Homeserver(tmp_path)
    (tmp_path / "signing.key").write_text("nonsense", encoding="utf-8")

    with pytest.raises(HomeserverError, match="signing_key"):
        await server.start()
    with pytest.raises(HomeserverError, match="not running"):
        _ = server.pid


def test_a_folder_keeps_its_server_name(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"server_name": "almfors.test"}', encoding="utf-8")

    with pytest.raises(ValueError, match=r"belongs to the homeserver almfors\.test"):
        Homeserver(tmp_path, server_name="ekhamn.test")
