"""What goes wrong in the running of the bot, said once to whoever can do something about it (architecture 3 and 8).

These messages ring, so they name rows, events and case numbers, never the person whom a case is about, and colleagues by their Matrix id.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.forecast import Forecast
from bot.matrix.crypto.talks import ENDS, News, Turn, key_of
from bot.matrix.incoming import Batch
from care.effects import ADMIN, Effect, Place, PlaceKind, Say, Words, inbox
from care.people import Directory
from store import changed_identities, index, outbox, verifications
from store.database import Transaction
from store.keys import Vault, transit_scope
from store.outbox import Outgoing
from texts.emoji import shown
from texts.render import render

PREFIX = "alarm:"
SLOW = f"{PREFIX}slow:"
"""The keys of what foretells a slow wave."""


async def parked(tx: Transaction, vault: Vault, directory: Directory, row: Outgoing, now: datetime) -> None:
    """Tell the unit that answers for the case, else the administrators, that a row was given up; an alarm itself is only logged."""
    if row.key.startswith(PREFIX):
        return
    case = await index.row_of(tx, row.case) if row.case else None
    place = inbox(case.initiator) if case and row.effect.place != inbox(case.initiator) else ADMIN
    words = render("bot/parked", language=directory.spoken.rooms, row=row.id, case=case.number if case else "")
    await enqueue(tx, vault, [_alarm(f"parked:{row.id}", place, words, directory)], now)


async def intruder(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the administrators that somebody was in a room who does not belong there."""
    await _of_place(tx, vault, directory, "intruder", place, event, now)


async def expelled(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the administrators that the bot has been removed from a room."""
    await _of_place(tx, vault, directory, "expelled", place, event, now)


async def changed(tx: Transaction, vault: Vault, directory: Directory, batch: Batch, at: tuple[datetime, datetime]) -> None:
    """Remember whose identity changed, and tell the administrators of everybody whom the directory knows.

    `batch` is the sync that told it, `at` the present instant in civil and in machine time.
    """
    now, machine = at
    await changed_identities.note(tx, batch.changed, now, batch.vouched)
    for user in sorted(batch.changed):
        if members := directory.memberships(user):
            units = tuple(member.unit for member in members if member.unit)
            words = render("trust/changed", language=directory.spoken.rooms, user=user, units=units, directory=directory)
            which = hashlib.sha256(f"{user} {batch.next_batch}".encode()).hexdigest()[:32]
            await enqueue(tx, vault, [_alarm(f"identity:{which}", ADMIN, words, directory)], machine)


async def database_back(tx: Transaction, vault: Vault, directory: Directory, now: datetime) -> None:
    """Tell the administrators that the database could not be written and can be again."""
    await enqueue(
        tx,
        vault,
        [_alarm(f"database:{now.isoformat()}", ADMIN, render("bot/database_back", language=directory.spoken.rooms), directory)],
        now,
    )


async def unknown_rooms(tx: Transaction, vault: Vault, directory: Directory, found: Collection[str], now: datetime) -> None:
    """Tell the administrators, once for the same rooms, of rooms of the bot's own making that the database does not know."""
    which = hashlib.sha256(" ".join(sorted(found)).encode()).hexdigest()[:32]
    words = render("bot/unknown_rooms", language=directory.spoken.rooms, count=len(found))
    await enqueue(tx, vault, [_alarm(f"unknown:{which}", ADMIN, words, directory)], now)


async def slow(tx: Transaction, vault: Vault, directory: Directory, forecast: Forecast, now: datetime) -> None:
    """Tell the administrators how long the messages take that wait for the homeserver's limit."""
    words = render(
        "bot/slow",
        language=directory.spoken.rooms,
        waiting=forecast.waiting,
        per_minute=f"{forecast.per_minute:.0f}",
        minutes=forecast.minutes,
    )
    await enqueue(tx, vault, [_alarm(f"{SLOW.removeprefix(PREFIX)}{now.isoformat()}", ADMIN, words, directory)], now)


async def moved(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the administrators that the homeserver has replaced a room, and that the bot uses its successor."""
    await _of_place(tx, vault, directory, "moved", place, event, now)


async def weakened(
    tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime, *, what: str, restored: bool
) -> None:
    """Tell the administrators that somebody else changed what protects a room, and an inbox's unit there."""
    await _of_place(tx, vault, directory, "weakened", place, event, now, what=what, restored=restored)


async def departed(tx: Transaction, vault: Vault, directory: Directory, place: Place, event: str, now: datetime) -> None:
    """Tell the units of a person who left their direct room, and the unit whose inbox lost its last reader, with the administrators."""
    await _of_place(tx, vault, directory, "departed", place, event, now)


async def verification(tx: Transaction, vault: Vault, directory: Directory, news: News, now: datetime) -> None:
    """Tell the administrators how a verification of the bot goes, and what they compare."""
    values = {
        "user": news.user,
        "number": news.number,
        "emoji": shown(news.emoji, directory.spoken.rooms),
        "decimals": " ".join(map(str, news.decimals)),
    }
    words = render(f"verification/{news.turn}", language=directory.spoken.rooms, **values)
    rings = directory.administrators() if news.turn is Turn.COMPARE else ()
    said = Say(f"{verifications.PREFIX}{news.key}", ADMIN, urgent=True, words=words, rings=rings)
    await enqueue(tx, vault, [said], now)


async def forgotten(tx: Transaction, vault: Vault, directory: Directory, now: datetime) -> None:
    """Tell the administrators of the verifications that they were to compare and that ended with an earlier process."""
    for which in await verifications.unended(tx, Turn.COMPARE, ENDS):
        number, _, transaction = which.partition(":")
        news = News(key_of(int(number), transaction, Turn.FORGOTTEN), Turn.FORGOTTEN, int(number))
        await verification(tx, vault, directory, news, now)


async def enqueue(tx: Transaction, vault: Vault, effects: Sequence[Effect], now: datetime) -> None:
    """Enqueue effects that belong to no case. `now` is machine time."""
    await outbox.enqueue(tx, vault, effects, outbox.Envelope("", transit_scope(now), now, timedelta()))


async def _of_place(
    tx: Transaction, vault: Vault, directory: Directory, sort: str, place: Place, event: str, now: datetime, **values: object
) -> None:
    case = await index.row_of(tx, place.id) if place.kind is PlaceKind.CASE else None
    unit = place.id if place.kind is PlaceKind.INBOX else ""
    words = render(
        f"bot/{sort}",
        language=directory.spoken.rooms,
        kind=str(place.kind),
        case=case.number if case else "",
        unit=unit,
        event=event,
        directory=directory,
        **values,
    )
    places = {ADMIN: "", **{inbox(each): f":{each}" for each in _answering(place, directory)}}
    await enqueue(tx, vault, [_alarm(f"{sort}:{event}{mark}", where, words, directory) for where, mark in places.items()], now)


def _answering(place: Place, directory: Directory) -> frozenset[str]:
    """Return the units that answer for a room besides the administrators; those of a case are told by its journal."""
    match place.kind:
        case PlaceKind.INBOX:
            return frozenset({place.id})
        case PlaceKind.DIRECT:
            return directory.units_of(place.id)
        case _:
            return frozenset()


def _alarm(key: str, place: Place, words: Words, directory: Directory) -> Say:
    rings = directory.administrators() if place == ADMIN else directory.ringing(place.id)
    return Say(f"{PREFIX}{key}", place, urgent=True, words=words, rings=rings)
