import asyncio
import email
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st

from bot.failures import Permanent, Temporary
from bot.mail import message, send
from bot.sections import MailServer
from care.effects import ADMIN, Mail, Words

NOON = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)
ID = "<case-42.meeting-1.2@almfors.test>"
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:SIP-möte\r\nEND:VCALENDAR\r\n".encode()
MAIL = Mail(
    "mail:1",
    ADMIN,
    to=("anhorig@example.org",),
    subject="Kallelse till SIP-möte på tisdag",
    words=Words("Välkommen till mötet.\n", "<p>Välkommen till <b>mötet</b>.</p>"),
    invitation=CALENDAR,
    method="REQUEST",
)


@dataclass
class Sink:
    """A real SMTP server that keeps what it gets, and answers as told."""

    replies: dict[str, str] = field(default_factory=dict[str, str])
    envelopes: list[Envelope] = field(default_factory=list[Envelope])

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        reply = self.replies.get("DATA", "250 OK")
        if reply.startswith("250"):
            self.envelopes.append(envelope)
        return reply

    def received(self) -> EmailMessage:
        (envelope,) = self.envelopes
        return email.message_from_bytes(cast("bytes", envelope.content), policy=default)


@asynccontextmanager
async def listening(sink: Sink) -> AsyncGenerator[MailServer, None]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="localhost", loop=loop), "127.0.0.1", 0)
    async with server:
        yield at(server.sockets[0].getsockname()[1])
        if talks := asyncio.all_tasks() - {cast("asyncio.Task[None]", asyncio.current_task())}:
            await asyncio.wait(talks, timeout=5)


def at(port: int) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, security="none", sender="samrum@almfors.test")


def part(made: EmailMessage, kind: str) -> EmailMessage:
    return next(each for each in made.walk() if each.get_content_type() == kind)


async def test_an_invitation_arrives_as_words_calendar_and_file() -> None:
    sink = Sink()
    async with listening(sink) as server:
        await send(MAIL, ID, NOON, server)

    made = sink.received()
    assert made["Subject"] == MAIL.subject
    assert made["To"] == "anhorig@example.org"
    assert made["From"] == "Samrum <samrum@almfors.test>"
    assert made["Message-ID"] == ID
    assert made["Date"].datetime == NOON
    assert part(made, "text/plain").get_content().replace("\r\n", "\n") == MAIL.words.body
    assert MAIL.words.html in part(made, "text/html").get_content()
    assert part(made, "text/calendar").get_param("method") == "REQUEST"
    assert part(made, "text/calendar").get_content().replace("\r\n", "\n").encode() == CALENDAR.replace(b"\r\n", b"\n")
    assert part(made, "application/ics").get_filename() == "invite.ics"
    assert part(made, "application/ics").get_content() == CALENDAR
    assert [each.get_content_type() for each in made.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


async def test_a_mail_without_invitation_has_words_only() -> None:
    sink = Sink()
    async with listening(sink) as server:
        await send(replace(MAIL, invitation=b"", method=""), ID, NOON, server)

    assert [each.get_content_type() for each in sink.received().walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_several_receivers_get_one_mail_and_do_not_see_each_other() -> None:
    sink = Sink()
    async with listening(sink) as server:
        await send(replace(MAIL, to=("a@example.org", "b@example.org")), ID, NOON, server)

    assert sink.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]
    assert b"a@example.org" not in cast("bytes", sink.envelopes[0].content)
    assert sink.received()["To"] == "undisclosed-recipients:;"


async def test_a_repeat_is_the_same_mail_to_the_reader() -> None:
    first, second = (message(MAIL, ID, NOON, "samrum@almfors.test") for _ in range(2))

    assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c.se", "a@b\r\nBcc: x@y.se", "a@b\n", "A <a@b.se>", "a@b,c@d", "å@b.se", "a@b..se", "x" * 250 + "@b.se"],
)
def test_what_is_not_a_bare_address_is_refused_for_good(address: str) -> None:
    with pytest.raises(Permanent, match="mail-address"):
        message(replace(MAIL, to=(address,)), ID, NOON, "samrum@almfors.test")


