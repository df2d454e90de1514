"""What a network, a proxy or a homeserver in trouble gives in place of an answer."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from tests.kill.proxy import Ask, Trouble

LIMITED = "429 with Retry-After"
RETRY_AFTER = 2
"""Seconds."""


async def bad_gateway(_request: web.Request, _ask: Ask) -> web.StreamResponse:
    """A proxy that cannot reach the homeserver."""
    return web.Response(status=HTTPStatus.BAD_GATEWAY, text="<html>502 Bad Gateway</html>", content_type="text/html")


async def limited(_request: web.Request, _ask: Ask) -> web.StreamResponse:
    """A homeserver, or what stands before it, that has had enough."""
    said = json.dumps({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": RETRY_AFTER * 1000})
    headers = {"Retry-After": str(RETRY_AFTER)}
    return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS, text=said, content_type="application/json", headers=headers)


async def page(_request: web.Request, _ask: Ask) -> web.StreamResponse:
    """A page for people, as if all were well."""
    return web.Response(text="<html>Vi är snart tillbaka.</html>", content_type="text/html")


async def half(request: web.Request, ask: Ask) -> web.StreamResponse:
    """The homeserver does what it is asked; of its answer half arrives."""
    _, _, body = await ask()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body) + 2)})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.abort()
    return response


async def silence(_request: web.Request, _ask: Ask) -> web.StreamResponse:
    """Nothing at all; what was asked meanwhile is answered by nobody, ever."""
    await asyncio.Event().wait()
    raise AssertionError


TROUBLES: Mapping[str, Trouble] = {
    "502": bad_gateway,
    LIMITED: limited,
    "HTML with 200": page,
    "half bodies": half,
    "no answer at all": silence,
}
