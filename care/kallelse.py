"""What a kallelse to a SIP meeting says, and what it may not lack (process 3.4; S2-105: a kallelse without a time is none)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from care.case import Case
from care.messages import require_text
from care.refusal import Refused

LONGEST = timedelta(hours=8)
"""A meeting that would last longer is taken for a slip of the pen (proposed)."""


class Venue(StrEnum):
    """Where the meeting is held; the home is the default (S0-02)."""

    HEM = "hem"
    MOTTAGNING = "mottagning"
    SJUKHUS = "sjukhus"
    DIGITALT = "digitalt"
    TELEFON = "telefon"


class Relatives(StrEnum):
    """Whether someone close to the person takes part (S0-07)."""

    JA = "ja"
    NEJ = "nej"
    AVBOJER = "patienten avböjer"


@dataclass(frozen=True, slots=True)
class Call:
    """What a kallelse says. `start` and `end` are instants (UTC); `leader` is a user; `mails` get the invitation."""

    purpose: str
    start: datetime
    end: datetime
    venue: Venue
    units: tuple[str, ...]
    leader: str
    relatives: Relatives
    link: str = ""
    phone: str = ""
    venue_reason: str = ""
    mails: tuple[str, ...] = ()


def require_time(start: datetime, end: datetime, now: datetime) -> None:
    """Refuse a meeting in the past, one that ends before it begins and one of more than eight hours."""
    if start <= now:
        raise Refused("meetings/past", start=start)
    if not start < end <= start + LONGEST:
        raise Refused("meetings/end", start=start, end=end)


def require_whole(case: Case, wanted: Call, now: datetime) -> None:
    """Refuse a kallelse that lacks a field, or calls somebody who is not in the case."""
    require_time(wanted.start, wanted.end, now)
    if not wanted.purpose.strip():
        raise Refused("meetings/purpose")
    require_text(wanted.purpose)
    if not wanted.link.strip() and not wanted.phone.strip():
        raise Refused("meetings/no-way-in")
    if wanted.venue is Venue.SJUKHUS and not wanted.venue_reason.strip():
        raise Refused("meetings/hospital-reason")
    if not wanted.units:
        raise Refused("meetings/nobody-called")
    for unit in wanted.units:
        if unit not in case.actors:
            raise Refused("meetings/not-an-actor", unit=unit)
    if wanted.leader not in case.participants:
        raise Refused("meetings/leader-outside", leader=wanted.leader)
