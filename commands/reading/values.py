"""One argument read from its words, kind by kind.

Each reader looks at the first words and returns the value and how many words it took, or a Misread with its caret at the place.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from commands.declare import Kind, Parameter
from commands.folding import squeeze
from commands.reading.meaning import Frame
from commands.reading.mentions import shown_at, user_at
from commands.reading.moments import read_all, read_first
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.units import DASHES, read_one_unit, read_unit
from commands.reading.words import Word, plain, split
from commands.wordings import WORDINGS

Taken = tuple[object, int] | Misread
Reader = Callable[[Parameter, Sequence[Word], Scene], Taken]

_YES = frozenset({"ja", "j", "y", *map(squeeze, WORDINGS["ja"])})
_NO = frozenset({"nej", "n", *map(squeeze, WORDINGS["nej"])})
_ANSWER_WORDS = 2
_MORE = frozenset({"mer", "more"})
_OBJECTS = {
    **dict.fromkeys(("fraga", "question"), "F"),
    **dict.fromkeys(("uppgift", "task"), "U"),
    **dict.fromkeys(("mal", "goal"), "M"),
    **dict.fromkeys(("insats", "measure"), "I"),
    **dict.fromkeys(("sip", "mote", "meeting"), "S"),
}
_OBJECT = re.compile(r"#?([a-zä]?)-?([0-9]{1,4})")
_CASE = re.compile(r"sa(20[0-9]{2})([0-9]{1,5})")
_CASE_PARTS = re.compile(r"s[aä]-?20[0-9]{2}-[0-9]{1,5}", re.IGNORECASE)
_LONGEST_CHOICE = 6


def first(parameter: Parameter, words: Sequence[Word], scene: Scene, text: str) -> Taken:
    """Return the value of the first words and how many they are; `text` is the message, for mentions that hold spaces."""
    if parameter.kind is Kind.USER:
        return _user(words, scene, text)
    return _READERS[parameter.kind](parameter, words, scene)


def whole(parameter: Parameter, words: Sequence[Word], scene: Scene, text: str) -> Taken:
    """Return the value of all the words together; refuse what is left over."""
    if parameter.kind in {Kind.DAY, Kind.MOMENT, Kind.CLOCK}:
        found = read_all(parameter.kind, words, frame(parameter, scene))
        return found if isinstance(found, Misread) else (found, len(words))
    taken = read_one_unit(parameter, words, scene) if parameter.kind is Kind.UNIT else first(parameter, words, scene, text)
    if isinstance(taken, Misread) or taken[1] == len(words):
        return taken
    return Misread(Reason.TRAILING_TEXT, words[taken[1]].at, values={"text": words[taken[1]].text, "candidates": ()})


def frame(parameter: Parameter, scene: Scene) -> Frame:
    """Return what the words of a date are measured against."""
    return Frame(scene.now, scene.staffed, parameter.arg.clock, parameter.arg.past)


def _when(parameter: Parameter, words: Sequence[Word], scene: Scene) -> Taken:
    return read_first(parameter.kind, words, frame(parameter, scene))


def _yes_no(_parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    for count in range(min(_ANSWER_WORDS, len(words)), 0, -1):
        if (key := _together(words[:count])) in _YES | _NO:
            return key in _YES, count
    return Misread(Reason.NOT_YES_OR_NO, words[0].at, "ja eller nej", example="ja")


def _together(words: Sequence[Word]) -> str:
    return squeeze("".join(word.text for word in words))


def _number(parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    """Return a number; of a page also after "mer", which alone means the second one."""
    if parameter.arg.page and squeeze(words[0].text) in _MORE:
        following = _digits(words[1]) if len(words) > 1 else None
        return (2, 1) if following is None else (following, 2)
    found = _digits(words[0])
    return Misread(Reason.NOT_A_NUMBER, words[0].at, "ett tal", example="3") if found is None else (found, 1)


def _digits(word: Word) -> int | None:
    found = re.fullmatch(r"#?([0-9]{1,9})[.,]?", word.text)
    return int(found[1]) if found else None


def _user(words: Sequence[Word], scene: Scene, text: str) -> Taken:
    found = user_at(text, words[0].at, scene)
    if not found:
        several = tuple(dict.fromkeys(pill.user for pill in shown_at(text, words[0].at, scene.html)))
        values = {"candidates": several if len(several) > 1 else ()}
        return Misread(Reason.NOT_A_PERSON, words[0].at, "en person", example="@anna.demo:almfors.test", values=values)
    return found[0], sum(1 for word in words if word.at < found[1])


def _object(parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    """Return `F3`, or `3` where no letter was given; "fråga 3" is F3."""
    letter = _OBJECTS.get(squeeze(words[0].text), "") if len(words) > 1 else ""
    found = _OBJECT.fullmatch(plain(words[bool(letter)].text).casefold().strip(".,;:"))
    if not found or (letter and found[1]):
        return Misread(Reason.NOT_AN_OBJECT, words[0].at, "ett nummer", example="F3")
    count = 1 + bool(letter)
    other = _OBJECT.fullmatch(plain(words[count].text).casefold().strip(".,;:")) if len(words) > count and not parameter.many else None
    if other and other[1] and other[1].upper() == (letter or found[1].upper() or other[1].upper()):
        return Misread(Reason.TRAILING_TEXT, words[count].at, "inget mer", values={"text": words[count].text, "candidates": ()})
    dash = not parameter.many and words[count : count + 1] and words[count].text in DASHES
    return f"{letter or found[1].upper()}{int(found[2])}", count + bool(dash)


def _case(_parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    """Return the number in full (`SÄ-2026-00042`), the short number, or the codename's two words in small letters."""
    one = plain(words[0].text).strip(".,;:")
    if re.fullmatch("[0-9]{1,5}", one):
        return str(int(one)), 1
    if _CASE_PARTS.fullmatch(one) and (found := _CASE.fullmatch(squeeze(one))):
        return f"SÄ-{found[1]}-{int(found[2]):05}", 1
    two = plain(words[1].text).strip(".,;:") if len(words) > 1 else ""
    if one.isalpha() and two.isalpha():
        return f"{one} {two}".casefold(), 2
    return Misread(Reason.NOT_A_CASE, words[0].at, "ett ärende", example="SÄ-2026-00042")


