from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.clock import BackwardsError, DemoClock, next_morning

TUESDAY = datetime(2026, 9, 1, 5, 55, tzinfo=UTC)
REAL = datetime(2026, 11, 21, 12, 0, 0, 123_987, tzinfo=UTC)


@dataclass
class Machine:
    real: datetime = REAL

    def utc(self) -> datetime:
        return self.real

    def monotonic(self) -> float:
        return self.real.timestamp()


async def test_time_stands_still_until_it_is_told_to_run(tmp_path: Path) -> None:
    machine = Machine()
    clock = DemoClock(tmp_path / "clock.json", machine, TUESDAY)

    machine.real += timedelta(minutes=1)
    assert clock.now() == TUESDAY

    await clock.run(60)
    machine.real = clock.newest.real + timedelta(minutes=1)
    assert clock.now() == TUESDAY + timedelta(hours=1)


async def test_a_later_start_finds_the_time_that_an_earlier_one_left(tmp_path: Path) -> None:
    machine = Machine()
    before = DemoClock(tmp_path / "clock.json", machine, TUESDAY)
    await before.stand(TUESDAY + timedelta(days=3))

    after = DemoClock(tmp_path / "clock.json", machine, TUESDAY)

    assert after.now() == TUESDAY + timedelta(days=3)
    assert after.told()["anchors"] == before.told()["anchors"]


async def test_time_that_is_set_back_stays_as_it_was(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "clock.json", Machine(), TUESDAY)

    with pytest.raises(BackwardsError, match="07:55:00"):
        await clock.stand(TUESDAY - timedelta(microseconds=1))

    assert clock.now() == TUESDAY


async def test_a_message_dated_in_whole_milliseconds_right_after_a_jump_is_after_it(tmp_path: Path) -> None:
    machine = Machine()
    clock = DemoClock(tmp_path / "clock.json", machine, TUESDAY)
    machine.real += timedelta(seconds=1)

    await clock.stand(TUESDAY + timedelta(hours=1))

    assert clock.newest.real <= machine.real.replace(microsecond=123_000)


async def test_anchors_made_in_the_same_moment_follow_each_other(tmp_path: Path) -> None:
    clock = DemoClock(tmp_path / "clock.json", Machine(), TUESDAY)

    reals = [clock.newest.real]
    for _ in range(3):
        await clock.run(0)
        reals.append(clock.newest.real)

    assert reals == sorted(set(reals))


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-09-01T07:54:00+02:00", "2026-09-01T07:55:00+02:00"),
        ("2026-09-01T07:56:00+02:00", "2026-09-02T07:55:00+02:00"),
        ("2026-09-05T06:00:00+02:00", "2026-09-07T07:55:00+02:00"),
        ("2026-12-23T12:00:00+01:00", "2026-12-28T07:55:00+01:00"),
        ("2026-10-23T12:00:00+02:00", "2026-10-26T07:55:00+01:00"),
    ],
)
def test_a_demo_begins_on_the_next_morning_of_a_working_day(now: str, morning: str) -> None:
    assert next_morning(datetime.fromisoformat(now)) == datetime.fromisoformat(morning)
