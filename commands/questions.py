"""Messages, acknowledgements, questions and answers."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Annotated

from care import messages, questions
from care.deadlines import answer_due
from care.people import Unit
from care.refusal import Refused
from commands.declare import Arg, ObjectRef
from commands.desk import CaseDesk, Desk
from commands.outcome import Decided, Outcome, Rows, Told


def notify(
    desk: CaseDesk, text: Annotated[str, Arg(ask="Vad ska alla enheter få veta?", why="Alla enheter i ärendet måste kvittera.", rest=True)]
) -> Outcome:
    """Post a message that every other unit must acknowledge."""
    return Decided(messages.post(desk.case, text))


def acknowledge(
    desk: CaseDesk, nr: Annotated[tuple[ObjectRef, ...], Arg(ask="Vad vill du kvittera?", en="numbers", example="F3")] = ()
) -> Outcome:
    """Acknowledge for the unit: the named objects, or all that wait."""
    events = messages.acknowledge(desk.case, desk.author, tuple(str(each) for each in nr))
    read = tuple(event.object for event in events if isinstance(event, messages.Acknowledged))
    return Decided(events, Told("receipts/acknowledged", {"objects": read, "unit": desk.author.unit}))


def acknowledge_rows(
    desk: Desk,  # noqa: ARG001 - whoever serves the desk finds the rows
    nr: Annotated[tuple[int, ...], Arg(ask="Vilka rader vill du kvittera?", en="numbers", example="1 3")] = (),
) -> Outcome:
    """Acknowledge rows of the latest digest, by number."""
    return Rows(nr)


def ask(
    desk: CaseDesk,
    enhet: Annotated[Unit, Arg(ask="Vilken enhet frågar du?", why="En fråga har alltid en enhet som ska svara.", en="unit", others=True)],
    text: Annotated[str, Arg(ask="Vad undrar du?", why="En tydlig fråga får ett tydligt svar.", rest=True)],
    *,
    senast: Annotated[
        datetime | None,
        Arg(
            ask="När behöver du svaret?",
            why="Hoppar du över frågan gäller den andra genomgången från nu.",
            en="by",
            example="torsdag 13:00",
            clock=time(16),
        ),
    ] = None,
) -> Outcome:
    """Ask an actor unit; without a time, the answer is due at the second review from now."""
    due = senast or answer_due(desk.now, desk.rules.profile)
    return Decided(questions.ask(desk.case, desk.author, enhet.id, text, due, desk.now))


def answer(
    desk: CaseDesk,
    nr: Annotated[ObjectRef | None, Arg(ask="Vilken fråga svarar du på?", en="number", example="F3")] = None,
    text: Annotated[str, Arg(ask="Vad är svaret?", rest=True, needed=True)] = "",
) -> Outcome:
    """Answer a question to the unit. A number that is no question's begins the text ("3 dagar till")."""
    name = _question(nr)
    if nr is not None and nr.isdigit() and name not in desk.case.questions:
        name, text = None, f"{nr} {text}".strip()
    return Decided(questions.answer(desk.case, desk.author, name, text, desk.now))


def asked(desk: CaseDesk, given: Mapping[str, object]) -> None:
    """Refuse at once to answer when nothing is asked, or when it is unclear which of several questions is meant."""
    waiting = tuple(q for unit in desk.case.actors if unit in desk.units for q in questions.open_to(desk.case, unit))
    if not waiting:
        raise Refused("questions/none-open")
    if len(waiting) > 1 and not given.get("nr"):
        raise Refused("questions/which", open=waiting)


def _question(nr: ObjectRef | None) -> str | None:
    """Return the question's name; a bare number is a question's."""
    return None if nr is None else f"F{nr}" if nr.isdigit() else str(nr)
