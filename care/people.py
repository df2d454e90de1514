"""Who takes part: principals (huvudmän), units, their members, roles and professions.

`Directory` is a snapshot of all of them as a pure value; the store reads it, the rules ask it. Sources: process 3.0.1,
architecture 5, requirement S2-119 (a unit without two named members is not staffed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from care.language import Spoken


class Role(StrEnum):
    """What a member may be in a unit; `SYSTEMFORVALTARE` is held without a unit."""

    MOTTAGARE = "mottagare"
    MEDARBETARE = "medarbetare"
    ENHETSCHEF = "enhetschef"
    ENHETSADMIN = "enhetsadmin"
    REVISOR = "revisor"
    SYSTEMFORVALTARE = "systemforvaltare"


NEVER_ACTING = frozenset({Role.REVISOR, Role.SYSTEMFORVALTARE})
"""Roles that give no right to act in cases (architecture 5)."""


class Profession(StrEnum):
    """What a member is by training or function."""

    SJUKSKOTERSKA = "sjukskoterska"
    LAKARE = "lakare"
    VARDSAMORDNARE = "vardsamordnare"
    BISTANDSHANDLAGGARE = "bistandshandlaggare"
    ARBETSTERAPEUT = "arbetsterapeut"
    FYSIOTERAPEUT = "fysioterapeut"
    KURATOR = "kurator"
    PSYKOLOG = "psykolog"
    UNDERSKOTERSKA = "underskoterska"
    PLANERARE = "planerare"
    OMSORGSSAMORDNARE = "omsorgssamordnare"
    ADMINISTRATOR = "administrator"


LICENSED = frozenset(
    {
        Profession.SJUKSKOTERSKA,
        Profession.LAKARE,
        Profession.ARBETSTERAPEUT,
        Profession.FYSIOTERAPEUT,
        Profession.KURATOR,
        Profession.PSYKOLOG,
    }
)
"""Professions that count as legitimerad (architecture 5)."""


class UnitType(StrEnum):
    """The minimum list of process 3.0.1."""

    SLUTENVARD_SOMATIK = "slutenvard_somatik"
    SLUTENVARD_PSYKIATRI = "slutenvard_psykiatri"
    VARDCENTRAL = "vardcentral"
    PSYKIATRI_OPPENVARD = "psykiatri_oppenvard"
    SPECIALISTMOTTAGNING = "specialistmottagning"
    AKUTMOTTAGNING = "akutmottagning"
    HABILITERING = "habilitering"
    REHAB_PRIMARVARD = "rehab_primarvard"
    MOBILT_TEAM = "mobilt_team"
    KOMMUN_HSV = "kommun_hsv"
    KOMMUN_BISTAND = "kommun_bistand"
    KOMMUN_HEMTJANST = "kommun_hemtjanst"
    KOMMUN_SABO = "kommun_sabo"
    KOMMUN_KORTTID = "kommun_korttid"
    KOMMUN_SOCIALPSYKIATRI = "kommun_socialpsykiatri"
    KOMMUN_LSS = "kommun_lss"
    KOMMUN_IFO = "kommun_ifo"
    OMSORGSSAMORDNING = "omsorgssamordning"
    TANDVARD = "tandvard"
    ELEVHALSA = "elevhalsa"
    EXTERN = "extern"


class HuvudmanKind(StrEnum):
    """Who answers by law for a unit."""

    REGION = "region"
    KOMMUN = "kommun"
    PRIVAT = "privat"


@dataclass(frozen=True, slots=True)
class Huvudman:
    """A principal (region, kommun, or private on assignment); `contact_unit` receives the journal heads and is the ladder's last unit."""

    id: str
    name: str
    kind: HuvudmanKind
    contact_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that can be an actor. `hours` is wall time (opens, closes) on working days; None means round the clock."""

    id: str
    name: str
    type: UnitType
    huvudman: str
    hours: tuple[time, time] | None = (time(8), time(17))
    on_call: str = ""
    phone: str = ""
    aliases: tuple[str, ...] = ()
    system: str = "Samrum"
    open: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a unit (`unit` is "" for a system role). `user` is the Matrix user id."""

    user: str
    unit: str
    roles: frozenset[Role]
    profession: Profession | None = None
    name: str = ""
    on_duty: bool = False

    @property
    def licensed(self) -> bool:
        """Whether the profession counts as legitimerad."""
        return self.profession in LICENSED

    @property
    def acting(self) -> bool:
        """Whether one of the roles gives the right to act in cases."""
        return bool(self.roles - NEVER_ACTING)


