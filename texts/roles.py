"""Cheat sheets per role (`roles.toml`): what a vårdsamordnare, a nurse or a chief does with Samrum, in a few lines."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from care.effects import PlaceKind
from care.people import Directory, Member, Profession, Role, UnitType
from texts.glossary import folded


@dataclass(frozen=True, slots=True)
class Line:
    """A command by its Swedish name, the room in which it is typed, and why it is of use."""

    command: str
    where: PlaceKind
    why: str
    en_why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cheat sheet: what the role is called, `says` what it does, and whom it is for (all that is given must fit)."""

    key: str
    word: str
    en: str
    says: str
    en_says: str
    lines: tuple[Line, ...]
    also: tuple[str, ...] = ()
    types: frozenset[UnitType] = frozenset()
    professions: frozenset[Profession] = frozenset()
    roles: frozenset[Role] = frozenset()

    def fits(self, member: Member, directory: Directory) -> bool:
        """Whether the sheet is for what a person is in one unit."""
        unit = directory.units.get(member.unit)
        return (
            (not self.types or (unit is not None and unit.type in self.types))
            and (not self.professions or member.profession in self.professions)
            and (not self.roles or bool(self.roles & member.roles))
        )


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return all sheets, in the order of the file; raise ValueError for a room, type, profession or role that there is not."""
    rows = tomllib.loads((files("texts") / "roles.toml").read_text("utf-8"))["sheet"]
    return tuple(_sheet(row) for row in rows)


def _sheet(row: Mapping[str, Any]) -> Sheet:
    lines = tuple(Line(each["command"], PlaceKind(each["where"]), each["why"], each["en_why"]) for each in row["line"])
    return Sheet(
        **{name: row[name] for name in ("key", "word", "en", "says", "en_says")},
        lines=lines,
        also=tuple(row["also"]),
        types=frozenset(map(UnitType, row.get("types", ()))),
        professions=frozenset(map(Profession, row.get("professions", ()))),
        roles=frozenset(map(Role, row.get("roles", ()))),
    )


@cache
def _named() -> Mapping[str, Sheet]:
    return MappingProxyType({folded(name): sheet for sheet in sheets() for name in (sheet.key, sheet.word, sheet.en, *sheet.also)})


def sheet_called(word: str) -> Sheet | None:
    """Return the sheet of a role, by its Swedish or English word however it is spelled on a phone; None for another word."""
    return _named().get(folded(word))


def sheet_for(directory: Directory, user: str, unit: str = "") -> Sheet | None:
    """Return the sheet that fits what a person is, in one unit if it is named; None where none does."""
    held = [member for member in directory.memberships(user) if unit in {"", member.unit}]
    return next((sheet for sheet in sheets() if any(sheet.fits(member, directory) for member in held)), None)
