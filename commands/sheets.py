"""Cheat sheets as pages of the documentation: one for each role and language, written by `commands.reference`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from care.effects import PlaceKind
from care.language import Language
from commands.catalogue import COMMANDS
from commands.declare import Command
from commands.translation import english
from texts.roles import Line, Sheet, sheets

INDEX: Mapping[Language, str] = MappingProxyType({Language.SV: "README.md", Language.EN: "README.en.md"})


@dataclass(frozen=True, slots=True)
class Labels:
    """What a page itself says."""

    title: str
    help: str
    written: str
    table: str
    more: str
    all: str
    places: Mapping[PlaceKind, str]


LABELS: Mapping[Language, Labels] = MappingProxyType(
    {
        Language.SV: Labels(
            "Lathund",
            "hjälp",
            "Den här sidan skrivs av `python -m commands.reference` från `texts/roles.toml`. I chatten visas den av",
            "| skriv | var | varför |",
            "Skriv bara kommandot, så frågar Samrum efter resten. Alla kommandon:",
            "Lathundar",
            {
                PlaceKind.DIRECT: "ditt eget rum",
                PlaceKind.INBOX: "inkorgen",
                PlaceKind.CASE: "ärendets rum",
                PlaceKind.ADMIN: "administratörernas rum",
            },
        ),
        Language.EN: Labels(
            "Cheat sheet",
            "help",
            "This page is written by `python -m commands.reference` from `texts/roles.toml`. In the chat it is shown by",
            "| type | where | why |",
            "Type the command alone, and Samrum asks for the rest. All commands:",
            "Cheat sheets",
            {
                PlaceKind.DIRECT: "your own room",
                PlaceKind.INBOX: "the inbox",
                PlaceKind.CASE: "the case room",
                PlaceKind.ADMIN: "the administrators’ room",
            },
        ),
    }
)
REFERENCE: Mapping[Language, str] = MappingProxyType({Language.SV: "commands.md", Language.EN: "commands.en.md"})


def pages() -> Mapping[str, str]:
    """Return the pages by their path under `docs`."""
    each = {f"roles/{_file(sheet, language)}": _page(sheet, language) for sheet in sheets() for language in Language}
    return {**{f"roles/{INDEX[language]}": _index(language) for language in Language}, **each}


def _file(sheet: Sheet, language: Language) -> str:
    return f"{sheet.key}.md" if language is Language.SV else f"{sheet.key}.en.md"


def _index(language: Language) -> str:
    rows = (f"* [{_word(sheet, language)}]({_file(sheet, language)})" for sheet in sheets())
    return "\n".join((f"# {LABELS[language].all}\n", *rows, ""))


def _page(sheet: Sheet, language: Language) -> str:
    labels, word = LABELS[language], _word(sheet, language)
    says = sheet.says if language is Language.SV else sheet.en_says
    head = (f"# {labels.title}: {word}\n", f"{labels.written} `!{labels.help} {word}`.\n", f"{says}\n", labels.table, "|---|---|---|")
    return "\n".join((*head, *_rows(sheet, language, labels), "", f"{labels.more} [{REFERENCE[language]}](../{REFERENCE[language]}).", ""))


def _rows(sheet: Sheet, language: Language, labels: Labels) -> Iterator[str]:
    for line in sheet.lines:
        declared = _command(line)
        command = declared if language is Language.SV else english(declared)
        yield f"| `!{command.name}` | {labels.places[line.where]} | {line.why if language is Language.SV else line.en_why} |"


def _word(sheet: Sheet, language: Language) -> str:
    return sheet.word if language is Language.SV else sheet.en


def _command(line: Line) -> Command:
    """Return the command of a line; raise StopIteration for one that does not exist there."""
    return next(command for command in COMMANDS if command.name == line.command and line.where in command.where)
