"""The contract of `python -m demo` (design: demo), kept by a demo that is started as its users start it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from demo.client import Clients
from demo.processes import command_line

pytestmark = pytest.mark.homeserver

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 60
Answer = dict[str, Any]


class Started:
    """A demo that runs, and the line that it printed."""

    def __init__(self, data: Path, errors: Path) -> None:
        self._command = [sys.executable, "-m", "demo", "--json", "--data", str(data), "--port", "0", "--web-port", "0"]
        self._errors = errors
        self.process = self._launch()
        self.told: Answer = self._read()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self._errors.open("ab") as errors:
            command = [*self._command, "--clock", "2026-09-01T07:55:00+02:00"]
            return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)

    def _read(self) -> Answer:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self._errors.read_text(encoding="utf-8")
        return cast("Answer", json.loads(line))

    def again(self) -> None:
        """Start it again on the same folder."""
        self.stop(signal.SIGTERM)
        self.process = self._launch()
        self.told = self._read()

    def stop(self, how: signal.Signals) -> int:
        """End it; return its status."""
        self.process.send_signal(how)
        status = self.process.wait(STOP_SECONDS)
        assert self.process.stdout
        assert self.process.stdout.read() == b""
        self.process.stdout.close()
        return status

    def parts(self) -> list[int]:
        """Return the processes of the demo that live."""
        return [pid for pid in (self.told["bot_pid"], self.told["homeserver_pid"]) if command_line(pid)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("demo")
    with ExitStack() as stack:
        started = Started(folder / "data", folder / "errors.txt")
        stack.callback(_end, started)
        yield started


def _end(started: Started) -> None:
    if started.process.poll() is None:
        started.stop(signal.SIGTERM)
    for pid in started.parts():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def ask(demo: Started, method: str, path: str, body: object = None) -> tuple[int, Answer]:
    async with aiohttp.ClientSession() as session, session.request(method, demo.told["control"] + path, json=body) as answer:
        return answer.status, cast("Answer", await answer.json())


async def now(demo: Started) -> str:
    return str((await ask(demo, "GET", "/clock"))[1]["now"])


def test_the_line_names_files_and_processes_that_are_there(demo: Started) -> None:
    told = demo.told

    assert set(told) == {
        *("homeserver", "server_name", "bot", "control", "web", "mail"),
        *("bot_pid", "homeserver_pid", "database", "users", "units"),
    }
    assert told["server_name"] == "almfors.test"
    assert Path(told["database"]).is_file()
    assert Path(told["mail"]).is_dir()
    assert "-m bot run" in command_line(told["bot_pid"])
    assert "synapse" in command_line(told["homeserver_pid"])


async def test_the_bot_is_well(demo: Started) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{demo.told['web']}/health") as answer:
        assert (await answer.json())["state"] == "ok"


async def test_people_can_log_in_with_the_password_told_and_find_samrum_and_their_inbox(demo: Started, tmp_path: Path) -> None:
    anna = next(user for user in demo.told["users"] if user["user_id"].startswith("@anna.demo:"))
    unit = next(unit for unit in demo.told["units"] if unit["id"] in anna["roles"])

    async with Clients(demo.told["homeserver"], tmp_path / "clients.log") as clients:
        client = await clients.login(anna["user_id"], anna["password"])
        await client.wait_membership(unit["inbox"])
        direct = await client.wait_room(lambda state: state.name == "Samrum")
        asked = await client.say(direct, "!hjälp")
        answer = await client.wait(direct, lambda event: event.sender == demo.told["bot"] and "!ärende" in event.text, after=asked)

    assert answer.failure == ""


async def test_time_stands_still_moves_forward_and_never_back(demo: Started) -> None:
    assert await now(demo) == "2026-09-01T05:55:00+00:00"

    assert (await ask(demo, "PUT", "/clock", {"now": "2026-09-01T09:30:00+02:00"}))[0] == 200

    assert await now(demo) == "2026-09-01T07:30:00+00:00"
    assert (await ask(demo, "PUT", "/clock", {"now": "2026-09-01T09:29:00+02:00"}))[0] == 409
    assert (await ask(demo, "POST", "/idle"))[1]["pending"] == 0


async def test_a_bot_that_was_killed_from_outside_stays_down_until_it_is_started(demo: Started) -> None:
    os.kill(demo.told["bot_pid"], signal.SIGKILL)
    deadline = time.perf_counter() + 60
    while command_line(demo.told["bot_pid"]) and time.perf_counter() < deadline:
        await ask(demo, "GET", "/outbox")
    assert (await ask(demo, "POST", "/idle"))[0] == 409
    assert (await ask(demo, "PUT", "/clock", {"now": "2026-09-02T08:20:00+02:00"}))[0] == 200

    status, answer = await ask(demo, "POST", "/bot/start")

    assert status == 200
    assert answer["bot_pid"] != demo.told["bot_pid"]
    assert "-m bot run" in command_line(answer["bot_pid"])
    demo.told["bot_pid"] = answer["bot_pid"]


async def test_a_second_start_continues_and_a_stop_leaves_nothing_running(demo: Started) -> None:
    before = dict(demo.told)
    demo.again()

    assert await now(demo) == "2026-09-02T06:20:00+00:00"
    assert demo.told["units"] == before["units"]
    assert demo.told["homeserver"] == before["homeserver"]

    parts = demo.parts()
    assert len(parts) == 2
    assert demo.stop(signal.SIGINT) == 0
    assert [command_line(pid) for pid in parts] == ["", ""]
