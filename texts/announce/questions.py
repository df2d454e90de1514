"""Messages to all, questions and answers, as people see them."""

from collections.abc import Iterator

from care.case import Entry
from care.deadlines import acknowledgement_missed
from care.effects import Anchor, Effect, Say
from care.messages import MessagePosted
from care.questions import CounterAsked, QuestionAnswered, QuestionAsked
from texts.announce.stage import ACK, SNOOZE, Stage, object_key


def posted(stage: Stage, entry: Entry, event: MessagePosted) -> Iterator[Effect]:
    """Ring every other unit with a message that they must acknowledge."""
    until = acknowledgement_missed(entry.decided, stage.rules.profile)
    yield Say(
        object_key(entry.case, event.object),
        stage.room,
        words=stage.words("messages/posted", entry=entry, event=event, until=until),
        rings=stage.rung(*stage.others(entry.author.unit)),
        about=event.object,
        reactions=(ACK, SNOOZE),
    )


def asked(stage: Stage, entry: Entry, event: QuestionAsked) -> Iterator[Effect]:
    """Ring the asked unit with the question; its thread takes the answer."""
    yield Say(
        object_key(entry.case, event.object),
        stage.room,
        words=stage.words("questions/asked", entry=entry, event=event),
        rings=stage.rung(event.unit),
        about=event.object,
        reactions=(ACK, SNOOZE),
    )


def answered(stage: Stage, entry: Entry, event: QuestionAnswered) -> Iterator[Effect]:
    """Ring the asking unit with the answer, in the question's thread."""
    question = stage.case.questions[event.object]
    yield _in_thread(stage, entry, event.object, "questions/answered", question.asker, event=event, question=question)


def counter_asked(stage: Stage, entry: Entry, event: CounterAsked) -> Iterator[Effect]:
    """Ring the asking unit with the counter-question, and say that the clock goes on."""
    question = stage.case.questions[event.object]
    yield _in_thread(stage, entry, event.object, "questions/counter_asked", question.asker, event=event, question=question)


def _in_thread(stage: Stage, entry: Entry, name: str, template: str, unit: str, **values: object) -> Say:
    return Say(
        stage.key(entry, template),
        stage.room,
        words=stage.words(template, entry=entry, **values),
        rings=stage.rung(unit),
        thread=Anchor(key=object_key(entry.case, name)),
        about=name,
    )
