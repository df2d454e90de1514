"""`python -m bench`: everything that is measured, in one table, and the same in docs/performance.md.

`--rooms 200` is quick; the goals are those of 2 000 rooms and 300 digests.
"""

import argparse
import asyncio
import os
import platform
import tempfile
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

from bench import latency, raw, reading, restart, store_bench, tick_bench, wave
from bench.figures import Figure, document, table
from bench.town import Town, settled
from bot.clock import MachineTime
from bot.pulse import NOTABLE_SECONDS
from care.clock import local
from demo.accounts import PASSWORD
from demo.client import Client, Clients
from tests.builders import ANNA

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
ROOMS_OF_A_UNIT = 2
"""Its inbox and its space."""
HELD_MS = 50.0
UNTOLD = f" (0: none of {NOTABLE_SECONDS * 1000:.0f} ms)"
"""What the bot does not log is not known."""
LOGS = "at debug level, and as in operation where answers and waves with a goal are timed"
SMALLER = 500
"""Rooms of a smaller region, for comparison."""


def main() -> None:
    """Measure in a folder that is thrown away."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(options, Path(folder)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, print one table, and write docs/performance.md.")
    parser.add_argument("--rooms", type=int, default=2000, help="rooms of the whole region (2000)")
    parser.add_argument("--wave", type=int, default=300, help="units that get a digest in a slot (300)")
    parser.add_argument("--asks", type=int, default=100, help="commands whose answer is waited for (100)")
    parser.add_argument("--without-store", action="store_true", help="leave out store and timer, which need no homeserver")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page is written (docs/performance.md)")
    return parser.parse_args()


async def _run(options: argparse.Namespace, folder: Path) -> None:
    about = _about(options)
    found: list[Figure] = []
    async for part in _parts(options, folder):
        print(table(part), flush=True)  # noqa: T201 - its output
        found += part
        # After each part, so that a run that was ended leaves what it measured.
        await asyncio.to_thread(options.page.write_text, document(found, [*about, _load("after the last part")]), encoding="utf-8")


async def _parts(options: argparse.Namespace, folder: Path) -> AsyncGenerator[tuple[Figure, ...]]:
    yield reading.measured()
    if not options.without_store:
        for bench in (store_bench, tick_bench):
            with tempfile.TemporaryDirectory() as own:
                yield await bench.measured(Path(own))
    async with settled(folder) as town:
        yield await raw.measured(town.session, town.staff)
        units = min(options.wave, options.rooms // ROOMS_OF_A_UNIT)
        await town.grow(min(units, SMALLER // ROOMS_OF_A_UNIT))
        async with _anna(town) as anna:
            yield await _watched(town, "latency", latency.measured(town, anna, options.asks))
            yield await restart.measured(town, anna, last=False)
            await town.grow(units)
            yield await _watched(town, "waves", wave.measured(town, units))
            await town.grow(options.rooms // ROOMS_OF_A_UNIT)
            yield await _watched(town, "restarts", restart.measured(town, anna, last=True))


@asynccontextmanager
async def _anna(town: Town) -> AsyncGenerator[Client]:
    async with Clients(town.homeserver.url, town.data / "clients.log") as clients:
        anna = await clients.login(ANNA.user, PASSWORD)
        await anna.wait_membership(town.inbox(ANNA.unit))
        await town.stepper.settle()
        yield anna


async def _watched(town: Town, what: str, work: Awaitable[tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """Return the figures of a part and the longest block of the bot's event loop during it."""
    since = town.log_size()
    figures = await work
    held = town.held(since)
    return (
        *figures,
        Figure("loop", f"longest own computing at a stretch during {what}{UNTOLD}", held.computed * 1000, "ms", HELD_MS),
        Figure("loop", f"the same, waiting for a processor included ({what})", held.seconds * 1000, "ms"),
    )


def _about(options: argparse.Namespace) -> tuple[str, ...]:
    machine = f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return (
        f"{local(MachineTime().utc()):%Y-%m-%d %H:%M}, {machine}; homeserver (Synapse, SQLite), bot and clients share it.",
        f"`python -m bench --rooms {options.rooms} --wave {options.wave} --asks {options.asks}`; the bot logs {LOGS}.",
        _load("at the start"),
    )


def _load(when: str) -> str:
    return f"Load of the machine {when}, over 1, 5 and 15 minutes: {', '.join(f'{each:.1f}' for each in os.getloadavg())}."


if __name__ == "__main__":
    main()
