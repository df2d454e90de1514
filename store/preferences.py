"""What people have chosen for themselves: the language that they are spoken to in. It stands in clear, like who is a member of what."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import insert, select, update

from care.language import Language
from store import generations
from store.database import Transaction
from store.keys import DIRECTORY
from store.tables import preferences


async def languages(tx: Transaction) -> Mapping[str, Language]:
    """Return the language of each person who has chosen one."""
    rows = (await tx.execute(select(preferences.c.user, preferences.c.language))).all()
    return MappingProxyType({row.user: Language(row.language) for row in rows})


async def choose(tx: Transaction, user: str, language: Language, now: datetime) -> None:
    """Remember the language that a person has chosen; the directory that is read next knows it."""
    values = {"language": str(language), "changed": now}
    if (await tx.execute(update(preferences).where(preferences.c.user == user).values(values))).rowcount == 0:
        await tx.execute(insert(preferences).values(user=user, **values))
    await generations.grow(tx, DIRECTORY)
