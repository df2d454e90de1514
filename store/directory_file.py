"""The directory as a file: principals, units and members in TOML, as an administrator writes and imports them.

    [huvudman.region-almfors]     name, kind, kontaktenhet
    [unit.vc-norrgard]            name, type, huvudman, hours, jour, phone, aliases, system, open
    [[member]]                    user, name, unit, roles, profession, on_duty

`hours` is "08:00-17:00", wall time on working days, or "dygnet runt". `user` is a Matrix user id, or a localpart of the own
server. A member without `unit` holds a system role. Anything else in the file is an error: a word that is silently passed
over would be a unit that nobody reaches.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from care.people import Directory, Huvudman, HuvudmanKind, Member, Profession, Role, Unit, UnitType

ROUND_THE_CLOCK = "dygnet runt"
SYSTEM_ROLES = frozenset({Role.SYSTEMFORVALTARE})
HOURS = re.compile(r"([0-2]\d:[0-5]\d)-([0-2]\d:[0-5]\d)")


class DirectoryFileError(ValueError):
    """The file is not a directory; each line names a place in it (`unit.vc-norrgard.hours`) and what is wrong there."""


def _hours(value: object) -> object:
    if value == ROUND_THE_CLOCK:
        return None
    found = HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'write "08:00-17:00" or "{ROUND_THE_CLOCK}"')
    opens, closes = (time.fromisoformat(text) for text in found.groups())
    if opens >= closes:
        raise ValueError("a unit opens before it closes")
    return opens, closes


Text = Annotated[str, Field(min_length=1)]
User = Annotated[str, Field(pattern=r"^(@[a-z0-9._=/+-]+:\S+|[a-z0-9._=/+-]+)$")]
Hours = Annotated[tuple[time, time] | None, BeforeValidator(_hours)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Huvudman(_Entry):
    name: Text
    kind: HuvudmanKind
    kontaktenhet: str | None = None


class _Unit(_Entry):
    name: Text
    type: UnitType
    huvudman: str
    hours: Hours = (time(8), time(17))
    jour: str = ""
    phone: str = ""
    aliases: tuple[Text, ...] = ()
    system: str = "Samrum"
    open: bool = True


class _Member(_Entry):
    user: User
    name: Text
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    unit: str = ""
    profession: Profession | None = None
    on_duty: bool = False


class _File(_Entry):
    huvudman: dict[str, _Huvudman]
    unit: dict[str, _Unit]
    member: tuple[_Member, ...] = ()


def load(path: Path, server_name: str) -> Directory:
    """Read a file; raise DirectoryFileError for one that is not right, OSError for one that cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DirectoryFileError(f"{path}: {error}") from error
    try:
        return directory(table, server_name)
    except DirectoryFileError as error:
        raise DirectoryFileError(f"{path}:\n{error}") from error


def directory(table: Mapping[str, object], server_name: str) -> Directory:
    """Return the directory that a TOML table describes; raise DirectoryFileError with all that is wrong."""
    try:
        file = _File.model_validate(table)
    except ValidationError as error:
        raise DirectoryFileError(_complaints(error)) from error
    members = tuple(_member(entry, server_name) for entry in file.member)
    if wrong := "\n".join((*_loose_ends(file), *_contradictions(members))):
        raise DirectoryFileError(wrong)
    return Directory(
        huvudman=MappingProxyType({id_: _huvudman(id_, entry) for id_, entry in file.huvudman.items()}),
        units=MappingProxyType({id_: _unit(id_, entry) for id_, entry in file.unit.items()}),
        members=members,
    )


def _complaints(error: ValidationError) -> str:
    return "\n".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())


def _loose_ends(file: _File) -> Iterator[str]:
    for id_, huvudman in file.huvudman.items():
        if huvudman.kontaktenhet is not None and huvudman.kontaktenhet not in file.unit:
            yield f"huvudman.{id_}.kontaktenhet: no unit {huvudman.kontaktenhet!r}"
    for id_, unit in file.unit.items():
        if unit.huvudman not in file.huvudman:
            yield f"unit.{id_}.huvudman: no huvudman {unit.huvudman!r}"
    for place, member in enumerate(file.member):
        if member.unit and member.unit not in file.unit:
            yield f"member.{place}.unit: no unit {member.unit!r}"


def _contradictions(members: tuple[Member, ...]) -> Iterator[str]:
    for place, member in enumerate(members):
        if (member.roles == SYSTEM_ROLES) == bool(member.unit):
            yield f"member.{place}.roles: {Role.SYSTEMFORVALTARE} is held without a unit, and nothing else is"
    for (user, unit), times in Counter((member.user, member.unit) for member in members).items():
        if times > 1:
            yield f"member: {user} is {times} times in {unit!r}"


def _huvudman(id_: str, entry: _Huvudman) -> Huvudman:
    return Huvudman(id_, entry.name, entry.kind, entry.kontaktenhet)


def _unit(id_: str, entry: _Unit) -> Unit:
    return Unit(
        id=id_,
        name=entry.name,
        type=entry.type,
        huvudman=entry.huvudman,
        hours=entry.hours,
        on_call=entry.jour,
        phone=entry.phone,
        aliases=entry.aliases,
        system=entry.system,
        open=entry.open,
    )


def _member(entry: _Member, server_name: str) -> Member:
    user = entry.user if entry.user.startswith("@") else f"@{entry.user}:{server_name}"
    return Member(user, entry.unit, entry.roles, entry.profession, entry.name, entry.on_duty)
