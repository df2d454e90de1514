"""A form as a value: a command in the making, and the line that it stands for.

A form is the command as typed, and the answers as `name="…"` behind it; the reader that reads one-line commands reads it too, so that a
form can never accept what a line would not.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from commands.declare import Command, Kind, Parameter
from commands.folding import squeeze
from commands.reading import Misread, Reason
from commands.reading.mentions import pills
from commands.reading.signs import ANGLE, DOUBLE, SINGLE
from store import codec
from store.dialogues import Dialogue

KEYCAP = re.compile("[\ufe0f\u20e3]")
"""What a phone adds to a number that is picked among its emoji."""
BETWEEN = re.compile(r"[\s,.;+&]+|\boch\b", re.IGNORECASE)
ME = frozenset({"jag", "jagsjalv", "me"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question of the form; a skipped question has None, one without a name stands for whole arguments.

    `event` is the reaction that gave it, "" for one that was typed.
    """

    name: str
    text: str | None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A command in the making.

    `read_at` is the instant that words like "imorgon" are measured from, `asking` the argument that is asked for, `shown` what its numbered
    choices stand for, `word` what confirms the whole. Where `about` names an identity that is to be trusted, `word` holds groups of keys:
    any one confirms, letter by letter, and only as long as the identity is that one.
    `asked` is the key of the question that may be answered by a tap, `tapped` tells that an answer was one. A form that mends a line is
    `mending`: it asks nothing that may be left out, but what was `cut` from the line; where it is `whole`, what is shown are whole
    arguments and not values of one. `around` is what stands in a list before and after the item that is asked for.
    """

    text: str
    html: str
    prefix: str
    event: str
    read_at: datetime
    answers: tuple[Answer, ...] = ()
    asking: str = ""
    shown: tuple[str, ...] = ()
    word: str = ""
    about: str = ""
    asked: str = ""
    tapped: bool = False
    mending: bool = False
    whole: bool = False
    cut: tuple[str, ...] = ()
    around: tuple[str, ...] = ()

    def answered(self, name: str, text: str | None, event: str = "") -> "Form":
        """Return the form with one more answer; one about an item of a list is that list, without the item where it was skipped."""
        if self.around:
            text = (text or "").join(self.around)
        return replace(self, answers=(*self.answers, Answer(name, text, event)))

    def without(self, name: str) -> "Form":
        """Return the form without what was answered about an argument."""
        return replace(self, answers=tuple(a for a in self.answers if a.name != name), word="")

    def back(self) -> "Form":
        """Return the form before its last answer."""
        return replace(self, answers=self.answers[:-1], word="")


@dataclass(frozen=True, slots=True)
class Line:
    """The command line that a form stands for; its newest answer begins at `at` and was read as `newest`."""

    text: str
    at: int = 0
    newest: str = ""


def began(dialogue: Dialogue) -> str:
    """Return the event of the message that began a form."""
    return codec.decode(Form, dialogue.state).event


def line(form: Form, command: Command) -> Line:
    """Return the command line that the form stands for."""
    found = Line(form.text)
    for answer in form.answers:
        if answer.text is not None and not answer.name:
            found = Line(f"{found.text} {answer.text}", len(found.text) + 1, answer.text)
        elif answer.text is not None:
            parameter = command.parameter(answer.name)
            found = _longer(found, parameter, _flat(answer.text, parameter))
    return found


def _longer(before: Line, parameter: Parameter, value: str) -> Line:
    opening, closing = ("", "") if parameter.many else ('"', '"')
    if not parameter.many and set(DOUBLE) & set(value):
        opening, closing = ("'", "'") if not set(SINGLE) & set(value) else ("«", "»")
    head = f"{before.text} {parameter.word}={opening}"
    return Line(f"{head}{value}{closing}", len(head), value)


def _flat(text: str, parameter: Parameter) -> str:
    """Return an answer fit to be quoted: one that has quotation marks of every kind keeps two of them."""
    flat = text.strip() if parameter.kind is Kind.TEXT and not parameter.many else " ".join(text.split())
    if set(DOUBLE) & set(flat) and set(SINGLE) & set(flat):
        return "".join("”" if letter in ANGLE else letter for letter in flat)
    return flat


def picked(form: Form, parameter: Parameter, body: str) -> str:
    """Return the choices that an answer picks by their numbers, "" for another answer."""
    words = [word for word in BETWEEN.split(KEYCAP.sub("", body)) if word]
    numbers = [int(word) for word in words if word.isdecimal()]
    single = len(numbers) == 1 or (parameter.many and not form.whole)
    if not words or len(numbers) != len(words) or not single or not all(0 < n <= len(form.shown) for n in numbers):
        return ""
    return ",".join(form.shown[number - 1] for number in numbers)


def understood(parameter: Parameter, body: str, html: str, user: str) -> str:
    """Return what a typed answer stands for: a mention its user, "jag" the writer."""
    if parameter.kind is not Kind.USER:
        return body
    if squeeze(body) in ME:
        return user
    users = {pill.user for pill in pills(html) if pill.shown in body}
    return users.pop() if len(users) == 1 else body


def too_long(parameter: Parameter, text: str) -> Misread | None:
    """Refuse an answer that is longer than its argument may be, before it is quoted."""
    limit = parameter.arg.limit
    if len(text.strip()) <= limit:
        return None
    values = {"limit": limit, "length": len(text.strip())}
    return Misread(Reason.TOO_LONG, limit, f"högst {limit} tecken", name=parameter.name, values=values)


def placed(misread: Misread, of: Line) -> Misread | None:
    """Return the same with its caret in the newest answer, and that argument's own example; None if the fault lies before it."""
    if misread.at < of.at - 1 or not of.at:
        return None
    return replace(misread, at=min(max(misread.at - of.at, 0), len(of.newest)))
