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


PIECES = ("x=5 ", 'y="a b" ', '"a" ', "”vila” ", "'hem' ", "''två'' ", "«a» ", "it's ", "ord ", "kl. 7: ", "x=y ", "–", "3/4 ")
DENSE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(lambda pieces: "".join(pieces) * (1200 // len("".join(pieces)) + 1))


@given(DENSE, DENSE, st.sampled_from((" senast=fredag ", ' senast="fredag" ', " senast = fredag ")))
def test_a_known_name_is_found_wherever_it_stands_in_a_dense_text(before: str, after: str, named: str) -> None:
    assert ("senast", "fredag") in cut(before + named + after)


@given(DENSE, DENSE, st.sampled_from(("--senast", "senast:fredag", "!plan", '"öppen')))
def test_what_could_be_meant_as_more_than_a_word_is_told_apart_in_a_dense_text(before: str, after: str, told: str) -> None:
    after = after.replace('"', "").replace("”", "")

    assert told in [text for _, text in cut(f"{before} {told} {after}")]


@given(DENSE, DENSE)
def test_a_known_name_inside_a_quotation_names_nothing_in_a_dense_text(before: str, after: str) -> None:
    assert "senast" not in [name for name, _ in cut(f'{before} "och senast=fredag sa hon" {after}')]


@given(DENSE, DENSE)
def test_a_dense_text_is_cut_into_few_tokens_and_nothing_of_it_is_lost(before: str, after: str) -> None:
    found = list(tokens(before + after, names={"senast"}))

    assert len(found) < 400
    assert "".join("".join((before + after)[token.start : token.end].split()) for token in found) == "".join((before + after).split())


@given(st.text(alphabet="ab =,\"'”«`´!/:-\n\u00a0", max_size=60))
def test_tokens_hold_every_visible_letter_once_and_in_order(text: str) -> None:
    found = list(tokens(text, names={"a"}))

    assert "".join("".join(text[token.start : token.end].split()) for token in found) == "".join(text.split())
    assert all(before.end <= after.start for before, after in pairwise(found))
