"""Invitations in other people's software: an independent library reads them, a CalDAV server keeps, moves and removes them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from tests.texts.calendars import OWNER, SHELF, Calendar, read, server
from texts.invitation import Invitation, cancel, moved, request

STAMP = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEETING = Invitation(
    uid="sip-S1-SÄ-2026-00042@almfors.test",
    sequence=0,
    start=datetime(2026, 9, 3, 11, 0, tzinfo=UTC),
    end=datetime(2026, 9, 3, 12, 0, tzinfo=UTC),
    description="Kallelse till SIP; svara i Samrum, tack.\nTelefon: 0100-12 34 56",
    location="Hemma hos personen",
    url="https://mote.almfors.test/r/7?pin=1,2;3",
    organizer_mail="samrum@almfors.test",
    attendees=("ulla.demo@almfors.test", "noor.demo@almfors.test"),
)
MOVED = moved(MEETING, MEETING.start + DAY, MEETING.end + DAY)


@pytest.fixture
async def calendar(tmp_path: Path) -> AsyncIterator[Calendar]:
    async with server(tmp_path) as url, aiohttp.ClientSession(url, headers=OWNER) as session:
        kept = Calendar(session)
        await kept.make()
        yield kept


def test_another_library_reads_the_same_meeting() -> None:
    event = read(request(MEETING, STAMP).decode()).vevent

    assert (event.dtstart.value, event.dtend.value) == (MEETING.start, MEETING.end)
    assert (event.uid.value, event.sequence.value, event.location.value) == (MEETING.uid, "0", MEETING.location)
    assert event.description.value.startswith(MEETING.description)
    assert [attendee.value for attendee in event.attendee_list] == [f"mailto:{mail}" for mail in MEETING.attendees]
    assert event.organizer.value == f"mailto:{MEETING.organizer_mail}"


@pytest.mark.parametrize(
    ("file", "method", "status"), [(request(MOVED, STAMP), "REQUEST", "CONFIRMED"), (cancel(MOVED, STAMP), "CANCEL", "CANCELLED")]
)
def test_another_library_accepts_each_kind_of_file(file: bytes, method: str, status: str) -> None:
    calendar = read(file.decode())

    assert calendar.validate(raiseException=True)
    assert (calendar.method.value, calendar.vevent.status.value) == (method, status)


async def test_an_invitation_stands_in_the_calendar_at_its_time(calendar: Calendar) -> None:
    await calendar.receive(request(MEETING, STAMP))

    [(_, file)] = await calendar.between(MEETING.start, MEETING.end)
    assert read(file).vevent.uid.value == MEETING.uid
    assert await calendar.between(MEETING.end, MEETING.end + HOUR) == []


async def test_a_move_replaces_the_meeting(calendar: Calendar) -> None:
    await calendar.receive(request(MEETING, STAMP))
    await calendar.receive(request(MOVED, STAMP + HOUR))

    assert await calendar.between(MEETING.start, MEETING.end) == []
    assert len(await calendar.between(MOVED.start, MOVED.end)) == 1
    assert len(await calendar.holding(MEETING.uid)) == 1


async def test_the_server_knows_a_moved_meeting_as_the_same_and_refuses_a_second_one(calendar: Calendar) -> None:
    await calendar.receive(request(MEETING, STAMP))

    assert await calendar.put(f"{SHELF}another.ics", request(MOVED, STAMP + HOUR)) == HTTPStatus.CONFLICT
    other = replace(MOVED, uid="sip-S2-SÄ-2026-00042@almfors.test")
    assert await calendar.put(f"{SHELF}another.ics", request(other, STAMP + HOUR)) == HTTPStatus.CREATED


async def test_a_cancellation_removes_the_meeting(calendar: Calendar) -> None:
    for mailed in (request(MEETING, STAMP), request(MOVED, STAMP + HOUR), cancel(MOVED, STAMP + 2 * HOUR)):
        await calendar.receive(mailed)

    assert await calendar.holding(MEETING.uid) == []
    assert await calendar.between(MEETING.start, MOVED.end) == []


async def test_what_is_mailed_twice_or_late_changes_nothing(calendar: Calendar) -> None:
    for mailed in (request(MOVED, STAMP + HOUR), request(MOVED, STAMP + HOUR), request(MEETING, STAMP)):
        await calendar.receive(mailed)

    assert len(await calendar.between(MOVED.start, MOVED.end)) == 1
    assert await calendar.between(MEETING.start, MEETING.end) == []
