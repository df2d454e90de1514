"""What is said about devices and identities that are not trusted, and about messages that could not be read, as people read it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from care.effects import Words
from care.language import Language
from tests.builders import HSV, NOOR, at
from tests.texts.story import RULES
from texts.render import render

NOW, SENT = at("2026-09-08 08:10"), at("2026-09-08 08:07")
USER = NOOR.user
KEY = "Ab1c De2f Gh3i Jk4l Mn5o Pq6r St7u Vw8x Yz9A Bc0D …"
OTHER = "zY9x Wv8u Ts7r Qp6o Nm5l Kj4i Hg3f Ed2c Ba1Z Yx0W …"


def _told(name: str, **values: object) -> Words:
    return render(
        name, language=Language.SV, user=USER, name="Noor Demo", sent=SENT, now=NOW, prefix="!", directory=RULES.directory, **values
    )


def _summary(*keys: str, vouched: bool = True) -> Words:
    return _told("form/summary_trust", since=SENT, units=(HSV,), keys=keys, vouched=vouched)


SAMPLES: Mapping[str, Callable[[], Words]] = MappingProxyType(
    {
        "a device that is not verified": lambda: _told("trust/device"),
        "an identity that is not accepted": lambda: _told("trust/identity"),
        "a message that cannot be read": lambda: _told("trust/unreadable"),
        "a message that could be read too late": lambda: _told("trust/too_late"),
        "to the administrators": lambda: _told("trust/changed", units=(HSV,)),
        "to the administrators, about one of them": lambda: _told("trust/changed", units=()),
        "before an identity is accepted": lambda: _summary(KEY),
        "before one with several devices is accepted": lambda: _summary(KEY, OTHER),
        "before one that no device vouches for is accepted": lambda: _summary(KEY, vouched=False),
        "another group than the last": lambda: _told("form/confirm_key"),
        "when it was accepted": lambda: _told("receipts/trusted", by="@admin.demo:almfors.example"),
        "a stranger": lambda: _told("refusals/trust/unknown"),
        "an identity as it was": lambda: _told("refusals/trust/unchanged"),
        "an identity that changed once more": lambda: _told("refusals/trust/changed-again"),
        "an identity that is gone": lambda: _told("refusals/trust/vanished", since=SENT),
    }
)


def transcript() -> str:
    """Return all samples as text."""
    return "\n".join(f"[{name}]\n{sample().body}\n" for name, sample in SAMPLES.items())
