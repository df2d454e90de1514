"""Messages built from the grammar of the real commands: everything that staff may type for a command and its arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from random import Random

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.declare import WHEN, Command, Kind, Parameter
from tests.commands.oracle.clocks import CLOCKS
from tests.commands.oracle.days import DAYS, TODAY, WEEKS

PREFIXES = ("!", "/", "！", "Samrum: ", "@samrum ", "samrum, ", "@samrum:almfors.test: !", "  !")
QUOTES = ('""', "””", "“”", "«»", "»«", "„“", "''", "’’")
TEXTS = (
    "Hur går det", "Hon väger 63", "Kan ni komma?", "ont i höften", "Rad ett\nrad två", "puls=88 i vila", "se https://1177.se/x?y=1",
    "trappan – utan räcke", "Nytt nummer: 031-390 06 12", "it's mine", "Hennes son ringer", "a\u00a0b", "😀 bra",
)  # fmt: skip
CLOCK_PHRASES = sorted(CLOCKS)
CLEAR_DAYS = sorted(
    phrase
    for phrase, meant in DAYS.items()
    if len(meant) == 1 and all(m.day > TODAY + timedelta(days=1) and m.day.weekday() < 5 for m in meant)
)
DAY_PHRASES = sorted(DAYS)
WEEK_PHRASES = sorted(WEEKS)
ACTOR_WORDS = (
    "k-alm-hsv", "hsv", "HSV", "hemsjukvården", "hemsjuk", "kalmhsv", "k-alm-bist", "bist", "bistånd centrum", "hemtjänst Söder",
    "k-alm-ht", "vårdcentralen", "vc", "vc-norrgard", "Norrgården", "biståndshandläggaren", "hemtjänsten", "home nursing",
)  # fmt: skip
PILL = '<a href="https://matrix.to/#/@anna.demo:almfors.test">Anna Demo</a>'
"""The formatted body of every message here: whoever writes "Anna Demo" mentions her."""
OTHER_WORDS = ("mob", "k-eh-hsv", "vc-ekhamn", "las-med2", "mobila teamet")

WORDS: Mapping[Kind, Sequence[str]] = {
    Kind.TEXT: TEXTS,
    Kind.YES_NO: ("ja", "nej", "JA", "yes", "no"),
    Kind.NUMBER: ("1", "2", "417"),
    Kind.CLOCK: CLOCK_PHRASES,
    Kind.USER: ("Anna Demo", "@anna.demo:almfors.test", "@noor.demo:almfors.test"),
    Kind.OBJECT: ("F3", "f1", "3", "M-2", "#3", "S1"),
    Kind.CASE: ("SÄ-2026-00042", "sa-2026-42", "42", "blå tranan"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """An argument as it is typed: its value, the name before it or "", and the marks around it or ""."""

    parameter: Parameter
    text: str
    name: str = ""
    marks: str = ""

    @property
    def typed(self) -> str:
        """Return it as it stands in the message."""
        value = f"{self.marks[0]}{self.text}{self.marks[1]}" if self.marks else self.text
        return f"{self.name}={value}" if self.name else value


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the grammar, before it is broken."""

    place: PlaceKind
    command: Command
    prefix: str
    name: str
    parts: tuple[Part, ...] = ()

    @property
    def typed(self) -> str:
        """Return the message as a line."""
        return " ".join([self.prefix + self.name, *(part.typed for part in self.parts)])


def dates(rng: Random) -> str:
    """Return a phrase for a day and mostly an hour, clear ones more often than others."""
    day, hour = _day(rng), rng.choice(CLOCK_PHRASES)
    return rng.choice((f"{day} {hour}", f"{day} {hour}", f"{day} {hour}", f"{hour} {day}", day))


def _day(rng: Random) -> str:
    return rng.choice(rng.choice((CLEAR_DAYS, DAY_PHRASES, WEEK_PHRASES)))


def value(rng: Random, parameter: Parameter) -> str:
    """Return what is typed for an argument."""
    if not parameter.many:
        return _one(rng, parameter)
    separator: str = rng.choice((",", ", ", " och "))
    return separator.join(_one(rng, parameter) for _ in range(rng.randint(1, 3)))


def _one(rng: Random, parameter: Parameter) -> str:
    match parameter.kind:
        case Kind.MOMENT:
            return dates(rng)
        case Kind.DAY:
            return _day(rng)
        case Kind.UNIT:
            return rng.choice(ACTOR_WORDS + OTHER_WORDS if parameter.arg.outside else ACTOR_WORDS)
        case Kind.CHOICE:
            return rng.choice(tuple(parameter.choices))
        case Kind.TEXT if parameter.many:
            return rng.choice(("a@b.se", "c.d@e.se"))
        case _:
            return rng.choice(WORDS[parameter.kind])


def part(rng: Random, parameter: Parameter, *, last: bool, named: bool) -> Part:
    """Return an argument, quoted where it must be (what ends nowhere else) and sometimes where it need not."""
    text, swedish = value(rng, parameter), parameter.word
    name = rng.choice((swedish, swedish, parameter.arg.en or swedish, swedish.upper())) if named else ""
    ends_itself = last or (parameter.kind not in WHEN | {Kind.TEXT} and not parameter.many)
    must = not (named and parameter.kind in {Kind.TEXT, *WHEN}) and not ends_itself
    marks = rng.choice(QUOTES) if not parameter.many and (must or rng.randrange(4) == 0) else ""
    return Part(parameter, text, name, "" if "'" in text and "'" in marks else marks)


def message(rng: Random) -> Message:
    """Return a message of any command, in a room where it works; some arguments are left out, as a form would ask for them."""
    command = rng.choice(COMMANDS)
    place = rng.choice(sorted(command.where))
    prefix = rng.choice((*PREFIXES, "") if place is PlaceKind.DIRECT else PREFIXES)
    nouns, verbs = (command.noun, command.en[0]), (command.verb, command.en[1])
    name = " ".join(word for word in (rng.choice(nouns), rng.choice(verbs)) if word)
    written = (name, name, name.upper(), name.translate(str.maketrans("äåö", "aao")), name.replace(" ", "-"))
    return Message(place, command, prefix, rng.choice(written), _arguments(rng, command))


def _arguments(rng: Random, command: Command) -> tuple[Part, ...]:
    """Return arguments by place, then by name in any order; all may be named, and the first that is missing ends those by place."""
    placed = list(takewhile(lambda _: rng.randrange(6) > 0, command.positional))
    named = [p for p in command.parameters if p.named_only and rng.random() < 0.5]
    by_name = rng.randrange(4) == 0
    chosen = [(p, by_name) for p in placed] + [(p, True) for p in rng.sample(named, len(named))]
    made = [part(rng, p, last=n + 1 == len(chosen), named=is_named) for n, (p, is_named) in enumerate(chosen)]
    return tuple(made)