def test_a_mail_to_nobody_is_refused_for_good() -> None:
    with pytest.raises(Permanent, match="mail-address"):
        message(replace(MAIL, to=()), ID, NOON, "samrum@almfors.test")


@pytest.mark.parametrize("subject", ["", "a\r\nBcc: x@y.se", "a\nb", "a\x00", "a\u2028b", "a\x85b", "x" * 201])
def test_a_subject_that_could_be_another_header_is_refused_for_good(subject: str) -> None:
    with pytest.raises(Permanent, match="mail-subject"):
        message(replace(MAIL, subject=subject), ID, NOON, "samrum@almfors.test")


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_subject_and_no_address_ever_adds_a_header(subject: str, address: str) -> None:
    try:
        made = message(replace(MAIL, subject=subject, to=(address,)), ID, NOON, "samrum@almfors.test")
    except Permanent:
        return

    read = email.message_from_bytes(made.as_bytes(), policy=default)
    assert sorted(read.keys()) == sorted(["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"])
    assert read["To"] == address


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_accepted_subject_is_read_as_it_was_written(before: str, after: str) -> None:
    subject = f"{before} SIP {after}".strip()
    try:
        made = message(replace(MAIL, subject=subject), ID, NOON, "samrum@almfors.test")
    except Permanent:
        return

    assert email.message_from_bytes(made.as_bytes(), policy=default)["Subject"] == subject


@pytest.mark.parametrize("command", ["MAIL", "DATA", "anhorig@example.org"])
async def test_a_server_that_asks_to_wait_is_a_temporary_failure(command: str) -> None:
    sink = Sink({command: "451 greylisted"})
    async with listening(sink) as server:
        with pytest.raises(Temporary):
            await send(MAIL, ID, NOON, server)

    assert not sink.envelopes


@pytest.mark.parametrize(
    ("command", "code"),
    [("MAIL", "mail-550"), ("DATA", "mail-550"), ("anhorig@example.org", "mail-receiver-refused")],
)
async def test_a_server_that_refuses_is_a_permanent_failure(command: str, code: str) -> None:
    sink = Sink({command: "550 no"})
    async with listening(sink) as server:
        with pytest.raises(Permanent) as caught:
            await send(MAIL, ID, NOON, server)

    assert caught.value.code == code
    assert not sink.envelopes


async def test_a_refused_receiver_does_not_keep_the_mail_from_the_others() -> None:
    sink = Sink({"a@example.org": "550 no such user"})
    async with listening(sink) as server:
        with pytest.raises(Permanent, match="mail-receiver-refused"):
            await send(replace(MAIL, to=("a@example.org", "b@example.org")), ID, NOON, server)

    assert sink.envelopes[0].rcpt_tos == ["b@example.org"]


async def test_a_receiver_who_must_wait_keeps_the_mail_from_being_doubled_for_the_others() -> None:
    sink = Sink({"b@example.org": "451 greylisted"})
    async with listening(sink) as server:
        with pytest.raises(Temporary):
            await send(replace(MAIL, to=("a@example.org", "b@example.org")), ID, NOON, server)

    assert not sink.envelopes


async def test_a_server_that_is_away_is_a_temporary_failure() -> None:
    async with listening(Sink()) as server:
        port = server.port

    with pytest.raises(Temporary):
        await send(MAIL, ID, NOON, at(port))


async def test_a_server_without_the_encryption_asked_for_gets_nothing() -> None:
    sink = Sink()
    async with listening(sink) as server:
        with pytest.raises(Temporary):
            await send(MAIL, ID, NOON, server.model_copy(update={"security": "starttls"}))

    assert not sink.envelopes


async def test_a_log_in_that_fails_is_for_the_operator_to_mend_and_the_mail_waits() -> None:
    sink = Sink()
    async with listening(sink) as server:
        with pytest.raises(Temporary):
            await send(MAIL, ID, NOON, server.model_copy(update={"user": "samrum"}), "hemligt")

    assert not sink.envelopes
