"""The words after a command's name, shared out among its arguments: first those given by name, then those given by place."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from commands.declare import WHEN, Command, Kind, Parameter
from commands.folding import squeeze
from commands.reading.lists import items
from commands.reading.meaning import candidates
from commands.reading.moments import read_named
from commands.reading.naming import misnamed
from commands.reading.nouns import Nouns
from commands.reading.outcome import Misread, Reason, Scene
from commands.reading.spoken import LONGEST
from commands.reading.texts import rest, typed
from commands.reading.units import and_another, read_unit_alone
from commands.reading.values import Taken, explained, first, frame, limited, whole
from commands.reading.words import Token, Word, tokens

_NOT_THIS = frozenset(
    {
        Reason.UNIT_UNKNOWN,
        Reason.NOT_A_DATE,
        Reason.NOT_A_TIME,
        Reason.NOT_A_NUMBER,
        Reason.NOT_YES_OR_NO,
        Reason.WRONG_CHOICE,
        Reason.NOT_A_PERSON,
        Reason.NOT_AN_OBJECT,
        Reason.NOT_A_CASE,
    }
)
"""Reasons that let an optional argument be left out before another that has a place."""
_AFTER = 10
"""So many words after a quoted unit may name another."""
_TOWARDS = frozenset({"till", "to"})
"""Words that may stand before a day in its place and mean nothing more (`!sip flytta till fredag 10:00`)."""


@dataclass(slots=True)
class _Sharing:
    """What has been given so far, and the tokens that nobody has taken yet."""

    command: Command
    text: str
    scene: Scene
    values: dict[str, object] = field(default_factory=dict[str, object])
    loose: list[Token] = field(default_factory=list[Token])


def assign(command: Command, text: str, start: int, scene: Scene, nouns: Nouns) -> dict[str, object] | Misread:
    """Return the values given in the text from `start` on, by parameter name, or the first place that was not understood."""
    sharing = _Sharing(command, text, scene)
    found = list(tokens(text, start, command.named))
    misread = misnamed(command, text, found, nouns) or _by_name(sharing, found) or _by_place(sharing)
    if misread:
        return misread
    if sharing.loose:
        return _trailing(sharing)
    return {p.name: sharing.values[p.name] for p in command.parameters if p.name in sharing.values}


def _by_name(sharing: _Sharing, typed_tokens: Sequence[Token]) -> Misread | None:
    named = sharing.command.named
    meant = {name: named.get(squeeze(name)) for name in {token.name for token in typed_tokens}}
    keys = [meant[token.name] for token in typed_tokens]
    heads = [i for i, key in enumerate(keys) if key]
    found = [token if key or not token.name else _nameless(token, sharing.text) for token, key in zip(typed_tokens, keys, strict=True)]
    sharing.loose = found[: heads[0]] if heads else found
    for here, following in pairwise([*heads, len(found)]):
        parameter = named[squeeze(found[here].name)]
        if misread := _given(sharing, parameter, found[here:following]):
            return explained(_emptied(misread, found[here]), parameter)
    return None


def _emptied(misread: Misread, head: Token) -> Misread:
    """Return the same, and of an empty value whether it was an empty quotation, as an empty answer to a form is."""
    empty = misread.reason is Reason.EMPTY_VALUE
    return replace(misread, values={**misread.values, "quoted": head.quoted}) if empty else misread


def _nameless(token: Token, text: str) -> Token:
    """Return `x=y` as a plain word where no argument is called x."""
    return Token(text[token.start : token.end], token.start, token.start, token.end) if token.name else token


def _given(sharing: _Sharing, parameter: Parameter, run: Sequence[Token]) -> Misread | None:
    """Read a named value from its own token and those up to the next name, and leave the others for arguments with a place."""
    head = run[0]
    if parameter.name in sharing.values:
        return Misread(Reason.GIVEN_TWICE, head.start, values={"name": parameter.word})
    if not head.text.strip():
        return Misread(Reason.EMPTY_VALUE, head.at, parameter.word, values={"name": parameter.word})
    if head.unclosed:
        return Misread(Reason.UNCLOSED_QUOTE, head.at, "ett citattecken till")
    run = [head._replace(start=head.at), *run[1:]] if not head.quoted else run
    taken = (_dated if parameter.kind in WHEN and not parameter.many else _named)(sharing, parameter, run)
    if isinstance(taken, Misread):
        return taken
    sharing.values[parameter.name] = taken[0]
    sharing.loose.extend(run[taken[1] :])
    return None


def _named(sharing: _Sharing, parameter: Parameter, run: Sequence[Token]) -> Taken:
    if parameter.many:
        return items(parameter, run, sharing.scene, sharing.text)
    if run[0].quoted:
        return _unquoted(sharing, parameter, run[0])
    if parameter.kind is Kind.TEXT:
        return limited(parameter, typed(sharing.text, run), run[0].at, len(run))
    return first(parameter, _plain_words(run), sharing.scene, sharing.text)


def _dated(sharing: _Sharing, parameter: Parameter, run: Sequence[Token]) -> Taken:
    """Read a date after its name up to the next quotation: what is left over is refused, unless the date itself was quoted.

    Of two quotations beside each other each is a value of its own.
    """
    words = run[0].words if run[0].quoted else _plain_words(run)
    count = 1 if run[0].quoted else len(words)
    beside = run[0].quoted and any(token.quoted for token in run[1:2])
    following = () if beside else tuple(word for token in run[count : count + LONGEST] for word in token.words)
    found = read_named(parameter.kind, words, following, frame(parameter, sharing.scene))
    if not isinstance(found, Misread):
        return found, count
    if found.reason is not Reason.WORDS_AFTER_DATE:
        return found
    offers = tuple(f'{parameter.word}="{offer}"' for offer in candidates(found))
    return replace(found, values={**found.values, "name": parameter.word, "candidates": offers if _takes_text(sharing) else ()})


def _takes_text(sharing: _Sharing) -> bool:
    """Whether words beside the named arguments can be a text."""
    return any(p.rest and p.name not in sharing.values for p in sharing.command.positional)


def _by_place(sharing: _Sharing) -> Misread | None:
    waiting = [p for p in sharing.command.positional if p.name not in sharing.values]
    for i, parameter in enumerate(waiting):
        if not sharing.loose:
            break
        taken = _placed(sharing, parameter, waiting[i + 1 :])
        if isinstance(taken, Misread):
            # Nobody thinks of a page who writes on after a command that has pages.
            if not parameter.required and (waiting[i + 1 :] or parameter.arg.page) and taken.reason in _NOT_THIS:
                continue
            return explained(taken, parameter) if not taken.name else taken
        sharing.values[parameter.name] = taken[0]
        sharing.loose = sharing.loose[taken[1] :]
    return None


def _placed(sharing: _Sharing, parameter: Parameter, later: Sequence[Parameter]) -> Taken:
    loose = sharing.loose
    if parameter.many:
        return items(parameter, loose, sharing.scene, sharing.text)
    if parameter.rest:
        return _rest(sharing, parameter)
    if loose[0].unclosed:
        return Misread(Reason.UNCLOSED_QUOTE, loose[0].at, "ett citattecken till")
    if loose[0].quoted:
        others = [Word(token.text, token.at) for token in loose[1:_AFTER]] if parameter.kind is Kind.UNIT else []
        return and_another(parameter, others, sharing.scene) or _unquoted(sharing, parameter, loose[0])
    words = _plain_words(loose)
    noise = parameter.kind in WHEN and len(words) > 1 and squeeze(words[0].text) in _TOWARDS
    taken = _read(sharing, parameter, words[noise:], later, alone=len(words) == len(loose))
    return taken if isinstance(taken, Misread) else (taken[0], taken[1] + noise)


def _read(sharing: _Sharing, parameter: Parameter, words: Sequence[Word], later: Sequence[Parameter], *, alone: bool) -> Taken:
    """Read an argument from plain words: as a whole where nothing can follow it, and a unit freely where no text can."""
    if parameter.kind in WHEN | {Kind.UNIT} and not later and alone:
        return whole(parameter, words, sharing.scene, sharing.text)
    if parameter.kind is Kind.UNIT and all(p.kind is not Kind.TEXT for p in later):
        return read_unit_alone(parameter, words, sharing.scene)
    return first(parameter, words, sharing.scene, sharing.text)


def _rest(sharing: _Sharing, parameter: Parameter) -> Taken:
    dates = [p for p in sharing.command.parameters if p.kind in WHEN and p.name not in sharing.values]
    found = rest(parameter, sharing.loose, dates, sharing.scene, sharing.text)
    if isinstance(found, Misread):
        return found
    if found.date:
        sharing.values[found.date[0].name] = found.date[1]
    return found.text, len(sharing.loose)


def _unquoted(sharing: _Sharing, parameter: Parameter, token: Token) -> Taken:
    """Return the value of a quotation, which is read as a whole."""
    if parameter.kind is Kind.TEXT:
        return limited(parameter, unicodedata.normalize("NFC", token.text), token.at, 1)
    if not token.words:
        return Misread(Reason.EMPTY_VALUE, token.at, parameter.word, values={"name": parameter.word})
    taken = whole(parameter, token.words, sharing.scene, sharing.text)
    return taken if isinstance(taken, Misread) else (taken[0], 1)


def _plain_words(run: Sequence[Token]) -> tuple[Word, ...]:
    """Return the words up to the next quotation."""
    quoted = next((i for i, token in enumerate(run) if token.quoted), len(run))
    return tuple(Word(token.text, token.at) for token in run[:quoted])


def _trailing(sharing: _Sharing) -> Misread:
    token = sharing.loose[0]
    open_names = tuple(f"{p.word}=" for p in sharing.command.parameters if p.name not in sharing.values and not p.arg.page)
    values = {"text": sharing.text[token.start : token.end], "candidates": open_names}
    return Misread(Reason.TRAILING_TEXT, token.start, "inget mer", values=values)
