"""An argument that may be many: parted by commas, and where the items are not free text, by spaces and "och" too."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from commands.declare import Kind, Parameter
from commands.folding import squeeze
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.units import AND, read_one_unit
from commands.reading.values import Taken, first, limited, whole
from commands.reading.words import Token, Word, plain

_AND = frozenset({"och", "and", "samt"})
_ALL = frozenset({"alla", "allt", "allting", "all", "everything", "✅"})
_PIECE = re.compile(r",|[^\s,]+")
_COUNTED = frozenset({Kind.OBJECT, Kind.NUMBER})
_RANGE = re.compile(r"#?([a-z]?)-?([0-9]{1,4})-([a-z]?)-?([0-9]{1,4})")
_WIDEST = 50
"""Objects in one range; more is a slip."""


def items(parameter: Parameter, run: Sequence[Token], scene: Scene, text: str) -> Taken:
    """Return all the items of the run, each once, in order; "alla" is the same as naming none where none means all."""
    if _all(parameter, run):
        return (), len(run)
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


def _all(parameter: Parameter, run: Sequence[Token]) -> bool:
    said = [squeeze(token.text) or token.text for token in run]
    return parameter.kind in _COUNTED and not parameter.required and len(said) == 1 and said[0] in _ALL


def _item(parameter: Parameter, words: Sequence[Word], scene: Scene, text: str, *, exact: bool) -> Taken:
    if parameter.kind is Kind.TEXT:
        begin, end = words[0].at, words[-1].at + len(words[-1].text)
        return limited(parameter, unicodedata.normalize("NFC", text[begin:end]), begin, len(words))
    if parameter.kind is Kind.UNIT and not exact:
        return _unit(parameter, words, scene, text)
    return (whole if exact else first)(parameter, words, scene, text)


def _unit(parameter: Parameter, words: Sequence[Word], scene: Scene, text: str) -> Taken:
    """Return the unit that the words up to "och" name together, in whatever order; a name that holds an "och" itself goes first."""
    begin = next((i for i, word in enumerate(words) if not _joins(word)), 0)
    end = next((i for i, word in enumerate(words) if i > begin and _joins(word)), len(words))
    longest = first(parameter, words[begin:], scene, text)
    if isinstance(longest, Misread) or begin + longest[1] <= end:
        longest = read_one_unit(parameter, words[begin:end], scene)
    return longest if isinstance(longest, Misread) else (longest[0], begin + longest[1] + _closing(words[begin + longest[1] :]))


def _closing(words: Sequence[Word]) -> int:
    """Return how many words are left that only join: "hsv och" ends a list that goes on after a comma."""
    return len(words) if all(_joins(word) for word in words) else 0


def _joins(word: Word) -> bool:
    return (squeeze(word.text) or word.text) in AND


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
            if piece.text == "," or (parameter.kind not in {Kind.TEXT, Kind.UNIT} and squeeze(piece.text) in _AND):
                yield tuple(words), False
                words = []
            else:
                words.extend(_range(parameter, piece))
    yield tuple(words), False


def _range(parameter: Parameter, piece: Word) -> Sequence[Word]:
    """Return "F1-F3" or "1-3" as the numbers that it stands for, all at its place."""
    found = _RANGE.fullmatch(plain(piece.text).casefold().strip(".;:")) if parameter.kind in _COUNTED else None
    if not found or found[3] not in {"", found[1]}:
        return (piece,)
    numbers = range(int(found[2]), int(found[4]) + 1)
    return [Word(f"{found[1]}{number}", piece.at) for number in numbers] if 1 < len(numbers) <= _WIDEST else (piece,)


def _holds_list(parameter: Parameter, token: Token) -> bool:
    """Whether a quotation holds several items; the name of a unit may hold a comma and a space itself."""
    return parameter.kind is not Kind.UNIT or ("," in token.text and ", " not in token.text)


def _pieces(token: Token) -> Iterator[Word]:
    """Yield the words of a token, with each comma as a word of its own."""
    for found in _PIECE.finditer(token.text):
        yield Word(found.group(), token.at + found.start())
