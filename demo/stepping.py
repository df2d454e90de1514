"""Civil time moved so that nothing is late: from one moment at which something falls due to the next, each waited for.

"Idle" is what is seen from outside for a while: the bot has looked at the newest civil time, its inbox is handled, its outbox delivered
(rows that wait for a gathering window included), and nothing comes in.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from care.clock import MachineClock
from care.profile import Profile
from care.reviews import missed_at, slot_after, slot_before
from demo.clock import DemoClock
from demo.ledger import Backlog, Ledger

SETTLE_SECONDS = 300.0
"""Real time in which the bot must have done what falls due at one moment."""
QUIET_SECONDS = 0.2
"""How long nothing may happen before it counts as idle: longer than the way of a message from the homeserver into the inbox."""
LOOK_SECONDS = 0.05


class UnsettledError(RuntimeError):
    """The bot did not become idle in time; the text says what it still had to do."""


class BotDownError(UnsettledError):
    """The bot is not running, or has ended while it was waited for."""


class Patient(Protocol):
    """The bot as it is seen from outside."""

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        ...

    async def health(self) -> Mapping[str, object] | None:
        """Return what its health page says, None if it does not answer."""
        ...


class Stepper:
    """Moves the clock of a demo, one movement at a time."""

    def __init__(
        self,
        clock: DemoClock,
        machine: MachineClock,
        ledger: Ledger,
        bot: Patient,
        rules: Profile,
        patience: float = SETTLE_SECONDS,
        look: float = LOOK_SECONDS,
    ) -> None:
        """Take what it moves and watches; `look` are the seconds between two looks at the bot."""
        self._clock = clock
        self._machine = machine
        self._ledger = ledger
        self._bot = bot
        self._rules = rules
        self._patience = patience
        self._look = look
        self._moving = asyncio.Lock()

    async def move(self, to: datetime) -> None:
        """Bring civil time to `to`, done and delivered on the way; while the bot is down it is only set.

        Raises BackwardsError for an instant that has passed, UnsettledError if the bot does not get done: it is then the time it got to.
        """
        async with self._moving:
            self._clock.refuse_back(to)
            speed = self._clock.speed
            if speed:
                await self._clock.run(0)
            try:
                await self._climb(to)
            finally:
                if speed:
                    await self._clock.run(speed)

    async def _climb(self, to: datetime) -> None:
        while self._bot.running:
            await self.settle()
            if self._clock.now() >= to:
                return
            await self._clock.stand(min(to, await self._next()))
        await self._clock.stand(max(to, self._clock.now()))

    async def run(self, speed: float) -> None:
        """Let civil time go on at another speed."""
        async with self._moving:
            await self._clock.run(speed)

    async def settle(self, seconds: float | None = None) -> None:
        """Return when the bot is idle; raise UnsettledError if it is not within the seconds (its patience), BotDownError if it ends."""
        until = self._machine.monotonic() + (seconds or self._patience)
        mark, since = -1, self._machine.monotonic()
        while True:
            waits, backlog = await self._waits()
            now = self._machine.monotonic()
            if waits or backlog.mark != mark:
                mark, since = backlog.mark, now
            elif now - since >= QUIET_SECONDS:
                return
            if not self._bot.running:
                raise BotDownError("the bot is not running: start it with POST /bot/start")
            if now > until:
                raise UnsettledError(waits or "the bot is never quiet")
            await asyncio.sleep(self._look)

    async def _waits(self) -> tuple[str, Backlog]:
        # Health before ledger: what a finished tick has decided is in the ledger.
        told = self._clock.newest.civil
        reason = _unready(await self._bot.health(), told)
        backlog = await asyncio.to_thread(self._ledger.backlog)
        if not reason and (backlog.inbox or backlog.pending):
            reason = f"the bot has still {backlog.inbox} messages to handle and {backlog.pending} to deliver"
        return reason, backlog

    async def _next(self) -> datetime:
        """Return the next moment at which the bot may have something to do: an item due, a form's end, a slot, a slot and its grace."""
        now, staffed = self._clock.now(), self._rules.staffed
        coming = slot_after(now, staffed)
        missed = missed_at(slot_before(coming, staffed), self._rules.review_grace.length)
        moments = (coming, missed, await asyncio.to_thread(self._ledger.next_moment, now))
        return min(moment for moment in moments if moment and moment > now)


def _unready(page: Mapping[str, object] | None, civil: datetime) -> str:
    """Return what is missing until the bot has looked at a civil instant, "" when it has."""
    if page is None:
        return "the bot does not answer"
    clock, sync = (cast("Mapping[str, object]", page[part]) for part in ("clock", "sync"))
    if sync["age_seconds"] is None:
        return "the bot has not heard from the homeserver"
    ticked = clock["ticked"]
    if not isinstance(ticked, str) or datetime.fromisoformat(ticked) < civil:
        return f"the bot has not looked at {civil.isoformat()} yet"
    return "the bot has something in hand" if page["busy"] else ""
