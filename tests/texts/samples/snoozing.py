"""Reminders that people asked for, as they come at the next review."""

from datetime import datetime

from care.case import Case
from care.effects import Anchor, Place, Words, case_room, direct, inbox
from care.expected import Matter, expectations
from care.language import Language
from care.snoozing import Snooze
from tests.builders import HSV, NOOR, at, opened
from tests.texts.refused import ASKED, CALLED, POSTED, PROPOSED
from tests.texts.samples import Sample, rules, spoken
from texts.announce.snoozing import of_object, of_review

SLOT = at("2026-09-08 08:00")


def sample(what: str, case: Case, matter: Matter, where: Place | None = None, now: datetime = SLOT) -> Sample:
    """Return the reminder of what a case waits for, said in a place, by default in its room."""

    def say(language: Language) -> Words:
        waits = next(each for each in expectations(case, rules(language)) if each.matter is matter)
        snooze = Snooze(NOOR.user, where or case_room(case.id), SLOT, "$message", case.id, waits.object)
        return of_object(snooze, case, rules(language), waits, now, late=now > SLOT, thread=Anchor(key="root")).words

    return spoken("snoozing/object", what, say)


def review(language: Language, now: datetime = SLOT) -> Words:
    snooze = Snooze(NOOR.user, inbox(HSV), SLOT, "$message", slot=at("2026-09-07 14:00"))
    return of_review(snooze, at("2026-09-07 14:00"), rules(language), now, late=now > SLOT, digest="digest").words


SAMPLES = (
    sample("a question, in its thread", ASKED, Matter.ANSWER, now=at("2026-09-07 14:00")),
    sample("a question that is overdue, late", ASKED, Matter.ANSWER, now=at("2026-09-09 08:20")),
    sample("a message to all", POSTED, Matter.ACKNOWLEDGE),
    sample("a kallelse", CALLED, Matter.REPLY),
    sample("being added, in the inbox", opened(HSV), Matter.ACCEPT, inbox(HSV)),
    sample("a proposal to close", PROPOSED, Matter.CLOSE),
    sample("to the chief, alone", ASKED, Matter.ANSWER, direct("@helge.demo:almfors.test")),
    spoken("snoozing/review", "a review that is not done", review),
    spoken("snoozing/review", "late", lambda language: review(language, at("2026-09-08 08:20"))),
)
