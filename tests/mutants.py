"""Changes the rules of care one by one, runs their tests, and writes to docs/mutants.md how many changes were noticed (`make mutants`).

Which modules are changed stands in pyproject.toml, [tool.mutmut].
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from bot.clock import MachineTime, SystemClock
from care.clock import local

HOUSE = Path(__file__).parents[1]
TABLE = HOUSE / "docs" / "mutants.md"
MUTMUT = str(Path(sys.executable).parent / "mutmut")
ENOUGH = 80
"""Per cent of the changes that the tests must notice."""

HEAD = """# Mutation testing

Each row counts small changes of one module ("mutants": a turned comparison, a changed number, a dropped argument). *Killed* means that
a test failed because of it, *timeout* that the tests did not end in time, *survived* that no test noticed. Run on {day} with
`make mutants` ({version}).

| module | mutants | killed | timeout | survived | not tested | killed of all |
|---|---|---|---|---|---|---|
"""


def tally(results: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how many mutants of each module ended how, from lines like `care.consent.x_covering__mutmut_1: killed`."""
    modules: dict[str, Counter[str]] = {}
    for line in results:
        name, separator, outcome = line.strip().rpartition(": ")
        if separator and "__mutmut_" in name:
            modules.setdefault(".".join(name.split(".")[:2]), Counter())[outcome] += 1
    return modules


def share(outcomes: Counter[str]) -> float:
    """Return the killed mutants in per cent of all; a timeout is not counted as killed."""
    return 100 * outcomes["killed"] / outcomes.total()


def row(name: str, outcomes: Counter[str]) -> str:
    """Return one line of the table; whatever is none of the three named outcomes was not tested."""
    named = [outcomes[outcome] for outcome in ("killed", "timeout", "survived")]
    numbers = " | ".join(str(number) for number in (outcomes.total(), *named, outcomes.total() - sum(named)))
    return f"| {name} | {numbers} | {share(outcomes):.1f} % |"


def report(modules: dict[str, Counter[str]], version: str, now: datetime) -> str:
    """Return the dated page; `now` is an instant, the date on it that of Stockholm."""
    total = sum(modules.values(), Counter[str]())
    rows = [row(name, outcomes) for name, outcomes in sorted(modules.items())]
    return HEAD.format(day=local(now).date(), version=version) + "\n".join([*rows, row("**all**", total), ""])


def said(*arguments: str) -> str:
    """Return what mutmut prints; raise CalledProcessError when it fails."""
    return subprocess.run([MUTMUT, *arguments], cwd=HOUSE, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Run, write the table and return 0 when enough mutants were killed."""
    subprocess.run([MUTMUT, "run", "--max-children", "2"], cwd=HOUSE, check=True)
    modules = tally(said("results", "--all", "true").splitlines())
    TABLE.write_text(report(modules, said("--version").strip(), SystemClock(MachineTime()).now()), "utf-8")
    score = share(sum(modules.values(), Counter[str]()))
    sys.stdout.write(f"{score:.1f} % killed, {TABLE.relative_to(HOUSE)}\n")
    return 0 if score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
