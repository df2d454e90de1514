"""What the timer brings up, as people see it: warnings, missed deadlines, the chief, and reminders of what is agreed (process 3.0.7).

Each message is sent when it falls due, and rings only within the hours of whom it concerns; outside them it is silent, and the next
review rings the unit, `chief_again` the chief.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from care.actors import Standing
from care.case import Case, Entry
from care.closing import silent
from care.effects import ADMIN, Effect, Place, Say, direct, inbox
from care.expected import Due, Matter, Rules
from care.ladder import Step, StepTaken
from care.ringing import chief_may_be_rung, staff_may_be_rung
from texts.announce.stage import SNOOZE, Stage

TEMPLATES = {
    Step.WARN: "ladder/warning",
    Step.MISSED: "ladder/missed",
}


AGAIN = "again:"
"""How the key of a message begins that rings for what was said silently; the key of the due item follows."""


def step_taken(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Iterator[Effect]:
    """Say what fell due, to whom it concerns; each message under the key of its due item and recipient."""
    match event.step:
        case Step.CHIEF:
            yield from _chiefs(stage, event, due)
        case Step.REMIND:
            yield _reminder(stage, entry, event, due)
        case _:
            yield from _to_unit(stage, entry, event, due)


def chief_again(case: Case, rules: Rules, due: Due, event: StepTaken, now: datetime) -> tuple[Effect, ...]:
    """Return what rings the chief for a step that was said outside hours."""
    stage = Stage(case, rules, now, "", "")
    return tuple(_chiefs(stage, event, due, AGAIN))


def _key(stage: Stage, due: Due, recipient: str, kind: str = "due:") -> str:
    return f"{kind}{due.key(stage.case.id)}:{recipient}"


def _to_unit(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Iterator[Say]:
    """Ring the unit in the room; one that has nobody there yet is rung in its inbox, and the room is told what was missed."""
    place, rings = rung_at(stage, event.unit)
    here = place == stage.room
    words = stage.words(TEMPLATES[event.step], entry=entry, event=event, due=due, here=here)
    yield Say(
        _key(stage, due, event.unit),
        place,
        words=words,
        rings=rings if _rings(stage, event) else (),
        about=event.object,
        reactions=(SNOOZE,),
        urgent=True,
    )
    if not here and event.step is Step.MISSED:
        told = stage.words(TEMPLATES[event.step], entry=entry, event=event, due=due, here=True)
        yield Say(_key(stage, due, "room"), stage.room, words=told, about=event.object)


def rung_at(stage: Stage, unit: str) -> tuple[Place, tuple[str, ...]]:
    """Return where a unit is told what falls due, and who is rung there within its hours."""
    here = _is_here(stage, unit)
    return (stage.room, stage.rung(unit)) if here else (inbox(unit), stage.rules.directory.ringing(unit))


def _is_here(stage: Stage, unit: str) -> bool:
    """Whether a unit has said yes and has somebody in the room; one that was only invited may not be there to read."""
    actor = stage.case.actors.get(unit)
    return actor is not None and actor.standing is Standing.DELTAR and bool(stage.case.users_of(unit))


def _rings(stage: Stage, event: StepTaken) -> bool:
    """Whether a step rings: within hours, and a warning only while there is something left to save."""
    overtaken = event.step is Step.WARN and event.deadline <= stage.now
    return staff_may_be_rung(event.unit, stage.now, stage.rules) and not overtaken


def _chiefs(stage: Stage, event: StepTaken, due: Due, kind: str = "due:") -> Iterator[Effect]:
    """Tell the enhetschef, or who stands in (architecture 5), in the direct room; nobody at all is for the admin room."""
    spoken, say = stage.spoken, partial(stage.words_in, name="ladder/chief", event=event, due=due)
    may = chief_may_be_rung(event.unit, stage.now, stage.rules)
    chiefs = stage.rules.directory.answerable(event.unit)
    for user in chiefs:
        yield Say(
            _key(stage, due, user, kind),
            direct(user),
            words=say(spoken.to(user)),
            rings=(user,) if may else (),
            about=due.object,
            urgent=True,
        )
    if not chiefs:
        rings = stage.rules.directory.administrators() if may else ()
        yield Say(_key(stage, due, "admin", kind), ADMIN, words=say(spoken.rooms), rings=rings, urgent=True)


def _reminder(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Say:
    units: tuple[str, ...]
    match due.matter:
        case Matter.CLOSE:
            words, units = stage.words("closing/silence", entry=entry, silent=silent(stage.case)), (event.unit,)
        case Matter.FOLLOW_UP:
            words, units = stage.words("plans/reminder", entry=entry, event=event), (event.unit,)
        case _:
            meeting = stage.case.meetings[event.object]
            words = stage.words("meetings/reminder", entry=entry, event=event, meeting=meeting, soon=due.matter is Matter.MEETING_HOUR)
            units = meeting.call.units if stage.now < meeting.call.start else ()
    rings = stage.rung(*(unit for unit in units if staff_may_be_rung(unit, stage.now, stage.rules)))
    return Say(
        _key(stage, due, event.unit),
        stage.room,
        words=words,
        rings=rings,
        about=event.object,
        reactions=(SNOOZE,) if due.matter is Matter.FOLLOW_UP else (),
        urgent=True,
    )
