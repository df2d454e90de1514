"""How long a message is read: the lines that staff type and texts of 8 000 letters, with the units of a small region and of a large one.

At most 2 ms at p99, as processor time: what else the machine does is no part of it. `python -m bench.reading` measures it alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from time import thread_time
from types import MappingProxyType

from bench.figures import Figure, percentile, table
from care.effects import PlaceKind
from care.people import Directory
from commands.catalogue import COMMANDS
from commands.reading import Scene, read
from demo import region
from tests.commands.reading.lines import lines
from tests.commands.region import NOW

LARGE, ROUNDS = 1200, 20
LIMIT = 2.0
SERVER = "almfors.test"
ACTORS = ("vc-norrgard", "k-alm-bist", "k-alm-hsv", "k-alm-ht")
LETTERS = 7900
"""Letters of a long text; a little more is refused as too long."""
PROSE = "Hon har haft en lugn natt (temp=37,5) och gick upp kl. 7: frukost, medicin – sedan vila. Se ”planen” på sidan 3/4! "
LONG = tuple(f"!fråga hemsjukvården {(part * LETTERS)[:LETTERS]}" for part in (PROSE, "a ", "ord ", "x"))
DENSE = tuple(f"!fråga hemsjukvården {(part * LETTERS)[:LETTERS]}" for part in ('"hem idag" x=5 och ', "x=5 ", '"a" ', "'a' x=5 \"b\" "))


def regions() -> tuple[Directory, Directory]:
    """Return the directory of the demo, and one with so many more units of the same kinds and names."""
    small = region.load(SERVER)
    copies = range(LARGE // len(small.units))
    units = {
        f"{unit.id}-{n}" if n else unit.id: replace(unit, id=f"{unit.id}-{n}", name=f"{unit.name} {n}") if n else unit
        for n in copies
        for unit in small.units.values()
    }
    return small, replace(small, units=MappingProxyType(units))


def timed(typed: str, scene: Scene) -> float:
    """Return how many milliseconds of the processor a message takes."""
    start = thread_time()
    read(typed, COMMANDS, scene)
    return (thread_time() - start) * 1000


def figures(directory: Directory, messages: Sequence[tuple[PlaceKind, str]]) -> tuple[Figure, ...]:
    """Measure the messages in one directory; the first of all finds its units not looked up before."""
    scenes = {
        kind: Scene(kind, NOW, directory, ACTORS if kind is PlaceKind.CASE else (), f"@samrum:{SERVER}", "Samrum") for kind in PlaceKind
    }
    first = timed("!fråga hsv Hej", scenes[PlaceKind.CASE])
    taken = [timed(typed, scenes[kind]) for _ in range(ROUNDS) for kind, typed in messages]
    long, dense = ([timed(typed, scenes[PlaceKind.CASE]) for _ in range(ROUNDS) for typed in texts] for texts in (LONG, DENSE))
    units = f"{len(directory.units)} units"
    return (
        Figure("reading", f"a message read, {units}, p50 of {len(messages)} lines", percentile(taken, 50), "ms"),
        Figure("reading", f"a message read, {units}, p99 of {len(messages)} lines", percentile(taken, 99), "ms", LIMIT),
        Figure("reading", f"a text of {LETTERS} letters, {units}, p99", percentile(long, 99), "ms", LIMIT),
        Figure("reading", f"the same, dense with quotations and x=5, {units}, p99", percentile(dense, 99), "ms", LIMIT),
        Figure("reading", f"the first message of a new directory, {units}", first, "ms"),
    )


def measured() -> tuple[Figure, ...]:
    """Measure in both directories."""
    messages = tuple((kind, typed) for kind, typed, _ in lines())
    return tuple(figure for directory in regions() for figure in figures(directory, messages))


def main() -> None:
    """Measure and print."""
    print(table(measured()))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
