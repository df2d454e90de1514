"""Being reminded of what waits, at the next review: what ⏰ does, typed (decision 0033)."""

from typing import Annotated

from commands.declare import Arg, ObjectRef
from commands.desk import CaseDesk, Desk
from commands.outcome import Outcome, Snoozing

Number = Annotated[ObjectRef | None, Arg(ask="Vad vill du bli påmind om?", en="number", example="F3")]
Undone = Annotated[ObjectRef | None, Arg(ask="Vilken påminnelse vill du ta bort?", en="number", example="F3")]


def later(desk: CaseDesk, nr: Number = None) -> Outcome:  # noqa: ARG001 - every handler has its desk
    """Be reminded of an object: the named one, that of the message replied to, or the only one that waits."""
    return Snoozing(_name(nr))


def later_here(desk: Desk) -> Outcome:  # noqa: ARG001 - every handler has its desk
    """Be reminded of what the message replied to is about, in an inbox else of its newest review."""
    return Snoozing("")


def never(desk: Desk, nr: Undone = None) -> Outcome:  # noqa: ARG001 - every handler has its desk
    """Take back a reminder of one's own: the named one, that of the message replied to, or all in this place."""
    return Snoozing(_name(nr), on=False)


def _name(nr: ObjectRef | None) -> str:
    """Return the name of an object; a bare number is a question's."""
    return "" if nr is None else f"F{nr}" if nr.isdigit() else str(nr)
