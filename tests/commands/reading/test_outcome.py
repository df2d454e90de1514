import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.reading import caret

LONG = "!fråga hemsjukvården " + "ord " * 30 + "FEL " + "ord " * 30


def test_the_caret_stands_under_the_place() -> None:
    assert caret("!sip kala", 5) == "!sip kala\n     ^"


def test_the_caret_may_stand_after_the_last_letter() -> None:
    assert caret("!sip", 4) == "!sip\n    ^"


def test_only_the_line_with_the_place_is_shown() -> None:
    assert caret("!fråga hsv Hej\n!aktörer", 15) == "!aktörer\n^"


def test_white_space_that_is_not_a_space_does_not_move_the_caret() -> None:
    assert caret("!sip\tkala\u200b x", 5) == "!sip kala  x\n     ^"


@pytest.mark.parametrize("at", [0, 10, LONG.index("FEL"), len(LONG) - 2])
def test_a_long_line_is_cut_around_the_caret(at: int) -> None:
    line, mark = caret(LONG, at).split("\n")

    assert len(line) <= 50
    assert line[mark.index("^")] == LONG[at]


@given(st.text(max_size=200), st.integers(min_value=-5, max_value=250))
def test_a_caret_is_always_two_lines_with_the_caret_under_or_just_after_the_text(text: str, at: int) -> None:
    line, mark = caret(text, at).split("\n")

    assert mark.strip() == "^"
    assert len(mark) <= len(line) + 1
