"""An argument that may be many: parted by commas, and where the items are not free text, by spaces and "och" too."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from commands.declare import Kind, Parameter
from commands.folding import squeeze
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.values import Taken, first, limited, whole
from commands.reading.words import Token, Word

_AND = frozenset({"och", "and", "samt"})
_PIECE = re.compile(r",|[^\s,]+")


def items(parameter: Parameter, run: Sequence[Token], scene: Scene, text: str) -> Taken:
    """Return all the items of the run, each once, in order."""
    values: list[object] = []
    for item, exact in _parted(parameter, run):
        words = item
        while words:
            taken = _item(parameter, words, scene, text, exact=exact)
            if isinstance(taken, Misread):
                return taken
            values.append(taken[0])
            words = words[taken[1] :]
    if not values:
        return Misread(Reason.EMPTY_VALUE, run[0].at, parameter.word, values={"name": parameter.word})
    return tuple(dict.fromkeys(values)), len(run)


def _item(parameter: Parameter, words: Sequence[Word], scene: Scene, text: str, *, exact: bool) -> Taken:
    if parameter.kind is Kind.TEXT:
        begin, end = words[0].at, words[-1].at + len(words[-1].text)
        return limited(parameter, unicodedata.normalize("NFC", text[begin:end]), begin, len(words))
    return (whole if exact else first)(parameter, words, scene, text)


def _parted(parameter: Parameter, run: Sequence[Token]) -> Iterator[tuple[Sequence[Word], bool]]:
    """Yield the words of each item, and whether they must be read as one; a quoted text or unit is one item."""
    words: list[Word] = []
    for token in run:
        if token.quoted and (parameter.kind is Kind.TEXT or not _holds_list(parameter, token)):
            yield tuple(words), False
            yield token.words, True
            words = []
            continue
        for piece in _pieces(token):
            if piece.text == ",":
                yield tuple(words), False
                words = []
            elif parameter.kind is Kind.TEXT or squeeze(piece.text) not in _AND:
                words.append(piece)
    yield tuple(words), False


def _holds_list(parameter: Parameter, token: Token) -> bool:
    """Whether a quotation holds several items; the name of a unit may hold a comma and a space itself."""
    return parameter.kind is not Kind.UNIT or ("," in token.text and ", " not in token.text)


def _pieces(token: Token) -> Iterator[Word]:
    """Yield the words of a token, with each comma as a word of its own."""
    for found in _PIECE.finditer(token.text):
        yield Word(found.group(), token.at + found.start())
