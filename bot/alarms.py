"""What goes wrong in the running of the bot, said once to whoever can do something about it (architecture 3 and 8).

These messages ring, so they name rows, events and case numbers, never the person whom a case is about, and colleagues by their Matrix id.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.matrix.crypto.verification import News, Turn
from care.effects import ADMIN, Effect, Place, PlaceKind, Say, Words, inbox
from care.people import Directory
from store import changed_identities, index, outbox
from store.database import Transaction
from store.keys import Vault, transit_scope
from store.outbox import Outgoing
from texts.emoji import shown
from texts.render import render

PREFIX = "alarm:"


async def parked(tx: Transaction, vault: Vault, directory: Directory, row: Outgoing, now: datetime) -> None:
    """Tell the unit that answers for the case, else the administrators, that a row was given up; an alarm itself is only logged."""
    if row.key.startswith(PREFIX):
        return
    case = await index.row_of(tx, row.case) if row.case else None
    place = inbox(case.initiator) if case and row.effect.place != inbox(case.initiator) else ADMIN
    words = render("bot/parked", row=row.id, case=case.number if case else "")
    await enqueue(tx, vault, [_alarm(f"parked:{row.id}", place, words, directory)], now)


async def intruder(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the administrators that somebody was in a room who does not belong there."""
    await _of_place(tx, vault, directory, "intruder", place, event, now)


async def expelled(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the administrators that the bot has been removed from a room."""
    await _of_place(tx, vault, directory, "expelled", place, event, now)


async def changed(
    tx: Transaction, vault: Vault, directory: Directory, users: Collection[str], batch: str, at: tuple[datetime, datetime]
) -> None:
    """Remember whose identity changed, and tell the administrators of everybody whom the directory knows.

    `batch` is the sync position that told it, `at` the present instant in civil and in machine time.
    """
    now, machine = at
    await changed_identities.note(tx, users, now)
    for user in sorted(users):
        if members := directory.memberships(user):
            units = tuple(member.unit for member in members if member.unit)
            words = render("trust/changed", user=user, units=units, directory=directory)
            which = hashlib.sha256(f"{user} {batch}".encode()).hexdigest()[:32]
            await enqueue(tx, vault, [_alarm(f"identity:{which}", ADMIN, words, directory)], machine)


async def verification(tx: Transaction, vault: Vault, directory: Directory, news: News, now: datetime) -> None:
    """Tell the administrators how a verification of the bot goes, and what they compare."""
    values = {"user": news.user, "number": news.number, "emoji": shown(news.emoji), "decimals": " ".join(map(str, news.decimals))}
    words = render(f"verification/{news.turn}", **values)
    rings = directory.administrators() if news.turn is Turn.COMPARE else ()
    said = Say(f"verification:{news.key}", ADMIN, urgent=True, words=words, rings=rings)
    await enqueue(tx, vault, [said], now)


async def enqueue(tx: Transaction, vault: Vault, effects: Sequence[Effect], now: datetime) -> None:
    """Enqueue effects that belong to no case. `now` is machine time."""
    await outbox.enqueue(tx, vault, effects, outbox.Envelope("", transit_scope(now), now, timedelta()))


async def _of_place(tx: Transaction, vault: Vault, directory: Directory, what: str, place: Place, event: str, now: datetime) -> None:
    case = await index.row_of(tx, place.id) if place.kind is PlaceKind.CASE else None
    unit = place.id if place.kind is PlaceKind.INBOX else ""
    words = render(f"bot/{what}", kind=str(place.kind), case=case.number if case else "", unit=unit, event=event, directory=directory)
    await enqueue(tx, vault, [_alarm(f"{what}:{event}", ADMIN, words, directory)], now)


def _alarm(key: str, place: Place, words: Words, directory: Directory) -> Say:
    rings = directory.administrators() if place == ADMIN else directory.ringing(place.id)
    return Say(f"{PREFIX}{key}", place, urgent=True, words=words, rings=rings)
