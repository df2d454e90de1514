"""The plan: goals, measures, responsibility, follow-up, establishing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from care import plans
from care.deadlines import follow_up_reminders
from care.people import Unit
from care.plans import Measure, Plan, plan_of
from care.plans import Outcome as Reached
from care.refusal import Refused
from commands.declare import Arg, ObjectRef
from commands.desk import CaseDesk
from commands.outcome import Decided, Outcome, Told
from commands.pages import PageNumber, page

MARK = re.compile(r"^\s*(?:[-–—•*]|\d{1,2}[.)])\s+")
"""What stands before a row of a list."""
PAGE = 5
"""Goals and measures on a page: the first one also says what the plan has and lacks."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan as it is shown: a goal, or a measure towards it."""

    goal: str
    text: str
    measure: Measure | None = None


def goal(
    desk: CaseDesk, text: Annotated[str, Arg(ask="Vilket är målet?", why="Med personens egna ord, om det går. Ett mål per rad.", rest=True)]
) -> Outcome:
    """Write a goal, or several: each line is one, with or without the mark of a list before it."""
    rows = tuple(row for line in text.splitlines() if (row := MARK.sub("", line).strip()))
    return Decided(plans.goal(desk.case, *(rows or ("",))))


def measure(
    desk: CaseDesk,
    text: Annotated[str, Arg(ask="Vad ska göras?", rest=True)],
    *,
    ansvar: Annotated[Unit, Arg(ask="Vilken enhet ansvarar?", why="Varje insats har precis en ansvarig enhet.", en="responsible")],
    mål: Annotated[ObjectRef | None, Arg(ask="Vilket mål hör den till?", en="goal", example="M1")] = None,  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Write a measure with its responsible unit."""
    name = None if mål is None else f"M{mål}" if mål.isdigit() else str(mål)
    return Decided(plans.measure(desk.case, text, name, ansvar.id))


def coordinator(
    desk: CaseDesk,
    enhet: Annotated[Unit, Arg(ask="Vilken enhet samordnar planen?", why="Precis en enhet har samordningsansvaret.", en="unit")],
) -> Outcome:
    """Give a unit the coordinating responsibility."""
    return Decided(plans.coordinate(desk.case, enhet.id))


def follow_up_on(
    desk: CaseDesk,
    datum: Annotated[date, Arg(ask="Vilken dag följs planen upp?", why="En plan utan uppföljning glöms bort.", en="date", example="1 dec")],
) -> Outcome:
    """Decide the day of the follow-up."""
    return Decided(plans.follow_up_on(datum, desk.today))


def show(desk: CaseDesk, sida: PageNumber = 1) -> Outcome:
    """Show the plan, each goal with its measures."""
    plan = plan_of(desk.case)
    shown = page(_lines(plan), max(1, sida), PAGE)
    return Told("plans/show", {"case": desk.case, "plan": plan, "lacking": plan.lacking, "page": shown}, shows=(desk.case.id,))


def _lines(plan: Plan) -> tuple[Line, ...]:
    """Return the goals in their order, each followed by the measures towards it."""
    measures = plan.measures.values()
    return tuple(
        line
        for name, text in plan.goals.items()
        for line in (Line(name, text), *(Line(name, each.text, each) for each in measures if each.goal == name))
    )


def establish(desk: CaseDesk) -> Outcome:
    """Establish the plan as a new version."""
    events, plan = plans.establish(desk.case, desk.today), plan_of(desk.case)
    assert plan.follow_up is not None
    others = tuple(unit for unit in desk.case.actors if unit != desk.author.unit)
    reminders = tuple(at for at in follow_up_reminders(plan.follow_up, desk.rules.profile) if at > desk.now)
    values = {"plan": plan, "version": len(plan.versions) + 1, "others": others, "reminders": reminders}
    return Decided(events, starts=Told("confirm/plan_establish", values))


def established(desk: CaseDesk, _given: Mapping[str, object]) -> None:
    """Refuse at once to follow up what is not to be followed up."""
    if plan_of(desk.case).awaiting is None:
        raise Refused("plans/nothing-to-follow-up")


def follow_up(
    desk: CaseDesk,
    utfall: Annotated[Reached, Arg(ask="Hur långt har ni nått?", en="outcome")],
    text: Annotated[str, Arg(ask="Vad visade uppföljningen?", rest=True)] = "",
    *,
    nästa: Annotated[date | None, Arg(ask="När är nästa uppföljning?", en="next", example="1 mars")] = None,  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Record the follow-up of the plan."""
    return Decided(plans.follow_up(desk.case, utfall, text, nästa, desk.today))
