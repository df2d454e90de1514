"""In which language people and rooms are spoken to: a person has chosen one, a room of several has that of the installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from care.effects import Place, PlaceKind


class Language(StrEnum):
    """The languages that every text exists in."""

    SV = "sv"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of `rooms`, and of the people (by Matrix user id) who have chosen one."""

    rooms: Language = Language.SV
    people: Mapping[str, Language] = field(default_factory=lambda: MappingProxyType({}))

    def to(self, user: str) -> Language:
        """Return the language of a person: who has chosen none is spoken to as the rooms are."""
        return self.people.get(user, self.rooms)

    def at(self, place: Place) -> Language:
        """Return the language of a place: a direct room is one person's."""
        return self.to(place.id) if place.kind is PlaceKind.DIRECT else self.rooms
