"""The HTTP session with the homeserver."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the names of `headers` are looked up without regard to case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Http(Protocol):
    """Who sends one request and reads its whole answer."""

    async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
        """Return the answer; raise aiohttp's ClientError, TimeoutError or OSError where there is none within `seconds`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Session:
    """Connections that are kept open. No redirection is followed, no cookie kept, no proxy of the environment asked."""

    def __init__(self, homeserver: str) -> None:
        self._homeserver = homeserver.rstrip("/")
        self._open: ClientSession | None = None

    async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
        """See `Http`."""
        if self._open is None:
            self._open = ClientSession(cookie_jar=DummyCookieJar())
        url, limit = f"{self._homeserver}{target}", ClientTimeout(total=seconds)
        async with self._open.request(method, url, data=data, headers=headers, timeout=limit, allow_redirects=False) as response:
            return Answer(response.status, await response.read(), response.headers)

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        session, self._open = self._open, None
        if session:
            await session.close()
