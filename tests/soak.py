"""`python -m tests.soak`: the kill test a thousand times over, and each kind of outage for a minute; the figures go to docs/soak.md.

`--limits` takes a wave under Synapse's own limits instead, some ten minutes of it.

It may be ended and begun again: each portion is a run of its own on a new homeserver, and counts when it was green (docs/soak.jsonl).
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "docs" / "soak.jsonl"
PAGE = ROOT / "docs" / "soak.md"
KILLS, OUTAGES, LIMITS = "tests/kill/test_kill.py", "tests/kill/test_outage.py", "tests/bot/test_default_limits.py"
WAVE = 60
"""Messages of a wave under Synapse's own limits."""

Run = Mapping[str, object]


def main() -> int:
    """Run the portions and write the page; return the status of the first run that was not green."""
    options = _options()
    status = _limits() if options.limits else _troubles(options)
    PAGE.write_text(page(_kept()), encoding="utf-8")
    return status


def _troubles(options: argparse.Namespace) -> int:
    status = 0 if options.kills_only else _pytest(OUTAGES, {"SAMRUM_OUTAGE_SECONDS": str(options.outage)})
    left = options.kills
    while left > 0 and status == 0:
        portion = min(left, options.portion)
        status, left = _pytest(KILLS, {"SAMRUM_KILLS": str(portion)}), left - portion
    return status


def _limits() -> int:
    return _pytest(LIMITS, {"SAMRUM_LIMITS_MESSAGES": str(WAVE)}, marker="homeserver")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Kill and cut off a bot at work, many times over.")
    parser.add_argument("--kills", type=int, default=1000, help="kills in this run (1000)")
    parser.add_argument("--portion", type=int, default=100, help="kills on one homeserver (100)")
    parser.add_argument("--outage", type=int, default=60, help="seconds of each kind of outage (60)")
    parser.add_argument("--kills-only", action="store_true", help="leave out the outages")
    parser.add_argument("--limits", action="store_true", help=f"only {WAVE} messages at once under Synapse's own limits")
    return parser.parse_args()


def _pytest(file: str, wishes: dict[str, str], *, marker: str = "kill") -> int:
    environ = {**os.environ, "SAMRUM_SOAK_RECORD": str(KEPT), **wishes}
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", marker, file], cwd=ROOT, env=environ, check=False).returncode


def _kept() -> tuple[Run, ...]:
    return tuple(json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()) if KEPT.exists() else ()


def page(runs: Sequence[Run]) -> str:
    """Return the page of all runs that were kept."""
    kills = [run for run in runs if run["test"] == "kill"]
    outages = [run for run in runs if run["test"] == "outage"]
    waves = [run for run in runs if run["test"] == "limits"]
    total = sum(int(str(run["kills"])) for run in kills)
    lines = (
        "# Soak",
        "",
        "Written by `make soak` from `docs/soak.jsonl`, which holds the runs that were green: after the kills of a run each command had",
        "one event in the journal and one message, in order, known to the bot and readable by two independent clients.",
        "",
        "## Killed at work",
        "",
        f"Kills so far: {total} (runs: {len(kills)}).",
        "",
        "| ended | database | kills | commands | minutes | seed | where |",
        "|---|---|--:|--:|--:|--:|---|",
        *(_killed(run) for run in kills),
        "",
        *_phases(kills),
        "## The homeserver in trouble",
        "",
        "A running bot with messages to deliver, and people who write meanwhile; requests are counted where the homeserver would be.",
        "",
        "| ended | trouble | seconds | requests | closest | all done after |",
        "|---|---|--:|--:|--:|--:|",
        *(_cut_off(run) for run in outages),
        "",
        *_limited(waves),
    )
    return "\n".join(lines)


def _killed(run: Run) -> str:
    found = ", ".join(f"{phase} {count}" for phase, count in _moments(run).items())
    cells = (run["ended"], run["database"], run["kills"], run["commands"], f"{int(str(run['seconds'])) / 60:.0f}", run["seed"], found)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _phases(kills: Iterable[Run]) -> tuple[str, ...]:
    found: Counter[str] = Counter()
    for run in kills:
        found.update(_moments(run))
    return ("| moment | kills |", "|---|--:|", *(f"| {phase} | {count} |" for phase, count in sorted(found.items())), "")


def _moments(run: Run) -> Mapping[str, int]:
    return cast("Mapping[str, int]", run["phases"])


def _cut_off(run: Run) -> str:
    cells = (run["ended"], run["trouble"], f"{float(str(run['seconds'])):.0f}", run["requests"], f"{run['closest']} s", f"{run['back']} s")
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _limited(waves: Sequence[Run]) -> tuple[str, ...]:
    if not waves:
        return ()
    return (
        "## Under Synapse's own limits",
        "",
        "A wave of messages with a reaction each, ordered at once; what the bot foretold is from when it had learned the pace.",
        "",
        "| ended | messages | seconds | by default | foretold | then took |",
        "|---|--:|--:|--:|--:|--:|",
        *(_wave(run) for run in waves),
        "",
    )


def _wave(run: Run) -> str:
    cells = (run["ended"], run["messages"], run["seconds"], f"{run['by_default']} s", f"{run['foretold']} s", f"{run['took']} s")
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
