"""Opening a case: the checks of process 3.1 in their order, fail fast, and the first event.

Until the case opens, the answers live only in the dialogue, under its own key. Consent comes before uniqueness, which also keeps anyone
from probing whether a person has a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from care.actors import found
from care.case import Author, Case, Entry, Event, Person, Status
from care.consent import Consent
from care.people import Directory
from care.refusal import Refused

FEWEST_UNITS = 2
"""Units in a case, the starting one included; for less, a note is enough (S2-22)."""


class Perspective(StrEnum):
    """From which perspective the need is seen (S2-26)."""

    OMSORG = "omsorg"
    OMVARDNAD = "omvårdnad"
    MEDICINSKT = "medicinskt"
    REHABILITERING = "rehabilitering"
    HALSOFRAMJANDE = "hälsofrämjande"


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """A case was opened: it carries its consent, so that no case can exist without one (invariant 1)."""

    kind: ClassVar[str] = "case.opened"
    number: str
    codename: str
    profile: str
    person: Person
    perspectives: tuple[Perspective, ...]
    purpose: str
    consent: Consent

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Raise ValueError: a case is opened once."""
        raise ValueError("a case is opened once")

    def begin(self, entry: Entry) -> Case:
        """Return the case as it begins, its opening unit taking part."""
        case = Case(
            id=entry.case,
            number=self.number,
            codename=self.codename,
            status=Status.AKTIVT,
            profile=self.profile,
            person=self.person,
            perspectives=tuple(self.perspectives),
            purpose=self.purpose,
            consent=self.consent,
            initiator=entry.author.unit,
            opened=entry.decided,
            touched=entry.decided,
        )
        return found(case, "A1", entry)

    def facts(self) -> Mapping[str, str]:
        """Return the perspectives, by code (statistics)."""
        return MappingProxyType({"perspectives": ",".join(p.name for p in self.perspectives)})


def require_unprotected(*, protected: bool) -> None:
    """Stop at protected identity, whatever its grade (S2-34, process 3.15): the case is handled outside the system."""
    if protected:
        raise Refused("opening/protected")


def require_consent(*, given: bool) -> None:
    """Stop without consent (S2-33)."""
    if not given:
        raise Refused("opening/no-consent")


def require_unique(*, taken: bool) -> None:
    """Stop when the person has an open case, and tell nothing more (S2-102)."""
    if taken:
        raise Refused("opening/case-exists")


def require_consulted(*, consulted: bool) -> None:
    """Stop when the person (and those close) have not been consulted (S2-28)."""
    if not consulted:
        raise Refused("opening/not-consulted")


def require_units(own: str, units: tuple[str, ...], directory: Directory) -> tuple[str, ...]:
    """Return the other units, each once; refuse a case of one unit and units without anybody to invite."""
    others = tuple(dict.fromkeys(unit for unit in units if unit != own))
    if len(others) + 1 < FEWEST_UNITS:
        raise Refused("opening/too-few-units")
    for unit in others:
        if not directory.units[unit].open or not directory.receivers(unit):
            raise Refused("actors/nobody-there", unit=unit)
    return others


def single_huvudman(own: str, others: tuple[str, ...], directory: Directory) -> bool:
    """Whether all units belong to one huvudman: allowed, but pointed out (S1-14)."""
    return len({directory.units[unit].huvudman for unit in (own, *others)}) == 1


def may_start(author: Author, directory: Directory) -> None:
    """Refuse one who may not act for the unit (process 3.1, check 1)."""
    if author.unit not in directory.units_of(author.user):
        raise Refused("permissions/not-your-unit", unit=author.unit)
