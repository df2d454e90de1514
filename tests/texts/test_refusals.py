"""Each refusal in the source has its words, each of the words a refusal, and the words get the values that they need."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jinja2 import meta

from care.language import Language
from tests.texts.refused import WRONG_NUMBERS, refused
from texts.render import environment, render

HOUSE = Path(__file__).parents[2]
ROOMS = ("care", "commands", "store", "reminders", "bot")
GIVEN = frozenset({"now", "directory", "prefix"})
"""What whoever answers a person adds to the values of every message."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A place in the source that refuses; `values` is None where they are handed on as `**values`."""

    where: str
    reason: str
    values: frozenset[str] | None


def refusals(source: str, where: str) -> Iterator[Raised]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
            names = [keyword.arg for keyword in node.keywords]
            values = None if None in names else frozenset(name for name in names if name)
            for reason in reasons(node.args[0], f"{where}:{node.lineno}"):
                yield Raised(f"{where}:{node.lineno}", reason, values)


def reasons(node: ast.expr, where: str) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from reasons(node.body, where)
        yield from reasons(node.orelse, where)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        pytest.fail(f"{where}: a refusal names its reason in letters, so that its words can be found")


def source_refusals() -> list[Raised]:
    files = [file for room in ROOMS for file in sorted((HOUSE / room).rglob("*.py"))]
    return [raised for file in files for raised in refusals(file.read_text("utf-8"), str(file.relative_to(HOUSE)))]


RAISED = source_refusals()
WORDS = frozenset(
    name.removeprefix("refusals/").removesuffix(".md.j2") for name in environment().list_templates() if name.startswith("refusals/")
)


@pytest.mark.parametrize("reason", sorted({raised.reason for raised in RAISED}))
def test_a_refusal_has_words(reason: str) -> None:
    assert reason in WORDS


def test_no_words_are_left_of_a_refusal_that_is_gone() -> None:
    assert WORDS - {raised.reason for raised in RAISED} == frozenset()


@pytest.mark.parametrize("raised", [each for each in RAISED if each.reason in WORDS], ids=lambda each: each.where)
def test_a_refusal_brings_the_values_of_its_words(raised: Raised) -> None:
    loader = environment().loader
    assert loader
    source = loader.get_source(environment(), f"refusals/{raised.reason}.md.j2")[0]
    needed = meta.find_undeclared_variables(environment().parse(source)) - GIVEN

    assert raised.values is None or needed <= raised.values


def test_the_scan_sees_both_reasons_of_a_choice_and_values_handed_on() -> None:
    source = 'raise Refused("a/b" if x else "c/d", unit=u)\nraise Refused("e/f", **values)'

    assert list(refusals(source, "x.py")) == [
        Raised("x.py:1", "a/b", frozenset({"unit"})),
        Raised("x.py:1", "c/d", frozenset({"unit"})),
        Raised("x.py:2", "e/f", None),
    ]


@pytest.mark.parametrize("provoke", WRONG_NUMBERS)
@pytest.mark.parametrize("language", Language)
def test_no_refused_number_is_repeated(provoke: Callable[[], object], language: Language) -> None:
    refusal = refused(provoke)
    words = render(f"refusals/{refusal.reason}", language=language, **refusal.values)

    assert not any(digits in words.body for digits in ("1935", "2013", "238", "77A1"))
