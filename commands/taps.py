"""Reactions: one tap is enough for the few things that a tap may do (commands 4).

Reactions are neither encrypted nor authenticated, so they may only acknowledge, answer a kallelse or mark a review as done.
"""

from collections.abc import Callable, Sequence

from care import meetings, messages
from care.case import Author, Case, Event
from care.effects import PlaceKind, place
from care.meetings import Answer
from care.refusal import Refused
from commands.session import Session
from store import outbox as spoken_words
from store import people, reviews, rooms
from store.steps import judge, load

ACK = "✅"
TAP = "tap:"
"""Marks what came of a tap, so that removing the tap is told from removing a command."""
ANSWERS = {"✅": Answer.JA, "💻": Answer.DIGITALT, "❌": Answer.NEJ, "☎": Answer.NAS}


def plain(key: str) -> str:
    """Return a reaction without variation selectors and skin tones, as phones add them."""
    return "".join(char for char in key if char not in "\ufe0e\ufe0f" and not "\U0001f3fb" <= char <= "\U0001f3ff")


async def tapped(session: Session) -> None:
    """Do what a tap means for the message that it is on, if anything; a tap that means nothing is met with silence."""
    key = plain(session.message.key)
    said = await spoken_words.spoken(session.tx, session.message.target)
    if said and said.key.startswith("review:"):
        await _reviewed(session, said.key, key)
        return
    found = (said.case, said.about) if said and said.case and said.about else await rooms.origin(session.tx, session.message.target)
    if found is None or not all(found) or found[1].startswith(TAP):
        return
    case = await load(session.tx, session.vault, found[0])
    if not _here(session, case):
        return
    await _on_object(session, case, found[1], key)


def _here(session: Session, case: Case) -> bool:
    """Whether the tap was made where the case is: in its room, or in the inbox of one of its units."""
    if session.place.kind is PlaceKind.CASE:
        return session.place.id == case.id
    return session.place.kind is PlaceKind.INBOX and session.place.id in case.actors


async def _reviewed(session: Session, key: str, reaction: str) -> None:
    review = await reviews.by_key(session.tx, key)
    if review and reaction == ACK and review.unit in session.desk().units and str(session.place) == str(place(f"inbox:{review.unit}")):
        await reviews.mark_reviewed(session.tx, review, session.user, session.now)


async def _on_object(session: Session, case: Case, name: str, key: str) -> None:
    decide = _meaning(case, name, key)
    if decide is None:
        return
    for unit in _units(session, case):
        author = session.author(unit)
        try:
            step = judge(case, decide(author), author, session.moment, case.id)
        except Refused:
            continue
        person = await people.person_of(session.tx, session.vault, case.person.number, case.person.issuer, session.now)
        await session.record(step, person=person)
        if await rooms.origin(session.tx, session.message.event) is None:
            await rooms.note_origin(session.tx, session.message.event, case.id, f"{TAP}{name}")
        return


def _units(session: Session, case: Case) -> tuple[str, ...]:
    mine = session.desk().units
    own = case.participants.get(session.user)
    return tuple(sorted((unit for unit in case.actors if unit in mine), key=lambda unit: unit != own))


def _meaning(case: Case, name: str, key: str) -> Callable[[Author], Sequence[Event]] | None:
    meeting = case.meetings.get(name)
    if meeting and meeting.coming and key in ANSWERS:
        return lambda author: meetings.reply(case, author, name, ANSWERS[key])
    if key == ACK and name in case.notices:
        return lambda author: messages.acknowledge(case, author, (name,))
    return None


async def taken_back(session: Session) -> bool:
    """Take back the answer that a removed tap gave, while that is possible; return whether the removed event was such a tap."""
    found = await rooms.origin(session.tx, session.message.target)
    if found is None or not found[1].startswith(TAP) or session.place.kind is not PlaceKind.CASE:
        return False
    case, name = await load(session.tx, session.vault, found[0]), found[1].removeprefix(TAP)
    for unit in _units(session, case):
        author = session.author(unit)
        events = meetings.take_back(case, author, name)
        if events:
            person = await people.person_of(session.tx, session.vault, case.person.number, case.person.issuer, session.now)
            await session.record(judge(case, events, author, session.moment, case.id), person=person)
            break
    return True
