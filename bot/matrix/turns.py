"""Who goes first where only one request may leave at a time: at a closed gate, and while the homeserver is in trouble (matrix 9.3)."""

import asyncio
from bisect import insort
from collections.abc import Awaitable, Callable
from enum import IntEnum
from itertools import count

from bot.matrix.errors import Temporary
from care.clock import MachineClock

SECOND = 1.0
"""Seconds between two requests while the homeserver is in trouble (requirement of matrix 9.3)."""
SILENCE = 5.0
"""Seconds without any answer after which the homeserver counts as in trouble, though no request has failed yet."""
LONGEST = 60.0
"""The longest that a request waits for its turn in such a time; then it fails as one that was not answered."""
SHORTEST = 0.05
"""Seconds between two looks of those whose turn it is not."""

Rest = Callable[[float], Awaitable[None]]


class Turn(IntEnum):
    """What a request is to those who wait with it, the most urgent first."""

    DIALOGUE = 0
    """A step of a dialogue: a person sits and waits for it."""
    ROW = 1
    """Whatever waits by itself: rows of the outbox, the listening, and questions. It is told to come again."""
    BESIDE = 2
    """What is done beside the outbox; it waits here, and takes turns with the rows."""
    SPARE = 3
    """What nobody waits for: it may never keep anything else waiting."""

    @property
    def patient(self) -> bool:
        """Whether it waits at the gate instead of being told to come again."""
        return self in (Turn.DIALOGUE, Turn.BESIDE)


class Line:
    """Those who wait for the same thing: by urgency, then in the order of their coming."""

    def __init__(self, rest: Rest = asyncio.sleep) -> None:
        self._rest = rest
        self._numbers = count()
        self._waiting: list[tuple[Turn, int]] = []

    def waits(self, turn: Turn) -> bool:
        """Whether somebody of this urgency stands here."""
        return any(each is turn for each, _ in self._waiting)

    async def stand(self, turn: Turn, wait: Callable[[], float], longest: float | None = None) -> None:
        """Return when nobody is before one and `wait` gives 0 seconds; raise Temporary when it has taken longer than so many seconds."""
        me, waited = (turn, next(self._numbers)), 0.0
        insort(self._waiting, me)
        try:
            while (seconds := wait()) > 0 or self._waiting[0] != me:
                if longest is not None and waited >= longest:
                    raise Temporary(seconds, "paced")
                pause = max(seconds, SHORTEST)
                await self._rest(pause)
                waited += pause
        finally:
            self._waiting.remove(me)


class Pace:
    """One request a second, of all together, from a failure or refusal until the next answer; otherwise none is held up.

    A request that may take longer than others (the listening, an upload) tells nothing by its silence: `brief` is False for it.
    """

    def __init__(self, clock: MachineClock, rest: Rest = asyncio.sleep) -> None:
        self._clock = clock
        self._line = Line(rest)
        self._opens: float | None = None
        self._asked: float | None = None

    @property
    def troubled(self) -> bool:
        """Whether the last that was heard of the homeserver was trouble, or nothing is heard."""
        silent = self._asked is not None and self._clock.monotonic() - self._asked > SILENCE
        return self._opens is not None or silent

    async def turn(self, turn: Turn, *, brief: bool) -> None:
        """Return when a request may leave, as it then must; raise Temporary if that takes too long."""
        if self.troubled:
            await self._line.stand(turn, self._wait, LONGEST)
        now = self._clock.monotonic()
        if self.troubled:
            self._opens = now + SECOND
        if brief and self._asked is None:
            self._asked = now

    def failed(self) -> None:
        """Note that the homeserver did not answer, or refused to listen."""
        self._opens, self._asked = self._clock.monotonic() + SECOND, None

    def answered(self) -> None:
        """Note an answer: the trouble is over."""
        self._opens = self._asked = None

    def broken_off(self) -> None:
        """Note that nobody waits any more for what was asked: its silence tells nothing."""
        self._asked = None

    def _wait(self) -> float:
        return max(self._opens - self._clock.monotonic(), 0.0) if self._opens is not None else 0.0
