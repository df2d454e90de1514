"""A demo from start to stop: homeserver, accounts, mailbox, control and bot, in this order, and ended in the opposite one."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.clock import MachineTime
from care import profile
from care.clock import local
from care.people import Directory
from demo import accounts, configuration, region
from demo.accounts import ADMINISTRATOR, Account
from demo.botprocess import BotProcess
from demo.clock import DemoClock, next_morning
from demo.configuration import PROFILE, Surroundings
from demo.control import Control, serving
from demo.folder import claimed, empty
from demo.homeserver import Homeserver
from demo.homeserver_settings import CONFIGURATION, free_port, taken
from demo.ledger import Ledger
from demo.mailbox import Mailbox
from demo.page import progress
from demo.processes import end_leftover, remember
from demo.stepping import Stepper
from demo.wishes import Ready, UnitRoom, User, Wishes

PORT, CONTROL_PORT, WEB_PORT = 8448, 8449, 8450
TOKEN = "DEMO_ADMIN_TOKEN"
HOUSEHOLD_SECONDS = 600.0
PATIENT_SECONDS = 7200.0
"""How long the first start may take with Synapse's limits: some hundred rooms and messages, a few in ten seconds."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs."""

    data: Path
    ready: Ready
    people: tuple[Account, ...]
    directory: Directory
    homeserver: Homeserver
    clock: DemoClock
    stepper: Stepper
    bot: BotProcess


@asynccontextmanager
async def running(wishes: Wishes) -> AsyncGenerator[Demo]:
    """Run a demo for as long as the block lasts; give it when the bot has made its rooms.

    Raises FolderError, HomeserverError, BotError, UnsettledError or OSError (a port in use) with what to do about it.
    """
    data = wishes.data.resolve()
    async with AsyncExitStack() as stack:
        stack.enter_context(claimed(data))
        await _tidy(data, reset=wishes.reset)
        yield await _start(wishes, data, stack)
        progress("Stopping …")


async def _tidy(data: Path, *, reset: bool) -> None:
    for part, named in (("bot", data / "config.toml"), ("homeserver", data / "homeserver" / CONFIGURATION)):
        if pid := await end_leftover(data / f"{part}.pid", named):
            progress(f"Ended the {part} (process {pid}) that an earlier demo left behind.")
    if reset:
        await asyncio.to_thread(empty, data)


async def _start(wishes: Wishes, data: Path, stack: AsyncExitStack) -> Demo:
    directory = region.load("almfors.test")
    homeserver = await _homeserver(wishes, data, stack)
    people = accounts.accounts(directory)
    bot_user = await accounts.register(homeserver, people, configuration.password(data))
    mailbox = await stack.enter_async_context(Mailbox(data / "mail"))
    clock = await _clock(wishes, data, stack)
    ledger = Ledger(data / "samrum.db")
    web_port = _port(wishes.web_port, WEB_PORT)
    web = f"http://127.0.0.1:{web_port}"
    bot = BotProcess(data / "config.toml", f"{web}/health", data / "bot.log", data / "bot.pid")
    stepper = Stepper(clock, MachineTime(), ledger, bot, profile.load(PROFILE))
    control = await stack.enter_async_context(serving(Control(clock, stepper, ledger, bot), _port(None, CONTROL_PORT)))
    around = Surroundings(data, homeserver.url, bot_user, control, mailbox.port, web_port, wishes.trust)
    await asyncio.to_thread(configuration.write, around)
    await _prepare(bot, homeserver, data, limits=wishes.limits)
    await _household(bot, stepper, stack, limits=wishes.limits)
    if wishes.clock is None:
        await clock.run(1)
    units = _units(directory, await asyncio.to_thread(ledger.inboxes))
    ready = Ready(
        homeserver=homeserver.url,
        server_name=homeserver.server_name,
        bot=bot_user,
        control=control,
        web=web,
        mail=str(mailbox.folder),
        bot_pid=bot.pid,
        homeserver_pid=homeserver.pid,
        database=str(ledger.file),
        users=tuple(User(person.user_id, person.password, person.roles) for person in people),
        units=units,
    )
    return Demo(data, ready, people, directory, homeserver, clock, stepper, bot)
