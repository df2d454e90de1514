"""How the bot is, for the operator's monitoring: clock, age of the last sync, outbox, trust (architecture 8)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

SYNC_LATE = 90.0
"""Seconds without a finished sync after which something is wrong: three long polls of 30 s."""
SYNC_LOST = 600.0
"""Seconds without a finished sync after which the bot is of no use to anyone."""
OUTBOX_LATE = 300.0
"""Seconds that the oldest outgoing row may wait."""


class State(StrEnum):
    """The state in one word."""

    OK = "ok"
    STANDBY = "standby"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is measured. Ages are seconds of machine time; None means that there has been no sync, or that nothing waits.

    `stopped` is one word that says why the bot does not take in messages (a full database), "" while it does. `ticked` is the civil
    instant that the last finished tick of the alarm looked at; `busy` whether something is in hand that neither inbox nor outbox
    shows, such as new members who are being gathered for one welcome. While the homeserver limits messages, it lets `per_minute` requests
    through, and what waits is expected to be gone after `expected` seconds. `standby`: another process works, this one waits
    to take over. `identities` are people of the directory whose new encryption identity waits for an administrator's word.
    """

    now: datetime
    clock: str
    sync_age: float | None
    pending: int
    failed: int
    oldest: float | None
    stopped: str = ""
    ticked: datetime | None = None
    busy: bool = False
    per_minute: float | None = None
    expected: float | None = None
    standby: bool = False
    identities: int = 0


class Pulse(Protocol):
    """What the composition root gives to read the vitals."""

    async def vitals(self) -> Vitals:
        """Return the vitals of this moment."""
        ...


def judge(vitals: Vitals) -> State:
    """Return the state that the vitals add up to."""
    if vitals.standby:
        return State.STANDBY
    if vitals.stopped or vitals.sync_age is None or vitals.sync_age > SYNC_LOST:
        return State.DOWN
    waiting = vitals.oldest is not None and vitals.oldest > OUTBOX_LATE
    return State.DEGRADED if vitals.sync_age > SYNC_LATE or waiting or vitals.failed else State.OK


def report(vitals: Vitals) -> dict[str, object]:
    """Return the health page as plain values: counts, ages and words, nothing about any case."""
    return {
        "state": judge(vitals).value,
        "stopped": vitals.stopped,
        "busy": vitals.busy,
        "clock": {
            "now": vitals.now.isoformat(),
            "source": vitals.clock,
            "ticked": vitals.ticked.isoformat() if vitals.ticked else None,
        },
        "sync": {"age_seconds": _rounded(vitals.sync_age)},
        "outbox": {"pending": vitals.pending, "failed": vitals.failed, "oldest_seconds": _rounded(vitals.oldest)},
        "trust": {"identities_waiting": vitals.identities},
        "pace": {"per_minute": _rounded(vitals.per_minute), "expected_seconds": _rounded(vitals.expected)},
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
