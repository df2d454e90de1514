"""What tests of cases share: units and staff of the demo region, and a case that is played as `store.steps` does: checked and folded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

from care.actors import ActorAccepted, ActorAdded
from care.case import Author, Case, Entry, Event, Person, Source
from care.clock import STOCKHOLM
from care.consent import Consent, Form
from care.events import evolve
from care.expected import Rules
from care.kallelse import Call, Relatives, Venue
from care.ladder import StepTaken
from care.opening import CaseOpened, Perspective
from care.people import Directory, Huvudman, HuvudmanKind, Member, Profession, Role, Unit, UnitType
from care.permissions import check
from care.profile import load

VC, BIST, HSV, HT, MED = "vc-norrgard", "k-alm-bist", "k-alm-hsv", "k-alm-ht", "las-med2"
REGION, KOMMUN = "region-almfors", "almfors-kommun"

ESTER = Person("193512172382", "19351217-2382", "Ester Demoson", 1935)


def at(text: str) -> datetime:
    """Return the instant of a wall time in Stockholm, "2026-09-07 08:05"."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def user(name: str) -> str:
    """Return the Matrix id of one of the demo staff, "anna"."""
    return f"@{name}.demo:almfors.test"


def author(name: str, unit: str, *roles: Role) -> Author:
    """Return one who acts for a unit, as mottagare unless roles are given."""
    return Author(user(name), unit, frozenset(roles or (Role.MOTTAGARE,)))


ANNA = author("anna", VC)
ULLA = author("ulla", BIST)
NOOR = author("noor", HSV)
TAGE = author("tage", HSV, Role.MEDARBETARE)
EVA = author("eva", HT)
SIRI = author("siri", MED)
TIMER = Author("", source=Source.TIMER)
EDGE = Author("", source=Source.EDGE)

_UNITS = (
    Unit(VC, "Norrgårdens vårdcentral", UnitType.VARDCENTRAL, REGION),
    Unit(BIST, "Almfors kommun, biståndsenheten", UnitType.KOMMUN_BISTAND, KOMMUN, (time(8), time(16, 30))),
    Unit(HSV, "Almfors kommun, hemsjukvården centrum", UnitType.KOMMUN_HSV, KOMMUN, (time(7), time(21))),
    Unit(HT, "Almfors kommun, hemtjänst Söder", UnitType.KOMMUN_HEMTJANST, KOMMUN, (time(7), time(22))),
    Unit(MED, "Almfors lasarett, medicinavdelning 2", UnitType.SLUTENVARD_SOMATIK, REGION, None),
)
_STAFF = (
    ("anna", VC, Role.MOTTAGARE, Profession.VARDSAMORDNARE),
    ("olle", VC, Role.ENHETSCHEF, Profession.LAKARE),
    ("ulla", BIST, Role.MOTTAGARE, Profession.BISTANDSHANDLAGGARE),
    ("bertil", BIST, Role.ENHETSCHEF, None),
    ("noor", HSV, Role.MOTTAGARE, Profession.SJUKSKOTERSKA),
    ("tage", HSV, Role.MEDARBETARE, Profession.ARBETSTERAPEUT),
    ("helge", HSV, Role.ENHETSCHEF, None),
    ("eva", HT, Role.MOTTAGARE, Profession.PLANERARE),
    ("sten", HT, Role.ENHETSCHEF, None),
    ("siri", MED, Role.MOTTAGARE, Profession.SJUKSKOTERSKA),
    ("vera", VC, Role.REVISOR, None),
)
DIRECTORY = Directory(
    MappingProxyType(
        {
            REGION: Huvudman(REGION, "Region Almfors", HuvudmanKind.REGION, VC),
            KOMMUN: Huvudman(KOMMUN, "Almfors kommun", HuvudmanKind.KOMMUN, BIST),
        }
    ),
    MappingProxyType({unit.id: unit for unit in _UNITS}),
    tuple(Member(user(name), unit, frozenset({role}), profession, name.title()) for name, unit, role, profession in _STAFF),
)
RULES = Rules(load("demo"), DIRECTORY)

MONDAY = at("2026-09-07 08:05")
"""A Monday morning without a holiday near it."""


def opening(by: Author = ANNA, now: datetime = MONDAY) -> CaseOpened:
    """Return the opening of Ester's case, with her consent to the opening unit."""
    needs = (Perspective.OMVARDNAD, Perspective.REHABILITERING)
    consent = Consent(Form.MUNTLIGT, by.unit, by.user, now, frozenset({by.unit}))
    return CaseOpened("SÄ-2026-00042", "Blå tranan", "demo@1", ESTER, needs, "Klara sig hemma efter fallet", consent)


def entered(case: Case | None, by: Author, event: Event, now: datetime) -> Entry:
    """Return an event in its place after a case; raise Refused for one that its author may not cause."""
    check(case, event, by)
    return Entry("c-1", case.seq + 1 if case else 1, now, now, by, event)


def step(case: Case, by: Author, events: Iterable[Event], now: datetime) -> Case:
    """Return the case after a decision, each event checked against the case just before it."""
    for event in events:
        case = evolve(case, entered(case, by, event, now))
    return case


def opened(*units: str, by: Author = ANNA, now: datetime = MONDAY) -> Case:
    """Return Ester's case as just opened, with units added to it."""
    case = evolve(None, entered(None, by, opening(by, now), now))
    for unit in units:
        case = step(case, by, [ActorAdded(case.next("A"), unit, DIRECTORY.receivers(unit))], now)
    return case


def running(*units: str, by: Author = ANNA, now: datetime = MONDAY) -> Case:
    """Return Ester's case in which every added unit has accepted."""
    case = opened(*units, by=by, now=now)
    for unit in units:
        handler = DIRECTORY.receivers(unit)[0]
        case = step(case, Author(handler, unit, frozenset({Role.MOTTAGARE})), [ActorAccepted(unit, handler)], now)
    return case


def timed(case: Case, taken: StepTaken, now: datetime) -> Case:
    """Return the case after a step of the timer."""
    return step(case, TIMER, [taken], now)


def kallelse(start: datetime, *units: str, leader: Author = ANNA) -> Call:
    """Return a kallelse to an hour in the person's home."""
    end = start + timedelta(hours=1)
    return Call("Planera hjälpen hemma", start, end, Venue.HEM, units, leader.user, Relatives.JA, phone="010-555 01 01")


def tapped(by: Author) -> Author:
    """Return the same person with a tap on a reaction."""
    return replace(by, source=Source.REACTION)
