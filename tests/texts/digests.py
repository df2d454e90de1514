"""Review digests as a unit reads them in its inbox (commands 6), and what follows when nobody has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from tests.builders import BIST, HSV, VC, at
from tests.texts.story import RULES
from texts.render import render

SLOT = at("2026-09-08 08:00")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the review hands it over."""

    number: int
    case_name: str
    what: str
    unit: str
    until: datetime | None = None
    link: str = ""


CRANE = "SÄ-2026-00042 Blå tranan"
ROOM = "https://matrix.to/#/%21rum%3Aalmfors.test"
SECTIONS = (
    ("overdue", (Row(1, CRANE, "svara på fråga F1", HSV, at("2026-09-07 14:00"), ROOM),)),
    ("soon", (Row(2, "SÄ-2026-00043 Grön hare", "svara på kallelse S1", HSV, at("2026-09-08 14:00"), ROOM),)),
    ("unanswered", ()),
    ("new", (Row(3, "SÄ-2026-00044 Vit varg", "kvittera K2", HSV, at("2026-09-08 09:00")),)),
    ("meetings", (Row(4, CRANE, "SIP-möte S1 kl. 13:00", VC, None, ROOM),)),
)
SAMPLES: Mapping[str, tuple[str, Mapping[str, object]]] = MappingProxyType(
    {
        "at its time": ("digest/digest", {}),
        "late, with an earlier one in it": ("digest/digest", {"late": True, "folded": (at("2026-09-07 14:00"),), "rest": 0}),
        "reviewed, a row done": ("digest/digest", {"reviewed": ("Noor Demo", at("2026-09-08 08:20")), "done": frozenset({1}), "rest": 1}),
        "nothing": ("digest/empty", {}),
        "nobody has reviewed": ("digest/nudge", {}),
        "to the enhetschef": ("digest/chief", {"unit": BIST}),
    }
)


def said(name: str) -> str:
    """Return the text of a sample."""
    template, changes = SAMPLES[name]
    values: dict[str, object] = {"late": False, "folded": (), "sections": SECTIONS, "rest": 3, "reviewed": None, "done": frozenset[int]()}
    common: dict[str, object] = {"unit": HSV, "slot": SLOT, "now": SLOT, "directory": RULES.directory}
    return render(template, **(common | values | dict(changes))).body


def transcript() -> str:
    """Return all samples as text."""
    return "\n".join(f"[{name}]\n{said(name)}\n" for name in SAMPLES)
