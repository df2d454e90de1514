"""Refusals: those of the rules are provoked by the rules themselves, the others are given here."""

from tests.builders import BIST, HSV
from tests.texts.refused import PROVOKED, WRONG_NUMBERS, refused
from tests.texts.samples import sample

SAMPLES = (
    *(sample(f"refusals/{each.reason}", **each.values) for each in map(refused, (*PROVOKED, *WRONG_NUMBERS))),
    sample("refusals/opening/which-unit", units=(BIST, HSV)),
    sample("refusals/meetings/link"),
    sample("refusals/meetings/mail"),
)
