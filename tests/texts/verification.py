"""What administrators read while a person verifies the bot."""

from care.effects import Words
from tests.builders import NOOR
from texts.emoji import shown
from texts.render import render

EMOJI, DECIMALS = (0, 12, 34, 49, 19, 63, 26), "2488 6488 2237"


def _told(name: str) -> Words:
    return render(f"verification/{name}", user=NOOR.user, number=417, emoji=shown(EMOJI), decimals=DECIMALS)


def transcript() -> str:
    """Return all messages as text."""
    return "\n".join(f"[{name}]\n{_told(name).body}\n" for name in ("compare", "verified", "cancelled", "forgotten", "gone"))
