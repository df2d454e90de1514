"""Every refusal of the rules, provoked by the rule itself, as the writer reads it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from care import actors, closing, consent, meetings, messages, opening, plans, questions
from care.case import Case, Source
from care.closing import CaseClosed, CaseReopened, ClosingProposed, Reason
from care.consent import Consent, Form
from care.identity import parse, reserve
from care.kallelse import Call, Relatives, Venue
from care.ladder import Step, StepTaken
from care.meetings import Answer
from care.people import Directory, Role
from care.permissions import check
from care.plans import Outcome
from care.refusal import Refused
from tests.builders import ANNA, BIST, EVA, HSV, HT, NOOR, ULLA, VC, at, author, opened, running, step
from tests.texts.samples import rules

NOW = at("2026-09-07 09:00")
TODAY = date(2026, 9, 1)
REVISOR = author("vera", VC, Role.REVISOR)
TAPPED = replace(NOOR, source=Source.REACTION)
DIRECTORY = rules().directory
SHUT = Directory(DIRECTORY.huvudman, {**DIRECTORY.units, HT: replace(DIRECTORY.units[HT], open=False)}, DIRECTORY.members)
BASE = running(BIST, HSV)
CALL = Call(
    purpose="Planera hjälpen hemma",
    start=at("2026-09-15 13:00"),
    end=at("2026-09-15 14:00"),
    venue=Venue.HEM,
    units=(BIST, HSV),
    leader=ANNA.user,
    relatives=Relatives.NEJ,
    phone="031-390 06 99",
)
ASKED = step(BASE, ANNA, questions.ask(BASE, ANNA, HSV, "Hur ofta kommer ni?", at("2026-09-08 14:00"), NOW), NOW)
ASKED_TWICE = step(ASKED, ULLA, questions.ask(ASKED, ULLA, HSV, "Behövs dubbelbemanning?", at("2026-09-09 14:00"), NOW), NOW)
ANSWERED = step(ASKED, NOOR, questions.answer(ASKED, NOOR, None, "Två gånger om dagen.", NOW), NOW)
POSTED = step(BASE, ANNA, messages.post(BASE, "Hemgång på torsdag."), NOW)
READ = step(POSTED, NOOR, messages.acknowledge(POSTED, NOOR, ()), NOW)
CALLED = step(BASE, ANNA, meetings.call(BASE, CALL, NOW), NOW)
CALLED_TWICE = step(CALLED, ANNA, meetings.call(CALLED, replace(CALL, start=at("2026-09-22 13:00"), end=at("2026-09-22 14:00")), NOW), NOW)
REPLIED = step(CALLED, NOOR, meetings.reply(CALLED, NOOR, None, Answer.JA), NOW)
RECALLED = step(CALLED, ANNA, meetings.recall(CALLED, None, "Patienten är sämre."), NOW)
GOAL = step(BASE, ANNA, plans.goal(BASE, "Gå till brevlådan."), NOW)
MEASURED = step(GOAL, ANNA, plans.measure(GOAL, "Gångträning.", "M1", HSV), NOW)
COORDINATED = step(MEASURED, ANNA, plans.coordinate(MEASURED, HSV), NOW)
WHOLE = step(COORDINATED, ANNA, plans.follow_up_on(date(2026, 10, 15), NOW.date()), NOW)
ESTABLISHED = step(WHOLE, ANNA, plans.establish(WHOLE), NOW)
PROPOSED = step(BASE, ANNA, closing.propose(BASE, ANNA, Reason.MALEN_UPPFYLLDA, 0), NOW)
AGREED = step(PROPOSED, NOOR, closing.agree(PROPOSED, NOOR), NOW)
CLOSED = step(BASE, ANNA, closing.propose(BASE, ANNA, Reason.ATERTAGET_SAMTYCKE, 0), NOW)
REOPENING = CaseReopened("A9", "Nytt fall.", "Grön hare", Consent(Form.MUNTLIGT, HT, EVA.user, NOW, frozenset({HT})))


def _call(**changes: object) -> Callable[[], object]:
    return lambda: meetings.call(BASE, replace(CALL, **changes), NOW)  # type: ignore[arg-type]  # the fields of one kallelse, by name


def _follow_up(case: Case) -> Callable[[], object]:
    return lambda: plans.follow_up(case, Outcome.UPPNATT, "", None, NOW.date())


PROVOKED: tuple[Callable[[], object], ...] = (
    lambda: opening.require_unprotected(protected=True),
    lambda: opening.require_consent(given=False),
    lambda: opening.require_unique(taken=True),
    lambda: opening.require_consulted(consulted=False),
    lambda: opening.require_units(VC, (VC,), DIRECTORY),
    lambda: opening.require_units(VC, (HT,), SHUT),
    lambda: opening.may_start(replace(ANNA, unit=HSV), DIRECTORY),
    lambda: consent.require_covered(covered=False, unit_name=DIRECTORY.units[HT].name),
    lambda: actors.add(BASE, HSV, ()),
    lambda: actors.accept(BASE, NOOR, NOOR.user),
    lambda: actors.remove(BASE, HT, "Behövs inte."),
    lambda: actors.remove(BASE, VC, "Behövs inte."),
    lambda: actors.enter(BASE, NOOR, "Jour."),
    lambda: messages.post(BASE, " "),
    lambda: messages.post(BASE, "x" * 4321),
    lambda: messages.acknowledge(BASE, NOOR, ()),
    lambda: messages.acknowledge(BASE, NOOR, ("K7",)),
    lambda: messages.acknowledge(POSTED, NOOR, ("F1",)),
    lambda: messages.acknowledge(READ, NOOR, ("K1",)),
    lambda: questions.ask(BASE, NOOR, HSV, "Vem?", at("2026-09-08 14:00"), NOW),
    lambda: questions.ask(BASE, NOOR, HT, "Vem?", at("2026-09-08 14:00"), NOW),
    lambda: questions.ask(BASE, NOOR, BIST, "Vem?", at("2026-09-04 14:00"), NOW),
    lambda: questions.answer(ASKED, NOOR, "F9", "Ja.", NOW),
    lambda: questions.answer(BASE, NOOR, "F9", "Ja.", NOW),
    lambda: questions.answer(ASKED_TWICE, NOOR, None, "Ja.", NOW),
    lambda: questions.answer(BASE, NOOR, None, "Ja.", NOW),
    lambda: questions.answer(ASKED, ULLA, "F1", "Ja.", NOW),
    lambda: questions.answer(ANSWERED, NOOR, "F1", "Ja.", NOW),
    _call(start=at("2026-09-01 13:00")),
    _call(end=at("2026-09-15 12:00")),
    _call(purpose=" "),
    _call(phone=""),
    _call(venue=Venue.SJUKHUS),
    _call(units=()),
    _call(units=(HT,)),
    _call(leader=EVA.user),
    lambda: meetings.choose(CALLED, "S9"),
    lambda: meetings.choose(BASE, "S9"),
    lambda: meetings.choose(RECALLED, "S1"),
    lambda: meetings.choose(CALLED_TWICE, None),
    lambda: meetings.choose(BASE, None),
    lambda: meetings.move(CALLED, None, CALL.start, None, "Krock.", NOW),
    lambda: meetings.reply(CALLED, ANNA, None, Answer.JA),
    lambda: meetings.reply(CALLED, NOOR, None, Answer.NEJ),
    lambda: meetings.reply(REPLIED, NOOR, None, Answer.JA),
    lambda: meetings.hold(CALLED, None, (HSV,), person=True, now=NOW),
    lambda: plans.measure(GOAL, "Gångträning.", "M9", HSV),
    lambda: plans.measure(step(GOAL, ANNA, plans.goal(GOAL, "Laga mat."), NOW), "Gångträning.", None, HSV),
    lambda: plans.measure(BASE, "Gångträning.", None, HSV),
    lambda: plans.coordinate(BASE, HT),
    lambda: plans.follow_up_on(NOW.date(), NOW.date()),
    lambda: plans.establish(GOAL),
    lambda: plans.establish(ESTABLISHED),
    _follow_up(WHOLE),
    lambda: closing.propose(PROPOSED, ANNA, Reason.ALLA_OVERENS, 1),
    lambda: closing.agree(BASE, NOOR),
    lambda: closing.agree(AGREED, NOOR),
    lambda: closing.oppose(PROPOSED, ANNA, "Vänta."),
    lambda: check(BASE, CaseClosed(Reason.ALLA_OVERENS), ANNA),
    lambda: check(PROPOSED, CaseClosed(Reason.ALLA_OVERENS), ANNA),
    lambda: check(BASE, messages.MessagePosted("K1", "Hej."), EVA),
    lambda: check(BASE, ClosingProposed(Reason.ALLA_OVERENS, 1), NOOR),
    lambda: check(BASE, messages.Acknowledged("K1", BIST), NOOR),
    lambda: check(CLOSED, REOPENING, EVA),
    lambda: check(BASE, StepTaken("F1", "ANSWER", HSV, Step.MISSED, NOW, NOW, late=False), ANNA),
    lambda: check(BASE, messages.MessagePosted("K1", "Hej."), REVISOR),
    lambda: check(BASE, messages.MessagePosted("K1", "Hej."), TAPPED),
    lambda: check(opened(HSV), REOPENING, ANNA),
    lambda: check(CLOSED, messages.MessagePosted("K1", "Hej."), ANNA),
)
"""One way each to be refused."""


WRONG_NUMBERS: tuple[Callable[[], object], ...] = (
    lambda: parse("19351217-2383", TODAY),
    lambda: parse("20260161-2382", TODAY),
    lambda: parse("19351217-238", TODAY),
    lambda: parse("Ester", TODAY),
    lambda: parse("00000000-0000", TODAY),
    lambda: parse("20130702-2390", date(2013, 7, 1)),
    lambda: reserve("!", "almfors", 1935, TODAY),
    lambda: reserve("19351217-2382", "almfors", 1935, TODAY),
    lambda: reserve("R-77A1", "almfors", 2030, TODAY),
)
"""Numbers that are none."""


def refused(provoke: Callable[[], object]) -> Refused:
    """Return the refusal; an AssertionError says that nothing was refused."""
    try:
        provoke()
    except Refused as refusal:
        return refusal
    raise AssertionError("nothing was refused")
