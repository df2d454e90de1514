"""Receipts that no conversation reaches: each language says only its own."""

from tests.texts.samples import sample

SAMPLES = (sample("receipts/language", "chosen by the person"),)
