"""A demo with its people at real clients, for the stories and the kill test: on a free port, its time standing still until moved."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from care.effects import direct, inbox
from demo.client import Clients, Event
from demo.services import running
from demo.story.theatre import Theatre
from demo.wishes import Wishes
from tests import databases

ANSWERED = 120.0
"""Real seconds for which a client looks for what must come: far more than a busy machine needs."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the demo data whose case is opened."""

    name: str
    number: str

    @property
    def born(self) -> str:
        """The year that confirms the opening."""
        return self.number[:4]


ESTER = Person("Ester Demoson", "19351217-2382")
SVEN = Person("Sven Exempelgren", "19420827-2395")
BARBRO = Person("Barbro Provlund", "19450120-2388")
HARALD = Person("Harald Provberg", "19380205-2393")


@asynccontextmanager
async def staged(data: Path, begins: str, *names: str) -> AsyncGenerator[Theatre]:
    """Run a demo from an instant on, and let people enter: each sits in the direct room with the bot."""
    with databases.empty(data) as url:
        database = url if databases.POSTGRES else ""
        wishes = Wishes(data, port=0, web_port=0, clock=datetime.fromisoformat(begins), database=database)
        async with running(wishes) as demo, Clients(demo.world.homeserver.url, data.parent / "clients.log") as clients:
            theatre = Theatre(demo, clients)
            await theatre.enter(*names)
            for name in names:
                theatre.watch(f"Direkt {name}", demo.ledger.room(direct(theatre.people[name].user)), name)
            yield theatre


async def opened(theatre: Theatre, person: Person, units: str, label: str, *, by: str = "anna") -> str:
    """Open a case for a person in one line and confirm it; return the room, which is then known by the label."""
    client = theatre.people[by]
    before = {client.seen.state(room).name for room in client.seen.joined()}
    await theatre.say(
        by,
        f"Direkt {by}",
        f'!ärende starta {person.number} skyddad=nej samtycke=muntligt namn="{person.name}" samråd=ja perspektiv="omvårdnad" '
        f'syfte="Trygg hemgång" enheter={units}',
    )
    await theatre.say(by, f"Direkt {by}", f"ja {person.born}")
    room = await client.wait_room(lambda state: state.name.startswith("SÄ-") and state.name not in before, ANSWERED)
    theatre.watch(label, room, by)
    await theatre.settle()
    return room


async def accepted(theatre: Theatre, *who: tuple[str, str]) -> None:
    """Let people accept for their units, each in the unit's inbox, the one case that waits there."""
    for name, unit in who:
        theatre.watch(f"Inkorg {unit}", theatre.demo.ledger.room(inbox(unit)), name)
        await theatre.say(name, f"Inkorg {unit}", "!aktör tacka ja")


def since_joining(events: tuple[Event, ...], user: str) -> tuple[Event, ...]:
    """Return what was said after a person came in: what was said while they were only invited, they see but are given no key for."""
    joins = [n for n, e in enumerate(events) if e.type == "m.room.member" and e.state_key == user and e.content.get("membership") == "join"]
    return events[joins[0] :] if joins else events
