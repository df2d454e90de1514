"""A command is declared by the signature of its handler; parser, forms, help and refusals are read from it (commands 1).

The first parameter of a handler is its desk (what it may use); the others are the words of the command, each
`Annotated[type, Arg(...)]`. Parameters before a bare `*` may be given by place or by name, those after it only by name.
"""

import inspect
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import product
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, NewType, Union, get_args, get_origin, get_type_hints

from care.effects import PlaceKind
from care.people import Unit
from commands.folding import squeeze
from commands.wordings import WORDINGS

UserRef = NewType("UserRef", str)
"""A Matrix user id, written out or mentioned."""
ObjectRef = NewType("ObjectRef", str)
"""An object of a case: `F3`, or `3` where the letter was left out."""
CaseRef = NewType("CaseRef", str)
"""A case as somebody named it: `SÄ-2026-00042`, `42`, or a codename in small letters (`blå tranan`)."""

Handler = Callable[..., object]
LONGEST = 4000
"""Letters in one argument, unless its `Arg` says otherwise; more is a document, not a message."""


class Weight(StrEnum):
    """Whether a step is done at once, or only after a typed `ja` and the noun of the codename (commands 1)."""

    ORDINARY = "ordinary"
    HEAVY = "heavy"


class Kind(StrEnum):
    """What an argument is, as the reader and the forms tell kinds apart."""

    TEXT = "text"
    YES_NO = "yes_no"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    CLOCK = "clock"
    UNIT = "unit"
    USER = "user"
    OBJECT = "object"
    CASE = "case"
    CHOICE = "choice"


WHEN = frozenset({Kind.DAY, Kind.MOMENT, Kind.CLOCK})
"""The kinds that are read as dates and times."""

_KINDS: Mapping[object, Kind] = MappingProxyType(
    {
        str: Kind.TEXT,
        bool: Kind.YES_NO,
        int: Kind.NUMBER,
        date: Kind.DAY,
        datetime: Kind.MOMENT,
        time: Kind.CLOCK,
        Unit: Kind.UNIT,
        UserRef: Kind.USER,
        ObjectRef: Kind.OBJECT,
        CaseRef: Kind.CASE,
    }
)


