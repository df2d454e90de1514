"""The lägesbild: one message that is always true, pinned, edited in place, never ringing (commands 5)."""

from care.effects import Words
from care.expected import Expected, Matter, ball, expectations
from care.language import Language
from care.meetings import coming
from care.messages import Notice
from texts.announce.stage import Stage

QUESTIONS = 15
"""Open questions that are shown, those first that are to be answered first: a message may hold so much and no more."""
WAITING = 8
"""What is shown of what waits for one unit."""


def overview(stage: Stage, language: Language | None = None) -> Words:
    """Return the lägesbild of the case as it is: whose turn it is first, then person, purpose, actors, meetings and plan.

    It is in the language of the rooms, or in that of somebody who asked for it.
    """
    case, rules = stage.case, stage.rules
    waiting = expectations(case, rules)
    questions = tuple(q for q in case.questions.values() if q.open)
    return stage.words_in(
        language or stage.spoken.rooms,
        "overview/overview",
        ball=ball(case, rules),
        todo={unit: tuple(e for e in waiting if e.unit == unit) for unit in case.actors},
        unread={unit: _unread(tuple(case.notices.values()), unit) for unit in case.actors},
        questions=questions if len(questions) <= QUESTIONS else tuple(sorted(questions, key=lambda q: q.due)[:QUESTIONS]),
        more_questions=max(len(questions) - QUESTIONS, 0),
        WAITING=WAITING,
        meetings=coming(case),
        plan=case.plan,
        Matter=Matter,
        late=_late(waiting, stage),
    )


def _unread(notices: tuple[Notice, ...], unit: str) -> tuple[str, ...]:
    return tuple(notice.object for notice in notices if unit in notice.waiting)


def _late(waiting: tuple[Expected, ...], stage: Stage) -> frozenset[Expected]:
    return frozenset(e for e in waiting if e.deadline <= stage.now)
