"""The composition root: everything is put together here, once, and runs until it is stopped (architecture 2)."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta

from bot import alarms
from bot.changes import Changes
from bot.claiming import PACED
from bot.clock import Clock, MachineTime
from bot.config import Config, ConfigurationError
from bot.connections import civil, connected, listening, post
from bot.database_watch import DatabaseWatch
from bot.delivery import Delivery
from bot.descriptions import Describer, Descriptions
from bot.forecast import measured
from bot.household import BOT_NAME, Household
from bot.incoming import Intake
from bot.introduction import introduce
from bot.leadership import leading
from bot.log import logger
from bot.matrix.client import Edge
from bot.matrix.crypto.talks import News
from bot.matrix.incoming import Batch
from bot.old_keys import OldKeys
from bot.performing import Performer, Post, server
from bot.places import Shelf
from bot.premises import Premises, locked, opened
from bot.pulse import pulse
from bot.reception import Reception
from bot.roll_call import RollCall
from bot.scheduler import Alarm
from bot.visitors import Visitors
from bot.workers import Workers
from care import profile
from care.language import Language
from care.profile import Profile
from commands.dispatch import Dispatcher
from reminders.keeper import Keeper
from reminders.timer import Timer
from store import backlog, changed_identities, inbox
from store.trouble import in_trouble
from web.health import Vitals

log = logger("bot.app")
ROLL_SECONDS = 60.0
"""Between two looks for rooms that were lost without a word."""


async def run(config: Config, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Run until `stop` is set.

    Raises ConfigurationError for what an operator must mend first, and in a group SignedOut, Unusable, or the bug that ended a part.
    """
    machine, by_mail = MachineTime(), post(config, environ)
    async with AsyncExitStack() as stack:
        if config.on_sqlite:
            stack.enter_context(locked(config))
        await stack.enter_async_context(pulse(machine, config.logging.level))
        premises = await stack.enter_async_context(opened(config, environ, machine))
        clock = await stack.enter_async_context(civil(config, machine))
        front = Front(clock, standby=not config.on_sqlite)
        await stack.enter_async_context(listening(config, front))
        fence = await stack.enter_async_context(leading(premises, stop))
        if fence:
            household = Household(premises.database, premises.vault, premises.roster, machine)
            edge, since = await connected(premises, household, fence)
            stack.push_async_callback(edge.close)
            front.bot = Bot(premises, clock, edge, household, replace(by_mail, fence=fence) if by_mail else None)
            # All that a process begins with stays. To look through it for garbage held the loop for a tenth of a second, again and again.
            gc.freeze()
            log.info("bot.started", version=config.installation.profile, state=clock.source.partition(":")[0])
            await front.bot.work(since, stop)
    log.info("bot.stopped")


class Front:
    """What the health page asks: the bot, and before there is one whether this process waits for another."""

    def __init__(self, clock: Clock, *, standby: bool) -> None:
        self.bot: Bot | None = None
        self._clock = clock
        self._standby = standby

    async def vitals(self) -> Vitals:
        """Return the numbers of the health page."""
        if self.bot:
            return await self.bot.vitals()
        now, source = self._clock.now(), self._clock.source
        return Vitals(now, source, sync_age=None, pending=0, failed=0, oldest=None, busy=True, standby=self._standby)


def rules(config: Config) -> Profile:
    """Return the rule profile of the installation; raise ConfigurationError for an unknown one."""
    try:
        return profile.load(config.installation.profile)
    except (OSError, ValueError) as wrong:
        raise ConfigurationError(f"installation.profile: {config.installation.profile} cannot be used ({wrong})") from None


async def brought_up(tick: Callable[[], Awaitable[datetime | None]]) -> datetime | None:
    """Bring up what is due, and return when to look again.

    What failed is logged without content and tried again at the next tick: one case must not silence the others. Raises in a group what is
    the database's trouble.
    """
    try:
        return await tick()
    except* Exception as failed:
        if trouble := failed.subgroup(in_trouble):
            raise trouble from None
        for error in failed.exceptions:
            log.exception("timer.failed", exc_info=error)
    return None


