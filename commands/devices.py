"""What is said about devices: that one is not trusted, that a message could not be read, that a late one comes too late (architecture 8).

None of this is obeyed. The device that is not trusted gets no keys, so it cannot read the answer either: its owner is told where another
device of theirs, or a colleague, can.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from care.clock import local
from care.effects import ADMIN, Anchor, Place, Say, direct, inbox
from commands import typed
from commands.session import Session
from store import inbox as letters
from store import unread
from store.keys import transit_scope

LASTS = timedelta(days=letters.TRANSIT_DAYS)
"""How old a message may be when it is read; what was known of its waiting is forgotten after as long (decision 0021)."""


async def untrusted(session: Session) -> None:
    """Tell the writer how to verify the device, if the message asked for anything.

    Once per person, device and day, and never in a case room: others there have nothing to do with it.
    """
    if not await typed.asks(session):
        return
    session.forget = True  # a command that was not obeyed may hold what a form would have destroyed
    notices = tuple(_notice(session, place) for place in _elsewhere(session))
    await session.enqueue(notices, scope=transit_scope(session.machine))


def _elsewhere(session: Session) -> Iterator[Place]:
    yield direct(session.user)
    yield from (inbox(unit) for unit in sorted(session.directory.units_of(session.user)))
    if session.user in session.directory.administrators():
        yield ADMIN


def _notice(session: Session, place: Place) -> Say:
    message = session.message
    changed = message.standing == "changed"
    template = "trust/identity" if changed else "trust/device"
    name, language = session.directory.name_of(session.user), session.directory.spoken.at(place)
    words = session.words_in(language, template, user=session.user, name=name, sent=message.sent)
    which = _hidden(session.user, message.device, "changed" if changed else "", str(place))
    return Say(f"untrusted:{which}:{session.desk().today}", place, urgent=True, words=words, rings=(session.user,))


async def unreadable(session: Session) -> None:
    """Tell the writer, in the room, that a message could not be read: one notice per sender and day (architecture 8)."""
    await unread.tell(session.tx, session.message.target, session.now)
    words = session.words("trust/unreadable", user=session.user, name=session.directory.name_of(session.user), sent=session.message.sent)
    key = f"unreadable:{_hidden(session.user)}:{session.desk().today}"
    reply = Anchor(event=session.message.target)
    notice = Say(key, session.place, urgent=True, words=words, rings=(session.user,), reply=reply)
    await session.enqueue((notice,), scope=transit_scope(session.machine))


async def too_late(session: Session) -> bool:
    """Whether a message is older than seven days, or was read only after its writer was told to write again, and has or on another day.

    Then nothing is done, or it might be done twice, or "imorgon" on the wrong day; a command or answer is answered with that.
    """
    waited = await unread.take(session.tx, session.message.event)
    # The age comes first: of what has waited for longer nothing may be known any more.
    if session.now - session.message.sent <= LASTS and not (waited and await _overtaken(session, waited)):
        return False
    if await typed.asks(session):
        session.forget = True
        await session.say("trust/too_late", sent=session.message.sent)
    return True


async def _overtaken(session: Session, waited: unread.Unread) -> bool:
    """Whether the writer was told to write again, and has done so, or it is another day."""
    message = session.message
    if waited.told is None:
        return False
    same_day = local(message.sent).date() == session.desk().today
    return not same_day or await letters.wrote_since(session.tx, session.user, message.room, waited.told)


def _hidden(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
