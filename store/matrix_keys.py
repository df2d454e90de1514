"""The key material of the bot's Matrix device: values by drawer, owner and name, sealed (scope `matrix`).

What is in them is the business of `bot/matrix/crypto/`; here they are bytes. A value moved to another row does not open.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, or_, select

from care.effects import PlaceKind
from store import sealing
from store.account import SCOPE
from store.database import Transaction
from store.keys import Vault
from store.portions import among
from store.tables import cases, matrix_keys, rooms

CASE = f"{PlaceKind.CASE}:"
"""How the places of case rooms begin."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value lies."""

    drawer: str
    owner: str
    name: str


Changes = Mapping[Slot, bytes | None]
"""New values by place; None where there is to be none."""


async def load(tx: Transaction, vault: Vault, account: str, drawer: str, owners: Sequence[str]) -> Mapping[str, Mapping[str, bytes]]:
    """Return the values of the owners in a drawer, by owner and name; raise sealing.Unopened for what another key or row sealed."""
    found: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    table = matrix_keys.c
    rows = select(table.owner, table.name, table.value).where(table.account == account, table.drawer == drawer)
    for row in await among(tx, rows, table.owner, owners):
        found[row.owner][row.name] = row.value
    if not found:
        return {}
    key = await vault.key(tx, SCOPE)
    return {
        owner: {name: sealing.unseal(key, _identity(account, Slot(drawer, owner, name)), sealed) for name, sealed in values.items()}
        for owner, values in found.items()
    }


async def save(tx: Transaction, vault: Vault, account: str, changes: Changes, now: datetime) -> None:
    """Put values in their places, or nothing where they are None. `now` is machine time."""
    if not changes:
        return
    table = matrix_keys.c
    there = (
        table.account == account,
        table.drawer == bindparam("of_drawer"),
        table.owner == bindparam("of_owner"),
        table.name == bindparam("of_name"),
    )
    places = [{"of_drawer": slot.drawer, "of_owner": slot.owner, "of_name": slot.name} for slot in changes]
    await tx.execute(delete(matrix_keys).where(*there), places)
    key = await vault.obtain(tx, SCOPE, now)
    rows = [_row(account, slot, value, key, now) for slot, value in changes.items() if value is not None]
    if rows:
        await tx.execute(insert(matrix_keys), rows)


async def empty(tx: Transaction, account: str, owners: Collection[tuple[str, str]]) -> None:
    """Remove all that lies in a drawer for an owner, for each pair of drawer and owner."""
    if not owners:
        return
    table = matrix_keys.c
    there = (table.account == account, table.drawer == bindparam("of_drawer"), table.owner == bindparam("of_owner"))
    await tx.execute(delete(matrix_keys).where(*there), [{"of_drawer": drawer, "of_owner": owner} for drawer, owner in owners])


async def clear(tx: Transaction, account: str, drawer: str) -> None:
    """Remove all that lies in a drawer, for every owner."""
    await tx.execute(delete(matrix_keys).where(matrix_keys.c.account == account, matrix_keys.c.drawer == drawer))


async def expire(tx: Transaction, account: str, drawer: str, before: datetime) -> int:
    """Remove what lies in a drawer unchanged since before an instant; return how many values that were."""
    table = matrix_keys.c
    old = delete(matrix_keys).where(table.account == account, table.drawer == drawer, table.changed < before)
    return (await tx.execute(old)).rowcount


async def unneeded(tx: Transaction, account: str, drawers: Collection[str], idle: tuple[datetime, datetime], most: int) -> tuple[str, ...]:
    """Return rooms, at most so many, whose keys in these drawers are needed no more.

    Those are the rooms of cases that were closed, and in which nothing has happened since the first instant of `idle` (civil time), and
    rooms that the bot does not keep (any more); and no key of theirs has changed since the second (machine time).
    """
    civil, machine = idle
    table = matrix_keys.c
    # The case is taken out of the place, and not the place made of the case: only so is it found by its primary key.
    of_case = rooms.c.place.startswith(CASE) & (cases.c.id == func.substr(rooms.c.place, len(CASE) + 1))
    case = rooms.outerjoin(cases, of_case)
    kept = select(rooms.c.room).select_from(case).where(or_(cases.c.id.is_(None), cases.c.open, cases.c.touched >= civil))
    old = select(table.owner).where(table.account == account, table.drawer.in_(drawers), table.owner.not_in(kept))
    found = old.group_by(table.owner).having(func.max(table.changed) < machine).order_by(table.owner).limit(most)
    return tuple((await tx.execute(found)).scalars())


def _row(account: str, slot: Slot, value: bytes, key: sealing.DataKey, now: datetime) -> dict[str, object]:
    return {
        "account": account,
        "drawer": slot.drawer,
        "owner": slot.owner,
        "name": slot.name,
        "value": sealing.seal(key, _identity(account, slot), value),
        "changed": now,
    }


def _identity(account: str, slot: Slot) -> str:
    # A list, since user and room ids may hold any separator.
    return sealing.row("matrix_keys", "value", json.dumps([account, slot.drawer, slot.owner, slot.name]))
