"""Who goes first where only one request may leave at a time: at a closed gate, and while the homeserver is in trouble (matrix 9.3)."""

import asyncio
from bisect import insort
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from enum import IntEnum
from itertools import count

from bot.matrix.errors import Limited, Permanent, SignedOut, Temporary
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


def kind(method: str, where: str) -> str:
    """Return what requests have in common that a homeserver may limit, or fail at, together: the path without its names."""
    first, *rest = where.split("/")[4:] or [""]
    within = {"rooms": rest[1:2], "keys": rest[:1], "account": rest[:1]}.get(first, [])
    return " ".join((method, first, *within))


class Pace:
    """One request a second, of all together, from a failure or refusal until the next answer; otherwise none is held up.

    A homeserver may answer some and fail at others, when one of its parts is away: requests of a kind (`kind`) that has failed leave once
    a second until one of that kind is answered. A request that may take longer than others (the listening, an upload) tells nothing by its
    silence: `brief` is False for it.
    """

    def __init__(self, clock: MachineClock, rest: Rest = asyncio.sleep) -> None:
        self._clock = clock
        self._line = Line(rest)
        self._lines = defaultdict[str, Line](lambda: Line(rest))
        self._failing: dict[str, float] = {}
        self._opens: float | None = None
        self._asked: float | None = None

    @property
    def troubled(self) -> bool:
        """Whether the last that was heard of the homeserver was trouble, or nothing is heard."""
        silent = self._asked is not None and self._clock.monotonic() - self._asked > SILENCE
        return self._opens is not None or silent

    async def turn(self, turn: Turn, of: str) -> None:
        """Return when a request of a kind may leave, as it then must; raise Temporary if that takes too long."""
        latest = self._clock.monotonic() + LONGEST
        while of in self._failing or self.troubled:
            await self._lines[of].stand(turn, lambda: self._until(self._failing.get(of)), self._until(latest))
            await self._line.stand(turn, lambda: self._until(self._opens), self._until(latest))
            if not self._until(self._failing.get(of)):
                break
        now = self._clock.monotonic()
        if of in self._failing:
            self._failing[of] = now + SECOND
        if self.troubled:
            self._opens = now + SECOND

    @contextmanager
    def hearing(self, of: str, *, brief: bool) -> Generator[None]:
        """Learn from how the request of a kind that leaves in this block ends; where nobody waits any more, its silence tells nothing."""
        if brief and self._asked is None:
            self._asked = self._clock.monotonic()
        try:
            yield
        except Temporary as trouble:
            self._failed(None if isinstance(trouble, Limited) else of)
            raise
        except (Permanent, SignedOut):
            self._answered(of)
            raise
        except BaseException:
            self._asked = None
            raise
        self._answered(of)

    def _failed(self, of: str | None) -> None:
        opens = self._clock.monotonic() + SECOND
        # What fails again and again while others are answered tells nothing new of those.
        if self.troubled or of not in self._failing:
            self._opens = opens
        if of is not None:
            self._failing[of] = opens
        self._asked = None

    def _answered(self, of: str) -> None:
        self._failing.pop(of, None)
        self._opens = self._asked = None

    def _until(self, opens: float | None) -> float:
        return max(opens - self._clock.monotonic(), 0.0) if opens is not None else 0.0
