"""Who has been given a seat in the rooms that the bot keeps in step with the directory, and how often.

`turn` counts the invitations, so that each is an effect of its own: a person who comes back is invited again. The row without a user is
the room itself: its turn counts how often it was made.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from care.effects import Place, place
from store.database import Transaction
from store.portions import fill
from store.tables import seats

ROOM = ""
"""The user of the row that stands for the room itself."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A person (or `ROOM`) in a place: whether the last word was an invitation, and how many there have been."""

    place: Place
    user: str
    invited: bool
    turn: int


async def taken(tx: Transaction) -> dict[tuple[Place, str], Seat]:
    """Return all seats, by place and user."""
    rows = (await tx.execute(select(seats))).all()
    # Beside the event loop: a large region has thousands.
    return await asyncio.to_thread(lambda: {(seat.place, seat.user): seat for seat in map(_seat, rows)})


def _seat(row: Row[Any]) -> Seat:
    return Seat(place(row.place), row.user, row.invited, row.turn)


async def put(tx: Transaction, changed: Sequence[Seat]) -> None:
    """Remember seats as they are now."""
    if changed:
        same = (seats.c.place == bindparam("of_place"), seats.c.user == bindparam("of_user"))
        await tx.execute(delete(seats).where(*same), [{"of_place": str(seat.place), "of_user": seat.user} for seat in changed])
        await fill(tx, seats, [_row(seat) for seat in changed])


def _row(seat: Seat) -> dict[str, object]:
    return {"place": str(seat.place), "user": seat.user, "invited": seat.invited, "turn": seat.turn}


async def vacate(tx: Transaction, where: Place) -> None:
    """Note that everybody's seat is free, and the room stays: people are asked in again."""
    await tx.execute(update(seats).where(seats.c.place == str(where), seats.c.user != ROOM).values(invited=False))


async def anybody(tx: Transaction, where: Place) -> bool:
    """Whether anybody has a seat in a place."""
    there = (seats.c.place == str(where)) & (seats.c.user != ROOM) & seats.c.invited
    return await tx.scalar(select(seats.c.user).where(there).limit(1)) is not None


async def has_left(tx: Transaction, where: Place, user: str) -> bool:
    """Whether a person has given up a seat in a place where others sit still; where all seats are free the room itself may have changed."""
    own = (seats.c.place == str(where)) & (seats.c.user == user) & seats.c.invited.is_(False)
    return await tx.scalar(select(seats.c.user).where(own)) is not None and await anybody(tx, where)


async def give_up(tx: Transaction, where: Place, user: str) -> None:
    """Note that a person has left a place; the next change of the directory asks them in again."""
    await tx.execute(update(seats).where(seats.c.place == str(where), seats.c.user == user).values(invited=False))


async def clear(tx: Transaction, where: Place) -> None:
    """Note that the room of a place is gone, and everybody's seat with it."""
    await tx.execute(update(seats).where(seats.c.place == str(where)).values(invited=False))
