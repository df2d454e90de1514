"""Processes that an earlier demo left behind when it was killed: recognised by process id and command line, and ended.

A process id alone proves nothing, since the machine gives it anew: what is ended must also name the demo's own configuration file.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.1
PATIENCE = ((signal.SIGTERM, 200), (signal.SIGKILL, 50))
"""How a process is asked to end, and how often is looked whether it did."""


def remember(file: Path, pid: int) -> None:
    """Keep the process id of a part of the demo."""
    file.write_text(f"{pid}\n", encoding="ascii")


def leftover(file: Path, configuration: Path) -> int | None:
    """Return the living process with the id in the file if it is one of ours: its command line names the configuration."""
    try:
        pid = int(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return pid if str(configuration) in command_line(pid) else None


def command_line(pid: int) -> str:
    """Return the command line of a process, "" for one that does not live."""
    if PROC.is_dir():
        with suppress(OSError):
            return (PROC / str(pid) / "cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


async def end_leftover(file: Path, configuration: Path) -> int | None:
    """End the process that an earlier demo left behind, by force if it does not go; return its id, None without any."""
    pid = await asyncio.to_thread(leftover, file, configuration)
    if pid:
        await _end(pid, file, configuration)
    await asyncio.to_thread(file.unlink, missing_ok=True)
    return pid


async def _end(pid: int, file: Path, configuration: Path) -> None:
    for how, looks in PATIENCE:
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        for _ in range(looks):
            if leftover(file, configuration) is None:
                return
            await asyncio.sleep(POLL_SECONDS)
