"""E-mail to addresses that people gave for it: words, and an invitation that calendars understand (RFC 6047).

A repeat carries the same Message-ID, so that the reader's client folds it. Several receivers do not see each other's addresses.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from unicodedata import category

import aiosmtplib

from bot.failures import Permanent, Temporary
from bot.sections import ADDRESS, MailServer
from care.effects import Mail

FINAL = 500
"""SMTP codes from here on are final (RFC 5321 4.2.1)."""
TIMEOUT_SECONDS = 30.0
LONGEST_ADDRESS = 254
LONGEST_SUBJECT = 200
MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]{1,120}@[A-Za-z0-9.-]{1,120}>", re.ASCII)
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that could end a header line: controls, lone surrogates, line and paragraph separators."""
METHOD = re.compile(r"[A-Z-]{1,20}")
SENDER_NAME = "Samrum"

_PLAIN = POLICY.clone(cte_type="7bit")


def message(mail: Mail, message_id: str, date: datetime, sender: str) -> EmailMessage:
    """Return the e-mail as it goes out; raise Permanent for an address or subject that cannot stand in a header."""
    _check(mail, message_id)
    made = EmailMessage(policy=_PLAIN)
    made["From"] = Address(SENDER_NAME, addr_spec=sender)
    made["To"] = mail.to[0] if len(mail.to) == 1 else "undisclosed-recipients:;"
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(date)
    made["Message-ID"] = message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.words.body)
    made.add_alternative(f"<!DOCTYPE html>\n<html><body>{mail.words.html}</body></html>\n", subtype="html")
    if mail.invitation:
        calendar = mail.invitation.decode("utf-8")
        made.add_alternative(calendar, subtype="calendar", params={"method": mail.method}, cte="base64")
        made.add_attachment(mail.invitation, maintype="application", subtype="ics", filename="invite.ics")
    return made


async def send(mail: Mail, message_id: str, date: datetime, server: MailServer, password: str | None = None) -> None:
    """Hand the e-mail to the mail server, to all receivers in one transaction.

    Raises Temporary, nothing sent, when the server is away or asks to wait for any receiver. Raises Permanent when it refuses the
    message or, with the message sent to the others, a receiver.
    """
    made = message(mail, message_id, date, server.sender).as_bytes()
    async with _connected(server, password) as client:
        await client.mail(server.sender)
        refused = [code for address in mail.to if (code := await _refused(client, address))]
        if len(refused) < len(mail.to):
            await client.data(made)
    if refused:
        raise Permanent("mail-receiver-refused")


def _check(mail: Mail, message_id: str) -> None:
    if not mail.to or not all(ADDRESS.fullmatch(to) and len(to) <= LONGEST_ADDRESS for to in mail.to):
        raise Permanent("mail-address")
    if not 0 < len(mail.subject) <= LONGEST_SUBJECT or any(category(sign) in BREAKING for sign in mail.subject):
        raise Permanent("mail-subject")
    assert MESSAGE_ID.fullmatch(message_id), "the Message-ID is made by the bot"
    assert not mail.invitation or METHOD.fullmatch(mail.method), "the METHOD is chosen by the bot"


@asynccontextmanager
async def _connected(server: MailServer, password: str | None) -> AsyncGenerator[aiosmtplib.SMTP, None]:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=password,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        local_hostname="localhost",
        timeout=TIMEOUT_SECONDS,
    )
    try:
        async with client:
            yield client
    except aiosmtplib.SMTPResponseException as error:
        raise _judged(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Temporary from error


async def _refused(client: aiosmtplib.SMTP, address: str) -> int | None:
    try:
        await client.rcpt(address)
    except aiosmtplib.SMTPRecipientRefused as error:
        if isinstance(_judged(error), Temporary):
            raise
        return error.code
    return None


def _judged(error: aiosmtplib.SMTPResponseException) -> Temporary | Permanent:
    """Tell what can be mended by waiting or by the operator (log-in, greeting) from what cannot."""
    mendable = (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError)
    if isinstance(error, mendable) or error.code < FINAL:
        return Temporary()
    return Permanent(f"mail-{error.code}")
