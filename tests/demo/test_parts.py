import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from bot import config
from care.people import Directory
from demo import accounts, configuration, region
from demo.botprocess import BotError, BotProcess
from demo.configuration import Surroundings
from demo.folder import FolderError, claimed, empty
from demo.page import line, page
from demo.processes import end_leftover, leftover, remember
from demo.wishes import Ready, UnitRoom, User

SLEEPER = "import sys, time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def almfors() -> Directory:
    return region.load("almfors.test")


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that names a configuration on its command line and ends only when it is told to."""
    with subprocess.Popen([sys.executable, "-c", SLEEPER, str(tmp_path / "config.toml")], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


async def test_a_process_left_behind_is_ended_if_its_command_line_names_our_configuration(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    remember(tmp_path / "bot.pid", sleeper.pid)

    assert await end_leftover(tmp_path / "bot.pid", tmp_path / "elsewhere.toml") is None
    assert sleeper.poll() is None

    remember(tmp_path / "bot.pid", sleeper.pid)
    ending = asyncio.create_task(end_leftover(tmp_path / "bot.pid", tmp_path / "config.toml"))
    assert await asyncio.to_thread(sleeper.wait, 5) == -15
    assert await ending == sleeper.pid
    assert not (tmp_path / "bot.pid").exists()


@pytest.mark.parametrize("content", ["", "not a number", "999999999"])
def test_a_process_file_that_names_no_living_process_names_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "bot.pid").write_text(content, encoding="ascii")

    assert leftover(tmp_path / "bot.pid", tmp_path / "config.toml") is None
    assert leftover(tmp_path / "missing.pid", tmp_path / "config.toml") is None


def test_a_folder_with_something_else_in_it_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(FolderError, match="choose another"), claimed(tmp_path):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_serves_one_demo_at_a_time(tmp_path: Path) -> None:
    with ExitStack() as first:
        first.enter_context(claimed(tmp_path / "demo"))
        with pytest.raises(FolderError, match="is running"), claimed(tmp_path / "demo"):
            pass

    with claimed(tmp_path / "demo"):
        assert (tmp_path / "demo").stat().st_mode & 0o077 == 0


def test_a_reset_leaves_an_empty_folder_that_is_still_the_demos(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo"):
        (tmp_path / "demo" / "mail").mkdir()
        (tmp_path / "demo" / "mail" / "0001.eml").write_text("x", encoding="utf-8")
        (tmp_path / "demo" / "samrum.db").write_text("x", encoding="utf-8")
        empty(tmp_path / "demo")

        assert [path.name for path in (tmp_path / "demo").iterdir()] == ["samrum-demo"]
    with claimed(tmp_path / "demo"):
        pass


def test_the_bot_can_read_its_configuration_and_its_password(tmp_path: Path) -> None:
    made = configuration.password(tmp_path)
    around = Surroundings(tmp_path, "http://127.0.0.1:8448", "@samrum:almfors.test", "http://127.0.0.1:8449", 2525, 8450, "tofu")

    read = config.load(configuration.write(around), {})

    assert read.database_url == f"sqlite+aiosqlite:///{tmp_path}/samrum.db"
    assert (read.followed, read.installation.profile) == ("http://127.0.0.1:8449/clock", "demo")
    assert (read.gathering.edits, read.gathering.joins) == (0.2, 1.0)
    assert read.mail is not None
    assert (read.mail.port, read.mail.security) == (2525, "none")
    assert read.matrix.password_file is not None
    assert read.matrix.password_file.read_text(encoding="ascii") == made == configuration.password(tmp_path)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_people_have_one_account_with_their_roles_by_unit_and_then_their_profession(almfors: Directory) -> None:
    people = {person.localpart: person for person in accounts.accounts(almfors)}

    assert people["anna.demo"].roles == {"vc-norrgard": ("mottagare", "vardsamordnare")}
    assert people["berit.demo"].roles == {"vc-norrgard": ("enhetschef",)}
    assert people["admin.demo"].roles == {"": ("systemforvaltare",)}
    assert len(people) == len(almfors.members)


@pytest.fixture
def ready(almfors: Directory) -> Ready:
    users = tuple(User(person.user_id, person.password, person.roles) for person in accounts.accounts(almfors))
    units = (UnitRoom("vc-norrgard", "Norrgårdens vårdcentral", "!a"), UnitRoom("k-eh-dag", "Dagverksamheten", None))
    return Ready("h", "almfors.test", "@samrum:almfors.test", "c", "w", "DIR/mail", 42, 41, "DIR/samrum.db", users, units)


def test_the_json_line_is_the_contract(ready: Ready) -> None:
    told = json.loads(line(ready))

    assert "\n" not in line(ready)
    assert told | {"users": told["users"][:1]} == {
        "homeserver": "h",
        "server_name": "almfors.test",
        "bot": "@samrum:almfors.test",
        "control": "c",
        "web": "w",
        "mail": "DIR/mail",
        "bot_pid": 42,
        "homeserver_pid": 41,
        "database": "DIR/samrum.db",
        "users": [
            {
                "user_id": "@anna.demo:almfors.test",
                "password": "almfors-demo",
                "roles": {"vc-norrgard": ["mottagare", "vardsamordnare"]},
            }
        ],
        "units": [
            {"id": "vc-norrgard", "name": "Norrgårdens vårdcentral", "inbox": "!a"},
            {"id": "k-eh-dag", "name": "Dagverksamheten", "inbox": None},
        ],
    }


@pytest.mark.parametrize(("speed", "pace"), [(0, "stands still"), (1, "runs at real speed"), (60, "runs at speed 60")])
def test_the_page_says_what_runs_who_can_log_in_what_to_type_and_how_to_stop(
    ready: Ready, almfors: Directory, speed: float, pace: str
) -> None:
    shown = page(ready, almfors, datetime.fromisoformat("2026-09-01T05:55:00+00:00"), speed)

    assert f"2026-09-01 07:55, {pace}" in shown
    assert all(person.localpart in shown for person in accounts.accounts(almfors))
    for word in (accounts.PASSWORD, "!ärende starta", "Ctrl-C", "--reset"):
        assert word in shown


async def test_a_command_of_the_bot_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path / "config.toml", "http://127.0.0.1:9/health", tmp_path / "bot.log", tmp_path / "bot.pid")

    with pytest.raises(BotError, match=r"(?s)python -m bot run ended with status.*config\.toml"):
        await bot.command("run")

    assert not bot.running
    assert await bot.health() is None
    await bot.stop()
