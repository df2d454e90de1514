"""Which commands clients were told of in which room, so that it is told once and not at each start.

The row of a room stays when the room is forgotten: its turn is part of the outbox keys, which are never used again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, or_, select

from care.effects import Place, PlaceKind, place
from store.database import Transaction
from store.tables import descriptions, rooms


@dataclass(frozen=True, slots=True)
class Shown:
    """What a room was told last: the names of the commands, and how often it was told anything."""

    place: Place
    room: str
    commands: tuple[str, ...]
    turn: int


async def outdated(tx: Transaction, wanted: Mapping[PlaceKind, str], most: int) -> tuple[Shown, ...]:
    """Return rooms, at most so many, whose descriptions have another digest than the one wanted for their kind ("" for none)."""
    present = func.coalesce(descriptions.c.digest, "")
    differs = [rooms.c.place.startswith(f"{kind}:", autoescape=True) & (present != digest) for kind, digest in wanted.items()]
    joined = rooms.outerjoin(descriptions, descriptions.c.room == rooms.c.room)
    query = select(rooms.c.place, rooms.c.room, descriptions.c.commands, descriptions.c.turn).select_from(joined)
    rows = (await tx.execute(query.where(or_(*differs)).order_by(rooms.c.place).limit(most))).all()
    return tuple(Shown(place(row.place), row.room, tuple(json.loads(row.commands or "[]")), row.turn or 0) for row in rows)


async def note(tx: Transaction, room: str, digest: str, commands: Sequence[str]) -> None:
    """Remember what a room is told from now on."""
    before = await tx.scalar(select(descriptions.c.turn).where(descriptions.c.room == room))
    await tx.execute(delete(descriptions).where(descriptions.c.room == room))
    row = {"room": room, "digest": digest, "commands": json.dumps(list(commands), ensure_ascii=False), "turn": (before or 0) + 1}
    await tx.execute(insert(descriptions).values(row))
