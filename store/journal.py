"""The journal: append-only, sealed per case, hash-chained (architecture 4).

Each row has a clear header (who, when, for which unit, with which roles) and a sealed body, and hashes both together with the row before.
Stored events are never rewritten; an upcaster leads an older version of an event to today's shape.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, insert, select

from care.case import Author, Case, Entry, Event, Source
from care.events import KINDS, evolve
from care.people import Profession, Role
from store import codec, sealing
from store.database import Transaction
from store.keys import Vault, case_scope
from store.shelf import Folded
from store.tables import journal, written

GENESIS = "0" * 64
"""What the first row of a case hashes as the row before."""

Upcast = Callable[[bytes], bytes]

UPCASTERS: Mapping[tuple[str, int], Upcast] = {}
"""From (kind, version) to the body of the next version; followed until today's shape is reached."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where the journal is not what it was: `what` says in which way."""

    case: str
    seq: int
    what: str


def _header(entry: Entry, step: int, profile: str) -> dict[str, Any]:
    author = entry.author
    return {
        "case_id": entry.case,
        "seq": entry.seq,
        "step": step,
        "kind": entry.event.kind,
        "version": entry.event.version,
        "received": entry.received,
        "decided": entry.decided,
        "unit": author.unit,
        "user": author.user,
        "roles": json.dumps([sorted(author.roles), author.profession]),
        "device": author.device,
        "source": str(author.source),
        "profile": profile,
        "facts": json.dumps(dict(entry.event.facts()), sort_keys=True),
    }


def _hash(header: Mapping[str, Any], body: bytes, previous: str) -> str:
    plain = {name: written(value) if isinstance(value, datetime) else value for name, value in header.items()}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(b"\n".join((previous.encode(), text.encode(), body))).hexdigest()


def _identity(case: str, seq: int) -> str:
    return sealing.row("journal", "body", f"{case}:{seq}")


async def append(tx: Transaction, vault: Vault, entries: Sequence[Entry], profile: str) -> None:
    """Append the entries of one step in one case, in order; a number that is taken raises IntegrityError, and nothing is kept."""
    first = entries[0]
    key = await vault.obtain(tx, case_scope(first.case), first.decided)
    last = select(journal.c.hash).where(journal.c.case_id == first.case).order_by(journal.c.seq.desc()).limit(1)
    previous = await tx.scalar(last) or GENESIS
    rows: list[dict[str, Any]] = []
    for entry in entries:
        header = _header(entry, first.seq, profile)
        body = sealing.seal(key, _identity(entry.case, entry.seq), codec.encode(entry.event))
        digest = _hash(header, body, previous)
        rows.append({**header, "body": body, "previous": previous, "hash": digest})
        previous = digest
    await tx.execute(insert(journal), rows)


async def read(tx: Transaction, vault: Vault, case: str) -> tuple[Entry, ...]:
    """Return the journal of a case in order, empty for an unknown one; raise sealing.Unopened for a shredded one."""
    return tuple(entry for step in await read_steps(tx, vault, case) for entry in step)


async def read_steps(tx: Transaction, vault: Vault, case: str) -> tuple[tuple[Entry, ...], ...]:
    """Return the journal of a case as `read` does, what was decided together kept together."""
    rows = (await tx.execute(select(journal).where(journal.c.case_id == case).order_by(journal.c.seq))).all()
    if not rows:
        return ()
    key = await vault.key(tx, case_scope(case))
    return tuple(tuple(_entry(row, key) for row in step) for _, step in groupby(rows, lambda row: row.step))


