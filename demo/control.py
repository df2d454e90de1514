"""The control of a demo, on loopback: tests and tools move time with it, stop and start the bot, and wait until it is idle.

    GET /clock                      {"now", "speed", "anchors"}; `?after=<real instant>` waits for a newer anchor (see bot/clock.py)
    PUT /clock {"now"}              returns when all that falls due until then is done and delivered
    POST /clock/run {"speed"}       0 stands still, 1 is real
    POST /bot/stop {"signal"}       TERM without a body
    POST /bot/start                 {"bot_pid"}, when the bot has caught up
    GET /outbox                     {"pending", "failed"}
    POST /idle                      returns when inbox and outbox are empty

What is refused is answered with {"error": "<sentence>"}: 400 for a request that is not understood, 409 for one that cannot be done as
things stand (time would go back, the bot is down), 503 for a bot that did not get done in time.
"""

import asyncio
import math
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, cast

from aiohttp import web

from bot.clock import LONG_POLL_SECONDS
from demo.clock import BackwardsError, DemoClock
from demo.homeserver_settings import LOOPBACK
from demo.ledger import Ledger
from demo.stepping import BotDownError, Patient, Stepper, UnsettledError

CATCH_UP_SECONDS = 600.0
SIGNALS = {"TERM": signal.SIGTERM, "INT": signal.SIGINT, "KILL": signal.SIGKILL}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Startable(Patient, Protocol):
    """A bot that can be stopped and started."""

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        ...

    async def start(self) -> None:
        """Start it."""
        ...

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it with a signal."""
        ...


class Control:
    """The handlers of the control."""

    def __init__(self, clock: DemoClock, stepper: Stepper, ledger: Ledger, bot: Startable) -> None:
        self._clock = clock
        self._stepper = stepper
        self._ledger = ledger
        self._bot = bot

    def application(self) -> web.Application:
        """Return the web application."""
        app = web.Application(middlewares=[_refusals])
        app.add_routes(
            [
                web.get("/clock", self._tell),
                web.put("/clock", self._move),
                web.post("/clock/run", self._run),
                web.post("/bot/stop", self._stop),
                web.post("/bot/start", self._start),
                web.get("/outbox", self._outbox),
                web.post("/idle", self._idle),
            ]
        )
        return app

    async def _tell(self, request: web.Request) -> web.Response:
        if after := request.query.get("after"):
            await self._clock.newer(_instant(after), LONG_POLL_SECONDS)
        return web.json_response(self._clock.told())

    async def _move(self, request: web.Request) -> web.Response:
        await self._stepper.move(_instant((await _body(request)).get("now")))
        return web.json_response(self._clock.told())

    async def _run(self, request: web.Request) -> web.Response:
        await self._stepper.run(_speed((await _body(request)).get("speed")))
        return web.json_response(self._clock.told())

    async def _stop(self, request: web.Request) -> web.Response:
        name = str((await _body(request)).get("signal", "TERM")).removeprefix("SIG")
        if name not in SIGNALS:
            raise ValueError(f"signal is one of {', '.join(SIGNALS)}")
        await self._bot.stop(SIGNALS[name])
        return web.json_response({"running": self._bot.running})

    async def _start(self, _request: web.Request) -> web.Response:
        await self._bot.start()
        await self._stepper.settle(CATCH_UP_SECONDS)
        return web.json_response({"bot_pid": self._bot.pid})

    async def _outbox(self, _request: web.Request) -> web.Response:
        return web.json_response(await self._counts())

    async def _idle(self, _request: web.Request) -> web.Response:
        await self._stepper.settle()
        return web.json_response(await self._counts())

    async def _counts(self) -> dict[str, int]:
        backlog = await asyncio.to_thread(self._ledger.backlog)
        return {"pending": backlog.pending, "failed": backlog.failed}


@asynccontextmanager
async def serving(control: Control, port: int) -> AsyncGenerator[str]:
    """Serve the control on loopback for as long as the block lasts; give its URL. Port 0 is a free one. Raises OSError if it is taken."""
    # Cancelled with its connection: nobody waits at the end for a reader of the clock that has gone.
    runner = web.AppRunner(control.application(), access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (BackwardsError, BotDownError) as error:
        return _refused(HTTPStatus.CONFLICT, str(error))
    except ValueError as error:
        return _refused(HTTPStatus.BAD_REQUEST, str(error))
    except UnsettledError as error:
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _refused(status: HTTPStatus, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


async def _body(request: web.Request) -> dict[str, object]:
    body: object = await request.json() if await request.read() else {}
    if not isinstance(body, dict):
        raise ValueError("the body is a JSON object")  # noqa: TRY004 - the request is wrong, not the code
    return cast("dict[str, object]", body)


def _instant(text: object) -> datetime:
    try:
        instant = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 - as naive as any text without an offset, and refused with them
    if instant.tzinfo is None:
        raise ValueError("an instant is written with its offset, such as 2026-09-01T07:55:00+02:00")
    return instant


def _speed(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < math.inf:
        raise ValueError("speed is a number from 0 (stands still) up; 1 is real")
    return float(number)
