"""The whole story, as `make story` plays it: every promise must be seen."""

import asyncio
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.story

ROOT = Path(__file__).parents[2]


async def test_every_promise_of_the_story_is_seen(tmp_path: Path) -> None:
    words = (sys.executable, "-m", "demo", "--story", "--data", str(tmp_path / "story"), "--port", "0", "--web-port", "0")
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    said, errors = await process.communicate()
    transcript = said.decode()

    unseen = [line for line in transcript.splitlines() if line.startswith("[ ]")]
    assert unseen == []
    assert process.returncode == 0, errors.decode()[-2000:]
    assert transcript.count("[x]") > 40
