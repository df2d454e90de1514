"""What people read is what was read and approved: golden files, short sentences, and no message without an example."""

import re
from pathlib import Path

import pytest

from commands.reading.outcome import Reason
from tests.texts import digests
from tests.texts.examples import GOLDEN, examples, file_of
from tests.texts.misread import misreads
from tests.texts.refused import PROVOKED, refused
from tests.texts.test_refusals import RAISED

HOUSE = Path(__file__).parents[2]
NAMES = sorted(examples())
LONGEST_AVERAGE = 20
"""Words in a sentence, on average, that somebody in a hurry still reads in one go."""


@pytest.mark.parametrize("name", NAMES)
def test_what_people_read_is_what_was_approved(name: str) -> None:
    assert examples()[name] == file_of(name).read_text("utf-8")


def test_no_approved_text_is_left_of_a_message_that_is_gone() -> None:
    kept = {str(file.relative_to(GOLDEN)).removesuffix(".txt") for file in GOLDEN.glob("*/*.txt")}

    assert kept == {name for name in NAMES if "/" in name}


def test_every_message_that_is_announced_has_an_example() -> None:
    sources = "".join(file.read_text("utf-8") for file in sorted((HOUSE / "texts" / "announce").glob("*.py")))
    named = set(re.findall(r'"([a-z]+/[a-z_]+)"', sources)) - {"application/pdf", "text/calendar"}

    assert len(named) >= 40
    assert named == {name for name in NAMES if "/" in name}


def test_every_refusal_of_the_rules_has_an_example() -> None:
    reasons = {raised.reason for raised in RAISED if raised.where.startswith("care/") and not raised.reason.startswith("identity/")}

    assert reasons == {refused(provoke).reason for provoke in PROVOKED}


def test_every_reason_of_not_understanding_has_an_example() -> None:
    assert {misread.reason for _, misread in misreads()} == set(Reason)


@pytest.mark.parametrize("name", NAMES)
def test_sentences_are_short(name: str) -> None:
    sentences = [part.split() for part in re.split(r"[.!?:]\s|\n", examples()[name])]
    lengths = [len(words) for words in sentences if len(words) > 1]

    assert sum(lengths) / len(lengths) <= LONGEST_AVERAGE


@pytest.mark.parametrize("name", NAMES)
def test_no_markup_and_no_carried_value_is_left_in_the_plain_text(name: str) -> None:
    assert not re.search(r"[\ue000\ue001`]|\*\*|[0-9a-f]{14,}", examples()[name])


@pytest.mark.parametrize("name", [name for name in digests.SAMPLES if not name.startswith("reviewed")])
def test_a_digest_names_nobody_before_it_was_reviewed(name: str) -> None:
    assert "Demo" not in digests.said(name)


def test_a_reviewed_digest_says_who_and_marks_what_is_done() -> None:
    text = digests.said("reviewed, a row done")

    assert "Noor Demo tisdag 8 september kl. 08:20" in text
    assert "klar · 1. SÄ-2026-00042" in text
    assert "klar · 2." not in text
