"""Which name the rooms of a unit were given last, so that a unit that is renamed renames them, once.

Only a digest is kept: names are the directory's, and sealed there. `turn` counts the names, and is part of the outbox keys.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select

from care.effects import Place, place
from store.database import Transaction
from store.portions import portions
from store.tables import room_names


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a place's room by its digest, and how many it has had."""

    place: Place
    digest: str
    turn: int


async def given(tx: Transaction) -> dict[Place, Named]:
    """Return the names that were given."""
    rows = (await tx.execute(select(room_names))).all()
    # Beside the event loop: a large region has thousands.
    return await asyncio.to_thread(lambda: {each.place: each for each in map(_named, rows)})


def _named(row: Row[Any]) -> Named:
    return Named(place(row.place), row.digest, row.turn)


async def put(tx: Transaction, names: Sequence[Named]) -> None:
    """Remember names as they are now."""
    for some in portions(names):
        await tx.execute(delete(room_names).where(room_names.c.place.in_([str(each.place) for each in some])))
        await tx.execute(insert(room_names), [{"place": str(each.place), "digest": each.digest, "turn": each.turn} for each in some])


def digest(name: str) -> str:
    """Return what is kept of a name."""
    return hashlib.sha256(name.encode()).hexdigest()
