"""Lines as staff type them, and what the real commands make of them: read from `lines.txt`, one to a row, by the room they are typed in.

`typed → outcome`. An outcome is `name | argument=value …` (and `asks`, what a form asks for first), `? reason at the place` (and what is
offered instead), or `talk`. `\\n`, `\\u200b` and the like stand for what cannot be seen.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from care.clock import local
from care.effects import PlaceKind
from care.people import Unit
from commands.catalogue import COMMANDS
from commands.reading import Invocation, Misread, Talk, read
from tests.commands.region import scene

FILE = Path(__file__).parent / "lines.txt"
SHOWN = 14
"""Letters of the place that is pointed at."""


def lines() -> Iterator[tuple[PlaceKind, str, str]]:
    """Yield the room, what is typed, and what comes of it."""
    place = PlaceKind.CASE
    for row in FILE.read_text(encoding="utf-8").splitlines():
        if row.startswith("# "):
            place = PlaceKind(row.split()[1])
        elif " → " in row:
            typed, outcome = row.split(" → ")
            yield place, typed.strip().replace("\\n", "\n").replace("\\u200b", "\u200b").replace("\\u00a0", "\u00a0"), outcome.strip()


def outcome_of(place: PlaceKind, typed: str) -> str:
    """Return what comes of a line, in the words of the file."""
    found = read(typed, COMMANDS, scene(place))
    match found:
        case Invocation():
            values = [f"{found.command.parameter(name).word}={shown(value)}" for name, value in found.values.items()]
            return " | ".join([found.command.name, *values]) + (f" | asks {', '.join(found.missing)}" if found.missing else "")
        case Misread():
            offered = (found.nearest.name,) if found.nearest else cast("tuple[str, ...]", found.values.get("candidates", ()))
            place_of_caret = typed[found.at :].replace("\n", " ")[:SHOWN].strip() or "the end"
            return f"? {found.reason} at {place_of_caret}" + (f" (meant: {', '.join(offered)})" if offered else "")
        case Talk():
            return "talk"


def shown(value: object) -> str:
    """Return a value in short."""
    if isinstance(value, tuple):
        return "+".join(map(shown, cast("tuple[object, ...]", value))) or "all"
    if isinstance(value, Unit):
        return value.id
    if isinstance(value, datetime):
        return f"{local(value.astimezone(UTC)):%Y-%m-%d %H:%M}"
    return str(value).replace("\n", "\\n")
