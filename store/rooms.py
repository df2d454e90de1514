"""Which Matrix room is which place, and what the messages in them were about."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import String, bindparam, delete, exists, func, insert, select

from care.effects import Describe, Mail, Place, place
from store.database import Transaction
from store.portions import among, answered, asked
from store.tables import lost_rooms, origins, outbox, rooms

ELSEWHERE = (Mail.__name__, Describe.__name__)
"""The kinds of rows that wait in a line of their own, and not for the room of a place."""
OF = bindparam("of", type_=String)
ROOM = select(rooms.c.room).where(rooms.c.place == OF)
ROOMS = asked(select(rooms.c.place, rooms.c.room), rooms.c.place)
PLACE = select(rooms.c.place).where(rooms.c.room == OF)
ORIGIN = select(origins).where(origins.c.event == OF)
FIRST_ORIGIN = insert(origins).from_select(
    ["event", "case_id", "object"],
    select(OF, bindparam("case", type_=String), bindparam("name", type_=String)).where(~exists().where(origins.c.event == OF)),
)
LAST_LOST = select(func.max(lost_rooms.c.lost)).where(lost_rooms.c.place == OF)


async def room_of(tx: Transaction, where: Place) -> str | None:
    """Return the room of a place, None while it has none."""
    found: str | None = await tx.scalar(ROOM, {"of": str(where)})
    return found


async def rooms_of(tx: Transaction, places: Iterable[Place]) -> dict[Place, str]:
    """Return the rooms of those of the places that have one."""
    found = await answered(tx, ROOMS, [str(each) for each in places])
    return {place(row.place): row.room for row in found}


async def place_of(tx: Transaction, room: str) -> Place | None:
    """Return what a room is for, None for a room that the bot does not keep."""
    found: str | None = await tx.scalar(PLACE, {"of": room})
    return place(found) if found else None


async def all_rooms(tx: Transaction) -> dict[str, Place]:
    """Return every room that the bot keeps, and what it is for."""
    return {row.room: place(row.place) for row in (await tx.execute(select(rooms.c.room, rooms.c.place))).all()}


async def settle(tx: Transaction, where: Place, room: str, now: datetime) -> None:
    """Remember the room of a place; a place that had another has this one from now on."""
    await tx.execute(delete(rooms).where((rooms.c.place == str(where)) | (rooms.c.room == room)))
    await tx.execute(insert(rooms).values(place=str(where), room=room, made=now))


async def lose(tx: Transaction, where: Place, room: str, fate: str, now: datetime) -> None:
    """Note that a place has lost its room, how and when (machine time)."""
    await tx.execute(delete(rooms).where(rooms.c.room == room))
    await tx.execute(delete(lost_rooms).where(lost_rooms.c.room == room))
    await tx.execute(insert(lost_rooms).values(room=room, place=str(where), fate=fate, lost=now))


async def turn(tx: Transaction, where: Place) -> int:
    """Return which room of its place comes next or is in force: 1, and one more for each that was lost."""
    number: int | None = await tx.scalar(select(func.count()).select_from(lost_rooms).where(lost_rooms.c.place == str(where)))
    return 1 + (number or 0)


async def turns(tx: Transaction) -> dict[Place, int]:
    """Return what `turn` does for each place that has lost a room."""
    query = select(lost_rooms.c.place, func.count().label("lost")).group_by(lost_rooms.c.place)
    return {place(row.place): 1 + row.lost for row in (await tx.execute(query)).all()}


async def awaited(tx: Transaction) -> frozenset[Place]:
    """Return the places that have no room and in which something is to be done: theirs may be in the making."""
    waits = (outbox.c.state == "waiting") & outbox.c.kind.not_in(ELSEWHERE)
    query = select(outbox.c.place).where(waits, outbox.c.place.not_in(select(rooms.c.place))).distinct()
    return frozenset(place(found) for found in (await tx.execute(query)).scalars())


async def lost_of(tx: Transaction, where: Place) -> tuple[str, ...]:
    """Return the rooms that a place has lost, the first one first."""
    query = select(lost_rooms.c.room).where(lost_rooms.c.place == str(where)).order_by(lost_rooms.c.lost)
    return tuple((await tx.execute(query)).scalars())


async def lost_among(tx: Transaction, some: Iterable[str]) -> frozenset[str]:
    """Return those of the rooms that a place has lost."""
    return frozenset(row.room for row in await among(tx, select(lost_rooms.c.room), lost_rooms.c.room, some))


async def note_origin(tx: Transaction, event: str, case: str, name: str) -> None:
    """Remember which object a person's message made, so that a reaction to it finds the object (commands 4); what is known of it stays."""
    await tx.execute(FIRST_ORIGIN, {"of": event, "case": case, "name": name})


async def origin(tx: Transaction, event: str) -> tuple[str, str] | None:
    """Return case and object that a person's message made."""
    row = (await tx.execute(ORIGIN, {"of": event})).first()
    return (row.case_id, row.object) if row else None
