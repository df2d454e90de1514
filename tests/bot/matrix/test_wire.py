import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from aiohttp import ClientConnectionError, ClientPayloadError

from bot.matrix.errors import Limited, Permanent, SignedOut, Temporary
from bot.matrix.http import Answer
from bot.matrix.syncing import pause
from bot.matrix.wire import Wire, path


class Server:
    """Gives the same answer each time and counts."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.requests: list[tuple[str, str, str | bytes | None, Mapping[str, str], float]] = []

    async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
        self.requests.append((method, target, data, headers, seconds))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        return None


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC)


def error(errcode: str, status: int, **more: object) -> Answer:
    return Answer(status, json.dumps({"errcode": errcode, "error": "words", **more}).encode(), {})


def wire(answer: Answer | Exception) -> tuple[Wire, Server, Clock]:
    server, clock = Server(answer), Clock()
    return Wire(server, clock, "secret"), server, clock


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>", {}),
        Answer(200, b"[]", {}),
        Answer(200, b"[" * 100_000, {}),
        ClientPayloadError(),
        Answer(404, b"not found", {}),
        Answer(500, b'{"errcode": "M_UNKNOWN"}', {}),
        Answer(502, b"", {}),
        Answer(408, b"{}", {}),
        ClientConnectionError(),
        TimeoutError(),
        OSError(),
    ],
)
async def test_what_is_no_answer_of_a_homeserver_is_temporary_and_paces_what_follows(answer: Answer | Exception) -> None:
    sut, server, clock = wire(answer)

    for _ in range(5):
        with pytest.raises(Temporary):
            await sut.call("GET", "/x")
    assert len(server.requests) == 1

    clock.now += 1.01
    with pytest.raises(Temporary):
        await sut.call("GET", "/x")
    assert len(server.requests) == 2


async def test_the_first_answer_after_an_outage_ends_the_pacing() -> None:
    sut, server, clock = wire(Answer(502, b"", {}))
    with pytest.raises(Temporary):
        await sut.call("GET", "/x")

    server.answer = Answer(200, b'{"a": 1}', {})
    clock.now += 1.01

    assert [await sut.call("GET", "/x") for _ in range(3)] == [{"a": 1}] * 3


async def test_a_rate_limit_tells_how_long_to_wait_and_holds_what_is_not_limited_not_up() -> None:
    sut, server, _ = wire(error("M_LIMIT_EXCEEDED", 429, retry_after_ms=2500))

    for _ in range(2):
        with pytest.raises(Temporary) as limited:
            await sut.call("PUT", "/x", {})
        assert limited.value.retry_after == 2.5

    assert len(server.requests) == 2


async def test_after_a_rate_limit_no_message_leaves_before_the_time_that_the_homeserver_named() -> None:
    sut, server, clock = wire(Answer(429, b"{}", {"Retry-After": "7"}))
    send = path("rooms", "!r", "send", "m.room.encrypted", "1")

    for wait in (7.0, 7.03):
        with pytest.raises(Limited) as limited:
            await sut.call("PUT", send, {})
        assert limited.value.limit == "messages"
        assert limited.value.retry_after == pytest.approx(wait)
    assert len(server.requests) == 1

    server.answer = Answer(200, b'{"event_id": "$1"}', {})
    clock.now += 7.04
    assert await sut.call("PUT", send, {}) == {"event_id": "$1"}


async def test_a_refusal_is_permanent_and_a_dead_token_is_told_apart() -> None:
    with pytest.raises(Permanent) as refused:
        await wire(error("M_FORBIDDEN", 403))[0].call("PUT", "/x", {})
    with pytest.raises(SignedOut):
        await wire(error("M_UNKNOWN_TOKEN", 401))[0].call("GET", "/x")
    with pytest.raises(Permanent):
        await wire(error("M_UNKNOWN_TOKEN", 401))[0].call("GET", "/x", token="an administrator's")

    assert (refused.value.errcode, refused.value.status, refused.value.message) == ("M_FORBIDDEN", 403, "words")
    assert "words" not in str(refused.value)


async def test_the_token_stands_in_the_header_and_parts_of_the_path_are_quoted() -> None:
    sut, server, _ = wire(Answer(200, b"{}", {}))

    await sut.call("PUT", path("rooms", "!a/b?c", "send"), {"a": "å"}, query={"q": "1 2"})

    method, where, body, headers, seconds = server.requests[0]
    assert (method, where) == ("PUT", "/_matrix/client/v3/rooms/%21a%2Fb%3Fc/send?q=1+2")
    assert headers == {"Authorization": "Bearer secret", "Content-Type": "application/json"}
    assert (json.loads(str(body)), seconds) == ({"a": "å"}, 30.0)


async def test_a_cancelled_request_is_no_outage() -> None:
    class Silent(Server):
        async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
            await asyncio.Event().wait()
            return await super().send(method, target, data, headers, seconds)

    sut = Wire(Silent(Answer(200, b"{}", {})), Clock(), "secret")
    asking = asyncio.create_task(sut.call("GET", "/x"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert sut._failed_at is None


def test_pauses_grow_from_one_second_to_a_minute_and_respect_the_servers_wish() -> None:
    pauses = [pause(failures, None) for failures in (1, 2, 3, 7, 1000)]

    for found, least in zip(pauses, [1, 2, 4, 60, 60], strict=True):
        assert least <= found <= least * 1.25
    assert pause(1, 90.0) == 90.0


class FencedError(Exception):
    """The process may not work any more."""


@pytest.mark.parametrize(("passes", "requests"), [(0, 0), (1, 1)])
async def test_neither_a_request_nor_its_answer_gets_past_the_fence(passes: int, requests: int) -> None:
    server, asked = Server(Answer(200, b"{}", {})), list[None]()

    def fence() -> None:
        asked.append(None)
        if len(asked) > passes:
            raise FencedError

    with pytest.raises(FencedError):
        await Wire(server, Clock(), fence=fence).call("GET", path("sync"))

    assert len(server.requests) == requests
