"""The bot as real processes against a real homeserver: installed, filled, run, stopped, and seen by independent clients."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import uuid4

import aiohttp
import pytest

from bot.matrix.invocations import COMMAND
from commands.descriptions import DESCRIPTION, state_key
from demo.client import Client, Clients, Event
from demo.client.events import RoomState
from demo.homeserver import Homeserver
from demo.homeserver_settings import free_port
from tests import databases

pytestmark = pytest.mark.homeserver

ROOT = Path(__file__).parents[2]
PASSWORD = "hemligt"
SECONDS = 120.0
"""Real seconds for which a test waits for what must come: far more than a busy machine needs, and nobody waits them out."""


@dataclass
class Installation:
    """One bot's folder, its account and the two people of its directory."""

    folder: Path
    homeserver: Homeserver
    user: str
    anna: str
    admin: str
    port: int
    database: str = ""

    @property
    def environ(self) -> Mapping[str, str]:
        where = {"SAMRUM_DATABASE__URL": self.database} if self.database else {}
        return {**os.environ, **where, "BOT_PASSWORD": PASSWORD}

    async def command(self, *words: str, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        process = await self.launch(*words, environ=environ)
        try:
            async with asyncio.timeout(SECONDS):
                said, _ = await process.communicate()
        finally:
            await ended(process)
        return process.returncode or 0, said.decode()

    async def launch(self, *words: str, environ: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "bot", *words, "--config", str(self.folder / "config.toml")]
        pipe, together = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
        return await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**self.environ, **(environ or {})}, stdout=pipe, stderr=together
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[asyncio.subprocess.Process]:
        process = await self.launch("run")
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(SECONDS):
                    await process.communicate()
            finally:
                await ended(process)

    async def health(self) -> dict[str, object]:
        """Return the health page once it says that all is well and nothing is on its way."""
        found: dict[str, object] = {}
        try:
            async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as session:
                while found.get("state") != "ok" or cast("dict[str, object]", found["outbox"])["pending"]:
                    found = await self._page(session)
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise TimeoutError(f"the bot is not well: {found}") from error
        return found

    async def _page(self, session: aiohttp.ClientSession) -> dict[str, object]:
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/health") as answer:
                found: dict[str, object] = await answer.json()
                return found
        except aiohttp.ClientError:
            return {}


async def ended(process: asyncio.subprocess.Process) -> None:
    """Leave no process behind, whatever the test met: it would outlive the loop and hide the reason of the failure."""
    if process.returncode is None:
        process.kill()
        await process.wait()


@pytest.fixture
async def place(homeserver: Homeserver, tmp_path: Path) -> AsyncIterator[Installation]:
    with databases.empty(tmp_path) as url:
        yield await placed(homeserver, tmp_path, url if databases.POSTGRES else "")


async def placed(homeserver: Homeserver, tmp_path: Path, database: str) -> Installation:
    mark = uuid4().hex[:8]
    names = [f"{name}-{mark}" for name in ("samrum", "anna.demo", "admin.demo")]
    user, anna, admin = [await homeserver.register(name, PASSWORD) for name in names]
    made = Installation(tmp_path, homeserver, user, anna, admin, free_port(), database)
    (tmp_path / "config.toml").write_text(
        f'[matrix]\nhomeserver = "{homeserver.url}"\nuser = "{user}"\npassword_env = "BOT_PASSWORD"\n'
        f'trust = "tofu"\n[web]\nport = {made.port}\n'
    )
    (tmp_path / "region.toml").write_text(
        f"""
[huvudman.region-almfors]
name = "Region Almfors"
kind = "region"
[unit.vc-norrgard]
name = "Norrgårdens vårdcentral"
type = "vardcentral"
huvudman = "region-almfors"
[[member]]
user = "{anna}"
name = "Anna Demo"
unit = "vc-norrgard"
roles = ["mottagare"]
profession = "vardsamordnare"
""",
        encoding="utf-8",
    )
    return made


@pytest.fixture
async def installed(place: Installation) -> Installation:
    return await prepared(place)


async def prepared(place: Installation) -> Installation:
    for words in (("init", "--admin", place.admin), ("import-directory", str(place.folder / "region.toml"))):
        status, said = await place.command(*words)
        assert status == 0, said
    return place


