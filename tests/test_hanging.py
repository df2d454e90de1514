import asyncio
import subprocess
import sys
from pathlib import Path

from tests.hanging import waiting

ROOT = Path(__file__).parents[1]
HANGS = """
import asyncio


async def never():
    await asyncio.Event().wait()


async def test_that_hangs():
    beside = asyncio.create_task(never(), name="beside")
    await never()
"""


async def test_every_task_is_told_with_the_places_where_it_waits() -> None:
    async def inner() -> None:
        await asyncio.Event().wait()

    async def outer() -> None:
        await inner()

    task = asyncio.create_task(outer(), name="stuck")
    await asyncio.sleep(0)
    (told,) = [line for line in waiting() if line.startswith("stuck: ")]
    task.cancel()

    assert told.index("outer") < told.index("inner") < told.index("Event.wait")


def test_where_no_event_loop_runs_nothing_waits() -> None:
    assert waiting() == []


def test_a_test_that_hangs_fails_and_tells_what_it_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(HANGS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=2", f"--rootdir={ROOT}", "-c", "pyproject.toml", "--noconftest", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 1
    assert "Timeout (>2.0s)" in ended.stdout
    assert "test_that_hangs > " in ended.stdout
    assert "beside: " in ended.stdout
