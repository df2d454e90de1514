"""What a handler may use: its desk. Handlers are pure; whoever serves them (`serve`) lays everything on the desk beforehand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from care.case import Author, Case
from care.clock import local
from care.effects import Place
from care.expected import Rules
from care.people import Directory
from commands.declare import Command
from store.changed_identities import Changed


class Lay(StrEnum):
    """What has to lie on the desk of a command."""

    NOTHING = "nothing"
    CASE = "case"
    OPENING = "opening"
    LIST = "list"
    REVIEW = "review"
    IDENTITIES = "identities"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks, where and when; the rules; and the commands there are."""

    user: str
    place: Place
    now: datetime
    rules: Rules
    prefix: str
    commands: Sequence[Command]

    @property
    def directory(self) -> Directory:
        """Return the directory."""
        return self.rules.directory

    @property
    def today(self) -> date:
        """Return the date in Stockholm."""
        return local(self.now).date()

    @property
    def units(self) -> frozenset[str]:
        """Return the units that the person may act for here: in an inbox its own unit only."""
        mine = self.directory.units_of(self.user)
        return mine & {self.place.id} if self.place.id in self.directory.units else mine


@dataclass(frozen=True, slots=True)
class CaseDesk(Desk):
    """A desk with one case on it; `author` acts for one of the person's units.

    For a case that is to be reopened, `codename` is the name that it will have, and `taken` tells that the person has another open case.
    """

    case: Case
    author: Author
    codename: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True)
class OpeningDesk(Desk):
    """A desk for opening a case: `taken` tells that the person has an open one."""

    author: Author
    taken: bool = False


@dataclass(frozen=True, slots=True)
class ListDesk(Desk):
    """A desk with all open cases of the person's units on it; `reviewed`: case and object of the rows of the latest digest."""

    cases: tuple[Case, ...]
    reviewed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityDesk(Desk):
    """A desk with all identities on it that wait to be accepted, by user."""

    changed: Mapping[str, Changed]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a command needs on its desk; `rehearse` checks a form after each answer and refuses as early as possible."""

    lay: Lay = Lay.NOTHING
    rehearse: Callable[..., None] | None = None
    order: tuple[str, ...] = ()
    """The order in which a form asks, where it is not that of the arguments."""
    offers: tuple[str, ...] = ()
    """Arguments that may be left out, but that a form asks about."""
    mends: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Which argument a refusal is about: a form asks for that one again, and keeps the others."""
    closed: bool = False
    """Look for the named case among the closed ones."""
    pointed: str = ""
    """The letter of the objects that a reply or a thread may tell instead of the number."""
    waiting: bool = False
    """Without a named case, mean the one that waits for the unit to accept or decline."""
