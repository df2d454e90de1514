"""The reviews at 08:00 and 14:00: one digest per unit and slot (process 3.0.5, commands 6).

Slots that passed while the bot was down are folded into the latest, which says so. Nothing to do is no message: one pinned line is edited.
Cases are read before anything is written, each once for all its units, so that 500 units do not hold up those who write meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime

from care.effects import Anchor, Effect, Pin, Revise, Say, case_room, inbox
from care.expected import Rules
from care.reviews import slot_before, slots_between
from care.ringing import staff_may_be_rung
from care.worklist import Item, Worklist, rows, worklist
from reminders.keeper import Guard, Keeper, is_late
from reminders.ladder import review_key, steps
from store import index, reviews, rooms, sayings
from store.database import Transaction
from store.reviews import Review, Row
from store.steps import load
from texts import digest as words

ACK = "✅"
AT_ONCE = 50
"""Cases read in one transaction: a longer one would keep the log from being emptied."""
DIGEST = 1
"""The step of the ladder that a digest is (process 3.0.7)."""


async def post(keeper: Keeper, guard: Guard, now: datetime) -> None:
    """Say the digest of every unit whose slot has come, each in a transaction of its own; a unit without people has no inbox."""
    async with keeper.database.read() as tx:
        directory = await keeper.directory(tx)
        units = [unit.id for unit in directory.units.values() if unit.open and any(m.acting for m in directory.members_of(unit.id))]
        last = await reviews.last_slots(tx)
    passed = {slot: slots_between(slot, now, keeper.profile.staffed) for slot in set(last.values())}
    if fresh := [unit for unit in units if unit not in last]:
        await _begin(keeper, fresh, now)
    awaited = {unit: passed[last[unit]] for unit in units if unit in last and passed[last[unit]]}
    if not awaited:
        return
    work = await _work(keeper, guard, awaited, now)
    for unit, slots in awaited.items():
        with guard():
            async with keeper.write() as tx:
                await _say(keeper, tx, words.Slot(unit, slots[-1], is_late(slots[-1], now), slots[:-1]), work[unit], now)


async def _begin(keeper: Keeper, units: list[str], now: datetime) -> None:
    """Begin with the slot before a unit was first seen: nothing was expected of it then."""
    slot = slot_before(now, keeper.profile.staffed)
    async with keeper.write() as tx:
        for unit in units:
            if await reviews.last_slot(tx, unit) is None:
                await reviews.write(tx, _folded(unit, slot))


def _folded(unit: str, slot: datetime) -> Review:
    return Review(unit, slot, "folded", (), review_key(unit, slot, DIGEST, unit))


async def _work(keeper: Keeper, guard: Guard, units: Mapping[str, object], now: datetime) -> Mapping[str, Worklist]:
    """Return what waits for each of the units, over all open cases."""
    found: dict[str, list[tuple[Item, ...]]] = {unit: [] for unit in units}
    async with keeper.database.read() as tx:
        cases = await index.open_cases(tx)
    for first in range(0, len(cases), AT_ONCE):
        async with keeper.database.read() as tx:
            directory = await keeper.directory(tx)
            for case_id in cases[first : first + AT_ONCE]:
                with guard():
                    case = await load(tx, keeper.vault, case_id)
                    for unit, items in rows(case, now, keeper.rules_of(directory, case)).items():
                        if unit in found:
                            found[unit].append(items)
    return {unit: worklist(each) for unit, each in found.items()}


async def _say(keeper: Keeper, tx: Transaction, slot: words.Slot, work: Worklist, now: datetime) -> None:
    """Keep the review and say it; one that comes after its grace is its own nudge, since it rings the same people."""
    known = await reviews.last_slot(tx, slot.unit)
    if known is not None and known >= slot.at:
        return
    for folded in slot.folded:
        await reviews.write(tx, _folded(slot.unit, folded))
    await reviews.write(tx, _review(slot, work, now, overdue=now >= steps(slot.at, keeper.profile).missed))
    await keeper.enqueue(tx, await _effects(tx, slot, work, await keeper.rules(tx), now))


def _review(slot: words.Slot, work: Worklist, now: datetime, *, overdue: bool) -> Review:
    return Review(
        unit=slot.unit,
        slot=slot.at,
        state="said" if work.items else "empty",
        rows=tuple(_row(item) for item in work.items),
        key=review_key(slot.unit, slot.at, DIGEST, slot.unit),
        reviewed=None if work.items else now,
        nudged=now if overdue else None,
        late=slot.late,
        folded=slot.folded,
        rest=work.rest,
    )


def _row(item: Item) -> Row:
    return (item.case, item.object, item.matter.name, str(item.section), item.until.isoformat(), item.case_name, item.unit)


async def _effects(tx: Transaction, slot: words.Slot, work: Worklist, rules: Rules, now: datetime) -> tuple[Effect, ...]:
    key, place = review_key(slot.unit, slot.at, DIGEST, slot.unit), inbox(slot.unit)
    if work.items:
        text = words.digest(slot, work, rules.directory, await links(tx, work))
        rings = rules.directory.ringing(slot.unit) if staff_may_be_rung(slot.unit, now, rules) else ()
        return (Say(key, place, words=text, rings=rings, reactions=(ACK,)),)
    line, text = f"line:{slot.unit}", words.nothing(slot, rules.directory)
    if await sayings.is_known(tx, line):
        return (Revise(key, place, anchor=Anchor(key=line), words=text),)
    return (Say(line, place, words=text), Pin(f"{line}:pin", place, anchor=Anchor(key=line)))


async def links(tx: Transaction, work: Worklist) -> Mapping[str, str]:
    """Return links to the rooms of the cases in a worklist."""
    found = await rooms.rooms_of(tx, {case_room(item.case) for item in work.items})
    return {where.id: f"https://matrix.to/#/{room}" for where, room in found.items()}
