"""The bot's web pages, on loopback behind the operator's reverse proxy. In this release: `/health`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web

from web.health import Pulse, State, judge, report

PULSE = web.AppKey[Pulse]("pulse")


def application(pulse: Pulse) -> web.Application:
    """Return the web application."""
    app = web.Application()
    app[PULSE] = pulse
    app.router.add_get("/health", _health)
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncGenerator[int, None]:
    """Serve the application for as long as the block lasts; give the port (a free one if `port` is 0). Raises OSError if it is taken."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _health(request: web.Request) -> web.Response:
    vitals = await request.app[PULSE].vitals()
    status = HTTPStatus.SERVICE_UNAVAILABLE if judge(vitals) is State.DOWN else HTTPStatus.OK
    return web.json_response(report(vitals), status=status, headers={"Cache-Control": "no-store"})
