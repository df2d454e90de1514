from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.reading.words import tokens


def cut(text: str) -> list[tuple[str, str]]:
    return [(token.name, token.text) for token in tokens(text, names={"senast"})]


@pytest.mark.parametrize(
    "quoted",
    [
        '"en rad"',
        "'en rad'",
        "”en rad”",
        "“en rad”",
        "„en rad“",
        "‘en rad’",
        "’en rad’",
        "«en rad»",
        "»en rad«",
        '”en rad"',
        "″en rad″",
        "′en rad′",
        "‹en rad›",
        "´en rad´",
        "`en rad`",
    ],
)
def test_every_kind_of_quotation_mark_holds_words_together(quoted: str) -> None:
    assert cut(f"a {quoted} b") == [("", "a"), ("", "en rad"), ("", "b")]


@pytest.mark.parametrize("quoted", ["``en rad``", "''en rad''", "´´en rad´´", "‘‘en rad’’"])
def test_marks_that_are_typed_twice_hold_words_together_too(quoted: str) -> None:
    assert cut(f"a {quoted} b") == [("", "a"), ("", "en rad"), ("", "b")]


def test_an_empty_quotation_reaches_no_further_than_itself() -> None:
    assert cut("x='' y='' z") == [("x", ""), ("y", ""), ("", "z")]


def test_an_apostrophe_inside_a_word_ends_nothing() -> None:
    assert cut("'it's mine' x") == [("", "it's mine"), ("", "x")]


def test_a_quotation_that_never_ends_is_marked_and_left_as_words() -> None:
    first, second = tokens("”en rad")

    assert (first.text, first.unclosed, second.text) == ("”en", True, "rad")


def test_a_named_value_is_cut_at_its_equals_sign() -> None:
    assert cut("senast=fredag x=”a b” y=") == [("senast", "fredag"), ("x", "a b"), ("y", "")]


def test_spaces_around_the_equals_sign_count_only_for_a_known_name() -> None:
    assert cut("senast = fredag") == [("senast", "fredag")]
    assert cut("x = 5") == [("", "x"), ("", "="), ("", "5")]


def test_an_address_is_not_a_named_value() -> None:
    assert cut("https://x.test/?senast=3") == [("", "https://x.test/?senast=3")]


def test_each_token_knows_where_it_stands() -> None:
    text = "a\u00a0 senast=”på fredag”"
    named = list(tokens(text, names={"senast"}))[1]

    assert text[named.start : named.end] == "senast=”på fredag”"
    assert [(w.text, text[w.at : w.at + len(w.text)]) for w in named.words] == [("på", "på"), ("fredag", "fredag")]


def test_the_middle_of_a_long_text_is_left_whole_and_nothing_of_it_is_lost() -> None:
    text = " ".join(f"ord{i}" for i in range(1500)) + ' senast=fredag "citat" slut'

    found = list(tokens(text, names={"senast"}))

    assert len(found) < 150
    assert [(token.name, token.text) for token in found[-3:]] == [("senast", "fredag"), ("", "citat"), ("", "slut")]
    assert " ".join(text[token.start : token.end] for token in found) == text


@given(st.text(alphabet="ab =,\"'”«`´!/:-\n\u00a0", max_size=60))
def test_tokens_hold_every_visible_letter_once_and_in_order(text: str) -> None:
    found = list(tokens(text, names={"a"}))

    assert "".join("".join(text[token.start : token.end].split()) for token in found) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(found))
