"""Verifications under way, as values: how far each has come, who it is with, and until when. How they are answered is `verification`."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from vodozemac import Sas

from bot.matrix.crypto.sas import Established, Party
from bot.matrix.incoming import Incoming
from bot.matrix.shapes import NOTHING, Fields

MOST = 50
"""Verifications at the same time; more are nobody's honest wish."""


class Step(StrEnum):
    """How far a verification has come."""

    READY = "ready"
    ACCEPTED = "accepted"
    SHOWN = "shown"
    CONFIRMED = "confirmed"
    DONE = "done"


WAITING = frozenset({Step.SHOWN, Step.CONFIRMED})
"""Steps at which an administrator's word counts; a repeated one finishes what a failure broke off."""


class Turn(StrEnum):
    """What the administrators are told."""

    COMPARE = "compare"
    VERIFIED = "verified"
    CANCELLED = "cancelled"
    FORGOTTEN = "forgotten"
    GONE = "gone"


ENDS = frozenset({Turn.VERIFIED, Turn.CANCELLED, Turn.FORGOTTEN})
"""What ends a comparison that the administrators were asked for."""


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a verification; `emoji` (numbers from 0 to 63) and `decimals` are to be compared. `key` is unique."""

    key: str
    turn: Turn
    number: int
    user: str = ""
    emoji: tuple[int, ...] = ()
    decimals: tuple[int, ...] = ()


def key_of(number: int, transaction: str, turn: Turn) -> str:
    """Return the key of the news about a verification: it says which one, to a later process too."""
    return f"{number}:{transaction}:{turn}"


@dataclass(slots=True)
class Talk:
    """A verification under way; `until` is monotonic, `ended` is how it ended, where that could not be told yet.

    `turn` is held by whoever takes the next step: the other side, an administrator and the time come each on their own.
    """

    room: str
    transaction: str
    they: Party
    number: int
    until: float
    step: Step = Step.READY
    secret: Sas | None = None
    public: str = ""
    established: Established | None = field(default=None, repr=False)
    proof: Fields = field(default_factory=lambda: NOTHING)
    ended: Turn | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def counts(self, now: float) -> bool:
        """Whether an administrator's word still counts. `now` is monotonic."""
        return self.step in WAITING and self.ended is None and self.until > now

    def holds(self, incoming: Incoming) -> bool:
        """Whether an event that names this verification is the other side's."""
        same = (self.room, self.they.user) == (incoming.room_id, incoming.sender)
        return same and incoming.device in ("", self.they.device)


class Talks:
    """All that are under way, by transaction."""

    def __init__(self) -> None:
        self._talks: dict[str, Talk] = {}

    @property
    def full(self) -> bool:
        """Whether there is no place for one more."""
        return len(self._talks) >= MOST

    def begin(self, room: str, transaction: str, they: Party, until: float) -> Talk:
        """Return a new one, with a number that no other has."""
        # Random, so that a number of before a restart does not name another verification.
        taken = {talk.number for talk in self._talks.values()}
        number = secrets.choice([number for number in range(100, 1000) if number not in taken])
        self._talks[transaction] = talk = Talk(room, transaction, they, number, until)
        return talk

    def named(self, incoming: Incoming) -> Talk | None:
        """Return the one that an event of the other side belongs to."""
        talk = self._talks.get(incoming.target)
        return talk if talk and talk.holds(incoming) else None

    def waiting(self, number: int, now: float) -> Talk | None:
        """Return the one with this number, if an administrator's word still counts. `now` is monotonic."""
        return next((talk for talk in self._talks.values() if talk.number == number and talk.counts(now)), None)

    def over(self, now: float) -> Iterator[Talk]:
        """Yield those that have taken too long, and those whose end could not be told."""
        yield from [talk for talk in self._talks.values() if talk.until <= now or talk.ended]

    def with_user(self, user: str) -> Iterator[Talk]:
        """Yield those with a user, on any device."""
        yield from [talk for talk in self._talks.values() if talk.they.user == user]

    def has(self, talk: Talk) -> bool:
        """Whether one is still known."""
        return talk.transaction in self._talks

    def end(self, talk: Talk) -> None:
        """Forget one."""
        self._talks.pop(talk.transaction, None)
