"""What is waited for in a case: by whom, for what, until when. Lägesbild, digests, ladder and "bollen ligger hos" all read it here.

An expectation is derived from the case and the rules at any moment, never stored; when it is met it is no longer derived.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from care import deadlines
from care.actors import Standing
from care.case import Case
from care.closing import silent
from care.ladder import Step, StepTaken, due_key
from care.meetings import coming
from care.people import Directory
from care.profile import Profile
from care.reviews import slot_after


class Matter(StrEnum):
    """What is expected of a unit."""

    ACCEPT = "tacka ja eller nej"
    ACKNOWLEDGE = "kvittera"
    ANSWER = "svara på fråga"
    REPLY = "svara på kallelse"
    FOLLOW_UP = "följ upp planen"
    CLOSE = "svara om avslut"
    MEETING_DAY = "möte nästa arbetsdag"
    MEETING_HOUR = "möte inom en timme"


LADDERED = frozenset({Matter.ACCEPT, Matter.ACKNOWLEDGE, Matter.ANSWER, Matter.REPLY, Matter.FOLLOW_UP})
"""What climbs the ladder when it is missed (process 3.0.7)."""

WARNED = frozenset({Matter.ANSWER, Matter.REPLY})
"""What is warned about before its deadline (step 2); acknowledgements are for the review, follow-ups have reminders of their own."""

LATE_AFTER_MINUTES = 5
"""What is said later than this after its time is marked as late (architecture 3)."""

PLAN = "P1"
"""The object name of the plan."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides times and addressees besides the case itself."""

    profile: Profile
    directory: Directory


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that a unit is expected to do until `deadline` (an instant); `revision` changes when it is expected anew."""

    matter: Matter
    object: str
    unit: str
    since: datetime
    deadline: datetime
    revision: str = "1"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that the timer will bring up at `at`: a ladder step, or a reminder of what is agreed (`unit` "": all called units)."""

    matter: Matter
    object: str
    unit: str
    step: Step
    at: datetime
    deadline: datetime
    revision: str

    def key(self, case: str) -> str:
        """Return what makes it happen once: `{case}:{object}:{matter and revision}:{step}:{recipient}` (architecture 3)."""
        return due_key(case, self.object, self.matter.name, self.revision, self.step, self.unit)

    def taken(self, now: datetime) -> StepTaken:
        """Return the journal's event for bringing it up now."""
        late = now - self.at > timedelta(minutes=LATE_AFTER_MINUTES)
        return StepTaken(self.object, self.matter.name, self.unit, self.step, self.at, self.deadline, late, self.revision)


def expectations(case: Case, rules: Rules) -> tuple[Expected, ...]:
    """Return what is waited for in an open case, the earliest deadline first."""
    if not case.open:
        return ()
    found = [*_acceptances(case, rules), *_acknowledgements(case, rules), *_answers(case), *_replies(case, rules), *_words(case, rules)]
    found += _follow_up(case)
    return tuple(sorted(found, key=lambda e: (e.deadline, e.unit, e.object)))


def _acceptances(case: Case, rules: Rules) -> Iterator[Expected]:
    for actor in case.actors.values():
        if actor.standing is Standing.TILLAGD:
            missed = deadlines.acknowledgement_missed(actor.since, rules.profile)
            yield Expected(Matter.ACCEPT, actor.object, actor.unit, actor.since, missed)


def _acknowledgements(case: Case, rules: Rules) -> Iterator[Expected]:
    for notice in case.notices.values():
        if notice.object.startswith("A"):
            continue
        missed = deadlines.acknowledgement_missed(notice.posted, rules.profile)
        for unit in sorted(notice.waiting):
            yield Expected(Matter.ACKNOWLEDGE, notice.object, unit, notice.posted, missed, str(notice.revision))


def _answers(case: Case) -> Iterator[Expected]:
    for question in case.questions.values():
        if question.open:
            yield Expected(Matter.ANSWER, question.object, question.asked, question.posted, question.due)


def _replies(case: Case, rules: Rules) -> Iterator[Expected]:
    for meeting in coming(case):
        for unit in meeting.awaited:
            again = meeting.taken_back.get(unit, ())
            since = again[-1] if again else meeting.posted
            deadline = min(deadlines.kallelse_unanswered(since, rules.profile), max(meeting.call.start, since))
            revision = f"{meeting.sequence}.{len(again)}" if again else str(meeting.sequence)
            yield Expected(Matter.REPLY, meeting.object, unit, since, deadline, revision)


