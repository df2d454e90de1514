"""The bot as a process of its own, started as in production, so that it can be stopped, killed and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import IO, cast

import aiohttp

from demo.processes import remember

ROOT = Path(__file__).parents[1]
STOP_SECONDS = 20.0
HEALTH = aiohttp.ClientTimeout(total=5)
ANSWERS = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)


class BotError(RuntimeError):
    """A command of the bot failed; the text ends with its last words."""


class BotProcess:
    """`python -m bot` with one configuration file; what it writes goes to `log`, its process id to `pid_file`."""

    def __init__(self, configuration: Path, health: str, log: Path, pid_file: Path) -> None:
        self.configuration = configuration
        self._health = health
        self._log = log
        self._pid_file = pid_file
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives; one that was killed from outside does not."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the last start, 0 before the first."""
        return self._process.pid if self._process else 0

    async def command(self, *words: str, environ: Mapping[str, str] | None = None) -> None:
        """Run another command of the bot to its end; raise BotError if it fails."""
        process = await asyncio.to_thread(self._launch, words, environ or {})
        try:
            status = await asyncio.to_thread(process.wait)
        finally:
            process.kill()
        if status:
            raise BotError(f"python -m bot {words[0]} ended with status {status}:\n{self.last_words()}")

    async def start(self) -> None:
        """Start the bot unless it runs; it may then still be starting."""
        if not self.running:
            self._process = await asyncio.to_thread(self._launch, ("run",), {})
            await asyncio.to_thread(remember, self._pid_file, self._process.pid)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the bot, by force if it does not within twenty seconds; without a process nothing happens."""
        process = self._process
        if process is None:
            return
        process.send_signal(how)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        await asyncio.to_thread(self._pid_file.unlink, missing_ok=True)

    async def health(self) -> Mapping[str, object] | None:
        """Return what the health page says, None if it does not answer."""
        try:
            async with aiohttp.ClientSession(timeout=HEALTH) as session, session.get(self._health) as answer:
                return cast("Mapping[str, object]", await answer.json()) if answer.status in ANSWERS else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    def last_words(self) -> str:
        """Return the end of what the bot has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:] if self._log.exists() else ""

    def _launch(self, words: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bot", *words, "--config", str(self.configuration)]
        with _appending(self._log) as output:
            # A session of its own: Ctrl-C in the terminal reaches the demo alone, which then stops the parts in order.
            return subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **environ}, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )


def _appending(log: Path) -> IO[bytes]:
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
