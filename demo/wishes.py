"""What a demo is asked to be, and what it answers when it is ready (the contract of its JSON line)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Trust = Literal["tofu", "cross-signed"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of a demo. A port of None is the usual one if it is free, 0 any free one. `clock` stands still where it is given.

    `database` is the URL of a database of PostgreSQL; without one the bot keeps a file of SQLite among its data.
    """

    data: Path
    port: int | None = None
    web_port: int | None = None
    clock: datetime | None = None
    trust: Trust = "tofu"
    limits: bool = False
    reset: bool = False
    database: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person who can log in."""

    user_id: str
    password: str
    roles: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class UnitRoom:
    """A unit and its inbox, None where nobody works who could read one."""

    id: str
    name: str
    inbox: str | None


@dataclass(frozen=True, slots=True)
class Ready:
    """Where everything is."""

    homeserver: str
    server_name: str
    bot: str
    control: str
    web: str
    mail: str
    bot_pid: int
    homeserver_pid: int
    database: str
    users: tuple[User, ...]
    units: tuple[UnitRoom, ...]
