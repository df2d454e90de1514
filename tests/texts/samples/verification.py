"""What administrators read while a person verifies the bot."""

from care.language import Language
from tests.builders import NOOR
from tests.texts.samples import sample
from texts.emoji import shown

EMOJI, DECIMALS = (0, 12, 34, 49, 19, 63, 26), "2488 6488 2237"


def _emoji(language: Language) -> object:
    return shown(EMOJI, language)


SAMPLES = tuple(
    sample(f"verification/{turn}", user=NOOR.user, number=417, emoji=_emoji, decimals=DECIMALS)
    for turn in ("compare", "verified", "cancelled", "forgotten", "gone")
)