@dataclass(frozen=True, slots=True)
class Arg:
    """What a person needs to know about an argument.

    `sv` is its Swedish word where the parameter's own name cannot be it (å, ä, ö), `en` the English one. `choices` are the only
    words allowed, or a mapping from words to values; what else is understood for them stands in `commands.wordings`. `clock` is the
    wall time meant by a day without an hour; `past` allows what has been; `outside` looks for units among all, not among the actors
    of the case first; `others` does not offer one's own unit; `needed` asks for an argument although its handler could do without it.
    `page` is the number of a page, which is also asked for by "mer" (the second) and "mer 3".
    """

    ask: str = ""
    why: str = ""
    sv: str = ""
    en: str = ""
    example: str = ""
    rest: bool = False
    choices: tuple[str, ...] | Mapping[str, str] = ()
    limit: int = LONGEST
    clock: time | None = None
    past: bool = False
    outside: bool = False
    others: bool = False
    needed: bool = False
    page: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command. `choices` maps the words that are shown to the values that they mean, `meant` all that are understood.

    `keys` is every name that is understood; these and the words of `meant` are squeezed.
    """

    name: str
    kind: Kind
    arg: Arg
    many: bool = False
    required: bool = True
    named_only: bool = False
    rest: bool = False
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    meant: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    keys: frozenset[str] = frozenset()

    @property
    def word(self) -> str:
        """Return the Swedish word that the argument is called by."""
        return self.arg.sv or self.name


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command; `needs` is passed through to whoever checks permissions.

    `also` are other names that are done as typed, `like` is what people say instead: offered, never done. From `nouns` on all is squeezed.
    """

    noun: str
    verb: str | None
    en: tuple[str, str | None]
    also: tuple[str, ...]
    handler: Handler
    parameters: tuple[Parameter, ...]
    where: frozenset[PlaceKind]
    weight: Weight
    says: str
    examples: tuple[str, ...]
    needs: object
    nouns: frozenset[str]
    verbs: frozenset[str]
    aliases: frozenset[str]
    like: frozenset[str]
    named: Mapping[str, Parameter]

    @property
    def name(self) -> str:
        """Return the command as it is written in Swedish, without prefix."""
        return f"{self.noun} {self.verb}" if self.verb else self.noun

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """Return the parameters that may be given by their place."""
        return tuple(p for p in self.parameters if not p.named_only)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that Python name; raise KeyError for another."""
        found = next((p for p in self.parameters if p.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def declare(
    handler: Handler,
    *,
    noun: str,
    en: tuple[str, str | None],
    where: frozenset[PlaceKind],
    says: str,
    verb: str | None = None,
    also: tuple[str, ...] = (),
    like: tuple[str, ...] = (),
    weight: Weight = Weight.ORDINARY,
    examples: tuple[str, ...] = (),
    needs: object = None,
) -> Command:
    """Return the command that the handler's signature declares; `also` are other full names, `like` what people say instead.

    Raise TypeError for an argument that could not be read, or whose place or name would be unclear.
    """
    parameters = _parameters(handler)
    _check(noun, parameters)
    verbs = tuple(name for name in (verb, en[1]) if name)
    whole = {squeeze(f"{n}{v}") for n, v in (*product((noun, en[0]), verbs), (noun, verb or ""), (en[0], en[1] or ""))}
    return Command(
        noun=noun,
        verb=verb,
        en=en,
        also=also,
        handler=handler,
        parameters=parameters,
        where=where,
        weight=weight,
        says=says,
        examples=examples,
        needs=needs,
        nouns=frozenset(squeeze(name) for name in (noun, en[0])),
        verbs=frozenset(map(squeeze, verbs)),
        aliases=frozenset((*whole, *map(squeeze, also))),
        like=frozenset(map(squeeze, like)),
        named=MappingProxyType({key: parameter for parameter in parameters for key in parameter.keys}),
    )


def _parameters(handler: Handler) -> tuple[Parameter, ...]:
    """Return what follows the desk, in order; the last text that has a place takes the rest of the line."""
    hints = get_type_hints(handler, include_extras=True)
    declared = [_parameter(p, hints.get(p.name)) for p in list(inspect.signature(handler).parameters.values())[1:]]
    placed = [p for p in declared if not p.named_only]
    if placed and not any(p.rest for p in placed) and placed[-1].kind is Kind.TEXT and not placed[-1].many:
        last = placed[-1].name
        return tuple(_resting(p) if p.name == last else p for p in declared)
    return tuple(declared)


def _resting(parameter: Parameter) -> Parameter:
    return replace(parameter, rest=True)


def _parameter(signed: inspect.Parameter, hint: object) -> Parameter:
    if signed.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        raise TypeError(f"{signed.name}: a command names each of its arguments")
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{signed.name}: an argument is declared as Annotated[type, Arg(...)]")
    bare, *notes = get_args(hint)
    arg = next((note for note in notes if isinstance(note, Arg)), None)
    if arg is None:
        raise TypeError(f"{signed.name}: Annotated without Arg(...)")
    bare, many = _unwrapped(bare)
    choices = _choices(bare, arg)
    return Parameter(
        name=signed.name,
        kind=Kind.CHOICE if choices else _kind(signed.name, bare),
        arg=arg,
        many=many,
        required=arg.needed or signed.default is inspect.Parameter.empty,
        named_only=signed.kind is inspect.Parameter.KEYWORD_ONLY,
        rest=arg.rest,
        choices=MappingProxyType(choices),
        meant=MappingProxyType(_meant(signed.name, choices)),
        keys=frozenset(squeeze(name) for name in (arg.sv or signed.name, signed.name, arg.en) if name),
    )


def _unwrapped(hint: object) -> tuple[object, bool]:
    """Return the type inside `X | None` and `tuple[X, ...]`, and whether there may be many."""
    if get_origin(hint) in {Union, UnionType}:
        inner = [part for part in get_args(hint) if part is not NoneType]
        hint = inner[0] if len(inner) == 1 else hint
    if get_origin(hint) is tuple and get_args(hint)[1:] == (...,):
        return get_args(hint)[0], True
    return hint, False


def _choices(bare: object, arg: Arg) -> dict[str, str]:
    """Return words and what they mean; an enumeration's own values are always among them."""
    given = dict(arg.choices) if isinstance(arg.choices, Mapping) else {word: word for word in arg.choices}
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        if unknown := set(given.values()) - {str(member) for member in bare}:
            raise TypeError(f"{bare.__name__} has no {sorted(unknown)}")
        named = {word: str(bare(value)) for word, value in given.items()}
        own = {member.value: member for member in bare if member.value not in named.values()}
        return {word: bare(value) for word, value in {**named, **own}.items()}
    return given if bare is str else {}


def _meant(name: str, choices: Mapping[str, str]) -> dict[str, str]:
    """Return every word that is understood for a choice, squeezed; raise TypeError for one that would stand for two."""
    shown = {squeeze(word): value for word, value in choices.items()}
    other = [(squeeze(said), value) for word, value in choices.items() for said in WORDINGS.get(word, ())]
    if twice := {said for said, value in other if (shown | dict(other))[said] != value}:
        raise TypeError(f"{name}: {sorted(twice)} would stand for two choices")
    return dict(other) | shown


def _kind(name: str, bare: object) -> Kind:
    kind = _KINDS.get(bare) if isinstance(bare, Hashable) else None
    if kind is None:
        raise TypeError(f"{name}: {bare!r} cannot be read from a message")
    return kind


def _check(noun: str, parameters: tuple[Parameter, ...]) -> None:
    """Raise TypeError where a reader could not know which argument is meant."""
    placed = [p for p in parameters if not p.named_only]
    if any(p.many for p in placed[:-1]):
        raise TypeError(f"{noun}: a list can only be the last argument that has a place")
    if any(p.rest and (p.kind is not Kind.TEXT or p.many) for p in parameters):
        raise TypeError(f"{noun}: only a text takes the rest of the line")
    seen: set[str] = set()
    for parameter in parameters:
        if seen & parameter.keys:
            raise TypeError(f"{noun}: two arguments are called {parameter.word}")
        seen |= parameter.keys
