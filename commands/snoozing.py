"""Putting off a mention of one's own until the next review, by ⏰ or typed, and taking that back (commands 4, decision 0033).

A tap may be forged by a homeserver: all that it can make is a reminder for the person whom it claims to be, in a room where that person is.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from care.case import Case
from care.effects import PlaceKind, case_room, inbox
from care.refusal import Refused
from care.snoozing import Snooze, waiting, wake
from commands.outcome import Snoozing
from commands.serve import case_here
from commands.session import Session
from store import index, reviews, rooms, sayings, snoozes
from store.reviews import Review
from store.steps import load
from texts.announce.snoozing import root_key


@dataclass(frozen=True, slots=True)
class Meant:
    """What is to be put off: an object of a case, or a review; `message` is the event that says it, "" where none was pointed at."""

    message: str
    case: str = ""
    object: str = ""
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that may be kept: the unit that what is put off waits for, and the thread of a case room in which that is said."""

    snooze: Snooze
    unit: str
    thread: str = ""


async def tapped(session: Session) -> None:
    """Put off what a tap is on; one that may not be put off by this person here is met with silence, and so is a second tap."""
    meant = await _meant(session, session.message.target)
    if meant is None:
        return
    with suppress(Refused):
        wanted = await _wanted(session, meant)
        if await snoozes.put(session.tx, replace(wanted.snooze, tap=session.message.event)):
            await _receipt(session, wanted)


async def taken_back(session: Session) -> bool:
    """Take back the reminder that a removed tap of the same person asked for; return whether there was one."""
    snooze = await snoozes.tapped(session.tx, session.user, session.message.target)
    if snooze is None:
        return False
    await _undo(session, (snooze,))
    return True


async def typed(session: Session, outcome: Snoozing) -> None:
    """Do what was typed; raise Refused for what does not wait for the person's units, or cannot be told."""
    if outcome.on:
        wanted = await _wanted(session, await _named(session, outcome.object))
        await snoozes.put(session.tx, wanted.snooze)
        await _receipt(session, wanted)
        return
    if not await _undo(session, await _own(session, outcome.object)):
        raise Refused("snoozing/none")


async def _wanted(session: Session, meant: Meant) -> Wanted:
    """Return the reminder of what is meant; raise Refused if it does not wait for the person here."""
    if meant.review:
        return await _of_review(session, meant, meant.review)
    case = await _open(session, meant.case)
    if case is None:
        raise Refused("snoozing/nothing-waits")
    rules = session.rules_of(case)
    found = waiting(case, session.user, session.place, rules)
    if meant.object not in found:
        others = tuple(found) if session.place.kind is PlaceKind.CASE else ()
        raise Refused("snoozing/not-waiting", object=meant.object, waiting=others)
    unit = found[meant.object].unit
    at = wake(unit, session.now, rules)
    snooze = Snooze(session.user, session.place, at, meant.message, meant.case, meant.object)
    return Wanted(snooze, unit, await _thread(session, case, meant.object))


async def _of_review(session: Session, meant: Meant, review: Review) -> Wanted:
    done = await reviews.reviewed_since(session.tx, review.unit, review.slot)
    if done or session.place != inbox(review.unit):
        raise Refused("snoozing/nothing-waits")
    at = wake(review.unit, session.now, session.rules)
    return Wanted(Snooze(session.user, session.place, at, meant.message, slot=review.slot), review.unit)


async def _named(session: Session, name: str) -> Meant:
    """Return what is meant by what was typed: by number, by the message that it points at, or as the only thing that waits."""
    if name:
        return Meant("", session.place.id, name)
    if pointed := await _pointed(session):
        return pointed
    match session.place.kind:
        case PlaceKind.CASE:
            return Meant("", session.place.id, await _only(session))
        case PlaceKind.INBOX if newest := await reviews.latest(session.tx, session.place.id):
            return Meant(await sayings.event_of(session.tx, newest.key) or "", review=newest)
        case PlaceKind.INBOX:
            raise Refused("snoozing/nothing-waits")
        case _:
            raise Refused("snoozing/point")


async def _only(session: Session) -> str:
    case = await case_here(session)
    found = tuple(waiting(case, session.user, session.place, session.rules_of(case))) if case else ()
    if len(found) != 1:
        raise Refused("snoozing/which", waiting=found) if found else Refused("snoozing/nothing-waits")
    return found[0]


async def _pointed(session: Session) -> Meant | None:
    """Return what the message that was replied to is about, or that in whose thread was typed."""
    for event in (session.message.reply_to, session.message.thread):
        if event and (meant := await _meant(session, event)):
            return meant
    return None


async def _meant(session: Session, event: str) -> Meant | None:
    """Return what a message of the bot in this place is about, or what a colleague's command made; None for what cannot be put off."""
    said = await sayings.spoken(session.tx, event)
    if said and said.place != str(session.place):
        return None
    if said and said.key.startswith("review:"):
        review = await reviews.told_by(session.tx, said.key)
        return Meant(event, review=review) if review else None
    case, name = (said.case, said.about) if said else await _made(session, event)
    return Meant(event, case, name) if case and name[:1].isupper() else None


async def _made(session: Session, event: str) -> tuple[str, str]:
    """Return case and object of a command that was typed in the room of the case."""
    found = await rooms.origin(session.tx, event)
    return found if found and session.place == case_room(found[0]) else ("", "")


async def _own(session: Session, name: str) -> tuple[Snooze, ...]:
    """Return which of the person's reminders in this place are meant: without number and message, all of them."""
    found = await snoozes.of_person(session.tx, session.user, session.place)
    pointed = None if name else await _pointed(session)
    if pointed:
        return tuple(each for each in found if (each.case, each.object) == (pointed.case, pointed.object))
    return tuple(each for each in found if not name or each.object == name)


async def _undo(session: Session, found: tuple[Snooze, ...]) -> bool:
    """Take reminders back and say so; return whether there were any."""
    gone = [each for each in found if await snoozes.take(session.tx, each)]
    if not gone:
        return False
    case = await _open(session, gone[0].case)
    root = await _thread(session, case, gone[0].object) if case else ""
    objects = tuple(each.object for each in gone if each.object)
    await session.say("receipts/unsnoozed", scope=session.case_scope(case), root=root, objects=objects)
    return True


async def _receipt(session: Session, wanted: Wanted) -> None:
    """Tell the person when the reminder comes."""
    snooze = wanted.snooze
    case = await _open(session, snooze.case)
    values: dict[str, Any] = {"object": snooze.object, "at": snooze.at, "slot": snooze.slot, "unit": wanted.unit}
    await session.say("receipts/snoozed", scope=session.case_scope(case), root=wanted.thread, **values)


async def _open(session: Session, case: str) -> Case | None:
    """Return an open case, None for another: a closed one may be gone for good."""
    row = await index.row_of(session.tx, case) if case else None
    return await load(session.tx, session.vault, case) if row and row.open else None


async def _thread(session: Session, case: Case, name: str) -> str:
    """Return the root of the thread in which an object is spoken of in the room of its case, "" elsewhere."""
    if session.place.kind is not PlaceKind.CASE:
        return ""
    return await sayings.event_of(session.tx, root_key(case, name)) or ""
