"""Each message in English is the same message: the same values, steps and commands, and no word of Swedish left."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from jinja2 import meta, nodes

from care.expected import Rules
from care.language import Language, Spoken
from commands.catalogue import COMMANDS
from commands.declare import Command
from commands.reading import Misread, caret
from tests.builders import MONDAY
from tests.texts import story as telling
from tests.texts.misread import misreads
from tests.texts.refused import DIRECTORY, PROVOKED, refused
from texts.languages import sections
from texts.render import environment, render

SWEDISH, ENGLISH = (frozenset(name for name in environment(of).list_templates() if name.endswith(".md.j2")) for of in Language)
BOTH = sorted(SWEDISH & ENGLISH)
CASE = {"capitalize", "lower"}
"""Filters of letter case, which English leaves out: the names of its days begin with a capital letter."""
WORDS = re.compile(
    r"\b(och|att|det|den|inte|är|för|på|av|ni|som|till|med|har|ska|eller|om|kan|när|din|ditt|er|ert|än|nu|från|ett|vad|var|vem|vilken"
    r"|ärende|enhet|fråga|svara|skriv|möte|kallelse|skäl|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag)\b",
    re.IGNORECASE,
)
CODES = re.compile(r"\bÄ1\b|\bSÄ-|!units hemsjukvård")
"""What is the same in both languages: numbers of objects and cases, and the name of a unit."""
COMMAND = re.compile(r"!(\w+(?: \w+)*)")


def tree(language: Language, name: str) -> nodes.Template:
    made = environment(language)
    assert made.loader
    return made.parse(made.loader.get_source(made, name)[0])


def shown(language: Language, name: str) -> Iterator[str]:
    """Return what a template writes itself: its text, and the texts in what it prints; not what it compares."""
    for node in tree(language, name).find_all((nodes.TemplateData, nodes.Output)):
        if isinstance(node, nodes.TemplateData):
            yield node.data
        else:
            yield from _printed(node)


def _printed(node: nodes.Node) -> Iterator[str]:
    match node:
        case nodes.Const(value=str(text)):
            yield text
        case nodes.Compare() | nodes.Getitem() | nodes.Filter(name="map"):
            return
        case nodes.CondExpr(expr1=one, expr2=other):
            for part in (one, other):
                yield from _printed(part) if part else ()
        case _:
            for child in node.iter_child_nodes():
                yield from _printed(child)


def test_every_message_exists_in_both_languages() -> None:
    assert set() == SWEDISH - ENGLISH
    assert set() == ENGLISH - SWEDISH


@pytest.mark.parametrize("name", BOTH)
def test_both_languages_use_the_same_values(name: str) -> None:
    swedish, english = (meta.find_undeclared_variables(tree(of, name)) for of in Language)

    assert english == swedish


@pytest.mark.parametrize("name", BOTH)
def test_both_languages_take_the_same_steps(name: str) -> None:
    swedish, english = (
        (
            [type(node).__name__ for node in tree(of, name).find_all((nodes.If, nodes.For, nodes.Include))],
            {node.name for node in tree(of, name).find_all(nodes.Filter)} - CASE,
            sorted(node.name for node in tree(of, name).find_all(nodes.Test)),
            sorted(meta.find_referenced_templates(tree(of, name)), key=str),
        )
        for of in Language
    )

    assert english == swedish


def commands_in(language: Language, name: str) -> list[str]:
    """Return the commands that a template tells people to type, by their Swedish names."""
    return sorted(found for text in shown(language, name) for typed in COMMAND.findall(text) if (found := meant(language, typed)))


def meant(language: Language, typed: str) -> str:
    """Return which command a text begins with: the longest name that fits."""
    found = [command for command in COMMANDS if f"{typed} ".startswith(f"{named(language, command)} ")]
    assert found, f"no command is called !{typed}"
    return max(found, key=lambda command: len(named(language, command))).name


def named(language: Language, command: Command) -> str:
    return command.name if language is Language.SV else " ".join(word for word in command.en if word)


@pytest.mark.parametrize("name", BOTH)
def test_both_languages_tell_people_to_type_the_same_commands(name: str) -> None:
    assert commands_in(Language.EN, name) == commands_in(Language.SV, name)


@pytest.mark.parametrize("name", BOTH)
def test_no_word_of_swedish_is_left_in_an_english_message(name: str) -> None:
    left = [found for text in shown(Language.EN, name) for found in WORDS.findall(CODES.sub("", text))]

    assert left == []


@pytest.mark.parametrize("name", BOTH)
def test_no_swedish_letter_is_left_in_an_english_message(name: str) -> None:
    assert not re.search("[åäöÅÄÖ]", CODES.sub("", " ".join(shown(Language.EN, name))))


def test_no_word_of_swedish_is_left_in_the_short_texts() -> None:
    for section, rows in sections().items():
        told = " ".join(rows.values())
        assert section == "examples" or not WORDS.findall(told), section


@pytest.mark.parametrize("name", [name for name in BOTH if name.startswith("refusals/")])
def test_a_refusal_says_in_english_too_that_nothing_has_changed_and_by_which_rule(name: str) -> None:
    swedish, english = (" ".join(shown(of, name)) for of in Language)

    assert ("Regel:" in swedish) == ("Rule:" in english)


def test_every_refusal_can_be_said_in_english() -> None:
    for provoke in PROVOKED:
        refusal = refused(provoke)
        values = {"directory": DIRECTORY, "now": MONDAY, "prefix": "!", **refusal.values}
        assert render(f"refusals/{refusal.reason}", language=Language.EN, **values).body


@pytest.mark.parametrize(("typed", "found"), misreads(), ids=lambda value: str(value)[:40])
def test_every_misread_can_be_said_in_english(typed: str, found: Misread) -> None:
    values = {"misread": found, "caret": caret(typed, found.at), "prefix": "!", "directory": DIRECTORY, "now": MONDAY, **found.values}

    assert render(f"misread/{found.reason}", language=Language.EN, **values).body


def test_the_whole_story_can_be_told_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = telling.story().steps
    monkeypatch.setattr(telling, "RULES", Rules(telling.RULES.profile, replace(telling.RULES.directory, spoken=Spoken(Language.EN))))

    with telling.recorded() as said:
        for step in steps:
            step.again()

    assert len(said) > 50
    assert not [name for name, words in said if re.search(r"\b(måndag|onsdag|fredag|augusti|oktober) [0-9]|\bkl\. [0-9]", words.body)]
