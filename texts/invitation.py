"""The SIP meeting in people's calendars: iCalendar (RFC 5545) with the scheduling methods of RFC 5546.

A meeting keeps its UID; each change raises SEQUENCE, so that a calendar replaces what it has. Times are written in UTC: a single
meeting needs no VTIMEZONE, and no calendar has to know or trust one. The same value and stamp always give the same bytes.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import CLASS, STATUS

from texts.markup import literal

SUMMARY = "Samordnad individuell planering (SIP)"
"""What a calendar shows on a locked phone: nothing about whom."""

_MAIL = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+")
_WEB = re.compile(r"https?://[^\s\"<>]+")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting as a calendar knows it; `start` and `end` are UTC instants, `attendees` mail addresses, `url` "" or a web address.

    Raise ValueError for what no calendar could hold: an end before the start, an instant without zone, a malformed address.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    description: str
    location: str
    organizer_mail: str
    attendees: tuple[str, ...] = ()
    url: str = ""
    summary: str = SUMMARY

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta() or self.end.utcoffset() != timedelta():
            raise ValueError("an invitation holds UTC instants")
        if self.end <= self.start:
            raise ValueError("a meeting ends after it starts")
        if bad := [mail for mail in (self.organizer_mail, *self.attendees) if not _MAIL.fullmatch(mail)]:
            raise ValueError(f"{len(bad)} malformed mail addresses")
        if self.url and not _WEB.fullmatch(self.url):
            raise ValueError("a malformed web address")


def moved(invitation: Invitation, start: datetime, end: datetime) -> Invitation:
    """Return the same meeting at another time: same UID, next SEQUENCE."""
    return replace(invitation, start=start, end=end, sequence=invitation.sequence + 1)


def request(invitation: Invitation, stamp: datetime) -> bytes:
    """Return the file that puts the meeting into a calendar, or moves it there; `stamp` is the UTC instant of the decision."""
    return _file(invitation, stamp, method="REQUEST", status=STATUS.CONFIRMED)


def cancel(invitation: Invitation, stamp: datetime) -> bytes:
    """Return the file that takes the meeting out of a calendar; it raises SEQUENCE itself."""
    return _file(replace(invitation, sequence=invitation.sequence + 1), stamp, method="CANCEL", status=STATUS.CANCELLED)


def _file(invitation: Invitation, stamp: datetime, *, method: str, status: STATUS) -> bytes:
    calendar = Calendar()
    calendar.version = "2.0"
    calendar.prodid = "-//Samrum//SIP//SV"
    calendar.method = method
    calendar.add_component(_event(invitation, stamp, status))
    return bytes(calendar.to_ical())


def _event(invitation: Invitation, stamp: datetime, status: STATUS) -> Event:
    return Event.new(
        uid=literal(invitation.uid),
        sequence=invitation.sequence,
        stamp=stamp,
        start=invitation.start,
        end=invitation.end,
        summary=literal(invitation.summary),
        description=literal(_described(invitation)),
        location=literal(invitation.location),
        status=status,
        classification=CLASS.PRIVATE,
        organizer=vCalAddress(f"mailto:{invitation.organizer_mail}", params={"CN": "Samrum"}),
        attendees=[_attendee(mail) for mail in invitation.attendees],
        url=invitation.url or None,
    )


def _described(invitation: Invitation) -> str:
    """Return the description with the web address in it, since many calendars do not show URL."""
    if not invitation.url or invitation.url in invitation.description:
        return invitation.description
    return f"{invitation.description}\n\n{invitation.url}".strip()


def _attendee(mail: str) -> vCalAddress:
    """Return an attendee who is asked to come but not to answer by mail: answers are given in the case room (process 3.4)."""
    asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    return vCalAddress(f"mailto:{mail}", params=asked)
