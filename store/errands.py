"""What must be known of a claimed row before it is tried: its room, what it and its anchors have become, and under which id it goes.

A wave asks this for each message, so it is asked in one statement, and in one more where the row answers, edits or pins something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from care.effects import Anchor, Attach, Effect, Pin, Redact, Revise, Say
from store import inbox, sayings
from store.database import Transaction
from store.outbox import Outgoing
from store.portions import among
from store.renewals import Trial
from store.rooms import LAST_LOST, ROOM
from store.tables import outbox, renewals

RENEWED = renewals.c.id == bindparam("row")
KNOWN = select(
    ROOM.scalar_subquery().label("room"),
    select(outbox.c.event).where(outbox.c.key == bindparam("key")).scalar_subquery().label("event"),
    LAST_LOST.scalar_subquery().label("lost"),
    select(renewals.c.turn).where(RENEWED).scalar_subquery().label("turn"),
    select(renewals.c.since).where(RENEWED).scalar_subquery().label("since"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """The room of the row's place and the event that the row has become ("" for none), its present trial, and its anchors' events.

    `again` says that the place has lost a room before; anchors that were left behind there are missing.
    """

    room: str
    event: str
    trial: Trial
    anchors: Mapping[Anchor, str]
    again: bool


async def known(tx: Transaction, row: Outgoing) -> Known:
    """Return what is known of a claimed row."""
    found = (await tx.execute(KNOWN, {"of": str(row.effect.place), "key": row.key, "row": row.id})).one()
    trial = Trial(row.id, found.turn, found.since) if found.turn else Trial(row.id, 0, row.first_attempt)
    room, anchors = found.room or "", await _events(tx, row.effect)
    if found.lost is not None:
        anchors = {anchor: said for anchor, said in anchors.items() if not await _left_behind(tx, said, room, found.lost)}
    return Known(room, found.event or "", trial, anchors, again=found.lost is not None)


async def _events(tx: Transaction, effect: Effect) -> dict[Anchor, str]:
    anchors = _anchors(effect)
    keys = [anchor.key for anchor in anchors if not anchor.event]
    became = {row.key: row.event for row in await among(tx, select(outbox.c.key, outbox.c.event), outbox.c.key, keys)}
    return {anchor: anchor.event or became.get(anchor.key) or "" for anchor in anchors}


def _anchors(effect: Effect) -> tuple[Anchor, ...]:
    match effect:
        case Say():
            return tuple(anchor for anchor in (effect.thread, effect.reply) if anchor)
        case Attach():
            return (effect.thread,) if effect.thread else ()
        case Revise() | Pin() | Redact():
            return (effect.anchor,)
        case _:
            return ()


async def _left_behind(tx: Transaction, event: str, room: str, lost: datetime) -> bool:
    """Whether an event is in a room that the place has lost."""
    return await sayings.gone_with(tx, event, lost) or await inbox.said_elsewhere(tx, event, room)
