"""Questions: one unit asks another, who must answer by a stated time (S2-61, S2-55: "svårt att få napp på andra sidan").

A question is missed at its due time, without grace (process 3.0.7). A counter-question leaves the clock going.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from care.case import Author, Case, Entry, Event, count, put
from care.messages import expect, require_text, settle
from care.refusal import Refused


class QuestionState(StrEnum):
    """Where a question stands; `LAPSED` when the asked unit left the case."""

    OPEN = "öppen"
    ANSWERED = "besvarad"
    LAPSED = "förfallen"


@dataclass(frozen=True, slots=True)
class Question:
    """A question object: `asker` and `asked` are units, `due` an instant (UTC)."""

    object: str
    asker: str
    asked: str
    text: str
    posted: datetime
    due: datetime
    state: QuestionState = QuestionState.OPEN
    answer: str = ""
    settled: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether an answer is still expected."""
        return self.state is QuestionState.OPEN

    @property
    def late(self) -> bool:
        """Whether the answer came after the due time."""
        return self.settled is not None and self.state is QuestionState.ANSWERED and self.settled > self.due


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    """A unit was asked, with a time by which it must answer."""

    kind: ClassVar[str] = "question.asked"
    object: str
    unit: str
    text: str
    due: datetime

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Keep the question open and expect the asked unit to acknowledge it."""
        question = Question(self.object, entry.author.unit, self.unit, self.text, entry.decided, self.due)
        case = replace(count(case, self.object), questions=put(case.questions, self.object, question))
        return expect(case, self.object, {self.unit}, entry.decided)


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Event):
    """The asked unit answered; that acknowledges the question too (commands 4)."""

    kind: ClassVar[str] = "question.answered"
    object: str
    text: str
    late: bool

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Settle the question and its acknowledgement."""
        question = case.questions[self.object]
        answered = replace(question, state=QuestionState.ANSWERED, answer=self.text, settled=entry.decided)
        notice = case.notices[self.object].by(question.asked, entry.decided)
        return replace(
            case,
            questions=put(case.questions, self.object, answered),
            notices=put(case.notices, self.object, notice),
            missed=case.missed - {f"{self.object}:{question.asked}"},
        )

    def facts(self) -> dict[str, str]:
        """Return whether the answer came in time (statistics, process 3.10: svarstid)."""
        return {"late": "yes" if self.late else "no"}


@dataclass(frozen=True, slots=True)
class CounterAsked(Event):
    """The asked unit asked back; the clock goes on (commands 3)."""

    kind: ClassVar[str] = "question.counter-asked"
    object: str
    text: str

    def evolve(self, case: Case, entry: Entry) -> Case:
        """Count the question as read; it stays open."""
        question = case.questions[self.object]
        return replace(case, notices=put(case.notices, self.object, case.notices[self.object].by(question.asked, entry.decided)))


def lapse(case: Case, unit: str, at: datetime) -> Case:
    """Return the case in which the open questions to a unit that left have lapsed."""
    for name, question in case.questions.items():
        if question.open and question.asked == unit:
            lapsed = replace(question, state=QuestionState.LAPSED, settled=at)
            case = settle(replace(case, questions=put(case.questions, name, lapsed)), name)
    return case


def ask(case: Case, author: Author, unit: str, text: str, due: datetime, now: datetime) -> tuple[Event, ...]:
    """Ask an actor unit; refuse one's own unit, a unit outside the case and a time that has passed."""
    require_text(text)
    if unit == author.unit:
        raise Refused("questions/own-unit")
    if unit not in case.actors:
        raise Refused("questions/not-an-actor", unit=unit)
    if due <= now:
        raise Refused("questions/past", due=due)
    return (QuestionAsked(case.next("F"), unit, text, due),)


def open_to(case: Case, unit: str) -> tuple[Question, ...]:
    """Return the questions that a unit has still to answer, oldest first."""
    return tuple(q for q in case.questions.values() if q.open and q.asked == unit)


def choose(case: Case, author: Author, name: str | None) -> Question:
    """Return the question that is meant: the named one, or the only one open to the author's unit (commands 3)."""
    if name is not None:
        question = case.questions.get(name)
        if question is None:
            raise Refused("questions/unknown", object=name, open=open_to(case, author.unit))
        return question
    waiting = open_to(case, author.unit)
    if len(waiting) != 1:
        raise Refused("questions/which" if waiting else "questions/none-open", open=waiting)
    return waiting[0]


def answer(case: Case, author: Author, name: str | None, text: str, now: datetime) -> tuple[Event, ...]:
    """Answer for the asked unit. A text that ends with a question mark is a counter-question (commands 3)."""
    require_text(text)
    question = choose(case, author, name)
    if question.asked != author.unit:
        raise Refused("questions/asked-another", object=question.object, unit=question.asked)
    if not question.open:
        raise Refused("questions/answered-already", object=question.object)
    if text.rstrip().endswith("?"):
        return (CounterAsked(question.object, text),)
    return (QuestionAnswered(question.object, text, now > question.due),)
