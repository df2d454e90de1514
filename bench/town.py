"""A region of any size on a real homeserver, with the bot as a process of its own, as the demo runs it."""

import asyncio
import json
import os
import re
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.staff import Staff, hired
from bot.clock import MachineTime
from care import profile
from care.effects import inbox
from demo import configuration
from demo.accounts import ADMINISTRATOR, BOT, PASSWORD
from demo.botprocess import BotProcess
from demo.clock import DemoClock
from demo.configuration import PROFILE, Surroundings
from demo.control import Control, serving
from demo.homeserver import Homeserver
from demo.homeserver_settings import LOOPBACK, free_port
from demo.ledger import Ledger
from demo.stepping import Stepper
from tests.builders import ANNA, VC, at

BEGINS = at("2026-09-07 07:30")
"""A Monday morning, half an hour before the first slot."""
PEOPLE = 40
SEATS = 4
"""People in each inbox: with the bot five."""
MAIL_PORT = 9
"""Nobody is written to."""
PATIENCE = 3600.0
LOOK = 0.5
"""Seconds between two looks at the bot: each look costs it a little."""
TOKEN = "BENCH_ADMIN_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Held:
    """The longest time for which the bot's event loop was held, and how much of it was its own computing (seconds)."""

    seconds: float
    computed: float


