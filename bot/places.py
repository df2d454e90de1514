"""The room of a place when something is to be done in it: known, made now, or missing; and the space that it is shown in.

A message may be due in an inbox before the row that makes it has had its turn: then the room is made at once, and the row finds it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import household
from bot.failures import Permanent
from bot.log import logger
from bot.performing import REFUSED, Errand, Performer
from care.clock import CivilClock, MachineClock
from care.effects import Attach, Group, Invite, OpenRoom, Place, PlaceKind, Rename, Say, Seal, case_room, inbox
from store import descriptions, index, outbox, rooms
from store.database import Database, Transaction
from store.directory import Roster
from store.keys import Vault, transit_scope

log = logger("bot.places")

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
        if isinstance(effect, Group):
            await self._group(effect, errand.room)
            return errand
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
            return known
        async with self._shelf.database.read() as tx:
            turn = await rooms.turn(tx, effect.place)
        room = await self._performer.make_room(effect, turn)
        async with self._shelf.database.write() as tx:
            await rooms.settle(tx, effect.place, room, self._shelf.machine.utc())
            told, kind = self._performer.descriptions, effect.place.kind
            await descriptions.note(tx, room, told.digest(kind), told.names(kind))
            await grouped(tx, self._shelf, effect.place, room)
        return room

    async def _group(self, effect: Group, room: str) -> None:
        """Show a room in the space of a unit while it belongs there, and lost ones no longer; a space still to be made gets it then."""
        async with self._shelf.database.read() as tx:
            space = await rooms.room_of(tx, household.space(effect.unit))
            belongs = effect.place.kind is PlaceKind.INBOX or effect.unit in await index.taking_part(tx, effect.place.id)
            gone = await rooms.lost_of(tx, effect.place)
        if not space:
            return
        try:
            for each in gone if belongs or not room else (*gone, room):
                await self._performer.release(space, each)
            if room and belongs:
                await self._performer.adopt(space, room)
        except Permanent as refused:
            # A space is a convenience: one that the bot is out of is made and filled anew, and no message waits for it.
            if refused.code not in REFUSED:
                raise
            log.warning("room.not_shown", room=room, reason=refused.code)


async def grouped(tx: Transaction, shelf: Shelf, place: Place, room: str) -> None:
    """Enqueue what a new room changes in its unit's space: an inbox is shown there, a space shows all that belongs in it."""
    if place.kind not in {PlaceKind.INBOX, PlaceKind.SPACE}:
        return
    cases = await index.cases_with(tx, place.id) if place.kind is PlaceKind.SPACE else ()
    children = (inbox(place.id), *(case_room(case) for case in cases))
    now = shelf.machine.utc()
    envelope = outbox.Envelope("", transit_scope(now), now, timedelta())
    await outbox.enqueue(tx, shelf.vault, [Group(_key(room, child), child, unit=place.id) for child in children], envelope)


def _key(room: str, child: Place) -> str:
    return f"space:{hashlib.sha256(f'{room} {child}'.encode()).hexdigest()[:32]}"


async def _again(tx: Transaction, place: Place) -> OpenRoom | None:
    """Return what makes a case's room that was lost; one that never had any is made by its opening alone."""
    case = await index.row_of(tx, place.id)
    return OpenRoom("", place, name=f"{case.number} {case.codename}") if case and await rooms.turn(tx, place) > 1 else None