@dataclass(frozen=True)
class Directory:
    """All principals, units and members at one moment, and how they are `spoken` to."""

    huvudman: Mapping[str, Huvudman] = field(default_factory=lambda: MappingProxyType({}))
    units: Mapping[str, Unit] = field(default_factory=lambda: MappingProxyType({}))
    members: tuple[Member, ...] = ()
    spoken: Spoken = field(default_factory=Spoken)

    @cached_property
    def _by_unit(self) -> Mapping[str, tuple[Member, ...]]:
        grouped: dict[str, list[Member]] = {}
        for member in self.members:
            grouped.setdefault(member.unit, []).append(member)
        return {unit: tuple(members) for unit, members in grouped.items()}

    @cached_property
    def _by_user(self) -> Mapping[str, tuple[Member, ...]]:
        grouped: dict[str, list[Member]] = {}
        for member in self.members:
            grouped.setdefault(member.user, []).append(member)
        return {user: tuple(members) for user, members in grouped.items()}

    def unit(self, unit: str) -> Unit:
        """Return the unit; raise KeyError for one that the directory does not know."""
        return self.units[unit]

    def members_of(self, unit: str) -> tuple[Member, ...]:
        """Return the members of a unit, in the order of the directory."""
        return self._by_unit.get(unit, ())

    def memberships(self, user: str) -> tuple[Member, ...]:
        """Return what a person is, unit by unit (system roles under the unit ""); empty for a stranger."""
        return self._by_user.get(user, ())

    def units_of(self, user: str) -> frozenset[str]:
        """Return the ids of the units in which the person may act (a revisor may not)."""
        return frozenset(m.unit for m in self.memberships(user) if m.unit and m.acting)

    def roles(self, user: str, unit: str) -> frozenset[Role]:
        """Return the roles of the person in the unit."""
        return frozenset(role for m in self.memberships(user) if m.unit == unit for role in m.roles)

    def profession(self, user: str, unit: str) -> Profession | None:
        """Return the profession of the person in the unit."""
        return next((m.profession for m in self.memberships(user) if m.unit == unit), None)

    def name_of(self, user: str) -> str:
        """Return the person's name, or the user id where the directory has none."""
        return next((m.name for m in self.memberships(user) if m.name), user)

    def with_role(self, unit: str, role: Role) -> tuple[str, ...]:
        """Return the users who hold a role in the unit."""
        return tuple(m.user for m in self.members_of(unit) if role in m.roles)

    def receivers(self, unit: str) -> tuple[str, ...]:
        """Return the one to three mottagare who are invited to a case at once (architecture 5); without any, the chiefs."""
        return self.with_role(unit, Role.MOTTAGARE)[:3] or self.answerable(unit)

    def ringing(self, unit: str) -> tuple[str, ...]:
        """Return who is rung for the unit: those on duty, else all mottagare, else the chiefs (architecture 5)."""
        on_duty = tuple(m.user for m in self.members_of(unit) if m.on_duty)
        return on_duty or self.with_role(unit, Role.MOTTAGARE) or self.answerable(unit)

    def answerable(self, unit: str) -> tuple[str, ...]:
        """Return who is told at ladder step 4: enhetschef, else enhetsadmin, else the chief of the contact unit.

        Empty means the admin room (architecture 5).
        """
        for role in (Role.ENHETSCHEF, Role.ENHETSADMIN):
            if users := self.with_role(unit, role):
                return users
        known = self.units.get(unit)
        principal = self.huvudman.get(known.huvudman) if known else None
        contact = principal.contact_unit if principal else None
        return self.with_role(contact, Role.ENHETSCHEF) if contact else ()

    def stands_for(self, user: str, unit: str) -> bool:
        """Whether a person may be in a case for a unit: who acts there, or is invited in its place while it has no mottagare."""
        return unit in self.units_of(user) or user in self.receivers(unit)

    def administrators(self) -> tuple[str, ...]:
        """Return the users with the system role systemforvaltare."""
        return self.with_role("", Role.SYSTEMFORVALTARE)

    def staffed(self, unit: str) -> bool:
        """Whether at least two named members can act for the unit (S2-119)."""
        acting = {m.user for m in self.members_of(unit) if m.acting}
        return len(acting) >= 2  # noqa: PLR2004 - S2-119 says two
