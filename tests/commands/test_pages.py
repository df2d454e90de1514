"""Pages: nothing is lost between two of them, and "mer" is read as it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.pages import page, turned


@given(st.integers(0, 60), st.integers(1, 12))
def test_turning_page_by_page_shows_every_row_once(count: int, size: int) -> None:
    rows, seen, number = tuple(range(count)), list[object](), 1
    while number:
        shown = page(rows, number, size)
        seen += shown.rows
        assert shown.left == count - len(seen)
        number = shown.following

    assert seen == list(rows)


def test_behind_the_last_page_is_the_last() -> None:
    assert page("abc", 9, 2) == page("abc", 2, 2)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ("", 1)),
        ("mer", ("", 2)),
        ("more", ("", 2)),
        ("MER 3", ("", 3)),
        ("sip kalla mer", ("sip kalla", 2)),
        ("sip kalla mer 4 ", ("sip kalla", 4)),
        ("mer 0", ("", 1)),
        ("sip kalla", ("sip kalla", 1)),
        ("hammer", ("hammer", 1)),
        ("mer hjälp", ("mer hjälp", 1)),
    ],
)
def test_what_is_asked_for_is_told_from_the_page(typed: str, read: tuple[str, int]) -> None:
    assert turned(typed) == read
