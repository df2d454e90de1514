import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.folding import distance, fold, near, near_alike, squeeze, words


@pytest.mark.parametrize("typed", ["Ärende", "ärende", "arende", "ARENDE", "a\u0308rende"])
def test_case_and_accents_do_not_matter(typed: str) -> None:
    assert fold(typed) == "arende"


@pytest.mark.parametrize("typed", ["ställ in", "ställ-in", "Ställ‑in", "ställin", "ställ\u00a0in"])
def test_hyphens_and_spaces_do_not_matter(typed: str) -> None:
    assert squeeze(typed) == "stallin"


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("fraga", "fraga", 0), ("fraga", "frga", 1), ("fraga", "frgaa", 1), ("fraga", "faga", 1), ("fraga", "fargas", 2), ("sip", "plan", 3)],
)
def test_slips_of_the_finger_are_counted(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_a_distance_is_the_same_both_ways_and_zero_only_for_equals(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)


def test_a_short_word_is_near_only_within_one_slip() -> None:
    assert near("spi", ["sip", "plan"]) == "sip"
    assert near("xpa", ["sip"]) is None
    assert near("uppfoljnng", ["uppfoljning", "mal"]) == "uppfoljning"
    assert near("fraga", []) is None


def test_a_short_word_with_another_first_letter_is_a_word_of_its_own() -> None:
    assert near("tack", ["ack"]) == "ack"
    assert near_alike("tack", ["ack"]) is None
    assert near_alike("aks", ["ask"]) == "ask"
    assert near_alike("vraga", ["fraga"]) == "fraga"


@given(st.text(max_size=40))
def test_folding_leaves_no_accent_and_squeezing_only_letters_and_digits(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))

    assert fold(text) == bare
    assert squeeze(text) == "".join(char for char in bare if char.isalnum())
    assert "".join(words(text)) == squeeze(text)
