"""The reviews at 08:00 and 14:00: one digest per unit and slot, edited as rows get done (process 3.0.5, commands 6).

Slots that passed while the bot was down are folded into the latest, which says so. Nothing to do is no message: one pinned line is edited.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from care.case import Case
from care.clock import local
from care.effects import Anchor, Effect, Pin, Revise, Say, case_room, inbox
from care.expected import Matter, Rules, expectations
from care.meetings import coming
from care.reviews import label, slot_before, slots_between
from care.worklist import Item, Section, Worklist, worklist
from reminders.keeper import Keeper, is_late
from store import index, outbox, reviews, rooms
from store.database import Transaction
from store.reviews import Review, Row
from store.steps import load
from texts import digest as words

ACK = "✅"


def review_key(unit: str, slot: datetime, step: int, recipient: str) -> str:
    """Return what makes a message about a review happen once: `review:{unit}:{date}:{slot}:{step}:{recipient}` (architecture 3)."""
    return f"review:{unit}:{local(slot).date()}:{label(slot)}:{step}:{recipient}"


async def post(keeper: Keeper, now: datetime) -> None:
    """Say the digest of every unit whose slot has come, each in a transaction of its own."""
    async with keeper.database.read() as tx:
        units = tuple(unit.id for unit in (await keeper.rules(tx)).directory.units.values() if unit.open)
        last = await reviews.last_slots(tx)
    for unit in units:
        slots = slots_between(last[unit], now, keeper.profile.staffed) if unit in last else ()
        if unit in last and not slots:
            continue
        async with keeper.database.write() as tx:
            await (_unit(keeper, tx, unit, slots, now) if slots else _baseline(keeper, tx, unit, now))


async def _unit(keeper: Keeper, tx: Transaction, unit: str, slots: tuple[datetime, ...], now: datetime) -> None:
    for folded in slots[:-1]:
        await reviews.write(tx, Review(unit, folded, "folded", (), review_key(unit, folded, 1, unit)))
    await _say(keeper, tx, words.Slot(unit, slots[-1], late=is_late(slots[-1], now), folded=slots[:-1]), now)


async def _baseline(keeper: Keeper, tx: Transaction, unit: str, now: datetime) -> None:
    """Begin with the slot before the unit was first seen: nothing was expected of it then."""
    slot = slot_before(now, keeper.profile.staffed)
    await reviews.write(tx, Review(unit, slot, "folded", (), review_key(unit, slot, 1, unit)))


async def _cases(keeper: Keeper, tx: Transaction, unit: str) -> tuple[Case, ...]:
    rows = await index.cases_of_units(tx, (unit,))
    return tuple([await load(tx, keeper.vault, row.id) for row in rows])


async def _say(keeper: Keeper, tx: Transaction, slot: words.Slot, now: datetime) -> None:
    rules = await keeper.rules(tx)
    work = worklist(slot.unit, await _cases(keeper, tx, slot.unit), now, rules)
    key = review_key(slot.unit, slot.at, 1, slot.unit)
    rows = tuple(_row(item) for item in work.items)
    review = Review(slot.unit, slot.at, "said" if rows else "empty", rows, key, None if rows else now)
    await reviews.write(tx, review)
    await keeper.enqueue(tx, await _effects(tx, slot, work, rules, key))


def _row(item: Item) -> Row:
    return (item.case, item.object, item.matter.name, str(item.section), item.until.isoformat(), item.case_name)


def _item(row: Row, since: datetime) -> Item:
    case, name, matter, section, until, case_name = row
    return Item(Section(section), case, case_name, name, Matter[matter], since, datetime.fromisoformat(until))


async def refresh(keeper: Keeper, now: datetime) -> None:
    """Edit the digests of the last day whose rows have been done or that were reviewed; an edit that is no news has a known key."""
    async with keeper.database.read() as tx:
        found = [(review, await _done(keeper, tx, review)) for review in await reviews.said_since(tx, now - timedelta(days=1))]
        news = [(review, done) for review, done in found if await _is_news(tx, review, done)]
    for review, done in news:
        async with keeper.database.write() as tx:
            await keeper.enqueue(tx, (await _revised(keeper, tx, review, done),))


def _revision(review: Review, done: frozenset[int]) -> str:
    return f"{review.key}:{'+'.join(map(str, sorted(done)))}:{review.reviewer}"


async def _is_news(tx: Transaction, review: Review, done: frozenset[int]) -> bool:
    return bool(done or review.reviewed) and not await outbox.is_known(tx, _revision(review, done))


async def _revised(keeper: Keeper, tx: Transaction, review: Review, done: frozenset[int]) -> Revise:
    rules = await keeper.rules(tx)
    work = Worklist(tuple(_item(row, review.slot) for row in review.rows), 0)
    reviewed = (rules.directory.name_of(review.reviewer), review.reviewed) if review.reviewed else None
    slot = words.Slot(review.unit, review.slot, late=False)
    text = words.digest(slot, work, rules.directory, await links(tx, work), reviewed=reviewed, done=done)
    return Revise(_revision(review, done), inbox(review.unit), anchor=Anchor(key=review.key), words=text)


async def _done(keeper: Keeper, tx: Transaction, review: Review) -> frozenset[int]:
    """Return the numbers of the rows that nothing is expected for any more."""
    waiting: set[tuple[str, str, str]] = set()
    for case_id in {row[0] for row in review.rows}:
        case = await load(tx, keeper.vault, case_id)
        open_now = [e for e in expectations(case, await keeper.rules(tx, case)) if e.unit == review.unit]
        waiting |= {(case_id, e.object, e.matter.name) for e in open_now}
        waiting |= {(case_id, meeting.object, Matter.MEETING_DAY.name) for meeting in coming(case)}
    return frozenset(number for number, row in enumerate(review.rows, 1) if tuple(row[:3]) not in waiting)


async def _effects(tx: Transaction, slot: words.Slot, work: Worklist, rules: Rules, key: str) -> tuple[Effect, ...]:
    place = inbox(slot.unit)
    if work.items:
        text = words.digest(slot, work, rules.directory, await links(tx, work))
        return (Say(key, place, words=text, rings=rules.directory.ringing(slot.unit), reactions=(ACK,)),)
    line, text = f"line:{slot.unit}", words.nothing(slot, rules.directory)
    if await outbox.is_known(tx, line):
        return (Revise(key, place, anchor=Anchor(key=line), words=text),)
    return (Say(line, place, words=text), Pin(f"{line}:pin", place, anchor=Anchor(key=line)))


async def links(tx: Transaction, work: Worklist) -> Mapping[str, str]:
    """Return links to the rooms of the cases in a worklist."""
    found: dict[str, str] = {}
    for case in {item.case for item in work.items}:
        if room := await rooms.room_of(tx, case_room(case)):
            found[case] = f"https://matrix.to/#/{room}"
    return found
