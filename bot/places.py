"""The room of a place when something is to be done in it: known, made now, or missing.

A message may be due in an inbox before the row that makes it has had its turn: then the room is made at once, and the row finds it.
"""

from dataclasses import dataclass, replace

from bot import household
from bot.performing import Errand, Performer
from care.clock import CivilClock, MachineClock
from care.effects import Attach, Invite, OpenRoom, Place, PlaceKind, Rename, Say, Seal, inbox
from store import descriptions, index, rooms
from store.database import Database, Transaction
from store.directory import Roster
from store.keys import Vault

ENTERING = Say | Attach | Invite
"""What makes the room of a household place if it has none."""
RETURNING = ENTERING | Seal | Rename
"""What makes the room of a case anew if it has lost it, as when a closed case is opened again."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What delivery reads and writes, and the clocks that it lives by."""

    database: Database
    vault: Vault
    roster: Roster
    machine: MachineClock
    civil: CivilClock


class Places:
    """Finds and makes rooms."""

    def __init__(self, shelf: Shelf, performer: Performer) -> None:
        self._shelf = shelf
        self._performer = performer

    async def enter(self, errand: Errand) -> Errand:
        """Return the errand with the room of its place; raise as the edge does when it is made."""
        effect = errand.row.effect
        if isinstance(effect, OpenRoom):
            return replace(errand, room=await self._open(effect, errand.room))
        if errand.room or not isinstance(effect, RETURNING if effect.place.kind is PlaceKind.CASE else ENTERING):
            return errand
        opening = await self._opening(effect.place)
        return replace(errand, room=await self._open(opening, "")) if opening else errand

    async def _opening(self, place: Place) -> OpenRoom | None:
        async with self._shelf.database.read() as tx:
            directory = await self._shelf.roster.read(tx)
            if place.kind is PlaceKind.CASE:
                return await _again(tx, place)
        if place not in household.wanted(directory):
            return None
        return OpenRoom("", place, name=household.name_of(place, directory))

    async def _open(self, effect: OpenRoom, known: str) -> str:
        if known:
            room = known
        else:
            async with self._shelf.database.read() as tx:
                turn = await rooms.turn(tx, effect.place)
            room = await self._performer.make_room(effect, turn)
        async with self._shelf.database.write() as tx:
            if not known:
                await rooms.settle(tx, effect.place, room, self._shelf.machine.utc())
                told, kind = self._performer.descriptions, effect.place.kind
                await descriptions.note(tx, room, told.digest(kind), told.names(kind))
            pair = await _with_space(tx, effect.place)
        if pair:
            await self._performer.adopt(*pair)
        return room


async def _again(tx: Transaction, place: Place) -> OpenRoom | None:
    """Return what makes a case's room that was lost; one that never had any is made by its opening alone."""
    case = await index.row_of(tx, place.id)
    return OpenRoom("", place, name=f"{case.number} {case.codename}") if case and await rooms.turn(tx, place) > 1 else None


async def _with_space(tx: Transaction, place: Place) -> tuple[str, str] | None:
    """Return the space and the inbox of a unit when both are there: whichever is made last joins them."""
    if place.kind not in {PlaceKind.INBOX, PlaceKind.SPACE}:
        return None
    space, box = await rooms.room_of(tx, household.space(place.id)), await rooms.room_of(tx, inbox(place.id))
    return (space, box) if space and box else None
