"""Review digests as a unit reads them in its inbox (commands 6), and what follows when nobody has."""

from datetime import datetime

from care.effects import Words
from care.expected import Matter
from care.language import Language
from care.worklist import Item, Section, Worklist
from tests.builders import BIST, HSV, VC, at
from tests.texts.samples import rules, spoken
from texts.digest import Slot, chief, digest, nothing, nudge

SLOT = at("2026-09-08 08:00")
CRANE, HARE, WOLF = "SÄ-2026-00042 Blå tranan", "SÄ-2026-00043 Grön hare", "SÄ-2026-00044 Vit varg"
LINKS = {"c-1": "https://matrix.to/#/!rum:almfors.test"}


def item(section: Section, case: str, name: str, what: str, matter: Matter, until: str) -> Item:
    return Item(section, case, name, what, matter, VC if matter is Matter.MEETING_DAY else HSV, at(until))


WORK = Worklist(
    (
        item(Section.OVERDUE, "c-1", CRANE, "F1", Matter.ANSWER, "2026-09-07 14:00"),
        item(Section.SOON, "c-2", HARE, "S1", Matter.REPLY, "2026-09-08 14:00"),
        item(Section.UNANSWERED, "c-3", WOLF, "Ä1", Matter.CLOSE, "2026-09-11 23:59"),
        item(Section.NEW, "c-3", WOLF, "K2", Matter.ACKNOWLEDGE, "2026-09-08 09:00"),
        item(Section.MEETINGS, "c-1", CRANE, "S2", Matter.MEETING_DAY, "2026-09-09 13:00"),
    ),
    3,
)


def told(language: Language, work: Worklist = WORK, *, late: bool = False, folded: tuple[datetime, ...] = ()) -> Words:
    return digest(Slot(HSV, SLOT, late, folded), work, rules(language).directory, LINKS)


def earlier(language: Language) -> Words:
    return told(language, Worklist(WORK.items, 0), late=True, folded=(at("2026-09-07 14:00"),))


def reviewed(language: Language) -> Words:
    by = ("Noor Demo", at("2026-09-08 08:20"))
    return digest(Slot(HSV, SLOT, late=False), Worklist(WORK.items, 1), rules(language).directory, LINKS, reviewed=by, done={1})


def empty(language: Language, *, late: bool = False) -> Words:
    return nothing(Slot(HSV, SLOT, late), rules(language).directory)


def unreviewed(language: Language) -> Words:
    return nudge(HSV, SLOT, at("2026-09-08 09:00"), rules(language).directory, late=False)


def to_chief(language: Language) -> Words:
    return chief(BIST, SLOT, at("2026-09-08 15:00"), rules(language).directory, late=True, language=language)


SAMPLES = (
    spoken("digest/digest", "at its time", told),
    spoken("digest/digest", "late, with an earlier one in it", earlier),
    spoken("digest/digest", "reviewed, a row done", reviewed),
    spoken("digest/empty", "nothing", empty),
    spoken("digest/empty", "nothing, late", lambda language: empty(language, late=True)),
    spoken("digest/nudge", "nobody has reviewed", unreviewed),
    spoken("digest/chief", "to the enhetschef, late", to_chief),
)
