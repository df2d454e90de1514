"""Where people log in: one Node process that serves many of them."""

from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from demo.client.connection import ClientError, Connection, Json
from demo.client.person import Client
from demo.client.seen import Seen


class Clients:
    """The clients of all people on one homeserver; bound to the event loop that starts them."""

    def __init__(self, homeserver: str, log: Path) -> None:
        self._homeserver = homeserver
        self._connection = Connection(log)
        self._handles = count(1)

    async def start(self) -> None:
        """Start Node; raise ClientError if its packages are missing."""
        await self._connection.start()

    async def stop(self) -> None:
        """End Node, and with it all clients, without logging out."""
        await self._connection.stop()

    @property
    def pid(self) -> int:
        """The process id of Node."""
        return self._connection.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def login(
        self, user: str, password: str, *, cross_sign: bool = False, accept_invitations: bool = True, device: str = ""
    ) -> Client:
        """Log a person in as a new device (`device` is its display name) and return when the first sync is done.

        `user` is a user id or a localpart. Raises ClientError with the homeserver's code (M_FORBIDDEN …).
        """
        handle, seen = f"{next(self._handles)} {user}", Seen(self._connection.check)
        self._connection.subscribe(handle, seen.take)
        try:
            answer = await self._connection.call(
                "login",
                handle,
                homeserver=self._homeserver,
                user=user,
                password=password,
                device=device or "Samrum demo client",
                crossSign=cross_sign,
                acceptInvitations=accept_invitations,
            )
        except ClientError:
            self._connection.unsubscribe(handle)
            raise
        known = cast("Json", answer)
        return Client(self._connection, handle, seen, str(known["user"]), str(known["device"]))
