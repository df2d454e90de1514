"""What happens to the room of a case without anybody having asked for it (architecture 8 and invariant 6).

The homeserver's word leads to these events, not a person's: their author is the edge. They are journalled so that it can be told
afterwards who could read what, and in which room.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.case import Case, Entry, Event, drop


class Fate(StrEnum):
    """How a room was lost: the bot was put out of it, or the homeserver put another in its place that cannot be trusted."""

    REMOVED = "removed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Happening(Event):
    """What the edge saw. It changes nothing about the case unless the event says otherwise."""

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Return the case as it was."""
        return case


@dataclass(frozen=True, slots=True)
class RoomLost(Happening):
    """The bot is no longer in the room; a new one is made, and those who took part are invited again."""

    kind: ClassVar[str] = "room.lost"
    fate: Fate

    def facts(self) -> Mapping[str, str]:
        """Return how it was lost (statistics)."""
        return {"fate": str(self.fate)}


@dataclass(frozen=True, slots=True)
class RoomMoved(Happening):
    """The homeserver upgraded the room; its successor holds to everything that the bot's rooms hold to, and is used from now on."""

    kind: ClassVar[str] = "room.moved"


@dataclass(frozen=True, slots=True)
class RoomWeakened(Happening):
    """Somebody else changed what protects the room; `what` are the Matrix state types, `restored` whether all could be set right."""

    kind: ClassVar[str] = "room.weakened"
    what: tuple[str, ...]
    restored: bool


@dataclass(frozen=True, slots=True)
class StrangerRemoved(Happening):
    """Somebody was in the room who does not belong there, and was removed (invariant 6). No key was given."""

    kind: ClassVar[str] = "room.stranger"
    user: str


@dataclass(frozen=True, slots=True)
class PersonLeft(Event):
    """A participant left the room or declined its invitation, or was put out by another than the bot; `!delta` leads back."""

    kind: ClassVar[str] = "room.left"
    user: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Take the person out of the case."""
        return parted(case, self.user)


@dataclass(frozen=True, slots=True)
class PersonWithdrawn(Event):
    """A participant stands for none of the actor units any more (the directory says so), and is removed."""

    kind: ClassVar[str] = "room.withdrawn"
    user: str

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Take the person out of the case."""
        return parted(case, self.user)


def parted(case: Case, user: str) -> Case:
    """Return the case without a person; a unit whose handler it was has none until somebody accepts or enters anew."""
    actors = {
        unit: replace(
            actor,
            people=tuple(each for each in actor.people if each != user),
            handler="" if actor.handler == user else actor.handler,
        )
        for unit, actor in case.actors.items()
    }
    return replace(case, actors=MappingProxyType(actors), participants=drop(case.participants, user))


def emptied(before: Case, after: Case) -> tuple[str, ...]:
    """Return the units that had somebody in the case before a step, and have nobody after it."""
    return tuple(unit for unit in after.actors if before.users_of(unit) and not after.users_of(unit))
