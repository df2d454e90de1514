"""The gate alone, against Synapse's rule of a leaking bucket, by a clock that is moved by hand."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bot.matrix.errors import Limited, Permanent
from bot.matrix.gate import Gate, Limits, asked
from tests.bot.shelves import Bucket, TestClock

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SEND = "/_matrix/client/v3/rooms/!r/send/m.room.encrypted/1"
INVITE = "/_matrix/client/v3/rooms/!r/invite"


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        ({"retry_after_ms": 2500}, None, 2.5),
        ({"retry_after_ms": 2500}, "3", 2.5),
        ({"retry_after_ms": 2500}, "60", 60.0),
        ({}, "7", 7.0),
        ({}, "Tue, 01 Sep 2026 12:00:40 GMT", 40.0),
        ({}, "Tue, 01 Sep 2026 11:00:00 GMT", 0.0),
        ({"retry_after_ms": 1500}, "soon", 1.5),
        ({}, "soon", 5.0),
        ({}, None, 5.0),
        ({"retry_after_ms": "soon"}, None, 5.0),
        ({"retry_after_ms": True}, None, 5.0),
        ({}, "9999999999", 600.0),
    ],
)
def test_the_wait_is_read_from_header_and_body(body: dict[str, object], header: str | None, seconds: float) -> None:
    assert asked(body, header, NOON) == seconds


def sent(limits: Limits, clock: TestClock, bucket: Bucket) -> bool:
    """Send one, waiting for the gate; return whether it was accepted."""
    clock.forward(seconds=limits.messages.wait() + 1e-6)
    try:
        with limits.passing("PUT", SEND, {}):
            bucket.take()
    except Limited:
        return False
    return True


@pytest.mark.parametrize(("per_second", "burst"), [(0.2, 10), (2.0, 5), (0.016, 10), (10.0, 1)])
def test_the_pace_is_learned_within_a_few_refusals(per_second: float, burst: int) -> None:
    clock = TestClock()
    limits, bucket = Limits(clock), Bucket(clock, per_second, burst)

    accepted = sum(sent(limits, clock, bucket) for _ in range(100))

    assert bucket.refused <= 2 + accepted / 20
    assert limits.messages.distance == pytest.approx(1 / per_second, rel=0.1, abs=0.05)
    assert (limits.messages.passed, limits.messages.refused) == (accepted, bucket.refused)


def test_a_pause_lets_the_burst_be_used_again_one_at_a_time() -> None:
    clock = TestClock()
    limits, bucket = Limits(clock), Bucket(clock, 0.2, 10)
    while bucket.refused < 2:
        sent(limits, clock, bucket)
    clock.forward(minutes=5)
    began, before = clock.monotonic(), bucket.refused

    accepted = [sent(limits, clock, bucket) for _ in range(10)]

    assert (all(accepted), bucket.refused - before, clock.monotonic() - began < 1) == (True, 0, True)
    assert limits.messages.narrow


def test_a_limit_that_was_lifted_is_noticed() -> None:
    clock = TestClock()
    limits, bucket = Limits(clock), Bucket(clock, 0.2, 10)
    for _ in range(15):
        sent(limits, clock, bucket)
    bucket.per_second, bucket.burst = 1e6, 10**6

    for _ in range(400):
        sent(limits, clock, bucket)

    assert not limits.messages.narrow
    assert limits.messages.distance is None


def test_a_homeserver_that_refused_everything_for_a_while_is_not_thought_to_limit_messages_afterwards() -> None:
    clock = TestClock()
    limits, bucket = Limits(clock), Bucket(clock, 1e6, 10**6)
    sent(limits, clock, bucket)
    for where in (SEND, "/_matrix/client/v3/sync", SEND):
        clock.forward(seconds=2.1)
        with suppress(Limited), limits.passing("GET" if where.endswith("sync") else "PUT", where, {}):
            raise Limited("", 2.0)

    clock.forward(seconds=limits.messages.wait() + 1e-6)
    began = clock.monotonic()
    for _ in range(20):
        assert sent(limits, clock, bucket)

    assert clock.monotonic() - began < 1


def test_those_who_were_under_way_when_the_gate_closed_teach_nothing_new() -> None:
    clock = TestClock()
    gate = Gate(clock)
    mark = gate.enter()
    gate.accept()
    marks = [gate.enter() for _ in range(8)]

    for mark in marks:
        gate.refuse(5.0, mark)
    clock.forward(seconds=gate.wait() + 1e-6)

    assert gate.wait() == 0
    gate.enter()
    gate.accept()
    assert gate.wait() == pytest.approx(5.0, abs=0.1)


def test_one_at_a_time_is_let_through_and_a_request_that_breaks_off_frees_the_way() -> None:
    clock = TestClock()
    limits = Limits(clock)
    with suppress(Limited), limits.passing("PUT", SEND, {}):
        raise Limited("", 5.0)
    clock.forward(seconds=6)

    with suppress(TimeoutError), limits.passing("PUT", SEND, {}):
        with pytest.raises(Limited), limits.passing("PUT", SEND, {}):
            pass
        raise TimeoutError

    with limits.passing("PUT", SEND, {}):
        pass


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("PUT", "/_matrix/client/v3/rooms/!r/redact/$e/1"),
        ("PUT", "/_matrix/client/v3/rooms/!r/state/m.room.name/"),
        ("POST", "/_matrix/client/v3/rooms/!r/kick"),
        ("POST", "/_matrix/client/v3/rooms/!r/leave"),
    ],
)
def test_what_counts_with_messages_waits_with_them_and_nothing_else_does(method: str, where: str) -> None:
    limits = Limits(TestClock())
    with suppress(Limited), limits.passing("PUT", SEND, {}):
        raise Limited("", 5.0)

    with pytest.raises(Limited) as held, limits.passing(method, where, {}):
        pass
    for free in (
        ("POST", "/_matrix/client/v3/createRoom"),
        ("POST", INVITE),
        ("POST", "/_matrix/client/v3/join/!r"),
        ("GET", "/_matrix/client/v3/rooms/!r/state/m.room.name/"),
        ("PUT", "/_matrix/client/v3/sendToDevice/m.room.encrypted/1"),
    ):
        with limits.passing(*free, {"user_id": "@anna.demo:almfors.test"}):
            pass

    assert held.value.limit == "messages"
    assert held.value.retry_after == pytest.approx(5.0, abs=0.1)


def test_a_long_wait_for_an_invitation_concerns_its_invitee_and_a_short_one_everybody() -> None:
    clock = TestClock()
    limits, anna, olle = Limits(clock), {"user_id": "@anna.demo:almfors.test"}, {"user_id": "@olle.demo:almfors.test"}
    with suppress(Limited), limits.passing("POST", INVITE, anna):
        raise Limited("", 333.0)

    with limits.passing("POST", INVITE, olle):
        pass
    with pytest.raises(Limited), limits.passing("POST", INVITE, anna):
        pass
    with suppress(Limited), limits.passing("POST", INVITE, olle):
        raise Limited("", 3.0)
    clock.forward(seconds=2)
    with pytest.raises(Limited), limits.passing("POST", INVITE, {"user_id": "@vera.demo:almfors.test"}):
        pass


def test_a_refusal_of_another_kind_is_handed_on_and_closes_nothing() -> None:
    limits = Limits(TestClock())

    with pytest.raises(Permanent), limits.passing("PUT", SEND, {}):
        raise Permanent("M_FORBIDDEN", 403)

    assert limits.messages.wait() == 0
