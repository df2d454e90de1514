"""The timer brings up everything that is due at a moment, and tells when to look again. It only looks: what is due is in the store."""

import asyncio
from datetime import datetime

from care.reviews import slot_after
from reminders import due, ladder, reviews, rings, rulebook, snoozes, upkeep
from reminders.edits import Editor
from reminders.keeper import Guard, Keeper
from reminders.rooms import Staff
from store import index

TRANSIT_SECONDS = 3600.0
"""Machine time between two looks for transit keys that are old enough: they live for days."""


class Timer:
    """Brings up what is due; safe to ask at any time and however often (invariant 5)."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._editor = Editor(keeper)
        self._staff = Staff(keeper)
        self._turn = asyncio.Lock()
        self._owes_forgetting = True
        self._transit: float | None = None

    async def tick(self) -> datetime | None:
        """Bring up everything due now, the earliest first; return the next civil moment at which something may be.

        Raises an ExceptionGroup of all that failed, after the rest has been brought up; what failed is tried again at the next tick.
        """
        async with self._turn:
            keeper, guard, now = self._keeper, Guard(), self._keeper.clock.now()
            with guard():
                await self._staff.follow(guard, now)
            with guard():
                await due.bring_up(keeper, guard, now)
            with guard():
                await ladder.climb(keeper, guard, now)
            with guard():
                await rings.ring_again(keeper, guard, now)
            with guard():
                await reviews.post(keeper, guard, now)
            with guard():
                await snoozes.remind(keeper, guard, now)
            with guard():
                await self._editor.refresh(guard, now)
            with guard():
                if await rulebook.follow_rules(keeper, guard, now):
                    await due.bring_up(keeper, guard, now)
            with guard():
                await self._keep_up(now)
            guard.tell()
            return await self._next(now)

    async def _keep_up(self, now: datetime) -> None:
        """Do what passes with time. The log is emptied of what was destroyed, at the first tick after a start too."""
        await upkeep.note_head(self._keeper, now)
        self._owes_forgetting |= await upkeep.expire_forms(self._keeper, now)
        machine = self._keeper.machine.monotonic()
        if self._transit is None or machine - self._transit >= TRANSIT_SECONDS:
            self._owes_forgetting |= await upkeep.forget_transit(self._keeper)
            self._transit = machine
        if self._owes_forgetting:
            await self._keeper.database.forget()
            self._owes_forgetting = False

    async def _next(self, now: datetime) -> datetime:
        async with self._keeper.database.read() as tx:
            falling = await index.next_due(tx)
        own = (await ladder.upcoming(self._keeper, now), await snoozes.upcoming(self._keeper, now))
        moments = (falling, *own, await upkeep.next_expiry(self._keeper), slot_after(now, self._keeper.profile.staffed))
        return min(moment for moment in moments if moment)
