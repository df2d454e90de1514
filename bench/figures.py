"""What was measured, and the one table that shows it: on the terminal, and in docs/performance.md."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value in a unit of its own; `goal` is the most that it may be, None where nothing is asked of it."""

    part: str
    what: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the goal was reached."""
        return self.goal is None or self.value <= self.goal

    @property
    def verdict(self) -> str:
        """Say whether the goal was reached, "" without a goal."""
        if self.goal is None:
            return ""
        return "kept" if self.kept else "MISSED"


def spread(part: str, what: str, taken: Sequence[float], unit: str = "ms") -> tuple[Figure, ...]:
    """Return median, 95th and 99th percentile of what was taken."""
    return tuple(Figure(part, f"{what}, p{share}", percentile(taken, share), unit) for share in (50, 95, 99))


def percentile(taken: Sequence[float], share: int) -> float:
    """Return the value below which so many percent of the values lie; the only one of a single value."""
    if len(taken) < 2:  # noqa: PLR2004 - two are what quantiles need
        return taken[0]
    return statistics.quantiles(taken, n=100, method="inclusive")[share - 1]


def table(figures: Iterable[Figure]) -> str:
    """Return the table for a terminal."""
    return "\n".join(
        f"{each.part:<9} {each.what:<78} {_plain(each.value):>9} {each.unit:<6} {_goal(each):>9}  {each.verdict}".rstrip()
        for each in figures
    )


def document(figures: Iterable[Figure], about: Iterable[str]) -> str:
    """Return the page: what was measured where and when, and the table."""
    rows = (f"| {each.part} | {each.what} | {_plain(each.value)} {each.unit} | {_goal(each)} | {each.verdict} |" for each in figures)
    head = ("| part | what | measured | goal | |", "|---|---|--:|--:|---|")
    lines = ("# Performance", "", "Written by `make bench`; figures of one run, on one machine.", "", *(f"* {line}" for line in about), "")
    return "\n".join((*lines, *head, *rows, ""))


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - three digits are read


def _goal(figure: Figure) -> str:
    return "" if figure.goal is None else f"≤ {_plain(figure.goal)}"
