"""A person verifies the bot, and an administrator compares on the bot's side (matrix 10.2)."""

from typing import Annotated

from commands.declare import Arg
from commands.desk import Desk
from commands.outcome import Compared, Outcome

Number = Annotated[int, Arg(ask="Vilket nummer har verifieringen?", en="number", example="417")]


def agrees(desk: Desk, nummer: Number) -> Outcome:  # noqa: ARG001 - every handler has its desk
    """Confirm that the person sees the same emoji."""
    return Compared(nummer, agrees=True)


def differs(desk: Desk, nummer: Number) -> Outcome:  # noqa: ARG001 - every handler has its desk
    """Cancel a verification whose emoji differ, or that nobody asked for."""
    return Compared(nummer, agrees=False)
