"""A digest is edited as its rows get done, and shows who reviewed it when (commands 6).

Only digests with a case in which something happened since the last look, or that somebody reviewed, are looked at. What each showed last
is kept in memory; after a restart one that was never edited counts as it was said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.effects import Anchor, Revise, inbox
from care.expected import Matter
from care.reviews import slot_before
from care.worklist import Item, Section, Worklist
from reminders.keeper import Guard, Keeper
from reminders.reviews import links
from reminders.rows import Progress, progress
from store import index, reviews, sayings
from store.database import Transaction
from store.reviews import Review, Row
from texts import digest as words

SLACK = timedelta(minutes=5)
"""More than what passes between the decision of a step and its being saved."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a digest shows besides its rows: which are done, and who reviewed it."""

    done: frozenset[int] = frozenset()
    reviewer: str = ""


class Editor:
    """Edits the digests of the last two slots."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._looked: datetime | None = None
        self._shown: dict[str, Shown] = {}

    async def refresh(self, guard: Guard, now: datetime) -> None:
        """Edit the digests that are not as they should be any more."""
        staffed = self._keeper.profile.staffed
        first = slot_before(slot_before(now, staffed), staffed)
        async with self._keeper.database.read() as tx:
            said = await reviews.said_since(tx, first - timedelta.resolution)
            touched = await index.touched_since(tx, max(self._looked or first, first) - SLACK)
        self._looked = now
        self._shown = {review.key: self._shown[review.key] for review in said if review.key in self._shown}
        for review in said:
            if self._is_news(review, touched):
                with guard():
                    await self._edit(review)

    def _is_news(self, review: Review, touched: frozenset[str]) -> bool:
        shown = self._shown.get(review.key, Shown())
        return review.reviewer != shown.reviewer or any(row[0] in touched for row in review.rows)

    async def _edit(self, review: Review) -> None:
        async with self._keeper.database.read() as tx:
            how = await progress(self._keeper, tx, review)
            wanted, shown = Shown(how.done, review.reviewer), await self._last(tx, review)
        if wanted != shown:
            async with self._keeper.write() as tx:
                await self._keeper.enqueue(tx, (await _revised(self._keeper, tx, review, how),))
        self._shown[review.key] = wanted

    async def _last(self, tx: Transaction, review: Review) -> Shown | None:
        """Return what a digest shows, None if that is not known any more."""
        if review.key in self._shown:
            return self._shown[review.key]
        return None if await sayings.is_known_under(tx, f"{review.key}:") else Shown()


async def _revised(keeper: Keeper, tx: Transaction, review: Review, how: Progress) -> Revise:
    directory = await keeper.directory(tx)
    work = Worklist(tuple(_item(row) for row in review.rows), review.rest)
    reviewed = (directory.name_of(review.reviewer), review.reviewed) if review.reviewed else None
    slot = words.Slot(review.unit, review.slot, review.late, review.folded)
    text = words.digest(slot, work, directory, await links(tx, work), reviewed=reviewed, done=how.done)
    return Revise(f"{review.key}:{how.changes}:{review.reviewer}", inbox(review.unit), anchor=Anchor(key=review.key), words=text)


def _item(row: Row) -> Item:
    case, name, matter, section, until, case_name, unit = row
    return Item(Section(section), case, case_name, name, Matter[matter], unit, datetime.fromisoformat(until))
