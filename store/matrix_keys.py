"""The key material of the bot's Matrix device: values by drawer, owner and name, sealed (scope `matrix`).

What is in them is the business of `bot/matrix/crypto/`; here they are bytes. A value moved to another row does not open.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from care.effects import PlaceKind
from store import sealing
from store.account import SCOPE
from store.database import Transaction
from store.keys import Vault
from store.portions import portions
from store.tables import cases, matrix_keys, rooms

CASE = f"{PlaceKind.CASE}:"
"""How the places of case rooms begin."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value lies."""

    drawer: str
    owner: str
    name: str


_ACCOUNT = matrix_keys.c.account == bindparam("of_account")
LYING = select(matrix_keys.c.drawer, matrix_keys.c.owner, matrix_keys.c.name, matrix_keys.c.value).where(
    _ACCOUNT,
    matrix_keys.c.drawer.in_(bindparam("of_drawers", expanding=True)),
    matrix_keys.c.owner.in_(bindparam("of_owners", expanding=True)),
)
TAKING = delete(matrix_keys).where(
    _ACCOUNT,
    matrix_keys.c.drawer == bindparam("of_drawer"),
    matrix_keys.c.owner == bindparam("of_owner"),
    matrix_keys.c.name == bindparam("of_name"),
)
Contents = Mapping[tuple[str, str], Mapping[str, bytes]]
"""Values by drawer and owner, and by name."""
Changes = Mapping[Slot, bytes | None]
"""New values by place; None where there is to be none."""


class Keyhole:
    """The key of all that lies here. It is asked for once: it stays in memory no longer than what it has opened."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._key: sealing.DataKey | None = None

    async def opening(self, tx: Transaction) -> sealing.DataKey:
        """Return the key, in a transaction that only reads; raise sealing.Unopened if there is none."""
        if self._key is None:
            self._key = await self._vault.key(tx, SCOPE)
        return self._key

    async def sealing(self, tx: Transaction, now: datetime) -> sealing.DataKey:
        """Return the key, made if it is the first time. `now` is machine time."""
        # One that was made is not kept: its transaction may still fail.
        return self._key or await self._vault.obtain(tx, SCOPE, now)


async def load(tx: Transaction, keyhole: Keyhole, account: str, drawers: Collection[str], owners: Sequence[str]) -> Contents:
    """Return what lies in these drawers for these owners; raise sealing.Unopened for what another key or row sealed."""
    found: defaultdict[tuple[str, str], dict[str, bytes]] = defaultdict(dict)
    for some in portions(owners):
        for row in (await tx.execute(LYING, {"of_account": account, "of_drawers": [*drawers], "of_owners": some})).all():
            found[row.drawer, row.owner][row.name] = row.value
    if not found:
        return {}
    key = await keyhole.opening(tx)
    return {
        place: {name: sealing.unseal(key, _identity(account, Slot(*place, name)), sealed) for name, sealed in values.items()}
        for place, values in found.items()
    }


async def save(tx: Transaction, keyhole: Keyhole, account: str, changes: Changes, now: datetime) -> None:
    """Put values in their places, or nothing where they are None. `now` is machine time."""
    emptied = [
        {"of_account": account, "of_drawer": slot.drawer, "of_owner": slot.owner, "of_name": slot.name}
        for slot, value in changes.items()
        if value is None
    ]
    if emptied:
        await tx.execute(TAKING, emptied)
    if len(emptied) < len(changes):
        key = await keyhole.sealing(tx, now)
        rows = [_row(account, slot, value, key, now) for slot, value in changes.items() if value is not None]
        await tx.execute(_putting(tx.dialect.name), rows)


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


@cache
def _putting(dialect: str) -> Insert:
    insert = postgresql.insert(matrix_keys) if dialect == "postgresql" else sqlite.insert(matrix_keys)
    newer = {"value": insert.excluded.value, "changed": insert.excluded.changed}
    put: Insert = insert.on_conflict_do_update(index_elements=list(matrix_keys.primary_key), set_=newer)
    return put


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
