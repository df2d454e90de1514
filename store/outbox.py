"""The outbox holds every effect on the world until it has happened, once (architecture 3, matrix 5, 11.D2 and 12).

A row's id is the Matrix transaction id, its key is what makes it one of a kind. Rows of one place go in order; a row is claimed under a
lease in one statement (two would deliver twice), attempted outside any transaction, and confirmed. Times here are machine time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from care.effects import (
    Attach,
    Describe,
    Effect,
    Group,
    Invite,
    Mail,
    OpenRoom,
    Pin,
    Redact,
    Remove,
    Rename,
    Revise,
    Say,
    Seal,
    Trust,
    Verify,
)
from store import codec, outcomes, sealing
from store.database import Transaction
from store.keys import Vault
from store.portions import answered, asked
from store.tables import outbox

EFFECTS: Mapping[str, type[Effect]] = {
    kind.__name__: kind
    for kind in (
        Say,
        Revise,
        Pin,
        Redact,
        Attach,
        OpenRoom,
        Invite,
        Remove,
        Rename,
        Seal,
        Group,
        Describe,
        Mail,
        Trust,
        Verify,
    )
}
KNOWN = asked(select(outbox.c.key), outbox.c.key)
NOW: BindParameter[datetime] = bindparam("now", type_=outbox.c.not_before.type)
KINDS: BindParameter[Sequence[str]] = bindparam("kinds", expanding=True, type_=outbox.c.kind.type)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed row: `id` is the transaction id, `first_attempt` when it was first tried (machine time)."""

    id: str
    key: str
    case: str
    about: str
    effect: Effect
    first_attempt: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all rows of one enqueueing share: case, key scope, machine time, how long a revision is gathered, how long the rest is held."""

    case: str
    scope: str
    now: datetime
    gather: timedelta
    hold: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class _Waits:
    """Until when a row waits, and why, where something may let it go earlier (`store.outcomes.VACANT`)."""

    until: datetime
    why: str | None = None


async def enqueue(tx: Transaction, vault: Vault, effects: Sequence[Effect], envelope: Envelope) -> None:
    """Remember effects in order; a key that is known already is passed over."""
    if not effects:
        return
    known = {row.key for row in await answered(tx, KNOWN, [effect.key for effect in effects])}
    key = await vault.obtain(tx, envelope.scope, envelope.now)
    rows: dict[str, dict[str, Any]] = {}
    for effect in effects:
        if effect.key in known or effect.key in rows:
            continue
        waits = _Waits(envelope.now + envelope.hold)
        if isinstance(effect, Revise):
            waits = await _gathered(tx, effect, envelope, rows)
        rows[effect.key] = _row(effect, envelope, waits, key)
    if rows:
        await tx.execute(insert(outbox), list(rows.values()))


def _row(effect: Effect, envelope: Envelope, waits: _Waits, key: sealing.DataKey) -> dict[str, Any]:
    identity = str(uuid4())
    return {
        "id": identity,
        "key": effect.key,
        "place": _line(effect, envelope),
        "kind": type(effect).__name__,
        "case_id": envelope.case,
        "about": effect.about if isinstance(effect, Say | Attach) else "",
        "target": _target(effect),
        "scope": envelope.scope,
        "payload": sealing.seal(key, sealing.row("outbox", "payload", identity), codec.encode(effect)),
        "urgent": effect.urgent,
        "state": "waiting",
        "made": envelope.now,
        "not_before": waits.until,
        "error": waits.why,
        "attempts": 0,
        "done": None,
    }


def _line(effect: Effect, envelope: Envelope) -> str:
    """Return what rows go in order in: their place. E-mail has one of its own, and so has what no message of the place may wait for."""
    match effect:
        case Mail():
            return f"mail:{envelope.case}"
        case Describe():
            return f"describe:{effect.place}"
        case _:
            return str(effect.place)


def _target(effect: Effect) -> str:
    return (effect.anchor.key or effect.anchor.event) if isinstance(effect, Revise) else ""


async def _gathered(tx: Transaction, effect: Revise, envelope: Envelope, rows: Mapping[str, dict[str, Any]]) -> _Waits:
    """Replace an unsent revision of the same message, also among new `rows`, and return what this one waits for.

    It goes with the one that it replaces, and not before its message; one that was tried stays (matrix 12).
    """
    target = _target(effect)
    unsent = (outbox.c.target == target) & (outbox.c.state == "waiting") & outbox.c.attempted.is_(None)
    wiped = update(outbox).where(unsent).values(state="cancelled", payload=null(), done=envelope.now)
    replaced = [_Waits(*row) for row in (await tx.execute(wiped.returning(outbox.c.not_before, outbox.c.error))).all()]
    for row in rows.values():
        if row["target"] == target and row["state"] == "waiting":
            replaced.append(_Waits(row["not_before"], row["error"]))
            row.update(state="cancelled", payload=None, done=envelope.now)
    ahead = (outbox.c.key == target) & (outbox.c.state == "waiting")
    roots = [_Waits(*row) for row in (await tx.execute(select(outbox.c.not_before, outbox.c.error).where(ahead))).all()]
    if target in rows:
        roots.append(_Waits(rows[target]["not_before"], rows[target]["error"]))
    first = min((each.until for each in replaced), default=envelope.now + envelope.gather)
    return _Waits(max((first, *(each.until for each in roots))), next((each.why for each in (*replaced, *roots) if each.why), None))


async def claim(
    tx: Transaction, vault: Vault, now: datetime, lease: timedelta, most: int, kinds: Collection[str] = EFFECTS, *, urgent: bool = False
) -> tuple[Outgoing, ...]:
    """Claim the oldest unfinished row of each place where it is of these kinds, at most `most`.

    Places with something urgent come first; where only those are `urgent` enough, no others are taken.

    A row that cannot be opened or read any more is parked instead: it may not hold up its place, and the others with it.
    """
    found: list[tuple[bool, int, Outgoing]] = []
    values = {"now": now, "until": now + lease, "kinds": tuple(kinds), "most": most}
    for row in (await tx.execute(_claiming(urgent=urgent), values)).all():
        try:
            found.append((not row.urgent, row.position, await _outgoing(tx, vault, row)))
        except (sealing.Unopened, ValidationError) as lost:
            await outcomes.park(tx, row.id, type(lost).__name__, now)
    return tuple(outgoing for _, _, outgoing in sorted(found, key=lambda each: each[:2]))


@cache
def _claiming(*, urgent: bool) -> ReturningUpdate[Any]:
    """Build, once, what claims at most `most` rows of these `kinds` that are ready `now`, and leases them `until` then."""
    return (
        update(outbox)
        .where(outbox.c.id.in_(_claimable(urgent=urgent).limit(bindparam("most", type_=Integer))), _ready(outbox))
        .values(
            lease=bindparam("until", type_=outbox.c.lease.type),
            attempts=outbox.c.attempts + 1,
            attempted=case((outbox.c.attempted.is_(None), NOW), else_=outbox.c.attempted),
        )
        .returning(*outbox.c)
    )


def _ready(table: FromClause) -> ColumnElement[bool]:
    return (table.c.state == "waiting") & (table.c.not_before <= NOW) & or_(table.c.lease.is_(None), table.c.lease <= NOW)


def _claimable(*, urgent: bool) -> Select[str]:
    """Select the row that comes next in each place that has none under way, where it is of these kinds; `urgent` places only, or all."""
    row, other = outbox.alias("candidate"), outbox.alias("other")
    same = (other.c.place == row.c.place) & (other.c.state == "waiting") & (other.c.not_before <= NOW)
    before = select(other.c.id).where(same, or_(other.c.position < row.c.position, other.c.lease > NOW)).exists()
    pressing = select(other.c.id).where(same, other.c.urgent).exists()
    found = select(row.c.id).where(_ready(row), row.c.kind.in_(KINDS), ~before, *((pressing,) if urgent else ()))
    return found.order_by(pressing.desc(), row.c.position)


async def _outgoing(tx: Transaction, vault: Vault, row: Row[Any]) -> Outgoing:
    key = await vault.key(tx, row.scope)
    plain = sealing.unseal(key, sealing.row("outbox", "payload", row.id), row.payload)
    return Outgoing(row.id, row.key, row.case_id, row.about, codec.decode(EFFECTS[row.kind], plain), row.attempted, row.attempts)


async def next_wake(tx: Transaction, kinds: Collection[str] = EFFECTS) -> datetime | None:
    """Return the machine time at which the next waiting row of these kinds may be tried, None when none waits.

    A row behind another does not count: it gets its turn when that one is confirmed or parked, not by waiting.
    """
    wake: datetime | None = await tx.scalar(_waking(), {"kinds": tuple(kinds)})
    return wake


@cache
def _waking() -> Select[datetime]:
    row, other = outbox.alias("candidate"), outbox.alias("other")
    waiting = outbox.c.state == "waiting"
    leased = select(outbox.c.place, func.max(outbox.c.lease).label("until")).where(waiting).group_by(outbox.c.place).subquery()
    turn = case((leased.c.until > row.c.not_before, leased.c.until), else_=row.c.not_before)
    before = (other.c.place == row.c.place) & (other.c.state == "waiting") & (other.c.position < row.c.position)
    ahead = select(other.c.id).where(before, other.c.not_before <= turn).correlate(row, leased).exists()
    return (
        select(func.min(turn))
        .join_from(row, leased, leased.c.place == row.c.place)
        .where(row.c.state == "waiting", row.c.kind.in_(KINDS), ~ahead)
    )
