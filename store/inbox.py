"""The inbox: what people wrote, kept until it is handled, then wiped (architecture 3).

Rows and sync token are committed together; an event that comes twice is kept once. The payload is sealed under the transit key of its
day, which is destroyed after seven days, but not before its last row is finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, insert, null, select, update

from care.effects import Place, place
from store import codec, sealing
from store.database import Transaction
from store.keys import Vault, transit_scope
from store.portions import answered, asked, portions
from store.tables import inbox, keys, outbox, rooms, sync

TRANSIT_DAYS = 7
KNOWN = asked(select(inbox.c.event), inbox.c.event)
IS_DONE = select(inbox.c.done).where(inbox.c.event == bindparam("of"))
MET = select(
    IS_DONE.scalar_subquery().label("done"), select(rooms.c.place).where(rooms.c.room == bindparam("room")).scalar_subquery().label("place")
)
DONE = update(inbox).where(inbox.c.event == bindparam("of")).values(done=bindparam("now", type_=inbox.c.done.type), payload=null())
ADVANCE = (
    update(sync)
    .where(sync.c.account == bindparam("of"))
    .values(token=bindparam("position", type_=sync.c.token.type), at=bindparam("now", type_=sync.c.at.type))
)


class Kind(StrEnum):
    """What kind of thing came in."""

    MESSAGE = "message"
    EDIT = "edit"
    REACTION = "reaction"
    REDACTION = "redaction"
    MEMBERSHIP = "membership"
    INVITATION = "invitation"
    UNREADABLE = "unreadable"
    CLEAR = "clear"
    LATE = "late"
    """Something unreadable whose room key has come by now."""
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Message:
    """Something that came in. `sent` is the server's time mapped to civil time; `target` is what a reaction, edit or redaction aims at.

    `trusted` tells that the encryption session belongs to a device of the sender that the policy trusts (invariant 8), `subject` whose
    membership it is, `encrypted` whether the room is. `standing` tells why a decrypted message is not trusted: its device is `unsigned` or
    `unknown`, or its sender's identity `changed`; else it is "".
    A change of a room has the state's type as `key`, and as `target` the room that a tombstone names.
    """

    event: str
    room: str
    sender: str
    sent: datetime
    kind: Kind
    body: str = ""
    html: str = ""
    thread: str = ""
    reply_to: str = ""
    target: str = ""
    key: str = ""
    device: str = ""
    trusted: bool = False
    standing: str = ""
    membership: str = ""
    subject: str = ""
    encrypted: bool = False


async def put(tx: Transaction, vault: Vault, messages: Sequence[Message], now: datetime) -> int:
    """Keep what came in, in order; what is known already is passed over. Return how many were new. `now` is machine time."""
    if not messages:
        return 0
    key = await vault.obtain(tx, transit_scope(now), now)
    return sum([await _put(tx, key, some, now) for some in portions(messages)])


async def _put(tx: Transaction, key: sealing.DataKey, messages: Sequence[Message], now: datetime) -> int:
    known = {row.event for row in await answered(tx, KNOWN, [m.event for m in messages])}
    new: dict[str, Message] = {}
    for message in messages:
        if message.event not in known:
            new.setdefault(message.event, message)
    if new:
        await tx.execute(insert(inbox), [_row(message, key, now) for message in new.values()])
    return len(new)


def _row(message: Message, key: sealing.DataKey, now: datetime) -> dict[str, object]:
    return {
        "event": message.event,
        "room": message.room,
        "sender": message.sender,
        "sent": message.sent,
        "taken": now,
        "scope": key.scope,
        "payload": sealing.seal(key, sealing.row("inbox", "payload", message.event), codec.encode(message)),
    }


async def waiting(tx: Transaction, vault: Vault) -> tuple[Message, ...]:
    """Return what has not been handled, in the order in which it came."""
    rows = (await tx.execute(select(inbox).where(inbox.c.done.is_(None)).order_by(inbox.c.position))).all()
    open_keys = {scope: await vault.key(tx, scope) for scope in {row.scope for row in rows}}
    return tuple(_message(row, open_keys[row.scope]) for row in rows)


def _message(row: Row[Any], key: sealing.DataKey) -> Message:
    return codec.decode(Message, sealing.unseal(key, sealing.row("inbox", "payload", row.event), row.payload))


async def is_done(tx: Transaction, event: str) -> bool:
    """Whether a message has been handled."""
    return await tx.scalar(IS_DONE, {"of": event}) is not None


async def met(tx: Transaction, event: str, room: str) -> tuple[bool, Place | None]:
    """Return whether a message has been handled, and what its room is for (None for a room that the bot does not keep)."""
    found = (await tx.execute(MET, {"of": event, "room": room})).one()
    return found.done is not None, place(found.place) if found.place else None


async def said_elsewhere(tx: Transaction, event: str, room: str) -> bool:
    """Whether a message of a person was written in another room."""
    where = (inbox.c.event == event) & (inbox.c.room != room)
    return await tx.scalar(select(inbox.c.position).where(where)) is not None


async def done(tx: Transaction, event: str, now: datetime) -> None:
    """Note that a message has been handled; its payload is wiped."""
    await tx.execute(DONE, {"of": event, "now": now})


async def wrote_since(tx: Transaction, sender: str, room: str, since: datetime) -> bool:
    """Whether anything came from a person in a room that was sent after `since` (civil time)."""
    query = select(inbox.c.event).where(inbox.c.sender == sender, inbox.c.room == room, inbox.c.sent > since).limit(1)
    return await tx.scalar(query) is not None


async def token(tx: Transaction, account: str) -> str | None:
    """Return the sync position of the bot account, None before the first sync."""
    found: str | None = await tx.scalar(select(sync.c.token).where(sync.c.account == account))
    return found


async def advance(tx: Transaction, account: str, position: str, now: datetime) -> None:
    """Remember the sync position, in the same transaction as what came before it."""
    if (await tx.execute(ADVANCE, {"of": account, "position": position, "now": now})).rowcount == 0:
        await tx.execute(insert(sync).values(account=account, token=position, at=now))


async def expire_transit(tx: Transaction, vault: Vault, now: datetime) -> tuple[str, ...]:
    """Destroy the transit keys that are older than seven days and protect nothing unfinished; return their scopes."""
    old = select(keys.c.scope).where(keys.c.scope.like("transit:%"), keys.c.wrapped.is_not(None))
    expired: list[str] = []
    for scope in (await tx.execute(old.where(keys.c.made < now - timedelta(days=TRANSIT_DAYS)))).scalars():
        unread = await tx.scalar(select(inbox.c.event).where(inbox.c.scope == scope, inbox.c.done.is_(None)).limit(1))
        unsent = await tx.scalar(select(outbox.c.id).where(outbox.c.scope == scope, outbox.c.state == "waiting").limit(1))
        if unread is None and unsent is None:
            await vault.destroy(tx, scope, now)
            expired.append(scope)
    return tuple(expired)
