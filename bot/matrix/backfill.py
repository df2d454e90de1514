"""What happened in a room while more was said than one sync tells: paged back to where the last sync ended (matrix 4.3)."""

from collections import Counter

from bot.log import logger
from bot.matrix.errors import Permanent
from bot.matrix.shapes import Fields, items, text
from bot.matrix.wire import Wire, path

log = logger("bot.matrix.backfill")
PAGE = 100
"""Events in one answer; Synapse gives no more."""


class Backfill:
    """Reads gaps."""

    def __init__(self, wire: Wire, counters: Counter[str]) -> None:
        self._wire = wire
        self._counters = counters

    async def between(self, room: str, since: str, until: str) -> list[Fields]:
        """Return the room's events after the sync position `since` and before `until`, oldest first.

        Raise Temporary or SignedOut; a room that the bot may no longer read has no gap.
        """
        gap: list[Fields] = []
        position = until
        while position:
            try:
                page, position = await self._page(room, since, position)
            except Permanent as error:
                self._counters["unreadable_gap"] += 1
                log.warning("matrix.unreadable_gap", room=room, code=error.errcode)
                break
            gap += page
        self._counters["backfilled"] += len(gap)
        return gap[::-1]

    async def _page(self, room: str, since: str, position: str) -> tuple[list[Fields], str]:
        query = {"dir": "b", "from": position, "to": since, "limit": str(PAGE)}
        answer = await self._wire.call("GET", path("rooms", room, "messages"), query=query)
        page = items(answer.get("chunk"))
        return page, text(answer.get("end")) if page else ""
