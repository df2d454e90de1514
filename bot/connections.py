"""What connects the process with the world, each from the configuration: the clock, the homeserver, e-mail, the health page."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from bot import credentials
from bot.clock import Clock, SystemClock, following
from bot.config import Config, ConfigurationError
from bot.household import Household
from bot.log import logger
from bot.matrix.client import Edge
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.identities import Policy
from bot.matrix.login import Credentials
from bot.matrix.setting import Setting
from bot.performing import Post
from bot.premises import Premises
from bot.seeds import SealedSeeds
from bot.sentences import CLEAR
from care.clock import MachineClock
from care.effects import PlaceKind
from store import account, inbox, rooms
from web.app import application, serving
from web.health import Pulse

log = logger("bot.connections")


@asynccontextmanager
async def civil(config: Config, machine: MachineClock) -> AsyncGenerator[Clock]:
    """Give the clock that care is planned by; raise ConfigurationError if one that is followed does not answer."""
    if config.followed is None:
        yield SystemClock(machine)
        return
    async with AsyncExitStack() as stack:
        try:
            clock = await stack.enter_async_context(following(config.followed, machine))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise ConfigurationError(f"clock.source: {config.followed} does not tell the time") from None
        yield clock


async def connected(
    premises: Premises, household: Household, fence: Callable[[], None] | None = None, password: Callable[[], str] = lambda: ""
) -> tuple[Edge, str | None]:
    """Return the edge of the installation's account and the position of its last sync; raise ConfigurationError without an account.

    `fence` goes before all that leaves; `password` is asked for the account's password where the homeserver insists on it (`samrum init`).
    """
    config, user = premises.config, premises.config.matrix.user
    async with premises.database.read() as tx:
        known = await account.load(tx, premises.vault, user)
        kept = await rooms.all_rooms(tx)
        since = await inbox.token(tx, user)
    if known is None:
        raise ConfigurationError(f"matrix.user: {user} has not been signed in; run samrum init")
    setting = Setting(
        homeserver=config.matrix.homeserver,
        cabinet=Cabinet(premises.database, premises.vault, user, premises.machine),
        clock=premises.machine,
        allowed=household.readers,
        known_rooms={room: place.kind is not PlaceKind.SPACE for room, place in kept.items()},
        secrets=SealedSeeds(premises, user),
        password=password,
        clear_sentences=CLEAR,
        policy=Policy(config.matrix.trust),
        fence=fence,
    )
    return Edge(Credentials(known.user, known.device, known.token), setting), since


def post(config: Config, environ: Mapping[str, str]) -> Post | None:
    """Return how e-mail leaves, None if it does not; raise ConfigurationError for a password that cannot be read."""
    return Post(config.mail, credentials.password(config.mail, environ)) if config.mail else None


@asynccontextmanager
async def listening(config: Config, pulse: Pulse) -> AsyncGenerator[None]:
    """Show the health page; raise ConfigurationError where its port cannot be listened on."""
    async with AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(serving(application(pulse), config.web.host, config.web.port))
        except OSError:
            raise ConfigurationError(f"web.port: {config.web.port} cannot be listened on; is it in use?") from None
        log.info("web.listening", port=port)
        yield
