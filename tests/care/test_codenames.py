import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.codenames import ADJECTIVES, NOUNS, codename, noun

ALL = [f"{adjective} {word}" for adjective in ADJECTIVES for word in NOUNS]


def first(_: int) -> int:
    return 0


def last(n: int) -> int:
    return n - 1


def distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def test_there_are_names_enough_for_a_region() -> None:
    assert len(ADJECTIVES) >= 60
    assert len(NOUNS) >= 150
    assert len(set(ALL)) == len(ALL)


@pytest.mark.parametrize("words", [ADJECTIVES, NOUNS])
def test_no_two_words_are_easily_mistaken_for_each_other(words: tuple[str, ...]) -> None:
    assert [pair for pair in itertools.combinations(words, 2) if distance(*pair) < 3] == []


def test_adjectives_are_weak_and_capitalised_and_nouns_definite_and_small() -> None:
    assert all(word.istitle() and word[-1] in "aeå" for word in ADJECTIVES)
    assert all(word.islower() and word.endswith(("n", "t")) for word in NOUNS)


@pytest.mark.parametrize("word", ["Gamla", "Sjuka", "Tunga", "Röda", "Gula", "Gröna", "Svarta", "Vita"])
def test_words_that_could_be_about_the_person_or_the_track_are_out(word: str) -> None:
    assert word not in ADJECTIVES


def test_a_codename_is_two_words_and_its_noun_is_the_second() -> None:
    adjective, word = codename(first, ()).split()

    assert adjective in ADJECTIVES
    assert word in NOUNS
    assert noun(f"{adjective} {word}") == word


def test_the_choice_decides() -> None:
    assert codename(first, ()) == f"{ADJECTIVES[0]} {NOUNS[0]}"
    assert codename(last, ()) == f"{ADJECTIVES[-1]} {NOUNS[-1]}"


def test_open_cases_share_no_noun_while_nouns_last() -> None:
    choose = random.Random(1).randrange
    taken: list[str] = []
    for _ in NOUNS:
        taken.append(codename(choose, taken))

    assert sorted(noun(each) for each in taken) == sorted(NOUNS)


def test_when_every_noun_is_used_the_least_used_ones_are_preferred() -> None:
    taken = [f"{ADJECTIVES[0]} {word}" for word in NOUNS] + [f"{ADJECTIVES[1]} {word}" for word in NOUNS[1:]]

    assert noun(codename(last, taken)) == NOUNS[0]


def test_a_noun_whose_names_are_all_taken_is_passed_over() -> None:
    taken = [name for name in ALL if name != ALL[-1]]

    assert codename(first, taken) == ALL[-1]


def test_without_any_name_left_there_is_an_error() -> None:
    with pytest.raises(LookupError, match="every codename is taken"):
        codename(first, ALL)


@given(st.sets(st.sampled_from(ALL), max_size=300), st.randoms(use_true_random=False))
def test_a_taken_codename_is_never_given_again(taken: set[str], chance: random.Random) -> None:
    assert codename(chance.randrange, taken) not in taken
