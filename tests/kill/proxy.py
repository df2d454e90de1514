"""Between the bot and its homeserver: passes everything on, holds what a test wants held, or fails as a network does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from demo.homeserver_settings import LOOPBACK

DROPPED = frozenset({"host", "connection", "content-length", "transfer-encoding", "keep-alive", "content-encoding"})
"""Headers of one connection, not of the message."""


class Where(StrEnum):
    """Where a request is held."""

    BEFORE = "before"
    """Not yet passed on: the homeserver knows nothing of it."""
    ANSWERED = "answered"
    """Done by the homeserver, and the bot is not told."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the bot; `answer` is the homeserver's, empty before it."""

    method: str
    path: str
    body: bytes
    answer: bytes = b""

    @property
    def sends(self) -> bool:
        """Whether it sends a message."""
        return self.method == "PUT" and "/send/m.room.encrypted/" in self.path

    @property
    def syncs(self) -> bool:
        """Whether it listens."""
        return self.path.endswith("/sync")

    @property
    def uploads_keys(self) -> bool:
        """Whether it offers new one-time keys."""
        return self.path.endswith("/keys/upload") and b"one_time_keys" in self.body

    @property
    def asks_for_devices(self) -> bool:
        """Whether it asks for people's devices."""
        return self.path.endswith("/keys/query")


Matches = Callable[[Call], bool]
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body of an answer of the homeserver."""
Ask = Callable[[], Awaitable[Answer]]
Trouble = Callable[[web.Request, Ask], Awaitable[web.StreamResponse]]
"""What the bot gets in place of an answer; `Ask` passes the request on all the same."""


@dataclass(slots=True)
class Hold:
    """A place where matching requests wait until `open` is set; `at_hold` is called for each, `caught` holds those that came.

    `told` is set when a held answer has been written to the bot's connection.
    """

    matches: Matches
    where: Where
    at_hold: Callable[[], None]
    caught: list[Call] = field(default_factory=list[Call])
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, call: Call) -> None:
        """Let a request of the bot wait here."""
        self.caught.append(call)
        self.at_hold()
        self.reached.set()
        await self.open.wait()


class Proxy:
    """A reverse proxy on loopback; bound to the event loop that starts it."""

    def __init__(self, homeserver: str) -> None:
        self._homeserver = homeserver
        self._holds: list[Hold] = []
        self._again = 0
        self._trouble: Trouble | None = None
        self._only: Matches | None = None
        self.arrivals: list[tuple[float, str]] = []
        self._listening = asyncio.Event()
        self._listening.set()
        self._deaf = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        # Cancelled with its connection: what a killed bot had asked for and was held is never passed on.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        self.url = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(auto_decompress=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.let_go()
        assert self._runner is not None
        assert self._session is not None
        await self._runner.cleanup()
        await self._session.close()

    def hold(self, matches: Matches, where: Where, at_hold: Callable[[], None] = lambda: None) -> Hold:
        """Hold all requests that match from now on."""
        held = Hold(matches, where, at_hold)
        self._holds.append(held)
        return held

    def release(self, held: Hold) -> None:
        """Let what is held go on, and hold no more of it."""
        self._holds.remove(held)
        held.open.set()

    def let_go(self) -> None:
        """Hold nothing any more."""
        for held in (*self._holds,):
            self.release(held)
        self.listen()

    def break_down(self, trouble: Trouble, only: Matches | None = None) -> None:
        """Fail from now on, at everything (a sync under way is broken off) or at matching requests only."""
        self._trouble, self._only = trouble, only
        if only is None:
            self._deaf.set()

    def recover(self) -> None:
        """Work again."""
        self._trouble = None
        self._deaf.clear()

    def deafen(self) -> None:
        """Let the bot hear nothing: a sync under way is asked anew, from the same position, when it may listen again."""
        self._listening.clear()
        self._deaf.set()

    def listen(self) -> None:
        """Let the bot hear again, all at once."""
        self._deaf.clear()
        self._listening.set()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        self.arrivals.append((asyncio.get_running_loop().time(), request.path))
        call = Call(request.method, request.path, await request.read())
        for held in self._met(call, Where.BEFORE):
            await held.wait(call)
        if self._trouble and (self._only is None or self._only(call)):
            return await self._trouble(request, lambda: self._ask(request, call))
        status, headers, body = await (self._sync(request, call) if call.syncs else self._ask(request, call))
        answered = Call(call.method, call.path, call.body, body)
        response = web.Response(status=status, headers=headers, body=body)
        holds = self._met(answered, Where.ANSWERED) if status == HTTPStatus.OK else ()
        for held in holds:
            await held.wait(answered)
        await response.prepare(request)
        await response.write_eof()
        for held in holds:
            held.told.set()
        return response

    def _met(self, call: Call, where: Where) -> tuple[Hold, ...]:
        return tuple(held for held in self._holds if held.where is where and held.matches(call))

    async def _sync(self, request: web.Request, call: Call) -> Answer:
        later = 0
        while True:
            await self._listening.wait()
            asked, deaf = asyncio.create_task(self._ask(request, call, later)), asyncio.create_task(self._deaf.wait())
            try:
                await asyncio.wait({asked, deaf}, return_when=asyncio.FIRST_COMPLETED)
                if not deaf.done():
                    return await asked
            finally:
                asked.cancel()
                deaf.cancel()
                await asyncio.gather(asked, deaf, return_exceptions=True)
            if self._trouble:
                return HTTPStatus.BAD_GATEWAY, {}, b""
            # Synapse answers a question that it is asked again word by word with the answer that it gave then.
            self._again = later = self._again + 1

    async def _ask(self, request: web.Request, call: Call, later: int = 0) -> Answer:
        assert self._session is not None
        where = URL(self._homeserver + request.raw_path, encoded=True)
        if later:
            where = where.update_query(timeout=str(int(where.query["timeout"]) + later))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in DROPPED}
        async with self._session.request(call.method, where, data=call.body or None, headers=headers) as answer:
            body = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in DROPPED - {"content-encoding"}}
            return answer.status, kept, body
