"""A reader without a homeserver, and people who encrypt for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.matrix.counterparts import ANNA, MALLORY, Bot, Homeserver, Person, open_stores


@pytest.fixture
def server() -> Homeserver:
    return Homeserver()


@pytest.fixture
def bot(tmp_path: Path, server: Homeserver) -> Iterator[Bot]:
    made = Bot(tmp_path / "bot", server)
    with open_stores(made.machine):
        yield made


@pytest.fixture
def anna(tmp_path: Path, bot: Bot, server: Homeserver) -> Iterator[Person]:
    made = Person(tmp_path / "anna", ANNA)
    made.meet(bot.machine)
    server.knows(made)
    with open_stores(made.machine):
        yield made


@pytest.fixture
def mallory(tmp_path: Path, bot: Bot, server: Homeserver) -> Iterator[Person]:
    made = Person(tmp_path / "mallory", MALLORY)
    made.meet(bot.machine)
    server.knows(made)
    with open_stores(made.machine):
        yield made
