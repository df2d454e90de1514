"""What the timer brings up, as people see it: warnings, missed deadlines, the chief, and reminders of what is agreed (process 3.0.7)."""

from collections.abc import Iterator

from care.case import Entry
from care.closing import silent
from care.deadlines import within_hours
from care.effects import ADMIN, Effect, Place, Say, direct, inbox
from care.expected import Due, Matter
from care.ladder import Step, StepTaken
from texts.announce.stage import Stage

TEMPLATES = {
    Step.WARN: "ladder/warning",
    Step.MISSED: "ladder/missed",
}


def step_taken(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Iterator[Effect]:
    """Say what fell due, to whom it concerns; each message under the key of its due item and recipient."""
    match event.step:
        case Step.CHIEF:
            yield from _chiefs(stage, entry, event, due)
        case Step.REMIND:
            yield _reminder(stage, entry, event, due)
        case _:
            yield from _to_unit(stage, entry, event, due)


def _key(entry: Entry, due: Due, recipient: str) -> str:
    return f"due:{due.key(entry.case)}:{recipient}"


def _to_unit(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Iterator[Say]:
    """Ring the unit in the room; one that has nobody there yet is rung in its inbox, and the room is told what was missed."""
    here = bool(stage.case.users_of(event.unit)) and due.matter is not Matter.ACCEPT
    place: Place = stage.room if here else inbox(event.unit)
    rings = stage.rung(event.unit) if here else stage.rules.directory.ringing(event.unit)
    words = stage.words(TEMPLATES[event.step], entry=entry, event=event, due=due, here=here)
    yield Say(_key(entry, due, event.unit), place, words=words, rings=rings, about=event.object, urgent=True)
    if not here and event.step is Step.MISSED:
        told = stage.words(TEMPLATES[event.step], entry=entry, event=event, due=due, here=True)
        yield Say(_key(entry, due, "room"), stage.room, words=told, about=event.object)


def _chiefs(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Iterator[Effect]:
    """Tell the enhetschef, or who stands in (architecture 5), in the direct room; nobody at all is for the admin room."""
    words = stage.words("ladder/chief", entry=entry, event=event, due=due)
    chiefs = stage.rules.directory.answerable(event.unit)
    for user in chiefs:
        yield Say(_key(entry, due, user), direct(user), words=words, rings=(user,), urgent=True)
    if not chiefs:
        rings = stage.rules.directory.administrators()
        yield Say(_key(entry, due, "admin"), ADMIN, words=words, rings=rings, urgent=True)


def _reminder(stage: Stage, entry: Entry, event: StepTaken, due: Due) -> Say:
    match due.matter:
        case Matter.CLOSE:
            words = stage.words("closing/silence", entry=entry, silent=silent(stage.case))
            rings = stage.rung(event.unit)
        case Matter.FOLLOW_UP:
            words = stage.words("plans/reminder", entry=entry, event=event)
            rings = stage.rung(event.unit)
        case _:
            meeting = stage.case.meetings[event.object]
            words = stage.words("meetings/reminder", entry=entry, event=event, meeting=meeting, soon=due.matter is Matter.MEETING_HOUR)
            rings = stage.rung(*(unit for unit in meeting.call.units if _open(stage, unit)))
    return Say(_key(entry, due, event.unit), stage.room, words=words, rings=rings, about=event.object, urgent=True)


def _open(stage: Stage, unit: str) -> bool:
    return within_hours(stage.now, stage.rules.directory.units[unit].hours, stage.rules.profile.staffed)
