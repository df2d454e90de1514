"""A calendar as people have it: a CalDAV server that shares no code with the bot, and a client that applies what it gets by mail."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from xml.etree import ElementTree as ET

import aiohttp
import vobject

from demo.homeserver_settings import LOOPBACK, free_port

OWNER = {"Authorization": aiohttp.encode_basic_auth("ulla", "")}
SHELF = "/ulla/arbete/"
DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
STORED = {HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}
UTC_FORM = "%Y%m%dT%H%M%SZ"

read: Any = cast("Any", vobject).readOne
"""The parser of the independent library; it raises for what is no iCalendar."""


@asynccontextmanager
async def server(folder: Path) -> AsyncGenerator[str]:
    """Run Radicale on loopback for as long as the block lasts; give its URL."""
    port = free_port()
    options = ("--hosts", f"{LOOPBACK}:{port}", "--auth-type", "none", "--storage-filesystem-folder", str(folder / "collections"))
    with (folder / "radicale.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-m", "radicale", *options, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        await _answers(process, port)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answers(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(30):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
    raise RuntimeError(f"Radicale ended with status {process.returncode}")


class Calendar:
    """A person's calendar on a CalDAV server, kept by a client that follows RFC 5546 as mail programs do.

    The server answers by its own understanding of the files: which event holds a UID, and what lies within a time.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def make(self) -> None:
        """Make the collection."""
        assert await self._ask("MKCALENDAR", SHELF) == HTTPStatus.CREATED

    async def receive(self, mailed: bytes) -> None:
        """Apply an invitation, a change or a cancellation: a newer SEQUENCE wins, CANCEL removes (RFC 5546 3.2.2, 3.2.5)."""
        calendar = read(mailed.decode())
        event, method = calendar.vevent, calendar.method.value
        known = await self.holding(event.uid.value)
        if known and int(read(known[0][1]).vevent.sequence.value) >= int(event.sequence.value):
            return
        if method == "CANCEL":
            for place, _ in known:
                assert await self._ask("DELETE", place) == HTTPStatus.OK
            return
        place = known[0][0] if known else f"{SHELF}{quote(event.uid.value, safe='')}.ics"
        assert await self.put(place, mailed) in STORED

    async def put(self, place: str, mailed: bytes) -> int:
        """Store the event of a mailed file at a place; return the server's answer. What is stored has no METHOD (RFC 4791 4.1)."""
        calendar = read(mailed.decode())
        del calendar.method
        return await self._ask("PUT", place, calendar.serialize().encode(), {"Content-Type": "text/calendar; charset=utf-8"})

    async def holding(self, uid: str) -> list[tuple[str, str]]:
        """Return place and file of the events that the server finds by a UID."""
        return await self._query(f'<C:prop-filter name="UID"><C:text-match collation="i;octet">{uid}</C:text-match></C:prop-filter>')

    async def between(self, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return place and file of the events that the server finds within a time (UTC)."""
        return await self._query(f'<C:time-range start="{start:{UTC_FORM}}" end="{end:{UTC_FORM}}"/>')

    async def _query(self, wanted: str) -> list[tuple[str, str]]:
        body = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><C:filter>'
            f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{wanted}</C:comp-filter></C:comp-filter>'
            "</C:filter></C:calendar-query>"
        )
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        async with self._session.request("REPORT", SHELF, data=body.encode(), headers=headers) as answer:
            assert answer.status == HTTPStatus.MULTI_STATUS
            found = ET.fromstring(await answer.text()).iter(f"{DAV}response")
            return [(each.findtext(f"{DAV}href", ""), each.findtext(f".//{CALDAV}calendar-data", "")) for each in found]

    async def _ask(self, method: str, place: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
        async with self._session.request(method, place, data=body, headers=headers) as answer:
            return answer.status
