"""SIP meetings: calling, answering, moving, recalling, and noting that one was held."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import Annotated, cast

from care import meetings
from care.calendar import holiday_name, is_working_day
from care.clock import STOCKHOLM, local
from care.deadlines import kallelse_unanswered, meeting_day_before, meeting_just_before
from care.kallelse import Call, Relatives, Venue, require_time
from care.meetings import Answer, MeetingMoved
from care.people import Unit
from care.refusal import Refused
from commands.declare import Arg, ObjectRef, UserRef
from commands.desk import CaseDesk
from commands.outcome import Decided, Outcome, Told

MAIL = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+\.[^\s@<>\",;:]+")


MENDS = MappingProxyType(
    {
        "meetings/past": "tid",
        "meetings/same-time": "tid",
        "meetings/end": "slut",
        "meetings/no-way-in": "telefon",
        "meetings/hospital-reason": "skäl",
        "meetings/reason": "skäl",
        "meetings/leader-outside": "ledare",
        "meetings/link": "länk",
        "meetings/mail": "epost",
        "meetings/which": "nr",
        "meetings/unknown": "nr",
        "meetings/over": "nr",
    }
)
"""Which answer a refusal is about."""
SPOKEN = {"ja digitalt": "digitalt", "vid behov": "nås"}
"""How answers are said besides their own words."""


def call(
    desk: CaseDesk,
    *,
    syfte: Annotated[str, Arg(ask="Vad är syftet med mötet?", why="Alla ska kunna förbereda sig.", en="purpose")],
    tid: Annotated[datetime, Arg(ask="Vilken dag och tid börjar mötet?", en="time", example="torsdag 13:00")],
    slut: Annotated[time, Arg(ask="När slutar mötet?", en="end", example="14:00")],
    plats: Annotated[Venue, Arg(ask="Var hålls mötet?", why="Hemma är det vanliga.", en="place")],
    enheter: Annotated[tuple[Unit, ...], Arg(ask="Vilka enheter kallas?", why="Den som kallas är skyldig att delta.", en="units")],
    ledare: Annotated[UserRef, Arg(ask="Vem leder mötet?", en="leader", example="@anna.demo:almfors.test")],
    närstående: Annotated[Relatives, Arg(ask="Ska närstående vara med?", en="relatives")],  # noqa: PLC2401 - the users' word
    länk: Annotated[  # noqa: PLC2401 - the users' word
        str,
        Arg(
            ask="Vilken videolänk?",
            why="Länk eller telefonnummer behövs, så att alla kan vara med.",
            en="link",
            example="https://video.example/sip",
        ),
    ] = "",
    telefon: Annotated[str, Arg(ask="Vilket telefonnummer?", en="phone")] = "",
    skäl: Annotated[str, Arg(ask="Varför på sjukhus?", en="reason")] = "",  # noqa: PLC2401 - the users' word
    epost: Annotated[
        tuple[str, ...], Arg(ask="Till vilka e-postadresser ska inbjudan gå?", why="Skriv komma mellan flera.", en="email")
    ] = (),
) -> Outcome:
    """Call units to a SIP meeting."""
    wanted = Call(
        purpose=syfte,
        start=tid,
        end=_same_day(tid, slut),
        venue=plats,
        units=tuple(unit.id for unit in enheter),
        leader=str(ledare),
        relatives=närstående,
        link=_web(länk),
        phone=telefon,
        venue_reason=skäl,
        mails=_mails(epost),
    )
    events = meetings.call(desk.case, wanted, desk.now)
    return Decided(events, starts=Told("confirm/sip_call", {"call": wanted, **_consequences(desk, wanted.start, wanted.end)}))


def _consequences(desk: CaseDesk, start: datetime, end: datetime) -> dict[str, object]:
    """Return what a time starts: until when units answer, the reminders still to come, and what day it is."""
    day, rules = local(start).date(), desk.rules.profile
    reminders = (meeting_day_before(start, rules), meeting_just_before(start, rules))
    return {
        "start": start,
        "end": end,
        "until": min(kallelse_unanswered(desk.now, rules), start),
        "reminders": tuple(at for at in reminders if at > desk.now),
        "holiday": holiday_name(day) or "",
        "free": not is_working_day(day, rules.staffed),
    }


def planned(desk: CaseDesk, given: Mapping[str, object]) -> None:
    """Refuse a kallelse as early as the answers given so far allow; `given` are read values by argument."""
    start, end = given.get("tid"), given.get("slut")
    if isinstance(start, datetime) and isinstance(end, time):
        require_time(start, _same_day(start, end), desk.now)
    if given.get("plats") is Venue.SJUKHUS and not given.get("skäl"):
        raise Refused("meetings/hospital-reason")
    if "ledare" in given and str(given["ledare"]) not in desk.case.participants:
        raise Refused("meetings/leader-outside", leader=str(given["ledare"]))
    _web(str(given.get("länk", "")))
    _mails(cast("tuple[str, ...]", given.get("epost", ())))


def known(desk: CaseDesk, given: Mapping[str, object]) -> None:
    """Refuse at once what is about a meeting when none is meant or coming."""
    nr = given.get("nr")
    meetings.choose(desk.case, _meeting(ObjectRef(str(nr)) if nr else None))


def _same_day(start: datetime, clock: time) -> datetime:
    return datetime.combine(local(start).date(), clock, STOCKHOLM).astimezone(start.tzinfo)


def _web(link: str) -> str:
    if link and not re.fullmatch(r"https://[^\s\"<>]+", link):
        raise Refused("meetings/link")
    return link


def _mails(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        if not MAIL.fullmatch(address):
            raise Refused("meetings/mail")
    return addresses


def reply(
    desk: CaseDesk,
    svar: Annotated[Answer, Arg(ask="Kommer ni?", why="Alla som kallas ska svara.", en="answer", choices=SPOKEN)],
    skäl: Annotated[str, Arg(ask="Varför inte?", en="reason")] = "",  # noqa: PLC2401 - the users' word
    *,
    ersättare: Annotated[str, Arg(ask="Vem kommer i stället?", en="substitute")] = "",  # noqa: PLC2401 - the users' word
    nr: Annotated[ObjectRef | None, Arg(ask="Vilket möte?", en="number", example="S1")] = None,
) -> Outcome:
    """Answer a kallelse for the unit; a nej needs a reason and tells who comes instead (S2-117)."""
    return Decided(meetings.reply(desk.case, desk.author, _meeting(nr), svar, skäl, ersättare))


def _meeting(nr: ObjectRef | None) -> str | None:
    return None if nr is None else f"S{nr}" if nr.isdigit() else str(nr)


def move(
    desk: CaseDesk,
    tid: Annotated[datetime, Arg(ask="Vilken dag och tid i stället?", en="time", example="fredag 10:00")],
    *,
    slut: Annotated[time | None, Arg(ask="När slutar mötet?", en="end", example="11:00")] = None,
    skäl: Annotated[str, Arg(ask="Varför flyttas mötet?", en="reason")],  # noqa: PLC2401 - the users' word
    nr: Annotated[ObjectRef | None, Arg(ask="Vilket möte?", en="number", example="S1")] = None,
) -> Outcome:
    """Move a meeting; all units answer anew."""
    end = _same_day(tid, slut) if slut else None
    events = meetings.move(desk.case, _meeting(nr), tid, end, skäl, desk.now)
    meeting, moved = meetings.choose(desk.case, _meeting(nr)), events[0]
    assert isinstance(moved, MeetingMoved)
    values = {"meeting": meeting, "reason": skäl, **_consequences(desk, moved.start, moved.end)}
    return Decided(events, starts=Told("confirm/sip_move", values))


def recall(
    desk: CaseDesk,
    skäl: Annotated[str, Arg(ask="Varför ställs mötet in?", en="reason", rest=True)],  # noqa: PLC2401 - the users' word
    *,
    nr: Annotated[ObjectRef | None, Arg(ask="Vilket möte?", en="number", example="S1")] = None,
) -> Outcome:
    """Recall a meeting."""
    events = meetings.recall(desk.case, _meeting(nr), skäl)
    return Decided(events, starts=Told("confirm/sip_recall", {"meeting": meetings.choose(desk.case, _meeting(nr)), "reason": skäl}))


def done(
    desk: CaseDesk,
    *,
    deltog: Annotated[tuple[Unit, ...], Arg(ask="Vilka enheter deltog?", en="attended")],
    personen: Annotated[bool, Arg(ask="Var personen själv med?", why="Personen ska alltid delta, eller skälet antecknas.", en="person")],
    nr: Annotated[ObjectRef | None, Arg(ask="Vilket möte?", en="number", example="S1")] = None,
) -> Outcome:
    """Note that a meeting was held, and who was there."""
    attended = tuple(unit.id for unit in deltog)
    return Decided(meetings.hold(desk.case, _meeting(nr), attended, person=personen, now=desk.now))
