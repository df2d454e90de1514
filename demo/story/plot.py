"""The plot: Ester Demoson's case, with what goes wrong on the way, and the check list of what was promised and seen."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from demo.client import Clients
from demo.services import Demo
from demo.story import beginning, ending, meeting, questions
from demo.story.theatre import Theatre

Scene = Callable[[Theatre], Awaitable[None]]

SCENES: tuple[Scene, ...] = (
    beginning.refusals,
    beginning.opening,
    beginning.actors,
    questions.asked,
    questions.digests,
    questions.missed,
    questions.answered,
    meeting.called,
    meeting.moved,
    meeting.weekend,
    meeting.held,
    ending.plan,
    ending.followed_up,
    ending.closed,
    ending.nothing_leaked,
)

BEGINS = "2026-04-27 07:50"
"""A Monday; the Friday after it is a public holiday."""


async def play(demo: Demo) -> bool:
    """Play the whole story, print what people see, and return whether every promise was kept."""
    async with Clients(demo.world.homeserver.url, Path(demo.world.data) / "story-client.log") as clients:
        theatre = Theatre(demo, clients)
        await theatre.until(BEGINS)
        await theatre.enter("anna", "ulla", "noor", "tage", "disa")
        for scene in SCENES:
            await scene(theatre)
            await theatre.show()
    return _listed(theatre)


def _listed(theatre: Theatre) -> bool:
    print("\n\n=== Vad som var lovat, och sågs ===")
    for box in theatre.boxes:
        print(f"[{'x' if box.kept else ' '}] {box.promise}" + (f"  – {box.seen}" if box.seen else ""))
    missing = sum(not box.kept for box in theatre.boxes)
    print(f"\n{len(theatre.boxes) - missing} av {len(theatre.boxes)} sedda.")
    return missing == 0