class Bot:
    """The parts, and what connects them."""

    def __init__(self, premises: Premises, clock: Clock, edge: Edge, household: Household, by_mail: Post | None) -> None:
        config, user = premises.config, premises.config.matrix.user
        self._premises = premises
        self._clock = clock
        self._edge = edge
        shelf = Shelf(premises.database, premises.vault, premises.roster, premises.machine, clock)
        told = Descriptions(user, config.matrix.command_descriptions, Language(config.installation.language))
        performer = Performer(edge, by_mail, federate=config.matrix.federation, descriptions=told)
        self._describer = Describer(premises.database, premises.vault, premises.machine, told)
        self._old_keys = OldKeys(premises.database, user, edge, clock, premises.machine)
        self._household = household
        keeper = self._keeper()
        changes = Changes(shelf, edge, household, keeper)
        self._delivery = Delivery(shelf, performer, edge, expelled=changes.expelled)
        self._workers = Workers(self._receive, self._settled, grace=config.gathering.keys)
        keeping = (premises.database, premises.vault, premises.roster)
        submit, recording = self._workers.submit, edge.recording
        self._intake = Intake(*keeping, clock, premises.machine, bot=user, submit=submit, recording=recording)
        visitors = Visitors(shelf, edge, changes, keeper, bot=user)
        self._reception = Reception(premises.database, premises.machine, visitors, changes, self._dispatcher(), edge, self._intake)
        self._roll_call = RollCall(shelf, edge, changes, bot=user)
        self._watch = DatabaseWatch(premises.database, premises.machine, back=self._intake.rest, told=self._database_back)
        self._timer = Timer(keeper)
        self._alarm = Alarm(clock, premises.machine, self._tick)
        edge.verifications.told = self._tell
        self._stale = False
        self._ticked: datetime | None = None
        self._taking, self._ticking = asyncio.Lock(), asyncio.Lock()

    async def work(self, since: str | None, stop: asyncio.Event) -> None:
        """Work until stopped, then end what is under way and nothing else; raise in a group what ended a part."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._workers.run())
            group.create_task(self._watch.patiently(self._delivery.run))
            await self._intake.rest()
            await self._watch.patiently(self._forgotten)
            heard = group.create_task(self._watch.patiently(lambda: self._listen(since)))
            rung = group.create_task(self._alarm.run())
            beside = [group.create_task(each) for each in (introduce(self._edge), self._watch.patiently(self._call_roll))]
            await stop.wait()
            log.info("bot.stopping", pending=self._workers.waiting)
            self._watch.end()
            async with self._taking, self._ticking:
                heard.cancel()
                rung.cancel()
                for task in beside:
                    task.cancel()
            self._workers.stop()
            self._delivery.stop()

    async def vitals(self) -> Vitals:
        """Return the numbers of the health page."""
        now, last = self._premises.machine.utc(), self._edge.last_sync
        async with self._premises.database.read() as tx:
            rows = await backlog.figures(tx)
            waiting, _ = await backlog.wave(tx, PACED, now)
            directory, changed = await self._premises.roster.read(tx), await changed_identities.changed(tx)
        distance = self._edge.limits.messages.distance
        foretold = measured(waiting, distance) if distance else None
        return Vitals(
            now=self._clock.now(),
            clock=self._clock.source,
            sync_age=(now - last).total_seconds() if last else None,
            pending=rows.waiting,
            failed=rows.parked,
            oldest=(now - rows.oldest).total_seconds() if rows.oldest else None,
            stopped=self._watch.stopped,
            ticked=self._ticked,
            per_minute=foretold.per_minute if foretold else None,
            expected=foretold.seconds if foretold else None,
            identities=sum(1 for user in changed if directory.memberships(user)),
            busy=self._stale or self._ticking.locked() or self._workers.waiting > 0 or self._edge.pausing,
        )

    async def _listen(self, since: str | None) -> None:
        """Listen from what was committed last: when this is begun anew, that is not where the process began."""
        async with self._premises.database.read() as tx:
            last = await inbox.token(tx, self._premises.config.matrix.user)
        await self._edge.run(self._take, last or since, self._answered)

    async def _answered(self) -> None:
        """Return when nothing is in hand, neither of what was heard nor of what is to be said."""
        await self._workers.calm()
        await self._delivery.calm()

    async def _take(self, batch: Batch) -> None:
        await self._watch.patiently(lambda: self._taken(batch))

    async def _taken(self, batch: Batch) -> None:
        async with self._taking:
            await self._intake.take(batch)
        if batch.changed:
            self._delivery.wake()

    async def _tell(self, news: News) -> None:
        premises = self._premises
        async with premises.database.write() as tx:
            await alarms.verification(tx, premises.vault, await premises.roster.read(tx), news, premises.machine.utc())
        self._delivery.wake()

    async def _forgotten(self) -> None:
        premises = self._premises
        async with premises.database.write() as tx:
            await alarms.forgotten(tx, premises.vault, await premises.roster.read(tx), premises.machine.utc())
        self._delivery.wake()

    async def _call_roll(self) -> None:
        if await self._roll_call.hold():
            self._settled()
        while True:
            await asyncio.sleep(ROLL_SECONDS)
            if await self._roll_call.missing():
                self._settled()

    async def _receive(self, message: inbox.Message) -> None:
        await self._watch.patiently(lambda: self._reception.receive(message))

    async def _database_back(self) -> None:
        premises = self._premises
        async with premises.database.write() as tx:
            await alarms.database_back(tx, premises.vault, await premises.roster.read(tx), premises.machine.utc())
        self._delivery.wake()

    def _settled(self) -> None:
        """Send what a message led to, and look for what it made due."""
        self._delivery.wake()
        if not self._stale:
            self._stale = True
            self._alarm.wake_at(self._clock.now())

    def _decided(self) -> None:
        """Send what was decided, while the rest is."""
        self._delivery.wake()

    async def _tick(self) -> None:
        await self._watch.patiently(self._looked)

    async def _looked(self) -> None:
        async with self._ticking:
            self._stale, looked = False, self._clock.now()
            await self._household.keep()
            await self._describer.keep()
            due = await brought_up(self._timer.tick)
            await self._old_keys.keep()
            await self._watch.keep()
            self._ticked = looked
            self._delivery.wake()
            self._alarm.wake_at(self._clock.now() if self._stale else due)

    def _dispatcher(self) -> Dispatcher:
        premises, config = self._premises, self._premises.config
        return Dispatcher(
            database=premises.database,
            vault=premises.vault,
            roster=premises.roster,
            profile=rules(config),
            clock=self._clock,
            machine=premises.machine,
            bot=config.matrix.user,
            bot_name=BOT_NAME,
            organizer=organizer(config),
            prefix=config.installation.prefix,
            gather=timedelta(seconds=config.gathering.edits),
            joins=timedelta(seconds=config.gathering.joins),
        )

    def _keeper(self) -> Keeper:
        premises, config = self._premises, self._premises.config
        gather = timedelta(seconds=config.gathering.edits)
        clock, machine = self._clock, premises.machine
        keeping = (premises.database, premises.vault, premises.roster)
        return Keeper(*keeping, rules(config), clock, machine, organizer(config), gather, decided=self._decided)


def organizer(config: Config) -> str:
    """Return the address that invitations are from: that of the mail server's section, or one of the homeserver where none leave."""
    return config.mail.sender if config.mail else f"samrum@{server(config.matrix.user).partition(':')[0]}"