async def rooms_of(person: Client, *names: str) -> dict[str, str]:
    async def room(name: str) -> str:
        return await person.wait_room(lambda state: state.name == name, timeout=SECONDS)

    return {name: await room(name) for name in names}


async def test_people_get_encrypted_rooms_and_an_answer(installed: Installation, clients: Clients) -> None:
    async with installed.running() as process:
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        rooms = await rooms_of(anna, "Samrum", "Inkorg Norrgårdens vårdcentral", "Norrgårdens vårdcentral")
        direct = rooms["Samrum"]
        state = await anna.state(direct)
        asked = await anna.say(direct, "!hjälp")
        answer = await anna.wait(direct, lambda event: event.sender == installed.user and bool(event.body), timeout=SECONDS, after=asked)
        health = await installed.health()
        profile = await anna.request("GET", f"/_matrix/client/v3/profile/{installed.user}/displayname")
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)

    assert state.joined == {installed.user, installed.anna}
    assert profile == {"displayname": "Samrum"}
    assert answer.encrypted
    assert (answer.failure, answer.msgtype) == ("", "m.notice")
    assert health["outbox"] == {"pending": 0, "failed": 0, "oldest_seconds": None}
    assert process.returncode == 0, said.decode()
    assert _logged(said, "bot.stopped")
    assert "anna.demo" not in said.decode()


async def test_a_client_that_offers_commands_finds_them_and_what_it_sends_is_answered(installed: Installation, clients: Clients) -> None:
    async with installed.running():
        anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
        rooms = await rooms_of(anna, "Samrum", "Inkorg Norrgårdens vårdcentral", "Norrgårdens vårdcentral")
        states = {name: await anna.state(room) for name, room in rooms.items()}
        described = {name: commands_in(state, installed.user) for name, state in states.items()}
        typed = {"command": "begrepp", "arguments": {"ord": "SIP"}}
        shown = {"msgtype": "m.text", "body": "/begrepp SIP", "m.mentions": {"user_ids": [installed.user]}}
        asked = await anna.send(rooms["Samrum"], "m.room.message", {**shown, "body": "visas bara", COMMAND: typed})
        answer = await anna.wait(rooms["Samrum"], lambda event: event.sender == installed.user and bool(event.body), SECONDS, after=asked)

    assert described["Samrum"] >= {"hjälp", "begrepp", "ärende starta"}
    assert "kvittera" in described["Inkorg Norrgårdens vårdcentral"] - described["Samrum"]
    assert described["Norrgårdens vårdcentral"] == frozenset()
    assert "samordnad individuell plan" in answer.body.casefold()


def commands_in(state: RoomState, bot: str) -> frozenset[str]:
    """Return the commands that a client accepts: those whose key proves who described them (MSC4391)."""
    found = {key: str(content.get("command")) for (kind, key), content in state.contents.items() if kind == DESCRIPTION}
    return frozenset(name for key, name in found.items() if key == state_key(name, bot))


async def test_a_killed_bot_goes_on_and_answers_what_came_meanwhile_once(installed: Installation, clients: Clients) -> None:
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    async with installed.running() as first:
        direct = (await rooms_of(anna, "Samrum"))["Samrum"]
        await installed.health()
        first.kill()
        await first.communicate()
    asked = await anna.say(direct, "!hjälp")

    async with installed.running():
        await anna.wait(direct, lambda event: event.sender == installed.user and bool(event.body), timeout=SECONDS, after=asked)
        again = await anna.say(direct, "!hjälp")
        await anna.wait(direct, lambda event: event.sender == installed.user and bool(event.body), timeout=SECONDS, after=again)
        answers = [event for event in anna.seen.events(direct, asked) if _answers(event, installed.user)]

    assert len(answers) == 2


def _answers(event: Event, bot: str) -> bool:
    return event.sender == bot and event.wire_type == "m.room.encrypted"


async def test_a_stranger_in_an_unencrypted_room_gets_one_sentence_and_is_left(installed: Installation, clients: Clients) -> None:
    stranger = await clients.login(await installed.homeserver.register(f"okand-{uuid4().hex[:8]}", PASSWORD), PASSWORD)
    async with installed.running():
        await installed.health()
        room = await stranger.create_direct(installed.user, encrypted=False)
        said = await stranger.wait(room, lambda event: event.sender == installed.user and bool(event.body), timeout=SECONDS)
        await stranger.wait_room(lambda state: installed.user not in state.joined, timeout=SECONDS)

    assert said.body.startswith("Samrum känner inte dig")
    assert not said.encrypted


