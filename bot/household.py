"""The rooms that the bot keeps in step with the directory, and who may read in each (architecture 5, invariant 6).

One direct room for each person, an inbox and a space for each unit, the admin room. What is wanted is compared with the seats and names
that have been given; the difference becomes effects, each with a key of its own, so that a person who comes back is invited again.
"""

import asyncio
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from care.clock import MachineClock
from care.effects import ADMIN, Effect, Invite, OpenRoom, Place, PlaceKind, Remove, Rename, direct, inbox
from care.people import Directory
from store import index, names, outbox, rooms, seats
from store.database import Database, Transaction
from store.directory import Roster, generation
from store.keys import Vault, transit_scope
from store.names import Named
from store.seats import ROOM, Seat

BOT_NAME = "Samrum"
ADMIN_NAME = "Samrum administration"
AT_ONCE = 200
"""Changes in one transaction: a region's first import must not hold the database up."""
NEVER = -1
NAMED = frozenset({PlaceKind.INBOX, PlaceKind.SPACE})
"""The kinds of rooms that are called after a unit."""

Seats = Mapping[tuple[Place, str], Seat]


def space(unit: str) -> Place:
    """Return the space of a unit."""
    return Place(PlaceKind.SPACE, unit)


def name_of(place: Place, directory: Directory) -> str:
    """Return the name of a room of the household; raise KeyError for a unit that the directory does not know."""
    match place.kind:
        case PlaceKind.INBOX:
            return f"Inkorg {directory.unit(place.id).name}"
        case PlaceKind.SPACE:
            return directory.unit(place.id).name
        case PlaceKind.ADMIN:
            return ADMIN_NAME
        case _:
            return BOT_NAME


def wanted(directory: Directory) -> Mapping[Place, frozenset[str]]:
    """Return the rooms that the directory asks for, and who should be in each. Administrators and inboxes come first."""
    found = {ADMIN: frozenset(directory.administrators())}
    units = {unit: staff for unit in directory.units if (staff := _staff(directory, unit))}
    found |= {inbox(unit): staff for unit, staff in units.items()}
    found |= {direct(member.user): frozenset({member.user}) for member in directory.members}
    return found | {space(unit): staff for unit, staff in units.items()}


def _staff(directory: Directory, unit: str) -> frozenset[str]:
    return frozenset(member.user for member in directory.members_of(unit) if member.acting)


def changes(places: Mapping[Place, frozenset[str]], taken: Seats, directory: Directory) -> Iterator[tuple[Seat, Effect]]:
    """Yield the seats that change, with what is to be done about each: rooms first, then who leaves, then who comes."""
    for place in places:
        before = taken.get((place, ROOM), Seat(place, ROOM, invited=False, turn=0))
        if not before.invited:
            seat = Seat(place, ROOM, invited=True, turn=before.turn + 1)
            yield seat, OpenRoom(_key(seat), place, name=name_of(place, directory))
    for seat in taken.values():
        if seat.user != ROOM and seat.invited and seat.user not in places.get(seat.place, ()):
            gone = replace(seat, invited=False)
            yield gone, Remove(_key(gone), seat.place, user=seat.user)
    for place, users in places.items():
        yield from _invitations(place, users, taken)


def _invitations(place: Place, users: Collection[str], taken: Seats) -> Iterator[tuple[Seat, Effect]]:
    for user in sorted(users):
        before = taken.get((place, user), Seat(place, user, invited=False, turn=0))
        if not before.invited:
            seat = Seat(place, user, invited=True, turn=before.turn + 1)
            yield seat, Invite(_key(seat), place, user=user)


def _key(seat: Seat) -> str:
    return f"seat:{_short(f'{seat.place} {seat.user}')}:{seat.turn}:{'in' if seat.invited else 'out'}"


def _short(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()[:32]


def renamed(places: Collection[Place], known: Mapping[Place, Named], directory: Directory) -> Iterator[tuple[Named, Rename]]:
    """Yield the names that differ from those given last, with what gives them."""
    for place in places:
        name = name_of(place, directory)
        before = known.get(place, Named(place, "", 0))
        if place.kind in NAMED and before.digest != names.digest(name):
            now = Named(place, names.digest(name), before.turn + 1)
            yield now, Rename(f"name:{_short(str(place))}:{now.turn}", place, name=name)


async def allowed(tx: Transaction, directory: Directory, room: str) -> frozenset[str]:
    """Return who may have the keys of a room: people of the directory, for what the room is for. Nobody for an unknown room."""
    place = await rooms.place_of(tx, room)
    return await people_of(tx, directory, place) if place and place.kind is not PlaceKind.SPACE else frozenset()


async def people_of(tx: Transaction, directory: Directory, place: Place) -> frozenset[str]:
    """Return who belongs in a place by directory and index."""
    match place.kind:
        case PlaceKind.CASE:
            units = await index.actors_of(tx, place.id)
            people = await index.people_of(tx, place.id)
            return frozenset(user for user in people if any(directory.stands_for(user, unit) for unit in units))
        case PlaceKind.INBOX | PlaceKind.SPACE:
            return _staff(directory, place.id)
        case PlaceKind.DIRECT:
            return frozenset({place.id}) if directory.memberships(place.id) else frozenset()
        case PlaceKind.ADMIN:
            return frozenset(directory.administrators())


class Household:
    """Keeps the rooms in step."""

    def __init__(self, database: Database, vault: Vault, roster: Roster, machine: MachineClock) -> None:
        self._database = database
        self._vault = vault
        self._roster = roster
        self._machine = machine
        self._kept = NEVER

    async def keep(self) -> bool:
        """Enqueue what brings the rooms in step with the directory, where it has changed; return whether anything was to be done."""
        changed = False
        while await self._step():
            changed = True
        return changed

    def reconsider(self) -> None:
        """Compare again at the next `keep`: a room is gone."""
        self._kept = NEVER

    async def readers(self, room: str) -> frozenset[str]:
        """Return who may have the keys of a room (the edge asks before each message)."""
        async with self._database.read() as tx:
            return await allowed(tx, await self._roster.read(tx), room)

    async def _step(self) -> bool:
        async with self._database.read() as tx:
            if await generation(tx) == self._kept:
                return False
        async with self._database.write() as tx:
            now_at, directory = await generation(tx), await self._roster.read(tx)
            # Beside the event loop: a large region has thousands of seats to compare.
            places, taken = await asyncio.to_thread(wanted, directory), await seats.taken(tx)
            anew = await self._rename(tx, places, taken, directory)
            due = await asyncio.to_thread(lambda: tuple(islice(changes(places, taken, directory), AT_ONCE)))
            await seats.put(tx, [seat for seat, _ in due])
            await self._enqueue(tx, [effect for _, effect in due])
        if len(due) < AT_ONCE:
            self._kept = now_at
        return anew or bool(due)

    async def _rename(self, tx: Transaction, places: Collection[Place], taken: Seats, directory: Directory) -> bool:
        """Give rooms the names of their units, where those have changed; a room that is still to be opened gets its name then."""
        given = await names.given(tx)
        found = await asyncio.to_thread(lambda: tuple(renamed(places, given, directory)))
        await names.put(tx, [name for name, _ in found])
        anew = [effect for _, effect in found if (room := taken.get((effect.place, ROOM))) and room.invited]
        await self._enqueue(tx, anew)
        return bool(anew)

    async def _enqueue(self, tx: Transaction, effects: Sequence[Effect]) -> None:
        now = self._machine.utc()
        envelope = outbox.Envelope("", transit_scope(now), now, timedelta())
        await outbox.enqueue(tx, self._vault, effects, envelope)
