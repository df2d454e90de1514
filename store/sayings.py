"""What the outbox remembers of what was said: which effects there were, which events they became, and what these are about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from store.database import Transaction
from store.tables import outbox

EVENT = select(outbox.c.event).where(outbox.c.key == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a message of the bot was about: its place, its case ("" for none) and object."""

    key: str
    place: str
    case: str
    about: str


async def gone_with(tx: Transaction, event: str, lost: datetime) -> bool:
    """Whether an event is a message of the bot that was said before its place lost its room."""
    return await tx.scalar(select(outbox.c.id).where(outbox.c.event == event, outbox.c.done <= lost).limit(1)) is not None


async def is_known(tx: Transaction, key: str) -> bool:
    """Whether an effect with a key was ever enqueued."""
    return await tx.scalar(select(outbox.c.id).where(outbox.c.key == key)) is not None


async def is_known_under(tx: Transaction, prefix: str, since: datetime | None = None) -> bool:
    """Whether an effect with a key that begins so was enqueued, ever or `since` an instant."""
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    query = select(outbox.c.id).where(outbox.c.key >= prefix, outbox.c.key < after)
    return await tx.scalar((query.where(outbox.c.made >= since) if since else query).limit(1)) is not None


async def event_of(tx: Transaction, key: str) -> str | None:
    """Return the Matrix event that a key became, None when it has not (yet)."""
    event: str | None = await tx.scalar(EVENT, {"of": key})
    return event


async def spoken(tx: Transaction, event: str) -> Spoken | None:
    """Return what a message of the bot was about, None for an event that is not the bot's."""
    row = (await tx.execute(select(outbox).where(outbox.c.event == event))).first()
    return Spoken(row.key, row.place, row.case_id, row.about) if row else None


async def held(tx: Transaction, case_id: str, now: datetime) -> bool:
    """Whether a lägesbild for newcomers is being held back already, so that more of them can share it."""
    where = (outbox.c.case_id == case_id) & (outbox.c.about == "overview") & (outbox.c.state == "waiting") & (outbox.c.not_before > now)
    return await tx.scalar(select(outbox.c.id).where(where).limit(1)) is not None


async def times_said(tx: Transaction, case_id: str, about: str) -> int:
    """Return how often the bot has posted a message about an object of a case; for the lägesbild its generation in force."""
    where = (outbox.c.case_id == case_id) & (outbox.c.about == about)
    number: int | None = await tx.scalar(select(func.count()).select_from(outbox).where(where))
    return number or 0
