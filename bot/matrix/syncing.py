"""The endless listening: sync, hand over, go on from there; when the homeserver is away, ask at most once a second."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from bot.log import logger
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Batch, Kind
from bot.matrix.keys import Keys
from bot.matrix.reading import Reader
from bot.matrix.wire import CLIENT, Json, Wire
from care.clock import MachineClock

log = logger("bot.matrix.syncing")
POLL = 30
"""Seconds that the homeserver may hold a sync open."""
LONGEST = 60.0
"""Seconds of the longest pause between attempts (architecture 8)."""
ECHOES = (0.0, 0.1, 0.2, 0.4, 0.8)
"""Seconds after the first, the second, … and each later answer in a row that held only the bot's own words, in which more of them gather.

In a wave each would come alone, and each room that an answer names costs the homeserver as much as a third of a message: with a fifth of a
second between them, three in ten of what it computed for a wave were such answers. One alone is a reply: nobody's next words wait for it.
Whoever writes in the middle of a wave waits no longer than the last of these, once, and ends the row.

Who enters a room in a pause is given the key of what is said meanwhile when it is over, by whichever process there is then: what was said
outlives the one that said it (decision 0035).
"""
DEEDS = 0.1
"""The same after what the bot did to a room, which ends the row too: people are about to enter, and who has entered unheard is given
the key of what is said meanwhile so much later."""
ANSWERING = 0.25
"""Seconds at most for which the bot does not listen while it answers what people have said.

A request that is held open meanwhile would be answered by the homeserver with the bot's own words, it may be before it gives them to the
person who waits for them (decision 0036).
"""
TALK = frozenset({Kind.MESSAGE, Kind.EDIT, Kind.REACTION, Kind.REDACTION})
FILTER = json.dumps(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "ephemeral": {"types": []},
            "account_data": {"types": []},
            "state": {
                "types": ["m.room.create", "m.room.encryption", "m.room.tombstone"],
                "lazy_load_members": True,
            },
            "timeline": {"limit": 100, "lazy_load_members": True},
        },
    }
)
"""Only what the bot reads; 100 events a room is all that Synapse gives at once (matrix 4.3, 6)."""

NEWS = frozenset({"rooms", "to_device"})
"""What an answer holds that tells more than that time has passed."""

Take = Callable[[Batch], Awaitable[None]]
Step = Callable[[], Awaitable[None]]


def pause(failures: int, retry_after: float | None) -> float:
    """Return the seconds to wait after so many failures in a row: 1, 2, 4 … 60 and up to a quarter more, or the server's wish."""
    backoff = min(2.0 ** (failures - 1), LONGEST) if failures < 10 else LONGEST  # noqa: PLR2004 - no huge powers
    jitter = 1 + random.random() / 4  # noqa: S311 - spreads load, hides nothing
    return max(backoff * jitter, retry_after or 0.0)


class Syncing:
    """The loop of one account. `prepare` does what comes before the first sync, and is repeated until it succeeds; `after` follows each."""

    def __init__(self, wire: Wire, reader: Reader, keys: Keys, clock: MachineClock, user: str, *, prepare: Step, after: Step) -> None:
        self._wire = wire
        self._user = user
        self._reader = reader
        self._keys = keys
        self._clock = clock
        self._prepare = prepare
        self._after = after
        self._prepared = False
        self.last: datetime | None = None
        self.pausing = False
        self._hurried = False

    async def start(self) -> None:
        """Prepare, once."""
        if not self._prepared:
            await self._prepare()
            self._prepared = True

    @property
    def started(self) -> bool:
        """Whether something may be sent: a first sync has told whose devices changed while nobody listened."""
        return self.last is not None

    async def run(self, take: Take, since: str | None, answered: Step) -> None:
        """Never return; raise SignedOut, Unusable, or what `take` raises. `answered` returns when all that was heard is answered.

        The position moves only when `take` has returned: whatever breaks off before is repeated as a whole. A refusal is no end either:
        while an administrator deletes a room, Synapse refuses to tell of it.
        """
        failures = echoes = 0
        while True:
            try:
                await self.start()
                answer = await self._ask(since)
                if NEWS & answer.keys():
                    log.debug("matrix.synced", phase="received")
                batch = await self._reader.read(answer, since)
            except (Temporary, Permanent) as error:
                failures += 1
                why, wish = (error.why, error.retry_after) if isinstance(error, Temporary) else (error.code, None)
                log.warning("matrix.away", attempt=failures, reason=why)
                await asyncio.sleep(pause(failures, wish))
                continue
            failures = 0
            await take(batch)
            await self._reader.settle(batch)
            # The next request tells the homeserver that it may forget the keys of this answer.
            await self._keys.flush()
            since = batch.next_batch
            self.last = self._clock.utc()
            await self._keys.upkeep()
            await self._after()
            alone = set(NEWS & answer.keys()) == {"rooms"} and _echoes(batch, self._user)
            echoes = echoes + 1 if alone and _talk(batch) else 0
            if alone and (seconds := ECHOES[min(echoes, len(ECHOES)) - 1] if echoes else DEEDS):
                await self._pause(asyncio.sleep(seconds))
            elif not alone and batch.incoming and _talk(batch):
                await self._pause(_within(ANSWERING, answered))

    async def _pause(self, rest: Awaitable[None]) -> None:
        self.pausing = True
        try:
            await rest
        finally:
            self.pausing = False

    async def _ask(self, since: str | None) -> Json:
        # What is found out after a batch is told with the next one, which must not wait for somebody to speak.
        self._hurried = self._reader.untold and not self._hurried
        held = POLL if since and self.started and not self._hurried else 0
        query = {"filter": FILTER, "timeout": str(held * 1000), "set_presence": "offline"}
        if since:
            query["since"] = since
        return await self._wire.call("GET", f"{CLIENT}/sync", query=query, seconds=POLL + 30.0)


async def at_once() -> None:
    """Wait for nothing."""


async def _within(seconds: float, step: Step) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await step()


def _echoes(batch: Batch, user: str) -> bool:
    """Whether a batch brought what the bot has said itself, and nothing else."""
    return bool(batch.incoming) and all(each.sender == user for each in batch.incoming)


def _talk(batch: Batch) -> bool:
    """Whether a batch brought only what was said, and nothing that was done to a room."""
    return all(each.kind in TALK for each in batch.incoming)
