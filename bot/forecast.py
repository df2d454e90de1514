"""How long a wave of messages takes where the homeserver limits them, said before it crawls (matrix 0 fact 6, 11.A)."""

import math
from dataclasses import dataclass

DEFAULT_PER_SECOND, DEFAULT_BURST = 0.2, 10
"""Synapse's own limit for the messages of one account, where nothing was measured."""
SENDS = 2
"""Requests that a message of a wave takes: itself and the reaction by which it is acknowledged."""
LONG_SECONDS = 120.0
"""A wave that takes longer is foretold to the administrators."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """So many messages wait, let through so many a minute, and take so many seconds."""

    waiting: int
    per_minute: float
    seconds: float

    @property
    def minutes(self) -> int:
        """The time in whole minutes, at least one."""
        return max(math.ceil(self.seconds / 60), 1)

    @property
    def long(self) -> bool:
        """Whether the administrators should know."""
        return self.seconds > LONG_SECONDS


def measured(waiting: int, distance: float) -> Forecast:
    """Return how long waiting messages take, `distance` being the seconds between two requests that the homeserver was seen to want."""
    return Forecast(waiting, 60 / distance, waiting * SENDS * distance)


def by_default(messages: int) -> Forecast:
    """Return how long messages that come all at once take under Synapse's default limits."""
    return Forecast(messages, 60 * DEFAULT_PER_SECOND, max(messages * SENDS - DEFAULT_BURST, 0) / DEFAULT_PER_SECOND)


def sentence(units: int) -> str:
    """Return what an operator is told whose bot may be limited; a region that has no units yet is told of a hundred."""
    of = units or 100
    minutes = by_default(of).minutes
    whose = f"the digests of {of} units take" if of > 1 else "the digest of one unit takes"
    return f"under Synapse's default limits {whose} about {minutes} minute{'s' if minutes != 1 else ''} at 08:00 and 14:00"
