"""The timer brings up everything that is due at a moment, and tells when to look again. It only looks: what is due is in the store."""

from datetime import datetime

from care.reviews import slot_after
from reminders import due, ladder, reviews, upkeep
from reminders.keeper import Keeper
from store import index


class Timer:
    """Brings up what is due; safe to ask at any time and however often (invariant 5)."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def tick(self) -> datetime | None:
        """Bring up everything due now, in the order of the ladder's floors; return the next civil moment at which something may be."""
        keeper, now = self._keeper, self._keeper.clock.now()
        await due.bring_up(keeper, now)
        await reviews.post(keeper, now)
        await reviews.refresh(keeper, now)
        climbing = await ladder.climb(keeper, now)
        expiring = await upkeep.expire_forms(keeper, now)
        await upkeep.note_head(keeper, now)
        await upkeep.forget_transit(keeper)
        async with keeper.database.read() as tx:
            falling = await index.next_due(tx)
        slot = slot_after(now, keeper.profile.staffed)
        return min(moment for moment in (falling, climbing, expiring, slot) if moment)
