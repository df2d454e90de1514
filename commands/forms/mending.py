"""The place of a line that can be mended by a choice: which words of it a misread argument is, and the line without them.

It is found by reading alone: the words are those that, quoted as the argument, are misread in the same way; and the line without them is
only good if every choice makes it a command that is understood.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from commands.declare import Command, Parameter
from commands.folding import squeeze
from commands.forms.choosing import WHOLE, candidates
from commands.reading import Invocation, Misread, Reason, Talk

WORD = re.compile(r"[^\s=\"”“»«]+")
HEAD = re.compile(r"(\S+)=[\"”“»«]?$")
TAIL = re.compile(r"[\"”“»«]")
REACH = 5
"""How many words before and after the caret may belong to the argument: more than any date or name of a unit has."""

Reader = Callable[[str], Invocation | Misread | Talk]


@dataclass(frozen=True, slots=True)
class Mended:
    """A line without the argument that is asked for, misread with the offers that make it good; `whole`: they are whole arguments."""

    text: str
    misread: Misread
    whole: bool = False


def mended(text: str, misread: Misread, again: Reader) -> Mended | None:
    """Return the line that a choice makes good, None where it is not clear what the choice would replace; `again` reads a line here."""
    command = misread.nearest
    if command is None or not misread.name or not candidates(misread):
        return None
    if misread.reason is Reason.DATE_OR_TEXT:
        rest, offers = _before_rest(text, misread), candidates(misread)
        return Mended(rest, misread, whole=True) if rest and all(_good(f"{rest} {each}", command, again) for each in offers) else None
    parameter = command.parameter(misread.name)
    if misread.reason not in WHOLE or parameter.many or (misread.reason is Reason.UNIT_AMBIGUOUS and not misread.end):
        return None
    spans = (span for span in _spans(text, misread.at) if _is(text[slice(*span)], parameter, misread, again))
    return next((_mended(_without(text, *span, parameter), parameter, misread, again) for span in spans), None)


def _mended(left: str, parameter: Parameter, misread: Misread, again: Reader) -> Mended | None:
    """Return the line with those offers that make it a command, None where none does."""
    command = misread.nearest
    good = tuple(each for each in candidates(misread) if command and _good(f'{left} {parameter.word}="{each}"', command, again))
    return Mended(left, replace(misread, values={**misread.values, "candidates": good})) if good else None


def _is(words: str, parameter: Parameter, misread: Misread, again: Reader) -> bool:
    """Whether words, quoted as the argument, are misread in the same way; a unit is what was looked for, and no more."""
    if "query" in misread.values and squeeze(words) != squeeze(str(misread.values["query"])):
        return False
    command = misread.nearest
    found = again(f'!{command.name} {parameter.word}="{words}"') if command else None
    same = isinstance(found, Misread) and (found.reason, found.name) == (misread.reason, misread.name)
    return same and isinstance(found, Misread) and dict(found.values) == dict(misread.values)


def _before_rest(text: str, misread: Misread) -> str:
    """Return what stands before a text that takes the rest of the line, "" where it does not end the line as it was typed."""
    quotations = cast("tuple[str, ...]", misread.values.get("texts", ()))
    quoted = quotations[0][1:-1] if quotations else ""
    return text.rstrip().removesuffix(quoted).rstrip() if quoted and text.rstrip().endswith(quoted) else ""


def _good(line: str, command: Command, again: Reader) -> bool:
    found = again(line)
    return isinstance(found, Invocation) and found.command is command


def _spans(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of words around a place, the longest first."""
    words = [found.span() for found in WORD.finditer(text)]
    here = next((n for n, (_, end) in enumerate(words) if at < end), len(words) - 1)
    pairs = [(a, b) for a in range(max(0, here - REACH), here + 1) for b in range(here, min(len(words), here + REACH + 1))]
    for first, last in sorted(pairs, key=lambda pair: pair[0] - pair[1]):
        yield words[first][0], words[last][1]


def _without(text: str, begin: int, end: int, parameter: Parameter) -> str:
    """Return the text without an argument: with its name and its quotation marks, where it has them."""
    head = HEAD.search(text[:begin])
    if head and squeeze(head[1]) in parameter.keys:
        begin = head.start()
    end += bool(TAIL.match(text[end : end + 1]))
    begin -= bool(TAIL.match(text[begin - 1 : begin]))
    return f"{text[:begin].rstrip()} {text[end:].lstrip()}".rstrip()
