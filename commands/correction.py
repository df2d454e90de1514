"""Saying what was not understood: a caret under the place, what was expected, and never a number of a person.

A line that was to open a case is not repeated at all: nobody has said yet that the person may be named here.
"""

from commands import forms
from commands.declare import Command
from commands.desk import Lay
from commands.folding import squeeze
from commands.reading import Invocation, Misread, Reason, caret
from commands.serve import needs_of
from commands.session import Session
from commands.veil import hidden, veiled
from store import rooms

BEFORE_ARGUMENTS = frozenset(
    {Reason.UNKNOWN_COMMAND, Reason.UNKNOWN_VERB, Reason.VERB_MISSING, Reason.AMBIGUOUS_VERB, Reason.WRONG_PLACE, Reason.TWO_COMMANDS}
)
"""What is wrong before an argument was looked at."""


async def correct(session: Session, misread: Misread) -> None:
    """Say what was understood and what was not; an opening begins as a form instead, and so does what a choice mends."""
    text = session.message.body
    opening = _opening(session, misread, text)
    if opening and misread.nearest is opening and misread.reason not in BEFORE_ARGUMENTS:
        name = misread.name and opening.parameter(misread.name).word
        await forms.start(session, Invocation(opening, {}, (), _prefix(text), f"!{opening.name}"), unread=name or opening.name)
        return
    if opening:
        session.forget = True
        text = " ".join(text.split()[:2])
    elif await forms.mend(session, misread):
        return
    shown, at = veiled(text), misread.at
    values = {"misread": misread, "caret": caret(shown, at), **hidden(misread.values)}
    await session.tell(session.words(f"misread/{misread.reason.value}", **values))
    await rooms.note_origin(session.tx, session.message.event, "", "")


def _opening(session: Session, misread: Misread, text: str) -> Command | None:
    """Return the command that opens a case, if the line was or may have been one."""
    found = next(command for command in session.desk().commands if needs_of(command).lay is Lay.OPENING)
    begun = squeeze(next(iter(text.split()), "")) in found.nouns and misread.reason in BEFORE_ARGUMENTS
    return found if begun or misread.nearest is found else None


def _prefix(text: str) -> str:
    return text.lstrip()[:1]
