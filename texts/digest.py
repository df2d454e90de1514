"""The digest of a review, the line that says that nothing waits, and what is said when a review is missed (commands 6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from care.clock import local
from care.effects import Words
from care.expected import Matter
from care.language import Language
from care.people import Directory
from care.worklist import Item, Section, Worklist
from texts.languages import said
from texts.phrases import written_moment
from texts.render import render

NAMED = frozenset({Matter.ACKNOWLEDGE, Matter.ANSWER, Matter.REPLY})
"""What needs the name of its object to be told from another row of the same case."""

DATED = frozenset({Matter.FOLLOW_UP, Matter.CLOSE})
"""What may be done during the whole of its last day."""

MEETING = "SIP-möte"


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered row as it is shown: whose turn, what, until when (None for a meeting); `link` leads to its room, "" while it has none."""

    number: int
    case_name: str
    what: str
    unit: str
    until: date | datetime | None
    link: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A review slot of a unit: `folded` are earlier slots that this one stands for, `late` that it comes more than five minutes after."""

    unit: str
    at: datetime
    late: bool
    folded: tuple[datetime, ...] = ()


def digest(
    slot: Slot,
    work: Worklist,
    directory: Directory,
    links: Mapping[str, str],
    *,
    reviewed: tuple[str, datetime] | None = None,
    done: Collection[int] = (),
) -> Words:
    """Return the digest; rows are numbered through all sections, those in `done` are marked, `reviewed` says by whom and when."""
    language = directory.spoken.rooms
    lines = [(item.section, _line(number, item, slot.at, links, language)) for number, item in enumerate(work.items, 1)]
    sections = tuple((str(section), rows) for section in Section if (rows := tuple(line for of, line in lines if of is section)))
    return render(
        "digest/digest",
        language=language,
        unit=slot.unit,
        slot=slot.at,
        late=slot.late,
        folded=slot.folded,
        sections=sections,
        rest=work.rest,
        reviewed=reviewed,
        done=frozenset(done),
        directory=directory,
        now=slot.at,
    )


def _line(number: int, item: Item, now: datetime, links: Mapping[str, str], language: Language) -> Line:
    return Line(number, item.case_name, _what(item, now, language), item.unit, _until(item), links.get(item.case, ""))


def _what(item: Item, now: datetime, language: Language) -> str:
    if item.matter is Matter.MEETING_DAY:
        return f"{said(MEETING, language)} {item.object} {written_moment(item.until, now, language)}"
    matter = said(item.matter, language)
    return f"{matter} {item.object}" if item.matter in NAMED else matter


def _until(item: Item) -> date | datetime | None:
    if item.matter is Matter.MEETING_DAY:
        return None
    return local(item.until).date() if item.matter in DATED else item.until


def nothing(slot: Slot, directory: Directory) -> Words:
    """Return the line that says that nothing waited at a slot."""
    language = directory.spoken.rooms
    return render("digest/empty", language=language, unit=slot.unit, slot=slot.at, late=slot.late, directory=directory, now=slot.at)


def nudge(unit: str, slot: datetime, due: datetime, directory: Directory, *, late: bool) -> Words:
    """Return what the people on duty are told when a review has not been done in time (ladder step 3), which was `due` then."""
    language = directory.spoken.rooms
    return render("digest/nudge", language=language, unit=unit, slot=slot, late=late, due=due, directory=directory, now=due)


def chief(unit: str, slot: datetime, due: datetime, directory: Directory, *, late: bool, language: Language) -> Words:
    """Return what the enhetschef is told in a language (ladder step 4), which was `due` then."""
    return render("digest/chief", language=language, unit=unit, slot=slot, late=late, due=due, directory=directory, now=due)
