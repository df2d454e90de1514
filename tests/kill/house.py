"""The bot behind a proxy: killed, looked at as it lies there, and started again."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import MachineTime
from bot.config import load
from bot.premises import opened
from care.case import Event
from demo.client import Event as Seen
from demo.services import Demo
from store import journal
from tests.kill.proxy import Proxy

STEPS = {
    "received": "after /sync received",
    "keys": "after to-device applied",
    "taken": "after inbox commit",
    "claimed": "before HTTP send",
    "performed": "after HTTP send",
    "uploaded": "after keys/upload",
}
"""What the bot's log calls the phases of matrix 9.1."""
STARTING = "while starting"
"""Where a bot was that had not begun with anything."""
CATCH_UP_SECONDS = 240.0
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Remains:
    """What a killed bot left: position of its sync, messages not handled, rows not delivered, room keys, and the last phase in its log."""

    position: str
    inbox: int
    outbox: int
    room_keys: int
    phase: str


class House:
    """A demo whose bot speaks to the homeserver through the proxy and logs each step."""

    def __init__(self, demo: Demo, proxy: Proxy) -> None:
        self.demo = demo
        self.proxy = proxy
        self._log = demo.world.data / "bot.log"
        self._launched = 0

    async def move_in(self) -> None:
        """Start the bot anew, behind the proxy."""
        await self.demo.bot.stop()
        file = self.demo.bot.configuration
        told = await asyncio.to_thread(file.read_text, encoding="utf-8")
        told = told.replace(self.demo.world.homeserver.url, self.proxy.url) + '\n[logging]\nlevel = "debug"\n'
        await asyncio.to_thread(file.write_text, told, encoding="utf-8")
        await self.start()

    async def start(self) -> None:
        """Start the bot, and return when it has caught up."""
        await self.launch()
        await self.caught_up()

    async def caught_up(self) -> None:
        """Return when nothing is on its way any more."""
        await self.demo.stepper.settle(CATCH_UP_SECONDS)

    async def launch(self) -> None:
        """Start the bot, and return at once."""
        self._launched = self.log_size()
        await self.demo.bot.start()

    async def up(self) -> None:
        """Return when the bot that was launched has begun to work."""
        async with asyncio.timeout(START_SECONDS):
            while not self.logged("bot.started", self._launched):  # noqa: ASYNC110 - another process gives no event to wait for
                await asyncio.sleep(0.01)

    async def kill(self) -> Remains:
        """Kill the bot where it stands; return what it left."""
        await self.demo.bot.stop(signal.SIGKILL)
        self.proxy.let_go()
        return await asyncio.to_thread(self.remains)

    def freeze(self) -> None:
        """Stop the bot without its knowing; it runs on only to die."""
        os.kill(self.demo.bot.pid, signal.SIGSTOP)

    def remains(self) -> Remains:
        """Return what is there now."""
        backlog = self.demo.ledger.backlog()
        position = self.demo.ledger.rows("SELECT token FROM sync")[0][0]
        keys = self.demo.ledger.rows("SELECT count(*) FROM matrix_keys WHERE drawer = 'inbound'")[0][0]
        return Remains(str(position), backlog.inbox, backlog.pending, int(str(keys)), self._phase())

    def log_size(self) -> int:
        """Return how long the log is."""
        return self._log.stat().st_size if self._log.exists() else 0

    def logged(self, event: str, since: int) -> bool:
        """Whether the bot has logged an event after a place in the log."""
        with self._log.open("rb") as log:
            log.seek(since)
            return f'"event": "{event}"'.encode() in log.read()

    def _phase(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._launched)
            lines = log.read().decode(errors="replace").splitlines()
        found = (json.loads(line).get("phase") for line in reversed(lines) if '"phase": ' in line and line.endswith("}"))
        return STEPS.get(next(found, ""), STARTING)

    def unsent(self, rows: set[str]) -> int:
        """Return how many of the outbox rows the bot does not know to be delivered."""
        waiting = {row[0] for row in self.demo.ledger.rows("SELECT id FROM outbox WHERE state = 'waiting' AND event IS NULL")}
        return len(waiting & rows)

    def spoken(self, room: str) -> list[str]:
        """Return the events that the bot knows to have said in a room, in the order in which it decided to say them; edits are left out."""
        query = (
            "SELECT o.event FROM outbox o JOIN rooms r ON r.place = o.place"
            " WHERE r.room = :room AND o.event IS NOT NULL AND o.kind IN ('Say', 'Attach') ORDER BY o.position"
        )
        return [str(row[0]) for row in self.demo.ledger.rows(query, room=room)]

    async def journalled(self) -> list[Event]:
        """Return all events of all cases, unsealed."""
        config = load(self.demo.bot.configuration, os.environ)
        async with opened(config, os.environ, MachineTime()) as premises, premises.database.read() as tx:
            return [entry.event for case in await journal.cases(tx) for entry in await journal.read(tx, premises.vault, case)]


def by_bot(demo: Demo, events: tuple[Seen, ...]) -> list[Seen]:
    """Return what the bot said, edits left out, in the order of the homeserver."""
    said = (each for each in events if each.sender == demo.world.bot_user and each.type in {"m.room.message", "m.room.encrypted"})
    return [each for each in said if not each.replaces]


@asynccontextmanager
async def behind_proxy(demo: Demo) -> AsyncGenerator[House]:
    """Put a proxy between the demo's bot and its homeserver for as long as the block lasts."""
    async with Proxy(demo.world.homeserver.url) as proxy:
        house = House(demo, proxy)
        await house.move_in()
        yield house
        await demo.bot.stop()
