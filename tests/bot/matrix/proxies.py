"""A proxy before the homeserver that fails, or changes answers, as the test wishes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Alter = Callable[[str, dict[str, Any]], dict[str, Any]]


def unaltered(_path: str, answer: dict[str, Any]) -> dict[str, Any]:
    return answer


@dataclass
class Proxy:
    """Where it listens, what it does with requests, and when they came (monotonic seconds, path)."""

    target: str
    url: str = ""
    broken: Callable[[str], web.Response | None] = field(default=lambda _path: None)
    alter: Alter = unaltered
    hold: tuple[str, asyncio.Event] | None = None
    """Requests to such a path are never answered; the event tells that one came."""
    seen: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((asyncio.get_running_loop().time(), request.path))
        if self.hold and self.hold[0] in request.path:
            self.hold[1].set()
            await asyncio.Event().wait()
        if (failure := self.broken(request.path)) is not None:
            return failure
        headers = {k: v for k, v in request.headers.items() if k in {"Authorization", "Content-Type"}}
        body = await request.read()
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.target + request.raw_path, data=body, headers=headers) as answer,
        ):
            raw = await answer.read()
            if answer.content_type == "application/json":
                raw = json.dumps(self.alter(request.path, json.loads(raw))).encode()
            return web.Response(status=answer.status, body=raw, content_type=answer.content_type)


@asynccontextmanager
async def proxy(target: str) -> AsyncGenerator[Proxy]:
    """A running proxy."""
    made = Proxy(target)
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{tail:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
