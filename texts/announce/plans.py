"""The plan's rows in their thread, the established plan as a document, and its follow-up."""

from collections.abc import Iterator
from functools import partial

from care.case import Entry
from care.effects import Anchor, Attach, Effect, Say
from care.expected import PLAN
from care.plans import CoordinatorSet, FollowedUp, FollowUpSet, GoalSet, MeasureSet, Plan, PlanEstablished, plan_of
from texts.announce.stage import Stage, object_key
from texts.plan_document import plan_document


def _rooted(stage: Stage, entry: Entry) -> Iterator[Effect]:
    """Begin the plan's thread, once; the key makes a repetition harmless."""
    root = object_key(entry.case, PLAN)
    yield Say(root, stage.room, words=stage.words("plans/root", entry=entry), about=PLAN)


def _row(template: str, stage: Stage, entry: Entry, event: GoalSet | MeasureSet | CoordinatorSet | FollowUpSet) -> Iterator[Effect]:
    plan = plan_of(stage.case)
    yield from _rooted(stage, entry)
    yield stage.notice(entry, template, object_key(entry.case, PLAN), event=event, plan=plan, lacking=plan.lacking)


goal = partial(_row, "plans/goal")
measure = partial(_row, "plans/measure")
coordinator = partial(_row, "plans/coordinator")
follow_up_set = partial(_row, "plans/follow_up_set")


def established(stage: Stage, entry: Entry, event: PlanEstablished) -> Iterator[Effect]:
    """Ring every unit, and hand out the plan as PDF."""
    plan: Plan = plan_of(stage.case)
    thread = Anchor(key=object_key(entry.case, PLAN))
    yield Say(
        stage.key(entry, "established"),
        stage.room,
        words=stage.words("plans/established", entry=entry, event=event, plan=plan),
        rings=stage.rung(*stage.others(entry.author.unit)),
        thread=thread,
        about=PLAN,
    )
    name = f"plan-{stage.case.number}-version-{event.version_number}.pdf"
    data = plan_document(stage.case, stage.rules, entry.decided)
    yield Attach(stage.key(entry, "pdf"), stage.room, name=name, mime="application/pdf", data=data, thread=thread, about=PLAN)


def followed_up(stage: Stage, entry: Entry, event: FollowedUp) -> Iterator[Effect]:
    """Tell every unit how far the goals have come."""
    words = stage.words("plans/followed_up", entry=entry, event=event, plan=plan_of(stage.case))
    thread = Anchor(key=object_key(entry.case, PLAN))
    yield Say(
        stage.key(entry, "followed_up"),
        stage.room,
        words=words,
        rings=stage.rung(*stage.others(entry.author.unit)),
        thread=thread,
        about=PLAN,
    )
