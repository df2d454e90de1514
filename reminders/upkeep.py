"""What passes with time: forms that expire, transit keys that are destroyed, and the daily head of the journal."""

from datetime import datetime

from care.clock import local
from care.effects import ADMIN, Anchor, Effect, Say, inbox, place
from care.people import Directory
from care.reviews import MORNING, wall
from reminders.keeper import Keeper
from store import dialogues, heads, unread
from store.inbox import expire_transit
from texts.render import render


async def expire_forms(keeper: Keeper, now: datetime) -> bool:
    """End the forms whose time is over, with a word; return whether there were any."""
    following = await next_expiry(keeper)
    if following is None or following > now:
        return False
    async with keeper.write() as tx:
        over = await dialogues.expired(tx, now)
        spoken = (await keeper.directory(tx)).spoken
        for dialogue, user, where, root in over:
            await dialogues.end(tx, keeper.vault, dialogue, keeper.machine.utc())
            words = render("form/expired", language=spoken.to(user), now=now, prefix="!")
            thread = Anchor(event=root) if root else None
            await keeper.enqueue(tx, (Say(f"expired:{dialogue}", place(where), words=words, thread=thread),))
    return bool(over)


async def next_expiry(keeper: Keeper) -> datetime | None:
    """Return when the next form expires, None when there is none."""
    async with keeper.database.read() as tx:
        return await dialogues.next_expiry(tx)


async def forget_transit(keeper: Keeper) -> bool:
    """Destroy the transit keys that are old enough; return whether there were any."""
    async with keeper.write() as tx:
        await unread.expire(tx, keeper.machine.utc())
        return bool(await expire_transit(tx, keeper.vault, keeper.machine.utc()))


async def note_head(keeper: Keeper, now: datetime) -> None:
    """Note the head of the day from 08:00, and post it to the admin room and to each huvudman's contact unit, once."""
    today = local(now).date()
    if now < wall(today, MORNING):
        return
    async with keeper.database.read() as tx:
        if any(head.day == today for head in await heads.noted(tx)):
            return
    async with keeper.write() as tx:
        head = await heads.note_head(tx, today, now)
        await keeper.enqueue(tx, _posted(await keeper.directory(tx), heads.receipt(head), today.isoformat(), now))


def _posted(directory: Directory, receipt: str, day: str, now: datetime) -> tuple[Effect, ...]:
    words = render("bot/head", language=directory.spoken.rooms, receipt=receipt, now=now)
    contacts = sorted({each.contact_unit for each in directory.huvudman.values() if each.contact_unit})
    places = (ADMIN, *(inbox(unit) for unit in contacts))
    return tuple(Say(f"head:{day}:{where}", where, words=words) for where in places)
