import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from aiohttp import ClientConnectionError, ClientPayloadError

from bot.matrix.errors import Limited, Permanent, SignedOut, Temporary
from bot.matrix.http import Answer
from bot.matrix.syncing import pause
from bot.matrix.turns import Turn
from bot.matrix.wire import Wire, path


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC)

    async def rest(self, seconds: float) -> None:
        """Let the others come this far, and then the time pass: of several who rest at once, each wakes at its own time."""
        until = self.now + seconds
        while self.now < until:
            await asyncio.sleep(0)
            self.now = min(self.now + 0.01, until)


class Server:
    """Gives the same answer each time, or none, and counts."""

    silent = False

    def __init__(self, answer: Answer | Exception, clock: Clock | None = None) -> None:
        self.answer = answer
        self.requests: list[tuple[str, str, str | bytes | None, Mapping[str, str], float]] = []
        self.came: list[float] = []
        self._clock = clock or Clock()

    async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
        self.requests.append((method, target, data, headers, seconds))
        self.came.append(self._clock.now)
        if self.silent:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        return None


def error(errcode: str, status: int, **more: object) -> Answer:
    return Answer(status, json.dumps({"errcode": errcode, "error": "words", **more}).encode(), {})


def wire(answer: Answer | Exception) -> tuple[Wire, Server, Clock]:
    clock = Clock()
    server = Server(answer, clock)
    return Wire(server, clock, "secret", rest=clock.rest), server, clock


def closest(came: list[float]) -> float:
    return min(later - earlier for earlier, later in pairwise(came))


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
    sut, server, _ = wire(answer)
    with pytest.raises(Temporary):
        await sut.call("GET", "/x")

    ended = await asyncio.gather(*(sut.call("GET", f"/{number}") for number in range(12)), return_exceptions=True)

    assert all(isinstance(each, Temporary) for each in ended)
    assert [request[1] for request in server.requests] == ["/x", *(f"/{number}" for number in range(12))]
    assert closest(server.came) >= 1


async def test_the_first_answer_after_an_outage_lets_all_go_that_wait() -> None:
    sut, server, clock = wire(Answer(502, b"", {}))
    with pytest.raises(Temporary):
        await sut.call("GET", "/x")

    server.answer = Answer(200, b'{"a": 1}', {})
    began = clock.now
    answers = await asyncio.gather(*(sut.call("GET", "/x") for _ in range(9)))

    assert answers == [{"a": 1}] * 9
    assert clock.now - began < 2.5


async def test_who_waits_too_long_in_an_outage_fails_like_one_that_was_not_answered() -> None:
    sut, server, _ = wire(Answer(502, b"", {}))

    ended = await asyncio.gather(*(sut.call("GET", "/x") for _ in range(8)), *(later(sut) for _ in range(80)), return_exceptions=True)

    assert all(isinstance(each, Temporary) for each in ended)
    assert len(server.requests) < 8 + 64


async def later(sut: Wire) -> None:
    await asyncio.sleep(0)
    await sut.call("GET", "/x")


async def test_a_refusal_by_a_limit_holds_its_own_kind_up_for_as_long_as_it_says_and_all_others_to_one_a_second() -> None:
    sut, server, clock = wire(error("M_LIMIT_EXCEEDED", 429, retry_after_ms=2500))
    send, ask = path("rooms", "!r", "typing", "@a"), path("rooms", "!other", "joined_members")

    for wait in (2.5, 2.53):
        with pytest.raises(Limited) as limited:
            await sut.call("GET", ask)
        assert limited.value.retry_after == pytest.approx(wait)
    for where in (path("sync"), path("keys", "query"), path("keys", "claim"), send):
        with pytest.raises(Limited):
            await sut.call("POST", where, {})
    clock.now += 2.6
    with pytest.raises(Limited):
        await sut.call("GET", path("rooms", "!third", "joined_members"))

    assert len(server.requests) == 6
    assert closest(server.came) >= 1


@pytest.mark.parametrize("turn", [Turn.DIALOGUE, Turn.BESIDE])
async def test_who_is_patient_waits_at_the_gate_as_long_as_the_homeserver_says(turn: Turn) -> None:
    sut, server, clock = wire(Answer(429, b"{}", {"Retry-After": "7"}))
    leave = path("rooms", "!r", "leave")

    waiting = asyncio.create_task(sut.call("POST", leave, {}, turn=turn))
    while clock.now < 120:  # noqa: ASYNC110 - the clock rings no bell
        await asyncio.sleep(0)
    server.answer = Answer(200, b"{}", {})
    await waiting

    assert closest(server.came) >= 7
    assert len(server.came) <= 5


async def test_a_homeserver_that_says_nothing_to_anybody_is_asked_once_a_second_too() -> None:
    sut, server, clock = wire(Answer(200, b"{}", {}))
    server.silent = True
    asked = [asyncio.create_task(sut.call("GET", "/x")) for _ in range(3)]
    await clock.rest(5.5)

    more = [asyncio.create_task(sut.call("GET", "/x")) for _ in range(6)]
    await clock.rest(6.0)
    for task in (*asked, *more):
        task.cancel()
    await asyncio.gather(*asked, *more, return_exceptions=True)

    assert len(server.came) <= 3 + 7
    assert closest(server.came[3:]) >= 1


async def test_a_listening_that_hears_nothing_for_long_is_no_trouble() -> None:
    sut, server, clock = wire(Answer(200, b"{}", {}))
    server.silent = True
    listening = asyncio.create_task(sut.call("GET", path("sync"), seconds=60.0))
    await clock.rest(20)
    server.silent = False

    await asyncio.gather(*(sut.call("GET", "/x") for _ in range(9)))
    listening.cancel()

    assert clock.now == pytest.approx(120, abs=0.1)


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
    sut, server, clock = wire(Answer(200, b"{}", {}))
    server.silent = True
    asking = asyncio.create_task(sut.call("GET", "/x"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    server.silent = False
    clock.now += 30

    began = clock.now
    await asyncio.gather(*(sut.call("GET", "/x") for _ in range(9)))

    assert clock.now == began


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
