"""A form as a value: a command in the making, and the line that it stands for.

A form is the command as typed, and the answers as `name="…"` behind it; the reader that reads one-line commands reads it too, so that a
form can never accept what a line would not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from care.case import Case
from care.language import Language
from commands.declare import Command, Kind, Parameter
from commands.folding import squeeze
from commands.reading import Misread, Reason
from commands.reading.mentions import pills
from commands.reading.words import ANGLE, DOUBLE, SINGLE
from store import codec
from store.dialogues import Dialogue
from texts.languages import said

KEYCAP = re.compile("[\ufe0f\u20e3]")
"""What a phone adds to a number that is picked among its emoji."""
BETWEEN = re.compile(r"[\s,.;+&]+|\boch\b", re.IGNORECASE)
ME = frozenset({"jag", "jagsjalv", "me"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question of the form; a skipped question has None."""

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """A command in the making.

    `read_at` is the instant that words like "imorgon" are measured from, `asking` the argument that is asked for, `shown` what its numbered
    choices stand for, `word` what confirms the whole. Where `about` names an identity that is to be trusted, `word` holds groups of keys:
    any one confirms, letter by letter, and only as long as the identity is that one.
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

    def answered(self, name: str, text: str | None) -> "Form":
        """Return the form with one more answer."""
        return replace(self, answers=(*self.answers, Answer(name, text)))

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


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered choice: what is shown, and what it stands for in the line."""

    shown: str
    typed: str


def began(dialogue: Dialogue) -> str:
    """Return the event of the message that began a form."""
    return codec.decode(Form, dialogue.state).event


def line(form: Form, command: Command) -> Line:
    """Return the command line that the form stands for."""
    found = Line(form.text)
    for answer in form.answers:
        if answer.text is not None:
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


def choices(parameter: Parameter, case: Case | None, names: dict[str, str], language: Language) -> tuple[Choice, ...]:
    """Return the numbered choices of an argument as they are shown in a language; `names` are those of the units and people of the case."""
    match parameter.kind:
        case Kind.CHOICE:
            return tuple(Choice(said(word, language), word) for word in _first_words(parameter.choices))
        case Kind.YES_NO:
            return tuple(Choice(said(word, language), word) for word in ("ja", "nej"))
        case Kind.UNIT if case and not parameter.arg.outside:
            return tuple(Choice(names[unit], unit) for unit in case.actors)
        case Kind.USER if case:
            return tuple(Choice(names[user], user) for user in case.participants)
        case _:
            return ()


def _first_words(meanings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the first of the words for each meaning: a form shows a choice once."""
    found: dict[str, str] = {}
    for word, meaning in meanings.items():
        found.setdefault(meaning, word)
    return tuple(found.values())


def understood(form: Form, parameter: Parameter, body: str, html: str, user: str) -> str:
    """Return what an answer stands for: a number the choice that was shown, a mention its user, "jag" the writer."""
    words = [word for word in BETWEEN.split(KEYCAP.sub("", body)) if word]
    picked = [int(word) for word in words if word.isdecimal()]
    if words and len(picked) == len(words) and (parameter.many or len(picked) == 1) and all(0 < n <= len(form.shown) for n in picked):
        return ",".join(form.shown[number - 1] for number in picked)
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
    return replace(misread, at=min(max(misread.at - of.at, 0), len(of.newest)), end=max(misread.end - of.at, 0))


def numbered(misread: Misread, parameter: Parameter, given: str) -> Misread | None:
    """Return a question between units as one that a number answers; None where the number would leave out other words of the answer."""
    if misread.reason is not Reason.UNIT_AMBIGUOUS or not misread.end or (parameter.many and given[: misread.at] + given[misread.end :]):
        return None
    return replace(misread, values={**misread.values, "numbered": True})


def chosen_from(misread: Misread) -> tuple[str, ...]:
    """Return what the numbers of a question between units stand for."""
    return cast("tuple[str, ...]", misread.values["candidates"])
