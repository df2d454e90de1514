from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import pytest

from web.app import application, serving
from web.health import Vitals, judge

WELL = Vitals(now=datetime(2026, 9, 1, 6, 0, tzinfo=UTC), clock="system", sync_age=12.34, pending=3, failed=0, oldest=1.26)


async def asked(vitals: Vitals) -> tuple[int, str, dict[str, object]]:
    async with (
        serving(application(Given(vitals)), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/health") as answer,
    ):
        return answer.status, answer.headers["Cache-Control"], await answer.json()


class Given:
    def __init__(self, vitals: Vitals) -> None:
        self.given = vitals

    async def vitals(self) -> Vitals:
        return self.given


@pytest.mark.parametrize(
    ("vitals", "state"),
    [
        (WELL, "ok"),
        (replace(WELL, oldest=None, pending=0), "ok"),
        (replace(WELL, sync_age=90.0), "ok"),
        (replace(WELL, sync_age=90.1), "degraded"),
        (replace(WELL, sync_age=600.0), "degraded"),
        (replace(WELL, sync_age=600.1), "down"),
        (replace(WELL, sync_age=None), "down"),
        (replace(WELL, oldest=300.0), "ok"),
        (replace(WELL, oldest=300.1), "degraded"),
        (replace(WELL, failed=1), "degraded"),
        (replace(WELL, stopped="database-full"), "down"),
        (replace(WELL, sync_age=None, standby=True), "standby"),
    ],
)
def test_the_state_follows_from_sync_outbox_and_intake(vitals: Vitals, state: str) -> None:
    assert judge(vitals) == state


async def test_health_is_served_with_clock_sync_and_outbox() -> None:
    assert await asked(WELL) == (
        200,
        "no-store",
        {
            "state": "ok",
            "stopped": "",
            "busy": False,
            "clock": {"now": "2026-09-01T06:00:00+00:00", "source": "system", "ticked": None},
            "sync": {"age_seconds": 12.3},
            "outbox": {"pending": 3, "failed": 0, "oldest_seconds": 1.3},
            "trust": {"identities_waiting": 0},
            "pace": {"per_minute": None, "expected_seconds": None},
        },
    )


async def test_health_tells_the_pace_that_the_homeserver_keeps_and_how_long_it_will_take() -> None:
    _, _, page = await asked(replace(WELL, per_minute=12.04, expected=2060.0))

    assert page["pace"] == {"per_minute": 12.0, "expected_seconds": 2060.0}


async def test_health_tells_how_many_people_wait_for_their_identity_to_be_accepted_and_is_not_worse_for_it() -> None:
    _, _, page = await asked(replace(WELL, identities=2))

    assert (page["state"], page["trust"]) == ("ok", {"identities_waiting": 2})


async def test_health_tells_which_instant_the_last_tick_looked_at_and_whether_something_is_in_hand() -> None:
    _, _, page = await asked(replace(WELL, ticked=WELL.now, busy=True))

    assert page["clock"] == {"now": "2026-09-01T06:00:00+00:00", "source": "system", "ticked": "2026-09-01T06:00:00+00:00"}
    assert page["busy"] is True


@pytest.mark.parametrize(
    ("vitals", "status", "state"),
    [
        (replace(WELL, failed=2), 200, "degraded"),
        (replace(WELL, sync_age=None, standby=True), 200, "standby"),
        (replace(WELL, sync_age=None, oldest=None), 503, "down"),
    ],
)
async def test_only_a_bot_that_is_down_answers_503(vitals: Vitals, status: int, state: str) -> None:
    answered, _, page = await asked(vitals)

    assert (answered, page["state"]) == (status, state)


async def test_a_port_that_is_taken_is_an_error() -> None:
    app = application(Given(WELL))
    async with serving(app, "127.0.0.1", 0) as port:
        with pytest.raises(OSError, match=str(port)):
            await serving(application(Given(WELL)), "127.0.0.1", port).__aenter__()
