"""Forms in progress. What is typed in one lives only here, under a key of its own, and is gone when it ends (invariant 1).

Ending destroys key and rows together and cancels what the form had still to say; `Database.forget` then empties the WAL.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from store import outcomes, sealing
from store.database import Transaction
from store.keys import Vault, dialogue_scope
from store.tables import dialogues

OF_ONE = (
    select(dialogues)
    .where(dialogues.c.user == bindparam("of"), dialogues.c.place == bindparam("here"))
    .order_by(dialogues.c.expires.desc())
)
LATEST = OF_ONE.limit(1)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A form that waits for an answer: whose, where (`root` is its thread), of which kind; `state` is its sealed content, opened."""

    id: str
    user: str
    place: str
    root: str
    kind: str
    state: bytes
    expires: datetime

    @property
    def scope(self) -> str:
        """Return the key scope of the form and all that it says."""
        return dialogue_scope(self.id)


def _identity(dialogue: str) -> str:
    return sealing.row("dialogues", "state", dialogue)


async def begin(tx: Transaction, vault: Vault, dialogue: Dialogue, now: datetime) -> None:
    """Keep a new form under a new key."""
    key = await vault.obtain(tx, dialogue.scope, now)
    await tx.execute(
        insert(dialogues).values(
            id=dialogue.id,
            user=dialogue.user,
            place=dialogue.place,
            root=dialogue.root,
            kind=dialogue.kind,
            state=sealing.seal(key, _identity(dialogue.id), dialogue.state),
            expires=dialogue.expires,
        )
    )


async def go_on(tx: Transaction, vault: Vault, dialogue: Dialogue) -> None:
    """Keep a form's new state and expiry."""
    key = await vault.key(tx, dialogue.scope)
    state = sealing.seal(key, _identity(dialogue.id), dialogue.state)
    await tx.execute(update(dialogues).where(dialogues.c.id == dialogue.id).values(state=state, expires=dialogue.expires))


async def find(tx: Transaction, vault: Vault, user: str, place: str, root: str) -> Dialogue | None:
    """Return the form that a person has in progress in a room and thread."""
    return next((found for found in await begun(tx, vault, user, place) if found.root == root), None)


async def begun(tx: Transaction, vault: Vault, user: str, place: str) -> tuple[Dialogue, ...]:
    """Return the forms that a person has in progress in a room, the one that they went on with last first."""
    found = [await _opened(tx, vault, row) for row in (await tx.execute(OF_ONE, {"of": user, "here": place})).all()]
    return tuple(each for each in found if each)


async def asked(tx: Transaction, vault: Vault, user: str, place: str, dialogue: str) -> Dialogue | None:
    """Return a form by its id if it is that person's, in that place."""
    where = (dialogues.c.id == dialogue) & (dialogues.c.user == user) & (dialogues.c.place == place)
    return await _opened(tx, vault, (await tx.execute(select(dialogues).where(where))).first())


async def in_thread(tx: Transaction, vault: Vault, place: str, root: str) -> tuple[Dialogue, ...]:
    """Return the forms in progress in a thread of a room, whoever's they are."""
    rows = (await tx.execute(select(dialogues).where((dialogues.c.place == place) & (dialogues.c.root == root)))).all()
    found = [await _opened(tx, vault, row) for row in rows]
    return tuple(each for each in found if each)


async def answered(tx: Transaction, dialogue: Dialogue, machine: datetime) -> None:
    """Spare a form the reactions that its questions have not got yet: the question is answered."""
    await outcomes.settle_scope(tx, dialogue.scope, machine)


async def latest(tx: Transaction, vault: Vault, user: str, place: str) -> Dialogue | None:
    """Return the form that a person went on with last in a room, whatever its thread."""
    return await _opened(tx, vault, (await tx.execute(LATEST, {"of": user, "here": place})).first())


async def _opened(tx: Transaction, vault: Vault, row: Row[Any] | None) -> Dialogue | None:
    if row is None:
        return None
    state = sealing.unseal(await vault.key(tx, dialogue_scope(row.id)), _identity(row.id), row.state)
    return Dialogue(row.id, row.user, row.place, row.root, row.kind, state, row.expires)


async def expired(tx: Transaction, now: datetime) -> tuple[tuple[str, str, str, str], ...]:
    """Return id, user, place and root of the forms whose time is over."""
    rows = (await tx.execute(select(dialogues).where(dialogues.c.expires <= now))).all()
    return tuple((row.id, row.user, row.place, row.root) for row in rows)


async def next_expiry(tx: Transaction) -> datetime | None:
    """Return when the next form expires, None when there is none."""
    found: datetime | None = await tx.scalar(select(dialogues.c.expires).order_by(dialogues.c.expires).limit(1))
    return found


async def end(tx: Transaction, vault: Vault, dialogue: str, machine: datetime) -> None:
    """Destroy a form: its key, its rows and what it had still to say."""
    scope = dialogue_scope(dialogue)
    await tx.execute(delete(dialogues).where(dialogues.c.id == dialogue))
    await outcomes.cancel_scope(tx, scope, machine)
    await vault.erase(tx, scope)