@pytest.mark.skipif(databases.POSTGRES, reason="on PostgreSQL the second one waits: test_standby.py")
async def test_two_processes_do_not_share_an_installation(installed: Installation) -> None:
    async with installed.running():
        await installed.health()

        status, said = await installed.command("run")

    assert status == 2
    assert "another samrum process" in said


async def test_a_revoked_token_stops_the_bot_with_a_sentence(installed: Installation) -> None:
    async with installed.running() as process:
        await installed.health()
        await revoke(installed)
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)

    assert process.returncode == 2
    assert "no longer accepts the access token" in said.decode()


async def revoke(installed: Installation) -> None:
    """Log the bot out everywhere, as an administrator would who suspects its token."""
    token = await installed.homeserver.administrator()
    where = f"{installed.homeserver.url}/_synapse/admin/v1/reset_password/{installed.user}"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        answer = await session.post(where, json={"new_password": PASSWORD, "logout_devices": True})
        assert answer.status == 200


async def test_init_can_be_repeated_and_leaves_private_files(place: Installation) -> None:
    token = {"SYNAPSE_TOKEN": await place.homeserver.administrator()}
    first = await place.command("init", "--admin", place.admin, "--admin-token-env", "SYNAPSE_TOKEN", environ=token)
    second = await place.command("init", "--admin", place.admin, environ={"BOT_PASSWORD": ""})

    assert first[0] == 0
    assert second[0] == 0
    assert "the digests of 100 units take about 16 minutes" in second[1]
    files = [file for file in (place.folder / "data").rglob("*") if file.is_file()]
    assert {"kek"} | (set() if databases.POSTGRES else {"samrum.db"}) <= {file.name for file in files}
    assert not [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]


async def test_the_doctor_is_content_with_a_good_installation_and_names_what_is_wrong(installed: Installation) -> None:
    token = {"SYNAPSE_TOKEN": await installed.homeserver.administrator()}
    good = await installed.command("doctor", "--admin-token-env", "SYNAPSE_TOKEN", environ=token)
    (installed.folder / "data" / "kek").chmod(0o644)
    bad = await installed.command("doctor", environ={"SAMRUM_CLOCK__SOURCE": "follow:http://127.0.0.1:9/clock"})

    lost = await installed.command("doctor", environ={"SAMRUM_INSTALLATION__DATA": "elsewhere"})

    assert "data folder: there is none" in lost[1]
    assert good[0] == 0, good[1]
    assert good[1].count("ok    identity: ") == 4
    assert "fewer than two people can act" in good[1]
    assert bad[0] == 1
    failed = [line for line in bad[1].splitlines() if line.startswith("FAIL")]
    assert any("chmod 600" in line for line in failed)
    assert any("clock" in line for line in failed)


async def test_the_journal_of_a_new_installation_holds_and_rebuilds(installed: Installation) -> None:
    assert await installed.command("audit", "verify") == (0, "every row, every chain, 0 heads and 0 receipts hold\n")
    assert (await installed.command("rebuild"))[0] == 0
    assert (await installed.command("migrate"))[0] == 0


async def test_a_wrong_receipt_is_told(installed: Installation) -> None:
    status, said = await installed.command("audit", "verify", "--receipt", f"SAMRUM-HEAD 2026-08-31 7 {'0' * 64}")

    assert status == 1
    assert "BROKEN" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run",), "run samrum init"),
        (("import-directory", "nowhere.toml"), "cannot be read"),
        (("audit", "verify", "--receipt", "x"), "a receipt reads"),
    ],
)
async def test_what_an_operator_must_mend_is_said_and_ends_with_two(place: Installation, words: tuple[str, ...], says: str) -> None:
    status, said = await place.command(*words)

    assert status == 2
    assert says in said
    assert "Traceback" not in said


def _logged(said: bytes, event: str) -> bool:
    lines = [line for line in said.decode().splitlines() if line.startswith("{")]
    return any(json.loads(line)["event"] == event for line in lines)
