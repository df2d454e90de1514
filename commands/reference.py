"""The users' reference, written from the declarations in both languages: `python -m commands.reference [--check]`.

It writes `docs/commands.md`, `docs/commands.en.md`, and a cheat sheet for each role in `docs/roles`.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from care.effects import PlaceKind
from care.language import Language
from commands.catalogue import COMMANDS
from commands.declare import Command, Parameter, Weight
from commands.sheets import pages
from commands.translation import english

DOCS = Path(__file__).parents[1] / "docs"
FILES: Mapping[Language, str] = MappingProxyType({Language.SV: "commands.md", Language.EN: "commands.en.md"})


@dataclass(frozen=True, slots=True)
class Labels:
    """What the page itself says, besides what the declarations say."""

    head: str
    places: Mapping[PlaceKind, str]
    where: str
    other: str
    confirmed: str
    example: str
    table: str
    optional: str
    many: str
    choices: str


SWEDISH = Labels(
    head="""# Kommandon

[English](commands.en.md) · [Lathundar](roles)

Den här sidan skrivs av `python -m commands.reference` och ändras inte för hand.

* Ett kommando börjar med `!` eller `/`. I ditt eget rum med Samrum behövs inget tecken.
* Du behöver inte kunna resten: skriv bara kommandot, så frågar Samrum efter det som saknas, en sak i taget.
* I ett formulär svarar du med text eller med numret på ett val. `tillbaka` ändrar förra svaret, `hoppa över` går förbi det som får
  utelämnas, och `avbryt` tar bort allt som du har skrivit.
* Steg som väger tungt visas först, med det som de sätter i gång. De bekräftas med `ja` och ordet som visas, till exempel `ja tranan`.
* Stora och små bokstäver, prickar och bindestreck spelar ingen roll: `!arende` är `!ärende`.
* Text med flera ord efter ett likhetstecken står inom citattecken; flera enheter skiljs åt med komma.
* Tider skrivs som `torsdag 13:00`, `1 dec kl 13`, `imorgon 13`, `om två veckor kl 10` eller `2026-12-01 13:00`.
""",
    places={
        PlaceKind.DIRECT: "ditt eget rum med Samrum",
        PlaceKind.INBOX: "enhetens inkorg",
        PlaceKind.CASE: "ärendets rum",
        PlaceKind.ADMIN: "administratörernas rum",
    },
    where="Var",
    other="På engelska",
    confirmed="Bekräftas innan det händer",
    example="Exempel",
    table="uppgift | fråga",
    optional="kan utelämnas",
    many="flera går bra",
    choices="ett av",
)
ENGLISH = Labels(
    head="""# Commands

[Svenska](commands.md) · [Cheat sheets](roles)

This page is written by `python -m commands.reference` and is not changed by hand.

* A command begins with `!` or `/`. In your own room with Samrum no sign is needed.
* You need not know the rest: type the command alone, and Samrum asks for what is missing, one thing at a time.
* In a form you answer with text or with the number of a choice. `back` changes the answer before, `skip` passes over what may be left
  out, and `cancel` removes all that you have typed.
* Important steps are shown first, with what they start. They are confirmed by `yes` and the word that is shown, for example `yes tranan`.
* Capital letters, accents and hyphens do not matter. Swedish and English names work side by side.
* Text of several words after an equals sign stands in quotation marks; several units are separated by commas.
* Times are written as `Thursday 13:00`, `1 Dec at 13`, `tomorrow 13`, `in two weeks at 10` or `2026-12-01 13:00`.
""",
    places={
        PlaceKind.DIRECT: "your own room with Samrum",
        PlaceKind.INBOX: "the unit’s inbox",
        PlaceKind.CASE: "the case room",
        PlaceKind.ADMIN: "the administrators’ room",
    },
    where="Where",
    other="In Swedish",
    confirmed="Is confirmed before it happens",
    example="Example",
    table="argument | question",
    optional="may be left out",
    many="several may be given",
    choices="one of",
)
LABELS: Mapping[Language, Labels] = MappingProxyType({Language.SV: SWEDISH, Language.EN: ENGLISH})


def reference(language: Language = Language.SV) -> str:
    """Return the reference in a language as Markdown, in the order of the catalogue."""
    labels = LABELS[language]
    return "\n".join((labels.head, *(line for command in COMMANDS for line in _section(command, language, labels))))


def _section(declared: Command, language: Language, labels: Labels) -> Iterator[str]:
    command = declared if language is Language.SV else english(declared)
    other = english(declared) if language is Language.SV else declared
    yield f"## `!{command.name}`\n"
    yield f"{command.says}.\n"
    places = ", ".join(labels.places[kind] for kind in labels.places if kind in command.where)
    yield f"* {labels.where}: {places}"
    yield f"* {labels.other}: `!{other.name}`"
    if command.weight is Weight.HEAVY:
        yield f"* {labels.confirmed}"
    yield from (f"* {labels.example}: `{example}`" for example in command.examples)
    yield ""
    if command.parameters:
        yield f"| {labels.table} | |"
        yield "|---|---|---|"
        yield from (_row(parameter, labels) for parameter in command.parameters)
        yield ""


def _row(parameter: Parameter, labels: Labels) -> str:
    notes = [] if parameter.required else [labels.optional]
    notes += [labels.many] if parameter.many else []
    notes += [f"{labels.choices}: {', '.join(parameter.choices)}"] if parameter.choices else []
    return f"| `{parameter.word}=` | {parameter.arg.ask} | {'; '.join(notes)} |"


def files() -> Mapping[str, str]:
    """Return every page by its path under `docs`."""
    return {FILES[language]: reference(language) for language in Language} | dict(pages())


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` only compare them; return 1 if one is another, or one is left of a role that is gone."""
    wanted = files()
    if "--check" in arguments:
        found = {f"roles/{file.name}" for file in DOCS.glob("roles/*.md")} | set(FILES.values())
        return int(found != set(wanted) or any(_read(name) != text for name, text in wanted.items()))
    for name, text in wanted.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


def _read(name: str) -> str:
    file = DOCS / name
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
