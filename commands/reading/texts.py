"""Free text among the arguments: the rest of the line, quoted or not, and the question whether its end is a date."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from commands.declare import Kind, Parameter
from commands.reading.meaning import candidates
from commands.reading.moments import reaches, read_all
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.spoken import LONGEST, Said, endings, said
from commands.reading.values import Taken, explained, frame, limited, whole
from commands.reading.words import Token, Word, split

_QUOTES = {"””": frozenset('"“”„‟'), "''": frozenset("'‘’‚‛"), "«»": frozenset("«»")}
"""How a text is quoted, and the marks that it must not hold then."""
_MARKS = frozenset(mark for family in _QUOTES.values() for mark in family)
_SHORT = 3
"""Letters of an abbreviated weekday."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A text, and the date that was given after it in its place, if any."""

    text: str
    date: tuple[Parameter, object] | None = None


def typed(text: str, tokens: Sequence[Token]) -> str:
    """Return the text of the tokens as typed, with the white space between neighbours; what was cut out leaves one space."""
    out = ""
    for before, token in zip((None, *tokens), tokens, strict=False):
        if before:
            between = text[before.end : token.start]
            out += between if between.isspace() or not between else " "
        out += text[token.start : token.end]
    return unicodedata.normalize("NFC", out)


def rest(parameter: Parameter, tokens: Sequence[Token], dates: Sequence[Parameter], scene: Scene, text: str) -> Rest | Misread:
    """Return the text that takes all the tokens; `dates` are the arguments that a date at its end could be meant for."""
    if tokens[0].unclosed:
        return Misread(Reason.UNCLOSED_QUOTE, tokens[0].start, "ett citattecken till")
    if tokens[0].quoted and (quoted := _quoted(parameter, tokens, dates, scene, text)):
        return quoted
    if dates and (asked := _date_or_text(parameter, tokens, dates[0], scene, text)):
        return asked
    return _rest(limited(parameter, typed(text, tokens), tokens[0].start, 0))


def _rest(taken: Taken, date: tuple[Parameter, object] | None = None) -> Rest | Misread:
    return taken if isinstance(taken, Misread) else Rest(str(taken[0]), date)


def _quoted(parameter: Parameter, tokens: Sequence[Token], dates: Sequence[Parameter], scene: Scene, text: str) -> Rest | Misread | None:
    """Return what is inside the quotation, with a date after it; None where the quotation only begins the text."""
    inner = limited(parameter, unicodedata.normalize("NFC", tokens[0].text), tokens[0].at, 1)
    if len(tokens) == 1:
        return _rest(inner)
    words = tuple(islice((word for token in tokens[1:] for word in token.words), LONGEST + 1)) if dates else ()
    found = said(words)
    if not found or found[1] < len(words):
        return None
    taken = whole(dates[0], words, scene, text)
    return explained(taken, dates[0]) if isinstance(taken, Misread) else _rest(inner, (dates[0], taken[0]))


def _date_or_text(parameter: Parameter, tokens: Sequence[Token], date: Parameter, scene: Scene, text: str) -> Misread | None:
    """Ask about a text that ends like a date; one that ends in a question or exclamation mark closes what stands before it."""
    if tokens[-1].text[-1:] in {"?", "!", ""}:
        return None
    loose = next((len(tokens) - i for i, token in enumerate(reversed(tokens)) if token.quoted), 0)
    words = [Word(token.text, token.at) for token in tokens[loose:]]
    found = next((begin for begin, phrase in endings(words) if _telling(phrase, words[begin:])), None)
    return None if found is None else _question(parameter, tokens, loose + found, date, scene, text)


def _telling(phrase: Said, words: Sequence[Word]) -> bool:
    """Whether a phrase at the end of a text names a time: not "kl 8-10", and not a short word or an ordinal alone ("son", "sat", "3:e")."""
    if len(words) > 1:
        return not phrase.end
    numbered = phrase.day and phrase.day.day and not phrase.day.month
    return not (phrase.end or numbered or (words[0].text.isalpha() and len(words[0].text) <= _SHORT))


def _question(parameter: Parameter, tokens: Sequence[Token], begin: int, date: Parameter, scene: Scene, text: str) -> Misread | None:
    """Ask whether the end is a date; a time that has been can not be meant as one, so it belongs to the text."""
    found = read_all(date.kind, _words(tokens[begin:]), frame(date, scene))
    with_hour = read_all(Kind.MOMENT, _words(tokens[begin:]), frame(date, scene))
    if any(isinstance(each, Misread) and each.reason is Reason.PAST_DATE for each in (found, with_hour)):
        return None
    before = typed(text, tokens[:begin])
    dates = tuple(f'{before} {date.word}="{offer}"'.strip() for offer in candidates(found))
    if any(_open(token) for token in tokens[:begin]):
        parted = _words(tokens[:begin][:LONGEST])
        dates = tuple(f'{date.word}="{offer}" {before}' for offer in candidates(found) if not reaches(date.kind, split(offer), parted))
    texts = _quotations(typed(text, tokens))
    values = {"text": before, "name": date.word, "dates": dates, "texts": texts, "candidates": dates + texts}
    return Misread(Reason.DATE_OR_TEXT, tokens[begin].start, "datum eller text", name=parameter.name, values=values)


def _open(token: Token) -> bool:
    """Whether a quotation begins that would take in what is written after it."""
    return token.unclosed or (not token.quoted and "=" in token.text and bool(_MARKS & set(token.text)))


def _quotations(text: str) -> tuple[str, ...]:
    """Return the text in quotation marks of a kind that it does not hold itself; nothing where it holds all kinds."""
    free = next((pair for pair, family in _QUOTES.items() if not family & set(text)), None)
    return (f"{free[0]}{text}{free[1]}",) if free else ()


def _words(tokens: Sequence[Token]) -> tuple[Word, ...]:
    return tuple(word for token in tokens for word in token.words)
