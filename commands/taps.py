"""Reactions: one tap is enough for the few things that a tap may do (commands 4).

Reactions are neither encrypted nor authenticated, so they may only acknowledge, answer a kallelse, mark a review as done, choose by
number in a form, or put off a mention of one's own; what weighs is typed.
"""

from collections.abc import Callable, Sequence

from care import meetings, messages
from care.case import Author, Case, Event
from care.effects import PlaceKind, inbox
from care.meetings import Answer, CallAnswered, Reply
from care.refusal import Refused
from commands import forms, snoozing
from commands.serve import acting
from commands.session import Session
from store import journal, reviews, rooms, sayings
from store.steps import judge, load
from texts.announce.stage import ACK, SNOOZE

TAP = "tap:"
"""Marks what came of a tap (`tap:S1:17`: object and journal number), so that removing the tap is told from removing a command."""
ANSWERS = {"✅": Answer.JA, "💻": Answer.DIGITALT, "❌": Answer.NEJ, "☎": Answer.NAS}

Decide = Callable[[Author], Sequence[Event]]


def plain(key: str) -> str:
    """Return a reaction without variation selectors and skin tones, as phones add them."""
    return "".join(char for char in key if char not in "\ufe0e\ufe0f" and not "\U0001f3fb" <= char <= "\U0001f3ff")


async def tapped(session: Session) -> None:
    """Do what a tap means for the message that it is on, if anything; a tap that means nothing is met with silence."""
    key = plain(session.message.key)
    if key == SNOOZE:
        await snoozing.tapped(session)
        return
    said = await sayings.spoken(session.tx, session.message.target)
    if said and said.key.startswith("review:"):
        await _reviewed(session, said.key, key)
        return
    if said and said.key.startswith("form:"):
        await forms.tapped(session, said.key, key)
        return
    case_id, name = (said.case, said.about) if said else await rooms.origin(session.tx, session.message.target) or ("", "")
    if not case_id or not name or name.startswith(TAP):
        return
    case = await load(session.tx, session.vault, case_id)
    if _here(session, case) and (decide := _meaning(case, name, key)):
        await _decided(session, case, name, decide)


def _here(session: Session, case: Case) -> bool:
    """Whether the tap was made where the case is: in its room, or in the inbox of one of its units."""
    if session.place.kind is PlaceKind.CASE:
        return session.place.id == case.id
    return session.place.kind is PlaceKind.INBOX and session.place.id in case.actors


async def _reviewed(session: Session, key: str, reaction: str) -> None:
    review = await reviews.by_key(session.tx, key)
    if review and reaction == ACK and session.place == inbox(review.unit):
        await reviews.mark_reviewed(session.tx, review, session.user, session.now)


def _meaning(case: Case, name: str, key: str) -> Decide | None:
    meeting = case.meetings.get(name)
    if meeting and meeting.coming and key in ANSWERS:
        return lambda author: meetings.reply(case, author, name, ANSWERS[key])
    if key == ACK and name in case.notices:
        return lambda author: messages.acknowledge(case, author, (name,))
    return None


async def _decided(session: Session, case: Case, name: str, decide: Decide) -> None:
    """Take the step for the first of the person's units that may; a tap that none may is met with silence."""
    for unit in acting(session, case):
        author = session.author(unit)
        try:
            step = judge(case, decide(author), author, session.moment, case.id)
        except Refused:
            continue
        await session.record(step)
        await rooms.note_origin(session.tx, session.message.event, case.id, f"{TAP}{name}:{step.after.seq}")
        return


async def taken_back(session: Session) -> bool:
    """Take back the answer that a removed tap gave, while that is possible; return whether the removed event was such a tap.

    An answer that somebody has replaced meanwhile stays, and so does an acknowledgement: what was read was read.
    """
    if await snoozing.taken_back(session):
        return True
    found = await rooms.origin(session.tx, session.message.target)
    if found is None or not found[1].startswith(TAP):
        return False
    case, seq = await load(session.tx, session.vault, found[0]), int(found[1].rpartition(":")[2])
    entry = next(entry for entry in await journal.read(session.tx, session.vault, case.id) if entry.seq == seq)
    if isinstance(entry.event, CallAnswered) and case.open and entry.author.unit in acting(session, case):
        meeting, author = case.meetings[entry.event.object], session.author(entry.author.unit)
        given = Reply(entry.event.answer, entry.decided, entry.event.reason, entry.event.substitute)
        if meeting.replies.get(author.unit) == given and (events := meetings.take_back(case, author, meeting.object)):
            await session.record(judge(case, events, author, session.moment, case.id))
    return True