async def load(tx: Transaction, vault: Vault, case: str) -> Case | None:
    """Return a case as its journal tells it, None for an unknown one; raise sealing.Unopened for a shredded one."""
    known = vault.shelf.find(case)
    since = known.case.seq if known else 1
    rows = (await tx.execute(select(*_READ).where(journal.c.case_id == case, journal.c.seq >= since).order_by(journal.c.seq))).all()
    if known and not (rows and rows[0].hash == known.hash):
        vault.shelf.drop(case)
        return await load(tx, vault, case)
    if not rows:
        return None
    try:
        key = await vault.key(tx, case_scope(case))
    except sealing.Unopened:
        vault.shelf.drop(case)
        raise
    found = known.case if known else None
    for row in rows[1:] if known else rows:
        found = evolve(found, _entry(row, key))
    assert found is not None
    vault.shelf.put(Folded(found, rows[-1].hash))
    return found


async def cases(tx: Transaction) -> tuple[str, ...]:
    """Return the ids of all cases that the journal knows, shredded ones too, in the order of their opening."""
    query = select(journal.c.case_id).group_by(journal.c.case_id).order_by(func.min(journal.c.position))
    return tuple((await tx.execute(query)).scalars())


def revive(name: str, version: int, body: bytes) -> Event:
    """Return the event of a stored body in today's shape; raise ValueError for one that a newer release wrote."""
    kind = KINDS.get(name)
    if kind is None or version > kind.version:
        raise ValueError(f"{name}, version {version}, is of a newer release")
    for older in range(version, kind.version):
        body = UPCASTERS[name, older](body)
    return codec.decode(kind, body)


def _entry(row: Row[Any], key: sealing.DataKey) -> Entry:
    event = revive(row.kind, row.version, sealing.unseal(key, _identity(row.case_id, row.seq), row.body))
    roles, profession = _held(row.roles)
    author = Author(row.user, row.unit, roles, profession, row.device, Source(row.source))
    return Entry(row.case_id, row.seq, row.received, row.decided, author, event)


_READ = tuple(column for column in journal.columns if column.name not in {"position", "step", "profile", "facts", "previous"})
"""The columns that make an entry."""


@cache
def _held(roles: str) -> tuple[frozenset[Role], Profession | None]:
    held, profession = json.loads(roles)
    return frozenset(Role(role) for role in held), Profession(profession) if profession else None


async def verify(tx: Transaction) -> tuple[Broken, ...]:
    """Return every row whose hash or chain does not hold, and every gap; needs no key."""
    broken: list[Broken] = []
    case, seq, previous = "", 0, GENESIS
    result = await tx.stream(select(journal).order_by(journal.c.case_id, journal.c.seq))
    async for row in result:
        if row.case_id != case:
            case, seq, previous = row.case_id, 0, GENESIS
        if row.seq != seq + 1:
            broken.append(Broken(case, row.seq, "gap"))
        if row.previous != previous:
            broken.append(Broken(case, row.seq, "chain"))
        header = {name: getattr(row, name) for name in _HEADER}
        if _hash(header, row.body, row.previous) != row.hash:
            broken.append(Broken(case, row.seq, "row"))
        seq, previous = row.seq, row.hash
    return tuple(broken)


_HEADER = tuple(column.name for column in journal.columns if column.name not in {"position", "body", "previous", "hash"})


async def head(tx: Transaction, entries: int | None = None) -> tuple[int, str]:
    """Return the head over all cases: the number of entries, and a hash of the last row of each case.

    With `entries` it is the head as it was when the journal had so many: over the first of them in the order in which they were written.
    A journal that has fewer returns how many it has.
    """
    first = select(journal.c.case_id, journal.c.seq).order_by(journal.c.position).limit(entries).subquery()
    last = select(first.c.case_id, func.max(first.c.seq).label("seq"), func.count().label("rows")).group_by(first.c.case_id).subquery()
    query = (
        select(journal.c.case_id, journal.c.seq, journal.c.hash, last.c.rows)
        .join(last, (journal.c.case_id == last.c.case_id) & (journal.c.seq == last.c.seq))
        .order_by(journal.c.case_id)
    )
    digest, counted = hashlib.sha256(), 0
    for row in (await tx.execute(query)).all():
        counted += row.rows
        digest.update(f"{row.case_id}:{row.seq}:{row.hash}\n".encode())
    return counted, digest.hexdigest()
