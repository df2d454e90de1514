"""`python -m demo`: a whole Samrum on this machine, on a real homeserver, until Ctrl-C (`make demo`, `make story`)."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from care.clock import STOCKHOLM
from demo.botprocess import BotError
from demo.folder import FolderError
from demo.homeserver import HomeserverError
from demo.page import line, page, progress
from demo.services import Demo, running
from demo.wishes import Wishes

DATA = Path(".demo")
STORY_DATA = Path("build/story")
STORY_BEGINS = datetime(2026, 4, 27, 7, 45, tzinfo=STOCKHOLM)
"""A Monday morning; Friday of that week is a public holiday."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; return 0, or 1 if it could not start or a box of the story is unticked."""
    chosen = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(_wishes(chosen), json=chosen.json, story=chosen.story))
    except (FolderError, HomeserverError, BotError, OSError, ValueError) as error:
        progress(f"The demo could not start: {error}")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description="A whole Samrum on this machine, until Ctrl-C.")
    parser.add_argument("--json", action="store_true", help="print one JSON line when all is ready, instead of the page")
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"folder for all state (default {DATA}, for a story {STORY_DATA})")
    parser.add_argument("--port", type=int, metavar="N", help="port of the homeserver; 0 is any free one (default 8448 if it is free)")
    parser.add_argument("--web-port", type=int, metavar="N", help="port of the health page; 0 is any free one (default 8450 if it is free)")
    parser.add_argument("--clock", type=_instant, metavar="INSTANT", help="civil time, such as 2026-09-01T07:55:00+02:00; stands still")
    parser.add_argument("--trust", choices=("tofu", "cross-signed"), default="tofu", help="which devices the bot trusts (default tofu)")
    parser.add_argument("--database", default="", metavar="URL", help="an empty database of PostgreSQL (default: a file of SQLite)")
    parser.add_argument("--limits", action="store_true", help="keep Synapse's rate limits")
    parser.add_argument("--reset", action="store_true", help="start over")
    parser.add_argument("--story", action="store_true", help="play a whole case, always from the beginning, and end")
    return parser


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError("write the instant with its offset, such as 2026-09-01T07:55:00+02:00")
    return instant


def _wishes(chosen: argparse.Namespace) -> Wishes:
    return Wishes(
        data=chosen.data or (STORY_DATA if chosen.story else DATA),
        port=chosen.port,
        web_port=chosen.web_port,
        clock=chosen.clock or (STORY_BEGINS if chosen.story else None),
        trust=chosen.trust,
        limits=chosen.limits,
        reset=chosen.reset or chosen.story,
        database=chosen.database,
    )


async def _run(wishes: Wishes, *, json: bool, story: bool) -> int:
    """Run until the story ends or somebody stops it. The first Ctrl-C or SIGTERM stops all parts in order, later ones are not needed."""
    work = asyncio.create_task(_play(wishes) if story else _stay(wishes, json=json))
    for signalled in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signalled, _stop_once, work)
    try:
        return await work
    except asyncio.CancelledError:
        return 1 if story else 0


def _stop_once(work: asyncio.Task[int]) -> None:
    if not work.cancelling():
        work.cancel()


async def _stay(wishes: Wishes, *, json: bool) -> int:
    async with running(wishes) as demo:
        await asyncio.to_thread(_show, demo, json=json)
        await asyncio.Event().wait()
    return 0


def _show(demo: Demo, *, json: bool) -> None:
    ready = demo.ready()
    print(line(ready) if json else page(ready, demo.world.directory, demo.clock.now(), demo.clock.speed), flush=True)


async def _play(wishes: Wishes) -> int:
    from demo.story import play  # noqa: PLC0415 - a demo without story needs no clients

    async with running(wishes) as demo:
        return 0 if await play(demo) else 1


if __name__ == "__main__":
    sys.exit(main())
