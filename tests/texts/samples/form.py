"""Endings of forms that no conversation reaches."""

from tests.texts.samples import sample

SAMPLES = (sample("form/outdated", "what it builds on has changed"),)
