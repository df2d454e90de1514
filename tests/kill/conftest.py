"""One demo for the kill tests: four cases, and the bot behind a proxy."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from demo.story.theatre import Theatre
from tests.kill.house import House, behind_proxy
from tests.kill.traffic import Traffic
from tests.stage import BARBRO, ESTER, HARALD, SVEN, accepted, opened, staged

PEOPLE = (ESTER, SVEN, BARBRO, HARALD)


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo behind the proxy, and who writes in it."""

    theatre: Theatre
    house: House
    traffic: Traffic


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A Tuesday morning at 07:30; Anna's and Noor's units work in four cases."""
    async with staged(tmp_path_factory.mktemp("kill") / "demo", "2026-09-01T07:30:00+02:00", "anna", "noor") as theatre:
        rooms: list[str] = []
        for person in PEOPLE:
            rooms.append(await opened(theatre, person, "k-alm-hsv", person.name))
            await accepted(theatre, ("noor", "k-alm-hsv"))
        anna, noor = theatre.people["anna"], theatre.people["noor"]
        for room in rooms:
            await noor.wait_membership(room)
        async with behind_proxy(theatre.demo) as house:
            yield Stage(theatre, house, Traffic(house, anna, noor, tuple(rooms)))
