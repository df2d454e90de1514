"""What can be asked without opening a journal: which cases there are, who is in them, what falls due and when.

All of it is derived from the journal and can be rebuilt from it (`samrum rebuild`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from care.actors import Standing
from care.case import Case
from care.codenames import noun
from care.expected import Due
from care.ladder import Step
from store.database import Transaction
from store.due import OPEN, SAID, Mark, by_key, follow
from store.portions import asked, fill
from store.tables import case_numbers, case_people, case_units, cases, due, generations

FORMER = "tidigare"
RULES = "rules"
_OF_UNITS = asked(select(cases).join(case_units, case_units.c.case_id == cases.c.id), case_units.c.unit).distinct().order_by(cases.c.number)
OPEN_OF = _OF_UNITS.where(cases.c.open, case_units.c.standing != FORMER)
CLOSED_OF = _OF_UNITS.where(cases.c.open.is_(False))


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the index knows it: nothing about the person."""

    id: str
    number: str
    codename: str
    open: bool
    initiator: str


@dataclass(frozen=True, slots=True)
class DueRow:
    """A due item as the index knows it."""

    key: str
    case: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A due item that was brought up, and when."""

    key: str
    case: str
    unit: str
    said: datetime


async def take_number(tx: Transaction, year: int) -> str:
    """Return the next case number of a year, `SÄ-2026-00042`."""
    taken = await tx.scalar(select(case_numbers.c.taken).where(case_numbers.c.year == year))
    if taken is None:
        await tx.execute(insert(case_numbers).values(year=year, taken=1))
    else:
        await tx.execute(update(case_numbers).where(case_numbers.c.year == year).values(taken=taken + 1))
    return f"SÄ-{year}-{(taken or 0) + 1:05d}"


async def codenames_taken(tx: Transaction) -> frozenset[str]:
    """Return the codenames of open cases."""
    return frozenset((await tx.execute(select(cases.c.codename).where(cases.c.open))).scalars())


async def open_case_of(tx: Transaction, person: str) -> str | None:
    """Return the open case of a person by keyed hash; for the uniqueness check only (S2-102)."""
    found: str | None = await tx.scalar(select(cases.c.id).where(cases.c.person == person, cases.c.open))
    return found


async def write(tx: Transaction, case: Case, person: str, before: Case | None = None) -> None:
    """Bring cases, units and people of a case up to date; a person's second open case raises IntegrityError (invariant 2).

    `before` is the case as the indexes know it already: rows that would be the same are left alone.
    """
    values = case_row(case)
    if (await tx.execute(update(cases).where(cases.c.id == case.id).values(values))).rowcount == 0:
        await tx.execute(insert(cases).values(id=case.id, person=person, **values))
    for table, rows in ((case_units, unit_rows), (case_people, people_rows)):
        if before is None or rows(before) != rows(case):
            await tx.execute(delete(table).where(table.c.case_id == case.id))
            await fill(tx, table, rows(case))


def case_row(case: Case) -> dict[str, object]:
    """Return what stands about a case in `cases`, besides its id and person."""
    return {
        "number": case.number,
        "codename": case.codename,
        "codename_noun": noun(case.codename),
        "status": str(case.status),
        "open": case.open,
        "initiator": case.initiator,
        "seq": case.seq,
        "touched": case.touched,
    }


def unit_rows(case: Case) -> list[dict[str, object]]:
    """Return the rows of a case in `case_units`."""
    standing = {**dict.fromkeys(case.former, FORMER), **{unit: str(actor.standing) for unit, actor in case.actors.items()}}
    return [{"case_id": case.id, "unit": unit, "standing": how} for unit, how in standing.items()]


def people_rows(case: Case) -> list[dict[str, object]]:
    """Return the rows of a case in `case_people`."""
    return [{"case_id": case.id, "user": user, "unit": unit} for user, unit in case.participants.items()]


def due_row(case: str, key: str, item: Due, mark: Mark) -> dict[str, object]:
    """Return the row of a due item in `due`."""
    return {
        "key": key,
        "case_id": case,
        "unit": item.unit,
        "object": item.object,
        "matter": item.matter.name,
        "step": int(item.step),
        "due": mark.at,
        "state": mark.state,
        "settled": mark.settled,
    }


async def write_due(tx: Transaction, case: Case, items: Sequence[Due], now: datetime, taken: Collection[str] = ()) -> None:
    """Bring the due items of a case up to date: those `taken` were said, new ones open, others cancelled (see `store.due`)."""
    derived = by_key(case.id, items)
    query = select(due.c.key, due.c.due, due.c.state, due.c.settled).where(due.c.case_id == case.id)
    query = query.where((due.c.state == OPEN) | due.c.key.in_(derived))
    known = {row.key: Mark(row.due, row.state, row.settled) for row in (await tx.execute(query)).all()}
    changed = follow(known, derived, taken, now)
    await fill(tx, due, [due_row(case.id, key, derived[key], mark) for key, mark in changed.items() if key not in known])
    moved = [{"of": key, "due": mark.at, "state": mark.state, "settled": mark.settled} for key, mark in changed.items() if key in known]
    if moved:
        await tx.execute(update(due).where(due.c.key == bindparam("of")), moved)


async def fallen_due(tx: Transaction, now: datetime) -> tuple[DueRow, ...]:
    """Return what has fallen due and was not brought up, the earliest first."""
    query = select(due.c.key, due.c.case_id, due.c.due).where(due.c.state == "open", due.c.due <= now).order_by(due.c.due, due.c.key)
    return tuple(DueRow(row.key, row.case_id, row.due) for row in (await tx.execute(query)).all())


async def still_due(tx: Transaction, key: str, now: datetime) -> bool:
    """Whether an item that was found to have fallen due has neither been said, cancelled nor moved meanwhile."""
    where = (due.c.key == key) & (due.c.state == OPEN) & (due.c.due <= now)
    return await tx.scalar(select(due.c.key).where(where)) is not None


async def said_since(tx: Transaction, step: int, instant: datetime) -> tuple[SaidRow, ...]:
    """Return the items of a ladder step that fell due after an instant and were said, the earliest first."""
    query = select(due.c.key, due.c.case_id, due.c.unit, due.c.settled).where(due.c.state == SAID, due.c.due > instant, due.c.step == step)
    return tuple(SaidRow(row.key, row.case_id, row.unit, row.settled) for row in (await tx.execute(query.order_by(due.c.due))).all())


async def brought_up_since(tx: Transaction, case: str, name: str, unit: str, instant: datetime) -> tuple[datetime, ...]:
    """Return when, since an instant, the timer brought up an object before a unit; what it told a chief does not count."""
    where = (due.c.case_id == case) & (due.c.object == name) & (due.c.unit == unit) & (due.c.state == SAID)
    below = (due.c.settled >= instant) & (due.c.step < int(Step.CHIEF))
    return tuple((await tx.execute(select(due.c.settled).where(where, below).order_by(due.c.settled))).scalars())


async def rules_known(tx: Transaction) -> int | None:
    """Return the fingerprint of the rules by which all due items were computed last, None before the first time."""
    found: int | None = await tx.scalar(select(generations.c.number).where(generations.c.what == RULES))
    return found


async def note_rules(tx: Transaction, fingerprint: int) -> None:
    """Note the rules by which all due items stand in the index."""
    if (await tx.execute(update(generations).where(generations.c.what == RULES).values(number=fingerprint))).rowcount == 0:
        await tx.execute(insert(generations).values(what=RULES, number=fingerprint))


async def next_due(tx: Transaction) -> datetime | None:
    """Return when the next item falls due, None when nothing does."""
    found: datetime | None = await tx.scalar(select(func.min(due.c.due)).where(due.c.state == "open"))
    return found


async def said(tx: Transaction, key: str, now: datetime) -> None:
    """Note that a due item was brought up."""
    await tx.execute(update(due).where(due.c.key == key, due.c.state == "open").values(state="said", settled=now))


async def cases_of_units(tx: Transaction, units: Iterable[str], *, closed: bool = False) -> tuple[CaseRow, ...]:
    """Return the cases in which units are actors (with `closed`: closed cases in which they were), oldest first."""
    rows = (await tx.execute(CLOSED_OF if closed else OPEN_OF, {"some": tuple(units)})).all()
    return tuple(CaseRow(row.id, row.number, row.codename, row.open, row.initiator) for row in rows)


async def open_cases(tx: Transaction) -> tuple[str, ...]:
    """Return the ids of all open cases."""
    return tuple((await tx.execute(select(cases.c.id).where(cases.c.open).order_by(cases.c.number))).scalars())


async def touched_since(tx: Transaction, instant: datetime) -> frozenset[str]:
    """Return the ids of the cases, closed ones too, in which something happened since an instant."""
    return frozenset((await tx.execute(select(cases.c.id).where(cases.c.touched >= instant))).scalars())


async def row_of(tx: Transaction, case: str) -> CaseRow | None:
    """Return a case by id."""
    row = (await tx.execute(select(cases).where(cases.c.id == case))).first()
    return CaseRow(row.id, row.number, row.codename, row.open, row.initiator) if row else None


async def named(tx: Transaction, name: str) -> tuple[CaseRow, ...]:
    """Return the cases with a number, or with a codename (an open case before closed ones that had it)."""
    query = select(cases).where((cases.c.number == name) | (func.lower(cases.c.codename) == name.lower()))
    rows = (await tx.execute(query.order_by(cases.c.open.desc(), cases.c.number.desc()))).all()
    return tuple(CaseRow(row.id, row.number, row.codename, row.open, row.initiator) for row in rows)


async def people_of(tx: Transaction, case: str) -> Mapping[str, str]:
    """Return the users who are in a case, and the unit that each is there for."""
    query = select(case_people.c.user, case_people.c.unit).where(case_people.c.case_id == case)
    return {row.user: row.unit for row in (await tx.execute(query)).all()}


async def everybody(tx: Transaction) -> tuple[tuple[str, str], ...]:
    """Return case and user of all who are in a case, closed ones too, in the order of the cases."""
    query = select(case_people.c.case_id, case_people.c.user).order_by(case_people.c.case_id, case_people.c.user)
    return tuple((row.case_id, row.user) for row in (await tx.execute(query)).all())


async def all_actors(tx: Transaction) -> Mapping[str, frozenset[str]]:
    """Return the actor units of all cases."""
    found: dict[str, set[str]] = {}
    for row in (await tx.execute(select(case_units.c.case_id, case_units.c.unit).where(case_units.c.standing != FORMER))).all():
        found.setdefault(row.case_id, set()).add(row.unit)
    return {case: frozenset(units) for case, units in found.items()}


async def actors_of(tx: Transaction, case: str) -> frozenset[str]:
    """Return the actor units of a case."""
    query = select(case_units.c.unit).where(case_units.c.case_id == case, case_units.c.standing != FORMER)
    return frozenset((await tx.execute(query)).scalars())


async def taking_part(tx: Transaction, case: str) -> frozenset[str]:
    """Return the units that take part in a case, nobody in a closed one; a unit that was only added does not yet."""
    return frozenset((await tx.execute(_together().with_only_columns(case_units.c.unit).where(cases.c.id == case))).scalars())


async def cases_with(tx: Transaction, unit: str) -> tuple[str, ...]:
    """Return the ids of the open cases in which a unit takes part, oldest first."""
    query = _together().with_only_columns(cases.c.id).where(case_units.c.unit == unit).order_by(cases.c.number)
    return tuple((await tx.execute(query)).scalars())


def _together() -> Select[Any]:
    joined = select(cases).join(case_units, case_units.c.case_id == cases.c.id)
    return joined.where(cases.c.open, case_units.c.standing == str(Standing.DELTAR))
