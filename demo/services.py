"""A demo from start to stop: homeserver, accounts, mailbox, control and bot, in this order, and ended in the opposite one."""

import asyncio
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
from demo.botprocess import BotError, BotProcess
from demo.clock import DemoClock, next_morning
from demo.configuration import PROFILE, Surroundings
from demo.control import Control, serving
from demo.folder import claimed, empty
from demo.homeserver import Homeserver
from demo.homeserver_settings import CONFIGURATION, LOOPBACK, free_port, taken
from demo.ledger import Ledger
from demo.mailbox import Mailbox
from demo.page import progress
from demo.processes import end_leftover, remember
from demo.region import REGION
from demo.stepping import BotDownError, Stepper, UnsettledError
from demo.wishes import Ready, UnitRoom, User, Wishes

SERVER_NAME = "almfors.test"
PORT, CONTROL_PORT, WEB_PORT = 8448, 8449, 8450
TOKEN = "DEMO_ADMIN_TOKEN"
HOUSEHOLD_SECONDS = 600.0
PATIENT_SECONDS = 7200.0
"""How long the first start may take with Synapse's limits: some hundred rooms and messages, a few in ten seconds."""


@dataclass(frozen=True, slots=True)
class World:
    """What is there before the bot: the homeserver with everybody's account, and the mailbox."""

    data: Path
    homeserver: Homeserver
    mailbox: Mailbox
    directory: Directory
    people: tuple[Account, ...]
    bot_user: str


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo: `stepper` moves its `clock`, `control` is the URL of what does so from outside, `ready()` where everything is."""

    world: World
    clock: DemoClock
    ledger: Ledger
    bot: BotProcess
    stepper: Stepper
    control: str
    web: str

    def ready(self) -> Ready:
        """Return where everything is."""
        world = self.world
        inboxes = self.ledger.inboxes()
        return Ready(
            homeserver=world.homeserver.url,
            server_name=world.homeserver.server_name,
            bot=world.bot_user,
            control=self.control,
            web=self.web,
            mail=str(world.mailbox.folder),
            bot_pid=self.bot.pid,
            homeserver_pid=world.homeserver.pid,
            database=self.ledger.where,
            users=tuple(User(person.user_id, person.password, person.roles) for person in world.people),
            units=tuple(UnitRoom(unit.id, unit.name, inboxes.get(unit.id)) for unit in world.directory.units.values()),
        )


@asynccontextmanager
async def running(wishes: Wishes) -> AsyncGenerator[Demo]:
    """Run a demo for as long as the block lasts; give it when the bot has made its rooms.

    Raises FolderError, HomeserverError, BotError, or OSError for a port in use; each says what is wrong.
    """
    data = wishes.data.resolve()
    async with AsyncExitStack() as stack:
        stack.enter_context(claimed(data))
        await _tidy(data, reset=wishes.reset)
        world = await _world(wishes, data, stack)
        demo = await _house(wishes, world, stack)
        await _prepare(demo, limits=wishes.limits)
        await _open(demo, stack, PATIENT_SECONDS if wishes.limits else HOUSEHOLD_SECONDS)
        if wishes.clock is None:
            await demo.clock.run(1)
        try:
            yield demo
        finally:
            progress("Stopping …")


async def _tidy(data: Path, *, reset: bool) -> None:
    for part, named in (("bot", data / "config.toml"), ("homeserver", data / "homeserver" / CONFIGURATION)):
        if pid := await end_leftover(data / f"{part}.pid", named):
            progress(f"Ended the {part} (process {pid}) that an earlier demo left behind.")
    if reset:
        await asyncio.to_thread(empty, data)


async def _world(wishes: Wishes, data: Path, stack: AsyncExitStack) -> World:
    progress("Starting the homeserver …")
    port = wishes.port
    if port is None:  # 0 is the port of an earlier start
        port = 0 if (data / "homeserver" / CONFIGURATION).exists() else _port(None, PORT)
    homeserver = await stack.enter_async_context(Homeserver(data / "homeserver", port, server_name=SERVER_NAME, limits=wishes.limits))
    pid_file = data / "homeserver.pid"
    await asyncio.to_thread(remember, pid_file, homeserver.pid)
    stack.callback(pid_file.unlink, missing_ok=True)
    directory = region.load(SERVER_NAME)
    people = accounts.accounts(directory)
    bot_user = await accounts.register(homeserver, people, configuration.password(data))
    mailbox = await stack.enter_async_context(Mailbox(data / "mail"))
    return World(data, homeserver, mailbox, directory, people, bot_user)


async def _house(wishes: Wishes, world: World, stack: AsyncExitStack) -> Demo:
    data, web_port = world.data, _port(wishes.web_port, WEB_PORT)
    web = f"http://{LOOPBACK}:{web_port}"
    clock = await _clock(wishes, data, stack)
    ledger = Ledger(wishes.database or data / "samrum.db")
    bot = BotProcess(data / "config.toml", f"{web}/health", data / "bot.log", data / "bot.pid")
    stepper = Stepper(clock, MachineTime(), ledger, bot, profile.load(PROFILE))
    control = await stack.enter_async_context(serving(Control(clock, stepper, ledger, bot), _port(None, CONTROL_PORT, web_port)))
    around = Surroundings(data, world.homeserver.url, world.bot_user, control, world.mailbox.port, web_port, wishes.trust, wishes.database)
    await asyncio.to_thread(configuration.write, around)
    return Demo(world, clock, ledger, bot, stepper, control, web)


async def _clock(wishes: Wishes, data: Path, stack: AsyncExitStack) -> DemoClock:
    """Return the clock, standing still: at the time wished for, or where an earlier demo left it if that is later."""
    clock = DemoClock(data / "clock.json", MachineTime(), wishes.clock or next_morning(MachineTime().utc()))
    await clock.run(0)
    stack.push_async_callback(clock.run, 0)
    if wishes.clock and wishes.clock > clock.now():
        await clock.stand(wishes.clock)
    elif wishes.clock and wishes.clock < clock.now():
        progress(f"Time never goes back: this demo continues at {local(clock.now()):%Y-%m-%d %H:%M}. --reset starts over.")
    return clock


async def _prepare(demo: Demo, *, limits: bool) -> None:
    """Give a new bot its account, keys and directory, as an operator does once."""
    done = demo.world.data / "prepared"
    if done.exists():
        return
    progress("Preparing the bot …")
    homeserver = demo.world.homeserver
    words = ("init", "--admin", homeserver.user_id(ADMINISTRATOR))
    if limits:
        await demo.bot.command(*words)
    else:
        await demo.bot.command(*words, "--admin-token-env", TOKEN, environ={TOKEN: await homeserver.administrator()})
    await demo.bot.command("import-directory", str(REGION))
    done.touch()


async def _open(demo: Demo, stack: AsyncExitStack, seconds: float) -> None:
    progress("Starting the bot; the first time it makes a room for each person and unit …")
    stack.push_async_callback(demo.bot.stop)
    await demo.bot.start()
    try:
        await demo.stepper.settle(seconds)
    except UnsettledError as error:
        what = "the bot ended before it was ready" if isinstance(error, BotDownError) else str(error)
        raise BotError(f"{what}:\n{demo.bot.last_words()}") from error


def _port(wish: int | None, usual: int, *others: int) -> int:
    """Return the port wished for; None is the usual one unless it is in use, 0 any free one."""
    if wish is None and usual not in others and not taken(usual):
        return usual
    return wish or free_port()