def _choice(parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    """Return the value of the longest choice that is written out, else of the only one whose words are begun by all the words typed.

    After a shortened choice no text may follow, and after none another choice unless several are asked for: its words could as well
    belong to the choice.
    """
    for count in range(min(_LONGEST_CHOICE, len(words)), 0, -1):
        if (key := _together(words[:count])) in parameter.meant and not _speaks(words[count - 1 :]):
            after = parameter.meant.get(_together(words[count:]), parameter.meant[key])
            alone = parameter.many or after == parameter.meant[key]
            return (parameter.meant[key], count) if alone else _wrong_choice(parameter, words)
    begun = {value for shown, value in parameter.choices.items() if _begins(words, split(shown))}
    if len(begun) == 1:
        return begun.pop(), len(words)
    return _wrong_choice(parameter, words)


def _wrong_choice(parameter: Parameter, words: Sequence[Word]) -> Misread:
    return Misread(Reason.WRONG_CHOICE, words[0].at, "ett av valen", values={"candidates": tuple(parameter.choices)})


def _speaks(words: Sequence[Word]) -> bool:
    """Whether the first of several words is a symbol, an emoji say: it begins the text that follows."""
    return len(words) > 1 and not squeeze(words[0].text) and any(unicodedata.category(sign)[0] == "S" for sign in words[0].text)


def _begins(typed: Sequence[Word], shown: Sequence[Word]) -> bool:
    """Whether each word typed begins the word in its place."""
    pairs = [(squeeze(word.text), squeeze(whole.text)) for word, whole in zip(typed, shown, strict=False)]
    return len(typed) <= len(shown) and all(key and whole.startswith(key) for key, whole in pairs)


def _text(parameter: Parameter, words: Sequence[Word], _scene: Scene) -> Taken:
    return limited(parameter, words[0].text, words[0].at, 1)


def limited(parameter: Parameter, text: str, at: int, count: int) -> Taken:
    """Return the text unless it is longer than its argument may be."""
    limit = parameter.arg.limit
    if len(text) > limit:
        values = {"limit": limit, "length": len(text)}
        return Misread(Reason.TOO_LONG, at + limit, f"högst {limit} tecken", values=values)
    return text, count


def explained(misread: Misread, parameter: Parameter) -> Misread:
    """Return the same with the parameter's name and its own example."""
    return replace(misread, name=parameter.name, example=parameter.arg.example or misread.example)


_READERS: Mapping[Kind, Reader] = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.YES_NO: _yes_no,
        Kind.NUMBER: _number,
        Kind.DAY: _when,
        Kind.MOMENT: _when,
        Kind.CLOCK: _when,
        Kind.UNIT: read_unit,
        Kind.OBJECT: _object,
        Kind.CASE: _case,
        Kind.CHOICE: _choice,
    }
)
