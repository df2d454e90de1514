"""The reminder that a person asked for: it mentions nobody else, in the place where it was asked for (decision 0033)."""

from datetime import datetime

from care.case import Case
from care.effects import Anchor, PlaceKind, Say
from care.expected import Expected, Rules
from care.snoozing import Snooze
from texts.announce.closing import CLOSING, proposal_key
from texts.announce.stage import SNOOZE, Stage, object_key
from texts.render import render


def root_key(case: Case, name: str) -> str:
    """Return the outbox key of the message that shows an object in the case room, in whose thread its reminder belongs."""
    return proposal_key(case.id, case.proposal.round) if name == CLOSING and case.proposal else object_key(case.id, name)


def of_object(snooze: Snooze, case: Case, rules: Rules, waits: Expected, now: datetime, *, late: bool, thread: Anchor | None) -> Say:
    """Return the reminder of what a case waits for still; without a `thread` it answers the message that was put off."""
    stage, spoken = Stage(case, rules, now, "", ""), rules.directory.spoken
    language = spoken.to(snooze.user) if snooze.place.kind is PlaceKind.DIRECT else spoken.rooms
    here = snooze.place == stage.room
    words = stage.words_in(language, "snoozing/object", due=waits, here=here, at=snooze.at, late=late)
    return Say(
        snooze.key,
        snooze.place,
        words=words,
        rings=(snooze.user,),
        thread=thread,
        reply=thread or (Anchor(event=snooze.message) if snooze.message else None),
        about=snooze.object,
        reactions=(SNOOZE,),
        urgent=True,
    )


def of_review(snooze: Snooze, slot: datetime, rules: Rules, now: datetime, *, late: bool, digest: str) -> Say:
    """Return the reminder of the review of a `slot` that is not done; it answers the `digest` of that outbox key, the newest one."""
    directory = rules.directory
    values = {"unit": snooze.place.id, "slot": slot, "at": snooze.at, "late": late, "directory": directory, "now": now}
    words = render("snoozing/review", language=directory.spoken.rooms, **values)
    return Say(snooze.key, snooze.place, words=words, rings=(snooze.user,), reply=Anchor(key=digest), urgent=True)