@dataclass(frozen=True, slots=True)
class Town:
    """The homeserver, the bot, its clock, and the people."""

    data: Path
    homeserver: Homeserver
    session: aiohttp.ClientSession
    staff: Staff
    bot: BotProcess
    user: str
    clock: DemoClock
    ledger: Ledger
    stepper: Stepper

    async def grow(self, units: int) -> None:
        """Let the region have so many units beside the first; return when each has its rooms and its people are in the inbox."""
        known = self.ledger.inboxes()
        if len(known) > units:
            return
        file = self.data / "region.toml"
        await asyncio.to_thread(file.write_text, self._region(units), encoding="utf-8")
        await self.bot.command("import-directory", str(file))
        if self.bot.running:
            await self.bot.stop()
        await self.bot.start()
        await self.stepper.settle(PATIENCE)
        rooms = {room: self.people(unit) for unit, room in self.ledger.inboxes().items() if unit not in known}
        await self.staff.enter(rooms)
        await self.stepper.settle(PATIENCE)

    @asynccontextmanager
    async def as_in_operation(self) -> AsyncGenerator[None]:
        """Have the bot log as it does by default for as long as the block lasts: to tell each step costs it milliseconds an answer."""
        await self._restart(level="info")
        yield
        await self._restart(level="debug")

    async def _restart(self, *, level: str) -> None:
        await self.bot.stop()
        await asyncio.to_thread(_let_log, self.bot.configuration, level)
        await self.bot.start()
        await self.stepper.settle(PATIENCE)

    def inbox(self, unit: str) -> str:
        """Return the room of a unit."""
        return self.ledger.room(inbox(unit))

    def count(self, query: str) -> int:
        """Return what a counting query says of the bot's database."""
        return int(self.ledger.rows(query)[0][0])

    def said(self) -> int:
        """Return how many events the homeserver has from the bot."""
        return _counted(self.data / "homeserver" / "homeserver.db", "SELECT count(*) FROM events WHERE sender = ?", self.user)

    def confirmed(self) -> datetime:
        """Return when the bot confirmed last that something was done (machine time, UTC)."""
        return datetime.fromisoformat(self.ledger.rows("SELECT max(done) FROM outbox")[0][0])

    def resident(self) -> tuple[float, float]:
        """Return the memory of the bot's process in MiB: now, and at its most."""
        status = Path(f"/proc/{self.bot.pid}/status").read_text(encoding="ascii")
        now, most = (next(line for line in status.splitlines() if line.startswith(name)).split()[1] for name in ("VmRSS", "VmHWM"))
        return int(now) / 1024, int(most) / 1024

    def computed(self) -> float:
        """Return the processor time (seconds) that the bot's process has taken."""
        numbers = Path(f"/proc/{self.bot.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")

    def log_size(self) -> int:
        """Return how long the bot's log is."""
        return (self.data / "bot.log").stat().st_size

    def held(self, since: int) -> Held:
        """Return the longest block of the bot's event loop after a place in its log."""
        found = [Held(beat["seconds"], beat["computed"]) for beat in self._logged("loop.held", since)]
        return max(found, key=lambda beat: beat.computed, default=Held(0.0, 0.0))

    def listening(self, since: int) -> datetime:
        """Return when a process that was started after a place in the bot's log began to answer on its health page (machine time, UTC)."""
        return datetime.fromisoformat(next(self._logged("web.listening", since))["time"])

    def _logged(self, event: str, since: int) -> Iterator[dict[str, Any]]:
        with (self.data / "bot.log").open("rb") as log:
            log.seek(since)
            yield from (json.loads(line) for line in log if f'"{event}"'.encode() in line)

    def people(self, unit: str) -> list[str]:
        """Return who sits in a unit's inbox."""
        number = -1 if unit == VC else int(unit.removeprefix("u-"))
        chosen = [self.staff.people[(number * SEATS + seat) % PEOPLE].user for seat in range(SEATS)]
        return [ANNA.user, *chosen[1:]] if unit == VC else chosen

    def _region(self, units: int) -> str:
        parts = [_unit(VC, "Norrgårdens vårdcentral", "vardcentral"), *(_unit(f"u-{n}", f"Enhet {n}", "kommun_hsv") for n in range(units))]
        for unit in (VC, *(f"u-{n}" for n in range(units))):
            for seat, user in enumerate(self.people(unit)):
                parts.append(_member(user, unit, "mottagare" if seat < SEATS // 2 else "medarbetare"))
        return '[huvudman.region-almfors]\nname = "Region Almfors"\nkind = "region"\n' + "".join(parts)


def _unit(unit: str, name: str, kind: str) -> str:
    return f'[unit.{unit}]\nname = "{name}"\ntype = "{kind}"\nhuvudman = "region-almfors"\n'


def _member(user: str, unit: str, role: str) -> str:
    name = user[1:].partition(".")[0].title()
    return f'[[member]]\nuser = "{user}"\nname = "{name}"\nunit = "{unit}"\nroles = ["{role}"]\nprofession = "sjukskoterska"\n'


@asynccontextmanager
async def settled(data: Path) -> AsyncGenerator[Town]:
    """Give a town without units: the homeserver runs, the bot is installed and not started."""
    async with AsyncExitStack() as stack:
        homeserver = await stack.enter_async_context(Homeserver(data / "homeserver"))
        session = await stack.enter_async_context(aiohttp.ClientSession(homeserver.url))
        await homeserver.register(ANNA.user[1:].partition(":")[0], PASSWORD)
        await homeserver.register(ADMINISTRATOR, PASSWORD)
        user = await homeserver.register(BOT, configuration.password(data), limited=True)
        town = await _town(data, homeserver, session, user, stack)
        admin = await homeserver.administrator()
        await town.bot.command("init", "--admin", homeserver.user_id(ADMINISTRATOR), "--admin-token-env", TOKEN, environ={TOKEN: admin})
        stack.push_async_callback(town.bot.stop)
        yield town


async def _town(data: Path, homeserver: Homeserver, session: aiohttp.ClientSession, user: str, stack: AsyncExitStack) -> Town:
    machine, web_port = MachineTime(), free_port()
    clock = DemoClock(data / "clock.json", machine, BEGINS)
    ledger = Ledger(data / "samrum.db")
    bot = BotProcess(data / "config.toml", f"http://{LOOPBACK}:{web_port}/health", data / "bot.log", data / "bot.pid")
    stepper = Stepper(clock, machine, ledger, bot, profile.load(PROFILE), look=LOOK)
    control = await stack.enter_async_context(serving(Control(clock, stepper, ledger, bot), free_port()))
    config = configuration.write(Surroundings(data, homeserver.url, user, control, MAIL_PORT, web_port, "tofu"))
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[logging]\nlevel = "info"\n')
    _let_log(config, "debug")
    return Town(data, homeserver, session, await hired(homeserver, session, PEOPLE), bot, user, clock, ledger, stepper)


def _let_log(config: Path, level: str) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'(?m)^level = "\w+"$', f'level = "{level}"', text), encoding="utf-8")


def moment(clock: str, days: int = 0) -> datetime:
    """Return a wall time of the bench's day, or of a later one."""
    return at(f"2026-09-{7 + days:02d} {clock}")


def _counted(file: Path, query: str, *values: str) -> int:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        return int(connection.execute(query, values).fetchone()[0])
