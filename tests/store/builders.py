"""What tests are built of: the fictional region by hand, people who act, and cases in the making.

Times are civil; `MONDAY` is a working Monday morning in Stockholm (09:15), as an instant in UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

from care import profile
from care.actors import add
from care.case import Author, Case, Entry, Event, Person, Source
from care.consent import Consent, Form
from care.events import evolve, fold
from care.expected import Rules
from care.opening import CaseOpened, Perspective
from care.people import Directory, Huvudman, HuvudmanKind, Member, Profession, Role, Unit, UnitType

MONDAY = datetime(2026, 8, 31, 7, 15, tzinfo=UTC)
SERVER = "almfors.example"

VC = "vc-norrgard"
BIST = "k-alm-bist"
HSV = "k-alm-hsv"
HT = "k-alm-ht"


@dataclass
class FixedClock:
    """A civil clock that stands still until it is moved."""

    instant: datetime = MONDAY

    def now(self) -> datetime:
        """Return the instant at which it stands."""
        return self.instant

    def forward(self, by: timedelta) -> datetime:
        """Move it on, and return where it stands then."""
        self.instant += by
        return self.instant


def user(localpart: str) -> str:
    """Return the Matrix id of one of the fictional staff."""
    return f"@{localpart}:{SERVER}"


ANNA, OLLE = user("anna.demo"), user("olle.demo")
ULLA, BIRGIT = user("ulla.demo"), user("birgit.demo")
NOOR, TAGE, GRETA = user("noor.demo"), user("tage.demo"), user("greta.demo")
EVA, RUNE = user("eva.demo"), user("rune.demo")
ADMIN = user("admin.demo")

_HUVUDMAN = (
    Huvudman("region-almfors", "Region Almfors", HuvudmanKind.REGION, VC),
    Huvudman("almfors-kommun", "Almfors kommun", HuvudmanKind.KOMMUN, BIST),
)

_UNITS = (
    Unit(VC, "Norrgårdens vårdcentral", UnitType.VARDCENTRAL, "region-almfors", aliases=("norrgården", "vc")),
    Unit(BIST, "Almfors kommun, biståndsenheten", UnitType.KOMMUN_BISTAND, "almfors-kommun", (time(8), time(16, 30)), aliases=("bistånd",)),
    Unit(HSV, "Almfors kommun, hemsjukvården centrum", UnitType.KOMMUN_HSV, "almfors-kommun", (time(7), time(21)), "natt-ssk"),
    Unit(HT, "Almfors kommun, hemtjänst Söder", UnitType.KOMMUN_HEMTJANST, "almfors-kommun", (time(7), time(22)), "larmgrupp"),
    Unit("las-med2", "Almfors lasarett, medicinavdelning 2", UnitType.SLUTENVARD_SOMATIK, "region-almfors", None),
)

_RECEIVER = frozenset({Role.MOTTAGARE, Role.MEDARBETARE})
_CHIEF = frozenset({Role.ENHETSCHEF})

_MEMBERS = (
    Member(ANNA, VC, _RECEIVER, Profession.VARDSAMORDNARE, "Anna Norling"),
    Member(OLLE, VC, _CHIEF | {Role.MEDARBETARE}, Profession.LAKARE, "Olle Ek"),
    Member(ULLA, BIST, _RECEIVER, Profession.BISTANDSHANDLAGGARE, "Ulla Lund"),
    Member(BIRGIT, BIST, _CHIEF, None, "Birgit Dahl"),
    Member(NOOR, HSV, _RECEIVER, Profession.SJUKSKOTERSKA, "Noor Haddad"),
    Member(TAGE, HSV, frozenset({Role.MEDARBETARE}), Profession.ARBETSTERAPEUT, "Tage Ström"),
    Member(GRETA, HSV, _CHIEF, Profession.SJUKSKOTERSKA, "Greta Holm"),
    Member(EVA, HT, _RECEIVER, Profession.PLANERARE, "Eva Sand"),
    Member(RUNE, HT, _CHIEF, None, "Rune Falk"),
    Member(ADMIN, "", frozenset({Role.SYSTEMFORVALTARE}), None, "Alex Vik"),
)

DIRECTORY = Directory(
    MappingProxyType({each.id: each for each in _HUVUDMAN}), MappingProxyType({each.id: each for each in _UNITS}), _MEMBERS
)

RULES = Rules(profile.load("demo"), DIRECTORY)

ESTER = Person("193512172382", "19351217-2382", "Ester Demoson", 1935)
HARALD = Person("193802052393", "19380205-2393", "Harald Provberg", 1938)


def author(who: str = ANNA, unit: str = VC, source: Source = Source.TYPED) -> Author:
    """Return a member of the fictional region who acts for one of their units, with the roles held there."""
    return Author(who, unit, DIRECTORY.roles(who, unit), DIRECTORY.profession(who, unit), "DEVICE", source)


TIMER = Author("@samrum:almfors.example", source=Source.TIMER)
AUTHORS = MappingProxyType({VC: author(), BIST: author(ULLA, BIST), HSV: author(NOOR, HSV), HT: author(EVA, HT)})
"""One who acts for each unit."""


def opening(person: Person = ESTER, number: str = "SÄ-2026-00001", codename: str = "Blå tranan", at: datetime = MONDAY) -> CaseOpened:
    """Return the opening of a case by the vårdcentral; the consent covers its own unit."""
    consent = Consent(Form.MUNTLIGT, VC, ANNA, at, frozenset({VC}))
    return CaseOpened(number, codename, str(RULES.profile), person, (Perspective.OMSORG,), "Trygg hemgång", consent)


@dataclass
class Story:
    """A case as it is being told: each `tell` is one step, ten minutes after the one before."""

    case_id: str = "c1"
    at: datetime = MONDAY
    steps: list[tuple[Entry, ...]] = field(default_factory=list[tuple[Entry, ...]])
    case: Case | None = None

    def tell(self, events: Iterable[Event], by: Author = AUTHORS[VC], after: timedelta = timedelta(minutes=10)) -> tuple[Entry, ...]:
        """Let somebody take a step of these events; it is not asked whether they may."""
        self.at += after
        entries: list[Entry] = []
        for event in events:
            entry = Entry(self.case_id, self.case.seq + 1 if self.case else 1, self.at, self.at, by, event)
            self.case = evolve(self.case, entry)
            entries.append(entry)
        self.steps.append(tuple(entries))
        return tuple(entries)

    @property
    def now(self) -> Case:
        """Return the case as it has become."""
        assert self.case is not None
        return self.case


def opened(units: Sequence[str] = (BIST, HSV), case_id: str = "c1", first: CaseOpened | None = None) -> Story:
    """Return the story of a case that the vårdcentral has just opened with other units."""
    story = Story(case_id)
    first = first or opening()
    case = fold([Entry(case_id, 1, story.at, story.at, AUTHORS[VC], first)])
    added = [event for n, unit in enumerate(units) for event in add(case, unit, DIRECTORY.receivers(unit), ahead=n)]
    story.tell((first, *added))
    return story
