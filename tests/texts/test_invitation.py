"""Invitations, read back line by line without the library that wrote them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from care.clock import STOCKHOLM
from tests.texts.reading import calendar_lines
from texts.invitation import Invitation, cancel, moved, request
from texts.markup import literal

STAMP = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
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


def fields(file: bytes) -> dict[str, str]:
    return dict(calendar_lines(file))


def test_an_invitation_holds_what_a_calendar_needs() -> None:
    assert calendar_lines(request(MEETING, STAMP)) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Samrum//SIP//SV"),
        ("METHOD", "REQUEST"),
        ("BEGIN", "VEVENT"),
        ("SUMMARY", "Samordnad individuell planering (SIP)"),
        ("DTSTART", "20260903T110000Z"),
        ("DTEND", "20260903T120000Z"),
        ("DTSTAMP", "20260831T080000Z"),
        ("UID", "sip-S1-SÄ-2026-00042@almfors.test"),
        ("SEQUENCE", "0"),
        ("ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE", "mailto:ulla.demo@almfors.test"),
        ("ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE", "mailto:noor.demo@almfors.test"),
        ("CLASS", "PRIVATE"),
        (
            "DESCRIPTION",
            "Kallelse till SIP; svara i Samrum, tack.\nTelefon: 0100-12 34 56\n\nhttps://mote.almfors.test/r/7?pin=1,2;3",
        ),
        ("LOCATION", "Hemma hos personen"),
        ("ORGANIZER;CN=Samrum", "mailto:samrum@almfors.test"),
        ("STATUS", "CONFIRMED"),
        ("URL", "https://mote.almfors.test/r/7?pin=1,2;3"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_a_moved_meeting_is_the_same_meeting_later() -> None:
    later = moved(MEETING, MEETING.start + timedelta(days=1), MEETING.end + timedelta(days=1))

    found = fields(request(later, STAMP + timedelta(hours=1)))
    assert (found["UID"], found["SEQUENCE"], found["METHOD"]) == (MEETING.uid, "1", "REQUEST")
    assert (found["DTSTART"], found["DTEND"]) == ("20260904T110000Z", "20260904T120000Z")
    assert found["DTSTAMP"] == "20260831T090000Z"


def test_a_cancelled_meeting_says_so_with_a_higher_sequence() -> None:
    found = fields(cancel(replace(MEETING, sequence=3), STAMP))

    assert (found["METHOD"], found["STATUS"], found["SEQUENCE"], found["UID"]) == ("CANCEL", "CANCELLED", "4", MEETING.uid)


def test_the_same_decision_gives_the_same_bytes() -> None:
    assert request(MEETING, STAMP) == request(replace(MEETING), STAMP)
    assert cancel(MEETING, STAMP) == cancel(replace(MEETING), STAMP)


@given(st.text(), st.text())
@example("å" * 200, "😀" * 60)
@example("a\nBEGIN:VEVENT\r\nATTENDEE:mailto:x@almfors.test", "\\n \\, ;")
def test_no_text_breaks_the_file(description: str, location: str) -> None:
    file = request(replace(MEETING, description=description, location=location, url=""), STAMP)

    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert file.endswith(b"END:VCALENDAR\r\n")
    names = [name for name, _ in calendar_lines(file)]
    assert names.count("BEGIN") == 2
    assert len([name for name in names if name.startswith("ATTENDEE")]) == 2
    assert fields(file)["LOCATION"] == literal(location)
    assert fields(file)["DESCRIPTION"] == literal(description)


def test_an_address_already_in_the_description_is_not_said_twice() -> None:
    meeting = replace(MEETING, description=f"Länk: {MEETING.url}")

    assert fields(request(meeting, STAMP))["DESCRIPTION"] == f"Länk: {MEETING.url}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(MEETING, start=MEETING.end),
        lambda: replace(MEETING, start=MEETING.start.replace(tzinfo=None)),
        lambda: replace(MEETING, end=MEETING.end.astimezone(STOCKHOLM)),
        lambda: replace(MEETING, organizer_mail="samrum"),
        lambda: replace(MEETING, attendees=("ulla@almfors.test\r\nX-EVIL:1",)),
        lambda: replace(MEETING, url="javascript:alert(1)"),
        lambda: replace(MEETING, url="https://almfors.test/\r\nX-EVIL:1"),
    ],
)
def test_what_no_calendar_could_hold_is_a_bug(make: Callable[[], Invitation]) -> None:
    with pytest.raises(ValueError, match=r"UTC|ends after|malformed"):
        make()
