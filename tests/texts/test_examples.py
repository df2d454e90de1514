"""What people read is what was read and approved, in both languages: a golden file for every message, and none without a sample."""

import pytest

from care.language import Language
from commands.reading.outcome import Reason
from tests.texts import gallery
from tests.texts.collection import MESSAGES, samples
from tests.texts.examples import GOLDEN, file_of, text_of
from tests.texts.misread import misreads
from tests.texts.refused import PROVOKED, refused
from tests.texts.samples import digest
from tests.texts.test_refusals import RAISED

FOLDERS = sorted({message.partition("/")[0] for message in MESSAGES})


def test_every_message_has_a_sample() -> None:
    lacking = [message for message, found in samples().items() if not found]

    assert lacking == [], "see tests/texts/samples"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("language", Language)
def test_what_people_read_is_what_was_approved(folder: str, language: Language) -> None:
    for message in MESSAGES:
        if message.startswith(f"{folder}/"):
            assert text_of(message, language) == file_of(message, language).read_text("utf-8"), message


def test_no_approved_text_is_left_of_a_message_that_is_gone() -> None:
    assert set(GOLDEN.rglob("*.txt")) == {file_of(message, language) for message in MESSAGES for language in Language}


def test_the_gallery_shows_what_is_said() -> None:
    assert gallery.page() == gallery.FILE.read_text("utf-8")


def test_every_refusal_of_the_rules_is_provoked_by_the_rules() -> None:
    reasons = {raised.reason for raised in RAISED if raised.where.startswith("care/") and not raised.reason.startswith("identity/")}

    assert reasons == {refused(provoke).reason for provoke in PROVOKED}


def test_every_reason_of_not_understanding_is_read_by_the_reader() -> None:
    assert {misread.reason for _, misread in misreads()} == set(Reason)


@pytest.mark.parametrize("language", Language)
def test_a_digest_names_nobody_before_it_was_reviewed(language: Language) -> None:
    named = [each.what for each in digest.SAMPLES if "Demo" in each.words[language].body]

    assert named == ["reviewed, a row done"]


def test_a_reviewed_digest_says_who_and_marks_what_is_done() -> None:
    (text,) = (each.words[Language.SV].body for each in digest.SAMPLES if each.what == "reviewed, a row done")

    assert "Noor Demo tisdag 8 september kl. 08:20" in text
    assert "klar · 1. SÄ-2026-00042" in text
    assert "klar · 2." not in text
