"""What came of a row of the outbox: done, put off, held back, or given up (matrix 5, decision 0008). Times here are machine time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, null, update

from care.effects import Attach, Pin, Redact, Revise, Say
from store.database import Transaction
from store.tables import outbox

TALK = tuple(kind.__name__ for kind in (Say, Revise, Pin, Redact, Attach))
"""What is done for those who are in a room to read it."""
VACANT = "vacant"
"""The error of a row that waits until somebody is in its room."""


_DONE: dict[str, Any] = {"state": "done", "event": bindparam("as"), "payload": null(), "lease": null(), "done": bindparam("at")}
CONFIRMED = update(outbox).where(outbox.c.id == bindparam("of")).values(_DONE)
ARRIVED = update(outbox).where((outbox.c.id == bindparam("of")) & (outbox.c.state == "waiting")).values(event=bindparam("as"))


async def confirm(tx: Transaction, identity: str, event: str, now: datetime) -> None:
    """Note that a row has happened, as which Matrix event ("" for none); its payload is wiped."""
    await confirm_all(tx, {identity: event}, now)


async def confirm_all(tx: Transaction, events: Mapping[str, str], now: datetime) -> None:
    """Note of rows, by id, what `confirm` does of one."""
    if events:
        await tx.execute(CONFIRMED, [{"of": identity, "as": event or None, "at": now} for identity, event in events.items()])


async def arrived(tx: Transaction, identity: str, event: str) -> None:
    """Note which Matrix event a row has become, before all that belongs to it is done: a repeat goes on from there."""
    await arrived_all(tx, {identity: event})


async def arrived_all(tx: Transaction, events: Mapping[str, str]) -> None:
    """Note of rows, by id, what `arrived` does of one."""
    if events:
        await tx.execute(ARRIVED, [{"of": identity, "as": event} for identity, event in events.items()])


async def resume(tx: Transaction) -> None:
    """Make claimable at once what an ended process had claimed or put off; only for the one process that holds the database."""
    await tx.execute(update(outbox).where(outbox.c.state == "waiting").values(lease=None))


async def postpone(tx: Transaction, identity: str, until: datetime, error: str, *, failed: bool = True) -> None:
    """Note that a row may be tried again from `until`, with the same id; an attempt that has not `failed` does not count.

    One that was held back meanwhile stays so until it is released.
    """
    attempts = outbox.c.attempts - (0 if failed else 1)
    reason = case((outbox.c.error == VACANT, VACANT), else_=error[:200])
    await tx.execute(update(outbox).where(outbox.c.id == identity).values(lease=until, error=reason, attempts=attempts))


async def park(tx: Transaction, identity: str, error: str, now: datetime) -> None:
    """Give a waiting row up for good; its place goes on."""
    waiting = (outbox.c.id == identity) & (outbox.c.state == "waiting")
    await tx.execute(update(outbox).where(waiting).values(state="parked", error=error[:200], lease=None, done=now))


async def hold(tx: Transaction, place: str, until: datetime) -> None:
    """Hold back what waits to be said in a place, so that what brings people there goes first; `release` lets it go earlier."""
    talk = (outbox.c.place == place) & (outbox.c.state == "waiting") & outbox.c.kind.in_(TALK)
    await tx.execute(update(outbox).where(talk).values(not_before=until, lease=None, error=VACANT))


async def release(tx: Transaction, place: str, now: datetime) -> None:
    """Let go at once what was held back in a place: somebody is there to read it."""
    held_back = (outbox.c.place == place) & (outbox.c.state == "waiting") & (outbox.c.error == VACANT)
    await tx.execute(update(outbox).where(held_back).values(not_before=now, error=null()))


async def settle_scope(tx: Transaction, scope: str, now: datetime) -> None:
    """Call done what has arrived of a scope, although not all that belongs to it has (the reactions)."""
    there = (outbox.c.scope == scope) & (outbox.c.state == "waiting") & outbox.c.event.is_not(None)
    await tx.execute(update(outbox).where(there).values(state="done", payload=null(), lease=None, done=now))


async def cancel_scope(tx: Transaction, scope: str, now: datetime) -> None:
    """Cancel what has not been sent of a scope, and wipe it."""
    unsent = (outbox.c.scope == scope) & (outbox.c.state == "waiting")
    await tx.execute(update(outbox).where(unsent).values(state="cancelled", payload=null(), lease=None, done=now))