def _follow_up(case: Case) -> Iterator[Expected]:
    if case.plan and (day := case.plan.awaiting):
        since = max(case.plan.versions[0].at, case.plan.dated or case.opened)
        unit = case.plan.coordinator or case.initiator
        yield Expected(Matter.FOLLOW_UP, PLAN, unit, since, deadlines.follow_up_missed(day), day.isoformat())


def _words(case: Case, rules: Rules) -> Iterator[Expected]:
    if case.proposal:
        deadline = deadlines.closing_answer_due(case.proposal.posted, rules.profile)
        for unit in silent(case) or (case.initiator,):
            yield Expected(Matter.CLOSE, "Ä1", unit, case.proposal.posted, deadline, str(case.proposal.round))


def due_items(case: Case, rules: Rules) -> tuple[Due, ...]:
    """Return everything that the timer will bring up in the case as it is now, the earliest first."""
    if not case.open:
        return ()
    found = [due for expected in expectations(case, rules) for due in _steps(expected, rules)]
    found += [*_meeting_reminders(case, rules), *_follow_up_reminders(case, rules), *_silence(case, rules)]
    return tuple(sorted(found, key=lambda due: (due.at, due.object, due.unit, due.step)))


def _steps(expected: Expected, rules: Rules) -> Iterator[Due]:
    def step(number: Step, at: datetime) -> Due:
        return Due(expected.matter, expected.object, expected.unit, number, at, expected.deadline, expected.revision)

    if expected.matter not in LADDERED:
        return
    if expected.matter in WARNED:
        hours = rules.directory.units[expected.unit].hours
        warned = deadlines.warn_at(expected.since, expected.deadline, hours, rules.profile)
        if warned:
            yield step(Step.WARN, warned)
    yield step(Step.MISSED, expected.deadline)
    yield step(Step.CHIEF, deadlines.chief_at(expected.deadline, rules.profile))


def _meeting_reminders(case: Case, rules: Rules) -> Iterator[Due]:
    for meeting in coming(case):
        start = meeting.call.start
        moments = (
            (Matter.MEETING_DAY, deadlines.meeting_day_before(start, rules.profile)),
            (Matter.MEETING_HOUR, deadlines.meeting_just_before(start, rules.profile)),
        )
        for matter, at in moments:
            if at > meeting.posted:
                yield Due(matter, meeting.object, "", Step.REMIND, at, start, str(meeting.sequence))


def _follow_up_reminders(case: Case, rules: Rules) -> Iterator[Due]:
    for expected in _follow_up(case):
        day = datetime.fromisoformat(expected.revision).date()
        for number, at in enumerate(deadlines.follow_up_reminders(day, rules.profile)):
            if at > expected.since:
                revision = f"{expected.revision}.{number}"
                yield Due(Matter.FOLLOW_UP, PLAN, expected.unit, Step.REMIND, at, expected.deadline, revision)


def _silence(case: Case, rules: Rules) -> Iterator[Due]:
    if case.proposal and silent(case):
        deadline = deadlines.closing_answer_due(case.proposal.posted, rules.profile)
        at = slot_after(deadline, rules.profile.staffed)
        yield Due(Matter.CLOSE, "Ä1", case.initiator, Step.REMIND, at, deadline, str(case.proposal.round))


@dataclass(frozen=True, slots=True)
class Ball:
    """Whose turn it is (architecture 10): the unit, what for, since when, until when, and who is next."""

    unit: str
    matter: Matter | None
    object: str
    since: datetime
    deadline: datetime | None
    next_unit: str = ""


def ball(case: Case, rules: Rules) -> Ball:
    """Return with whom the ball lies: whoever must act first; with nothing to wait for, the initiating unit."""
    waiting = expectations(case, rules)
    if not waiting:
        return Ball(case.initiator, None, "", case.touched, None)
    first = waiting[0]
    following = next((e.unit for e in waiting if e.unit != first.unit), "")
    return Ball(first.unit, first.matter, first.object, first.since, first.deadline, following)
