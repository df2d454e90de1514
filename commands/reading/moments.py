"""Reading words as a day, an hour or an instant, as a whole or as the beginning of what was typed (commands 1, decision 0026)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from commands.declare import Kind
from commands.reading.meaning import Frame, candidates, meant, misread, unread
from commands.reading.outcome import Misread, Reason
from commands.reading.spoken import bare_end, goes_on, said
from commands.reading.vocabulary import normal
from commands.reading.walls import When
from commands.reading.words import Word

_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})")


def read_all(kind: Kind, words: Sequence[Word], frame: Frame) -> When | Misread:
    """Return what all the words mean together; the caret stands at the first that was not understood, or where an hour is missing."""
    found = said(words, clock=kind is Kind.CLOCK)
    if not found or found[1] < len(words):
        return _dotted(kind, words, frame) or unread(kind, words[found[1] if found else 0].at if words else 0)
    result = meant(kind, found[0], frame)
    if not isinstance(result, Misread):
        return result
    return result.moved(words[-1].at + len(words[-1].text) if result.reason is Reason.HOUR_MISSING else words[0].at)


def read_first(kind: Kind, words: Sequence[Word], frame: Frame) -> tuple[When, int] | Misread:
    """Return what the first words mean and how many they are; refuse where it is not clear which words belong to it."""
    found = said(words, clock=kind is Kind.CLOCK)
    if not found:
        return _dotted(kind, words, frame) or unread(kind, words[0].at if words else 0)
    count, left = found[1], words[found[1] :]
    if left and (goes_on(left) or bare_end(words[:count])):
        return unread(kind, left[0].at)
    result = read_all(kind, words[:count], frame)
    return result if isinstance(result, Misread) else (result, count)


def read_named(kind: Kind, words: Sequence[Word], following: Sequence[Word], frame: Frame) -> When | Misread:
    """Return what the words after `name=` mean, all of them: nothing beside a date may slip into another argument unread.

    `following` are words that quotation marks part from them; refuse them where they could belong to the date all the same.
    """
    found = said(words, clock=kind is Kind.CLOCK)
    count = found[1] if found else 0
    if found and count == len(words) and following and reaches(kind, words, following):
        return unread(kind, following[0].at)
    if not found or count == len(words) or goes_on(words[count:]) or bare_end(words[:count]):
        return read_all(kind, words, frame)
    offers = candidates(read_all(kind, words[:count], frame))
    more = misread(Reason.WORDS_AFTER_DATE, kind, words[count].at, text=words[count].text, candidates=offers)
    return replace(more, expected="inget mer")


def reaches(kind: Kind, words: Sequence[Word], following: Sequence[Word]) -> bool:
    """Whether a phrase could go on over the quotation mark at its end ("torsdag" 13:00)."""
    clock = kind is Kind.CLOCK
    both = said((*words, *following), clock=clock)
    return bool(said(following, clock=clock)) or both is None or both[1] > len(words)


def _dotted(kind: Kind, words: Sequence[Word], frame: Frame) -> Misread | None:
    """Ask about "1.12 13:00", whose first word is meant as a date and could be an hour."""
    found = _DOTTED.fullmatch(normal(words[0].text)) if words and kind is not Kind.CLOCK else None
    if not found:
        return None
    slashed = (Word(f"{found[1]}/{found[2]}", words[0].at), *words[1:])
    offers = candidates(read_all(kind, slashed, frame))
    return misread(Reason.DATE_OR_HOUR, kind, words[0].at, candidates=offers) if offers else None
