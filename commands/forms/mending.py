"""The place of a line that can be mended by a choice: which words of it a misread argument is, and the line without them.

It is found by reading alone: the words are those that, given as the argument, are misread in the same way; and the line without them is
only good if every choice makes it a command that is understood, or one whose next fault can be mended too.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from commands.declare import Command, Parameter
from commands.folding import squeeze
from commands.forms.choosing import WHOLE, candidates
from commands.forms.items import around
from commands.reading import Invocation, Misread, Reason, Talk

WORD = re.compile(r"[^\s=\"”“»«]+")
HEAD = re.compile(r"(\S+)=[\"”“»«]?$")
TAIL = re.compile(r"[\"”“»«]")
OTHER = re.compile(r"[=\"”“»«]")
"""What stands only between arguments: words on both sides of it are not one of them."""
REACH = 5
"""How many words before and after the caret may belong to the argument: more than any date or name of a unit has."""

Reader = Callable[[str], Invocation | Misread | Talk]


@dataclass(frozen=True, slots=True)
class Mended:
    """A line without the argument that is asked for, misread with the offers that make it good.

    `whole`: they are whole arguments. `around` is what stands in a list before and after the item that they stand for.
    """

    text: str
    misread: Misread
    whole: bool = False
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fault:
    """A misread argument of a line; `answers` are the arguments behind the line that were asked for before, and `again` reads a line."""

    text: str
    answers: str
    command: Command
    misread: Misread
    again: Reader

    def good(self, left: str, given: str) -> bool:
        """Whether the line with what is given instead of the argument is understood, or is wrong elsewhere and can be mended there."""
        answers = f"{self.answers} {given}"
        found = self.again(f"{left}{answers}")
        if isinstance(found, Misread):
            elsewhere = found.nearest is self.command and found.name != self.misread.name and found.at < len(left)
            return elsewhere and mended(left, found, self.again, answers) is not None
        return isinstance(found, Invocation) and found.command is self.command


def mended(text: str, misread: Misread, again: Reader, answers: str = "") -> Mended | None:
    """Return the line that a choice makes good, None where it is not clear what the choice would replace; `again` reads a line here.

    `answers` is what was read behind the line: the arguments that were asked for before.
    """
    command = misread.nearest
    if command is None or not misread.name or not candidates(misread):
        return None
    fault = _Fault(text, answers, command, misread, again)
    if misread.reason is Reason.DATE_OR_TEXT:
        rest = _before_rest(text, misread)
        return Mended(rest, misread, whole=True) if rest and all(fault.good(rest, each) for each in candidates(misread)) else None
    parameter = command.parameter(misread.name)
    if misread.reason not in WHOLE or (misread.reason is Reason.UNIT_AMBIGUOUS and not misread.end):
        return None
    span = next((span for span in _spans(text, misread.at) if _is(fault, parameter, *span)), None)
    return _mended(fault, parameter, *span) if span else None


def _mended(fault: _Fault, parameter: Parameter, begin: int, end: int) -> Mended | None:
    """Return the line with those offers that make it a command, None where none does."""
    left, misread = _without(fault.text, begin, end, parameter), fault.misread
    beside = around(fault.text[begin:end], misread.moved(-begin)) if parameter.many else ()
    if parameter.many and not beside:
        return None
    before, after = beside or ('"', '"')
    good = tuple(each for each in candidates(misread) if fault.good(left, f"{parameter.word}={before}{each}{after}"))
    return Mended(left, replace(misread, values={**misread.values, "candidates": good}), around=beside) if good else None


def _is(fault: _Fault, parameter: Parameter, begin: int, end: int) -> bool:
    """Whether words, given as the argument, are misread in the same way; a unit is what was looked for, and no more."""
    words, misread = fault.text[begin:end], fault.misread
    if not parameter.many and "query" in misread.values and squeeze(words) != squeeze(str(misread.values["query"])):
        return False
    given = words if parameter.many else f'"{words}"'
    found = fault.again(f"!{fault.command.name} {parameter.word}={given}")
    same = isinstance(found, Misread) and (found.reason, found.name) == (misread.reason, misread.name)
    return same and isinstance(found, Misread) and dict(found.values) == dict(misread.values)


def _before_rest(text: str, misread: Misread) -> str:
    """Return what stands before a text that takes the rest of the line, "" where it does not end the line as it was typed."""
    quotations = cast("tuple[str, ...]", misread.values.get("texts", ()))
    quoted = quotations[0][1:-1] if quotations else ""
    return text.rstrip().removesuffix(quoted).rstrip() if quoted and text.rstrip().endswith(quoted) else ""


def _spans(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of words around a place that can be one argument, the longest first."""
    words = [found.span() for found in WORD.finditer(text)]
    here = next((n for n, (_, end) in enumerate(words) if at < end), len(words) - 1)
    pairs = [(a, b) for a in range(max(0, here - REACH), here + 1) for b in range(here, min(len(words), here + REACH + 1))]
    for first, last in sorted(pairs, key=lambda pair: pair[0] - pair[1]):
        begin, end = words[first][0], words[last][1]
        if not OTHER.search(text, begin, end):
            yield begin, end


def _without(text: str, begin: int, end: int, parameter: Parameter) -> str:
    """Return the text without an argument: with its name and its quotation marks, where it has them."""
    head = HEAD.search(text[:begin])
    if head and squeeze(head[1]) in parameter.keys:
        begin = head.start()
    end += bool(TAIL.match(text[end : end + 1]))
    begin -= bool(TAIL.match(text[begin - 1 : begin]))
    return f"{text[:begin].rstrip()} {text[end:].lstrip()}".rstrip()
