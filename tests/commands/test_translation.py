"""Commands as people read them in English: complete, without leftovers, and nothing but what is shown changes."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest

from care.effects import PlaceKind
from care.language import Language
from commands import help as helping
from commands.catalogue import COMMANDS
from commands.reading import Invocation, Misread, Reason, Scene, read
from commands.translation import NAMES, english, in_language
from tests.builders import DIRECTORY, MONDAY
from tests.texts import test_languages
from texts.languages import NUMBER, Phrase, sections

PACKAGE = Path(helping.__file__).parent
ENUMERATED = {"nås"}
"""Words of enumerations that messages show and no command offers under that name."""


def literals(of: str, place: int) -> Iterator[str]:
    """Return the texts that the sources hand to `Misread` as one of its arguments, numbers as #."""
    for file in sorted((*PACKAGE.glob("reading/*.py"), *PACKAGE.glob("forms/*.py"))):
        calls = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))
        for call in calls:
            if not isinstance(call.func, ast.Name) or call.func.id != "Misread":
                continue
            named = [word.value for word in call.keywords if word.arg == of]
            yield from (text for node in (*call.args[place : place + 1], *named) if (text := _text(node)))


def tables(name: str) -> Iterator[str]:
    """Return the texts of the tables of that name in the modules of the reader."""
    for file in sorted(PACKAGE.glob("reading/*.py")):
        found: Mapping[object, str] = getattr(import_module(f"commands.reading.{file.stem}"), name, {})
        yield from found.values()


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "#" for part in parts)
        case _:
            return ""


PARAMETERS = tuple(parameter for command in COMMANDS for parameter in command.parameters)
WANTED: Mapping[str, set[str]] = {
    "says": {command.says for command in COMMANDS},
    "ask": {parameter.arg.ask for parameter in PARAMETERS},
    "why": {parameter.arg.why for parameter in PARAMETERS} - {""},
    "choices": {"ja", "nej", *ENUMERATED, *(word for parameter in PARAMETERS for word in parameter.choices)},
    "steps": set(helping.HOW.values()),
    "expected": {*literals("expected", 2), *tables("EXPECTED")},
    "examples": {
        *(example for command in COMMANDS for example in command.examples),
        *(parameter.arg.example for parameter in PARAMETERS if parameter.arg.example),
        *tables("EXAMPLES"),
        *literals("example", 4),
    },
}
BY_SECTION = dict(WANTED, examples=WANTED["examples"] - WANTED["steps"] - WANTED["choices"])
"""The same, each text once."""


@pytest.mark.parametrize("section", BY_SECTION)
def test_every_text_of_the_declarations_has_english_and_none_is_left_over(section: str) -> None:
    assert set(sections()[section]) == BY_SECTION[section]


def test_every_short_text_belongs_to_a_section_that_is_kept_complete() -> None:
    assert set(sections()) == {*WANTED, *test_languages.WANTED}


def test_a_command_is_shown_by_its_english_name_and_works_by_both() -> None:
    shown = english(next(command for command in COMMANDS if command.name == "ärende avsluta"))

    assert shown.name == "case close"
    assert shown.says == "Propose closing the case, or answer the proposal"
    assert [parameter.word for parameter in shown.parameters] == ["reason", "why"]
    assert [parameter.name for parameter in shown.parameters] == ["svar", "skäl"]
    assert "goals met" in shown.parameters[0].choices
    assert {"arende", "case"} <= shown.nouns


def test_no_two_commands_of_one_place_share_an_english_name() -> None:
    for kind in PlaceKind:
        named = [NAMES[command.name] for command in COMMANDS if kind in command.where]
        assert len(named) == len(set(named))


def misread(line: str, kind: PlaceKind = PlaceKind.CASE) -> Misread:
    found = read(line, COMMANDS, Scene(kind, MONDAY, DIRECTORY, tuple(DIRECTORY.units)))
    assert isinstance(found, Misread)
    return found


def shown(found: Misread) -> Mapping[str, object]:
    return in_language(f"misread/{found.reason}", {"misread": found, **found.values}, Language.EN)


def test_what_is_offered_instead_is_offered_by_its_english_name() -> None:
    verb = misread("!sip")
    name = misread("!sip flytta fredag 10:00 skäll=ja")
    choice = misread("!sip svar kanske")

    assert verb.reason is Reason.VERB_MISSING
    assert set(shown(verb)["candidates"]) == {"sip call", "sip reply", "sip move", "sip recall", "sip done"}  # type: ignore[call-overload]
    assert (shown(name)["name"], shown(name)["candidates"]) == ("skäll", ("reason",))
    assert shown(choice)["candidates"] == ("yes online", "if needed", "yes", "no")


def test_what_was_expected_is_said_in_english_and_compared_in_swedish() -> None:
    found = misread("!plan uppföljning någon gång")

    told = shown(found)["misread"]

    assert isinstance(told, Misread)
    assert isinstance(told.expected, Phrase)
    assert told.expected == found.expected == "ett datum"
    assert told.nearest is not None
    assert told.nearest.name == "plan followup"


def test_an_argument_that_is_offered_is_offered_by_its_english_name() -> None:
    found = misread("!ask k-alm-hsv Kan ni komma på torsdag")

    assert found.reason is Reason.DATE_OR_TEXT
    first, *_ = cast("tuple[str, ...]", shown(found)["candidates"])
    assert first.startswith('Kan ni komma by="')
    assert shown(found)["name"] == "by"


def test_what_a_person_typed_stays_as_it_was_typed() -> None:
    found = misread("!plan upprätta ja")

    assert found.reason is Reason.TRAILING_TEXT
    assert shown(found)["text"] == "ja"


def test_swedish_is_shown_as_it_is() -> None:
    values = {"found": COMMANDS, "holiday": "Julafton"}

    assert in_language("misread/holiday", values, Language.SV) is values
    assert in_language("misread/holiday", values, Language.EN)["holiday"] == "Christmas Eve"
    assert NUMBER.sub("#", "högst 12 tecken") in sections()["expected"]
    assert re.fullmatch("[a-z ]+", " ".join(NAMES.values()))


def test_a_command_that_is_one_word_in_english_and_two_in_swedish_is_read_by_either() -> None:
    for line in ("!trust @anna.demo:almfors.test", "!lita på @anna.demo:almfors.test", "!trust user=@anna.demo:almfors.test"):
        found = read(line, COMMANDS, Scene(PlaceKind.ADMIN, MONDAY))
        assert isinstance(found, Invocation)
        assert found.values == {"person": "@anna.demo:almfors.test"}
