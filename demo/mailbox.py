"""Where the demo's e-mail ends: an SMTP server on loopback that delivers nothing and keeps each mail as a file."""

import asyncio
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.homeserver_settings import LOOPBACK

NUMBERED = re.compile(r"(\d{4,})\.eml")


class Mailbox:
    """Mail for everybody, as `folder/0001.eml` and so on in the order of arrival; bound to the event loop that starts it.

    Numbers go on where an earlier run ended. Above the mail as it came stand its envelope's addresses, as Return-Path and
    one Delivered-To for each receiver.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port on loopback; with port 0 the free one that the first start found."""
        return self._port

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; raise OSError if the port is in use."""
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), LOOPBACK, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more; what came stays."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail; the name and the answer are those of aiosmtpd's handlers."""
        self._keep(envelope)
        return "250 Kept"

    def _keep(self, envelope: Envelope) -> None:
        receivers = (f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        head = f"Return-Path: <{envelope.mail_from}>\r\n{''.join(receivers)}"
        path = self.folder / f"{self._last() + 1:04}.eml"
        # Renamed when whole: a reader of the folder never sees half a mail.
        part = path.with_suffix(".part")
        part.write_bytes(head.encode() + (envelope.original_content or b""))
        part.rename(path)

    def _last(self) -> int:
        found = (NUMBERED.fullmatch(path.name) for path in self.folder.iterdir())
        return max((int(match[1]) for match in found if match), default=0)
