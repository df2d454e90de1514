"""The page of the soak tells what was kept, and no more."""

from tests.soak import page

KILLS = {"test": "kill", "database": "SQLite", "ended": "2026-09-01 12:00", "seconds": 600, "seed": 7, "kills": 60, "commands": 140}
RUNS = (
    {**KILLS, "phases": {"after HTTP send": 20, "before HTTP send": 40}},
    {**KILLS, "seed": 8, "kills": 40, "phases": {"before HTTP send": 40}},
    {"test": "outage", "ended": "2026-09-01 13:00", "trouble": "502", "seconds": 60.0, "requests": 59, "closest": 1.0, "back": 4.2},
)


def test_kills_are_summed_over_the_runs_and_by_moment() -> None:
    said = page(RUNS)

    assert "Kills so far: 100 (runs: 2)." in said
    assert "| before HTTP send | 80 |" in said
    assert "| after HTTP send | 20 |" in said


def test_each_run_stands_with_the_seed_that_repeats_it() -> None:
    assert "| 2026-09-01 12:00 | SQLite | 60 | 140 | 10 | 7 | after HTTP send 20, before HTTP send 40 |" in page(RUNS)


def test_an_outage_stands_with_its_requests() -> None:
    assert "| 2026-09-01 13:00 | 502 | 60 | 59 | 1.0 s | 4.2 s |" in page(RUNS)


def test_a_wave_stands_with_what_was_foretold_of_it_and_what_it_took() -> None:
    wave = {"test": "limits", "ended": "2026-09-01 14:00", "messages": 60, "seconds": 580, "by_default": 570, "foretold": 540, "took": 560}

    assert "| 2026-09-01 14:00 | 60 | 580 | 570 s | 540 s | 560 s |" in page((*RUNS, wave))
    assert "Synapse's own limits" not in page(RUNS)


def test_nothing_kept_is_nothing_claimed() -> None:
    assert "Kills so far: 0 (runs: 0)." in page(())
