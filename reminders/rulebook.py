"""When hours, profile or staffed days change, what falls due in open cases is computed anew (architecture 3, "A deadline")."""

from dataclasses import replace
from datetime import datetime
from zlib import crc32

from care.expected import Rules, due_items
from reminders.keeper import Guard, Keeper
from store import index
from store.steps import load


async def follow_rules(keeper: Keeper, guard: Guard, now: datetime) -> bool:
    """Bring the due items of all open cases up to date if the rules are others than when that was done last, before a restart too.

    Returns whether they were: then something may have fallen due by it.
    """
    async with keeper.database.read() as tx:
        current = fingerprint(await keeper.rules(tx))
        if current == await index.rules_known(tx):
            return False
        cases = await index.open_cases(tx)
    for case in cases:
        with guard():
            await _compute(keeper, case, now)
    async with keeper.write() as tx:
        await index.note_rules(tx, current)
    return True


def fingerprint(rules: Rules) -> int:
    """Return a number that tells the rules from others that lead to other times; who is on duty decides none."""
    profile = replace(rules.profile, staffed=frozenset())
    hours = sorted((unit.id, str(unit.hours)) for unit in rules.directory.units.values())
    return crc32(repr((profile, sorted(rules.profile.staffed), hours)).encode()) >> 1


async def _compute(keeper: Keeper, case_id: str, now: datetime) -> None:
    async with keeper.write() as tx:
        case = await load(tx, keeper.vault, case_id)
        await index.write_due(tx, case, due_items(case, await keeper.rules(tx, case)), now)
