"""Consent: the person's agreement to planning and sharing, without which no case exists (invariant 1, S2-30, S2-31).

It breaks secrecy and lets units take part; it is not the ground of GDPR (process 3.15). It covers the units that were named when it was
given, and may be widened to another only when the person has said so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from care.refusal import Refused


class Form(StrEnum):
    """How consent was given (process 3.1: oral is allowed, but documented)."""

    MUNTLIGT = "muntligt"
    SKRIFTLIGT = "skriftligt"


@dataclass(frozen=True, slots=True)
class Consent:
    """Who took it, when and how, and which units it covers; `until` is the last day, None until it is withdrawn."""

    form: Form
    unit: str
    user: str
    given: datetime
    covers: frozenset[str]
    until: date | None = None

    def covering(self, unit: str) -> "Consent":
        """Return the consent widened to one more unit."""
        return Consent(self.form, self.unit, self.user, self.given, self.covers | {unit}, self.until)


def require_covered(*, covered: bool, unit_name: str) -> None:
    """Refuse to add a unit that the person has not agreed to (S2-31)."""
    if not covered:
        raise Refused("consent/not-covered", unit=unit_name)
