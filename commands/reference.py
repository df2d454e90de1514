"""The users' reference, `docs/commands.md`, written from the declarations: `python -m commands.reference [--check]`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.declare import Command, Parameter, Weight

FILE = Path(__file__).parents[1] / "docs" / "commands.md"
PLACES = {
    PlaceKind.DIRECT: "ditt eget rum med Samrum",
    PlaceKind.INBOX: "enhetens inkorg",
    PlaceKind.CASE: "ärendets rum",
    PlaceKind.ADMIN: "administratörernas rum",
}
HEAD = """# Kommandon

Den här sidan skrivs av `python -m commands.reference` och ändras inte för hand.

* Ett kommando börjar med `!` eller `/`. I ditt eget rum med Samrum behövs inget tecken.
* Du behöver inte kunna resten: skriv bara kommandot, så frågar Samrum efter det som saknas, en sak i taget.
* I ett formulär svarar du med text eller med numret på ett val. `tillbaka` ändrar förra svaret, `hoppa över` går förbi det som får
  utelämnas, och `avbryt` tar bort allt som du har skrivit.
* Steg som väger tungt visas först, med det som de sätter i gång. De bekräftas med `ja` och ordet som visas, till exempel `ja tranan`.
* Stora och små bokstäver, prickar och bindestreck spelar ingen roll: `!arende` är `!ärende`.
* Text med flera ord efter ett likhetstecken står inom citattecken; flera enheter skiljs åt med komma.
* Tider skrivs som `torsdag 13:00`, `1 dec kl 13`, `imorgon 13`, `om två veckor kl 10` eller `2026-12-01 13:00`.
"""


def reference() -> str:
    """Return the reference as Markdown, in the order of the catalogue."""
    return "\n".join((HEAD, *(line for command in COMMANDS for line in _section(command))))


def _section(command: Command) -> Iterator[str]:
    yield f"## `!{command.name}`\n"
    yield f"{command.says}.\n"
    places = ", ".join(PLACES[kind] for kind in PLACES if kind in command.where)
    yield f"* Var: {places}"
    yield f"* På engelska: `!{' '.join(word for word in command.en if word)}`"
    if command.weight is Weight.HEAVY:
        yield "* Bekräftas innan det händer"
    yield from (f"* Exempel: `{example}`" for example in command.examples)
    yield ""
    if command.parameters:
        yield "| uppgift | fråga | |"
        yield "|---|---|---|"
        yield from (_row(parameter) for parameter in command.parameters)
        yield ""


def _row(parameter: Parameter) -> str:
    notes = [] if parameter.required else ["kan utelämnas"]
    notes += ["flera går bra"] if parameter.many else []
    notes += [f"ett av: {', '.join(parameter.choices)}"] if parameter.choices else []
    return f"| `{parameter.word}=` | {parameter.arg.ask} | {'; '.join(notes)} |"


def main(arguments: list[str]) -> int:
    """Write the reference, or with `--check` only compare it; return 1 if the file is another."""
    text = reference()
    if "--check" in arguments:
        return int(not FILE.exists() or FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
