"""The digest of a review, the line that says that nothing waits, and what is said when a review is missed (commands 6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from care.effects import Words
from care.expected import Matter
from care.people import Directory
from care.worklist import Section, Worklist
from texts.render import render


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered row as it is shown; `link` leads to the room where it is done, "" before that exists."""

    number: int
    case_name: str
    object: str
    what: str
    matter: Matter
    until: datetime
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
    lines = [
        (item.section, Line(number, item.case_name, item.object, str(item.matter), item.matter, item.until, links.get(item.case, "")))
        for number, item in enumerate(work.items, 1)
    ]
    sections = tuple((str(section), rows) for section in Section if (rows := tuple(line for of, line in lines if of is section)))
    return render(
        "digest/digest",
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


def nothing(slot: Slot, directory: Directory) -> Words:
    """Return the line that says that nothing waited at a slot."""
    return render("digest/empty", unit=slot.unit, slot=slot.at, late=slot.late, directory=directory, now=slot.at)


def nudge(unit: str, slot: datetime, now: datetime, directory: Directory, *, late: bool) -> Words:
    """Return what the people on duty are told when a review has not been done in time (ladder step 3)."""
    return render("digest/nudge", unit=unit, slot=slot, late=late, directory=directory, now=now)


def chief(unit: str, slot: datetime, now: datetime, directory: Directory, *, late: bool) -> Words:
    """Return what the enhetschef is told (ladder step 4)."""
    return render("digest/chief", unit=unit, slot=slot, late=late, directory=directory, now=now)
