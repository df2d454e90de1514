"""The directory in the database: huvudmän, units, members with their roles and duty. Names of people are sealed.

A snapshot is read whole (`care.people.Directory`) and kept until its generation changes, also when another process imported it anew.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from care.language import Language, Spoken
from care.people import Directory, Huvudman, HuvudmanKind, Member, Profession, Role, Unit, UnitType
from store import generations, preferences, sealing
from store.database import Transaction
from store.keys import DIRECTORY, Vault
from store.portions import fill
from store.tables import huvudman, members, units


async def generation(tx: Transaction) -> int:
    """Return a number that grows with each change of the directory, 0 before the first."""
    return await generations.current(tx, DIRECTORY)


async def _changed(tx: Transaction) -> None:
    await generations.grow(tx, DIRECTORY)


class Roster:
    """Reads the directory, anew only when it has changed, with the languages that people have chosen."""

    def __init__(self, vault: Vault, language: Language = Language.SV) -> None:
        """Start without a snapshot; `language` is that of the rooms of this installation."""
        self._vault = vault
        self._language = language
        self._known = -1
        self._directory = Directory()

    async def read(self, tx: Transaction) -> Directory:
        """Return the directory as it is now."""
        current = await generation(tx)
        if current != self._known:
            spoken = Spoken(self._language, await preferences.languages(tx))
            self._directory = replace(await _load(tx, self._vault), spoken=spoken)
            self._known = current
        return self._directory


async def _load(tx: Transaction, vault: Vault) -> Directory:
    principals = {
        row.id: Huvudman(row.id, row.name, HuvudmanKind(row.kind), row.contact_unit) for row in (await tx.execute(select(huvudman))).all()
    }
    found = {row.id: _unit(row) for row in (await tx.execute(select(units).order_by(units.c.place))).all()}
    rows = (await tx.execute(select(members).order_by(members.c.place))).all()
    key = await vault.key(tx, DIRECTORY) if rows else None
    # Beside the event loop: a large region's would hold it for a fifth of a second.
    people = await asyncio.to_thread(_members, rows, key) if key else ()
    return Directory(MappingProxyType(principals), MappingProxyType(found), people)


def _members(rows: Sequence[Row[Any]], key: sealing.DataKey) -> tuple[Member, ...]:
    return tuple(_member(row, key) for row in rows)


def _unit(row: Row[Any]) -> Unit:
    hours = (time.fromisoformat(row.opens), time.fromisoformat(row.closes)) if row.opens else None
    return Unit(
        id=row.id,
        name=row.name,
        type=UnitType(row.type),
        huvudman=row.huvudman,
        hours=hours,
        on_call=row.on_call,
        phone=row.phone,
        aliases=tuple(json.loads(row.aliases)),
        system=row.system,
        open=row.open,
    )


def _identity(user: str, unit: str) -> str:
    return sealing.row("members", "name", f"{unit}:{user}")


def _member(row: Row[Any], key: sealing.DataKey) -> Member:
    return Member(
        user=row.user,
        unit=row.unit,
        roles=frozenset(Role(role) for role in json.loads(row.roles)),
        profession=Profession(row.profession) if row.profession else None,
        name=sealing.unseal(key, _identity(row.user, row.unit), row.name).decode(),
        on_duty=row.on_duty,
    )


async def save(tx: Transaction, vault: Vault, directory: Directory, now: datetime) -> None:
    """Replace the whole directory; who is on duty stays as it was for members that remain.

    A unit that is not in it any more is closed and has no members, but stays known: cases may name it.
    """
    directory = _with_former(await _load(tx, vault), directory)
    on_duty = {(row.user, row.unit) for row in (await tx.execute(select(members).where(members.c.on_duty))).all()}
    for table in (members, units, huvudman):
        await tx.execute(delete(table))
    key = await vault.obtain(tx, DIRECTORY, now)
    people = [replace(member, on_duty=member.on_duty or (member.user, member.unit) in on_duty) for member in directory.members]
    await fill(tx, huvudman, [_huvudman_row(principal) for principal in directory.huvudman.values()])
    await fill(tx, units, [{**_unit_row(unit), "place": place} for place, unit in enumerate(directory.units.values())])
    await fill(tx, members, [{**_member_row(member, key), "place": place} for place, member in enumerate(people)])
    await _changed(tx)


def _with_former(before: Directory, after: Directory) -> Directory:
    gone = {unit.id: replace(unit, open=False) for unit in before.units.values() if unit.id not in after.units}
    principals = {unit.huvudman: before.huvudman[unit.huvudman] for unit in gone.values()}
    return replace(after, units={**after.units, **gone}, huvudman={**principals, **after.huvudman})


def _huvudman_row(principal: Huvudman) -> dict[str, Any]:
    return {"id": principal.id, "name": principal.name, "kind": str(principal.kind), "contact_unit": principal.contact_unit}


def _unit_row(unit: Unit) -> Mapping[str, Any]:
    opens, closes = unit.hours or (None, None)
    return {
        "id": unit.id,
        "name": unit.name,
        "type": str(unit.type),
        "huvudman": unit.huvudman,
        "opens": opens.strftime("%H:%M") if opens else None,
        "closes": closes.strftime("%H:%M") if closes else None,
        "on_call": unit.on_call,
        "phone": unit.phone,
        "aliases": json.dumps(unit.aliases, ensure_ascii=False),
        "system": unit.system,
        "open": unit.open,
    }


def _member_row(member: Member, key: sealing.DataKey) -> Mapping[str, Any]:
    return {
        "user": member.user,
        "unit": member.unit,
        "roles": json.dumps(sorted(member.roles)),
        "profession": str(member.profession) if member.profession else None,
        "name": sealing.seal(key, _identity(member.user, member.unit), member.name.encode()),
        "on_duty": member.on_duty,
    }


async def set_duty(tx: Transaction, user: str, unit: str, *, on: bool) -> None:
    """Put a member on or off duty in a unit."""
    await tx.execute(update(members).where(members.c.user == user, members.c.unit == unit).values(on_duty=on))
    await _changed(tx)


async def put_member(tx: Transaction, vault: Vault, member: Member, now: datetime) -> None:
    """Add a member at the end, or replace what is known about them in the unit, in their old place."""
    key = await vault.obtain(tx, DIRECTORY, now)
    values = _member_row(member, key)
    same = (members.c.user == member.user) & (members.c.unit == member.unit)
    if (await tx.execute(update(members).where(same).values(values))).rowcount == 0:
        last = await tx.scalar(select(func.max(members.c.place)))
        await tx.execute(insert(members).values(**values, place=0 if last is None else last + 1))
    await _changed(tx)
