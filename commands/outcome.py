"""What a handler returns: what is to happen and what the writer is told. It has happened only when the store has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care.case import Event
from care.consent import Form
from care.identity import Identity
from care.language import Language
from care.opening import Perspective


@dataclass(frozen=True, slots=True)
class Told:
    """A silent answer to the writer: a template and its values. `shows` are the cases whose content it shows (for the access log)."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """Events of the case on the desk; `receipt` is said when the room shows nothing by itself, `starts` before a step of weight."""

    events: tuple[Event, ...]
    receipt: Told | None = None
    starts: Told | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A case to open, with everything checked that can be checked without the store."""

    identity: Identity
    name: str
    form: Form
    perspectives: tuple[Perspective, ...]
    purpose: str
    units: tuple[str, ...]
    single: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Go on or off duty in units."""

    on: bool
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Speak to the writer in a language from now on."""

    language: Language


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the latest digest of the inbox's unit to acknowledge; none means all."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snoozing:
    """Remind the writer of an object at the next review, or (`on` False) do not; "" means what the message points at."""

    object: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Trusting:
    """Trust the identity that a person has had since then, another than before.

    `identity` is its public master key, `vouching` are the public keys of the person's devices that vouch for it.
    """

    user: str
    identity: str
    since: datetime
    vouching: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What an administrator found on comparing the emoji of a verification."""

    number: int
    agrees: bool


Outcome = Told | Decided | Opened | Duty | Chosen | Rows | Snoozing | Trusting | Compared
