"""Every message of the bot with its samples: from the story of a case, from what people type, and by hand."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from tests.texts.conversation import conversation
from tests.texts.samples import Sample, bot, digest, form, misread, receipts, refusals, snoozing, trust, verification
from tests.texts.story import told
from texts.render import environment

BY_HAND = (bot, digest, form, misread, receipts, refusals, snoozing, trust, verification)
MESSAGES = tuple(
    name.removesuffix(".md.j2") for name in environment().list_templates() if name.endswith(".md.j2") and not name.startswith("parts/")
)


@cache
def samples() -> Mapping[str, Sequence[Sample]]:
    """Return the samples of each message, each wording once: the story first, then what is typed, then those by hand."""
    found: dict[str, dict[tuple[str, ...], Sample]] = {message: {} for message in MESSAGES}
    for each in _all():
        found[each.message].setdefault(tuple(words.html for words in each.words.values()), each)
    return {message: tuple(wordings.values()) for message, wordings in found.items()}


def _all() -> Iterable[Sample]:
    yield from told()
    yield from conversation()
    for module in BY_HAND:
        yield from module.SAMPLES
