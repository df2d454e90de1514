"""What the edge sees of a case's room becomes a journalled event and its messages; so does the directory's word that somebody has left.

Everything here may be asked again: what has happened already leads to nothing.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from zlib import crc32

from care.case import Author, Event, Source
from care.people import Directory
from care.rooms import PersonLeft, PersonWithdrawn
from reminders.keeper import Guard, Keeper
from store import index, sayings
from store.database import Transaction
from store.steps import judge, load, record
from texts.announce import announce

EDGE = Author(user="", source=Source.EDGE)
"""Who notes what happened to a room: nobody."""


async def happened(keeper: Keeper, tx: Transaction, case_id: str, event: Event, now: datetime) -> None:
    """Journal what happened to a case's room and enqueue what follows; raise LookupError for an unknown case."""
    case = await load(tx, keeper.vault, case_id)
    rules = await keeper.rules(tx, case)
    step = judge(case, (event,), EDGE, keeper.moment(now), case_id)
    generation = await sayings.times_said(tx, case_id, "overview")
    effects = announce(step.entries, case, step.after, rules, generation=generation, organizer=keeper.organizer)
    await record(tx, keeper.vault, rules, step, effects, keeper.moment(now))


async def left(keeper: Keeper, tx: Transaction, case_id: str, user: str, now: datetime) -> None:
    """Note that a person has left a case's room; one who was no participant is nobody's loss."""
    if user in await index.people_of(tx, case_id):
        await happened(keeper, tx, case_id, PersonLeft(user), now)


class Staff:
    """Takes those out of cases who stand for none of their units any more (invariant 6)."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._known: int | None = None
        self._seen: Directory | None = None

    async def follow(self, guard: Guard, now: datetime) -> None:
        """Remove from case rooms, and ask no more into them, who has left; looks only when the directory's people have changed."""
        keeper = self._keeper
        async with keeper.database.read() as tx:
            directory = await keeper.directory(tx)
            if directory is self._seen:
                return
            current = await asyncio.to_thread(fingerprint, directory)
            if current == self._known:
                self._seen = directory
                return
            gone = _gone(directory, await index.everybody(tx), await index.all_actors(tx))
        failed = len(guard.failures)
        for case, user in gone:
            with guard():
                await self._withdraw(case, user, now)
        if len(guard.failures) == failed:
            self._known, self._seen = current, directory

    async def _withdraw(self, case: str, user: str, now: datetime) -> None:
        keeper = self._keeper
        async with keeper.write() as tx:
            directory, units = await keeper.directory(tx), await index.actors_of(tx, case)
            there = user in await index.people_of(tx, case)
            if there and not _stands(directory, user, units):
                await happened(keeper, tx, case, PersonWithdrawn(user), now)


def fingerprint(directory: Directory) -> int:
    """Return a number that tells who may stand for which unit; who is on duty, and what people are called, do not count."""
    people = sorted((member.user, member.unit, *sorted(member.roles)) for member in directory.members)
    principals = sorted((unit.id, directory.huvudman[unit.huvudman].contact_unit) for unit in directory.units.values())
    return crc32(repr((people, principals)).encode())


def _gone(directory: Directory, people: tuple[tuple[str, str], ...], actors: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    return [(case, user) for case, user in people if not _stands(directory, user, actors.get(case, frozenset()))]


def _stands(directory: Directory, user: str, units: frozenset[str]) -> bool:
    return any(directory.stands_for(user, unit) for unit in units)
