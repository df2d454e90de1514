"""Random stories: any sequence of steps that the rules allow, from opening to closing and the timer in between."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from care import actors, closing, meetings, messages, plans, questions
from care.case import Author, Case, Event
from care.clock import local
from care.expected import due_items
from care.kallelse import Call, Relatives, Venue
from care.ladder import StepTaken
from care.refusal import Refused
from tests.store.builders import AUTHORS, BIST, DIRECTORY, HSV, HT, RULES, TIMER, VC, Story, opened

Move = Callable[[Case, Author, Story], Sequence[Event]]


def _add(case: Case, _: Author, __: Story) -> Sequence[Event]:
    return actors.add(case, HT, DIRECTORY.receivers(HT))


def _ask(case: Case, by: Author, story: Story) -> Sequence[Event]:
    return questions.ask(case, by, HSV, "När kan ni komma?", story.at + timedelta(hours=30), story.at)


def _call(case: Case, by: Author, story: Story) -> Sequence[Event]:
    start = story.at + timedelta(days=3)
    units = tuple(case.actors)
    wanted = Call("SIP", start, start + timedelta(hours=1), Venue.HEM, units, by.user, Relatives.JA, phone="tolka")
    return meetings.call(case, wanted, story.at)


def _move(case: Case, _: Author, story: Story) -> Sequence[Event]:
    return meetings.move(case, None, story.at + timedelta(days=5), None, "förhinder", story.at)


def _plan(case: Case, by: Author, story: Story) -> Sequence[Event]:
    day: date = local(story.at).date() + timedelta(days=30)
    return (*plans.goal(case, "Bo hemma"), *plans.coordinate(case, by.unit), *plans.follow_up_on(day, local(story.at).date()))


def _measure(case: Case, by: Author, _: Story) -> Sequence[Event]:
    return plans.measure(case, "Tillsyn varje kväll", next(iter(plans.plan_of(case).goals), None), by.unit)


def _answer(case: Case, by: Author, _: Story) -> Sequence[Event]:
    return meetings.reply(case, by, None, meetings.Answer.JA)


MOVES: tuple[Move, ...] = (
    _add,
    _ask,
    _call,
    _move,
    _plan,
    _measure,
    _answer,
    lambda case, by, _: actors.accept(case, by, by.user),
    lambda case, by, _: actors.decline(case, by, "inte vår patient"),
    lambda case, by, _: actors.remove(case, by.unit, "klart"),
    lambda case, _, __: messages.post(case, "Hemgång på torsdag"),
    lambda case, by, _: messages.acknowledge(case, by, ()),
    lambda case, by, story: questions.answer(case, by, None, "På måndag.", story.at),
    lambda case, _, __: meetings.recall(case, None, "sjukdom"),
    lambda case, _, __: plans.establish(case),
    lambda case, by, _: closing.propose(case, by, closing.Reason.MALEN_UPPFYLLDA, 0),
    lambda case, by, _: closing.agree(case, by),
    lambda case, by, _: closing.oppose(case, by, "inte än"),
)


def bring_up(story: Story) -> None:
    """Let the timer take a step for all that is due in the case and was not brought up before."""
    said = {each.event.key(each.case) for step in story.steps for each in step if isinstance(each.event, StepTaken)}
    for item in due_items(story.now, RULES):
        if item.at <= story.at and item.key(story.case_id) not in said:
            story.tell((item.taken(story.at),), TIMER, timedelta())


def go_on(story: Story, chosen: Sequence[tuple[int, str, int]]) -> Story:
    """Tell a story on: each choice is a move, a unit that makes it, and how many hours later; what is refused does not happen."""
    for move, unit, hours in chosen:
        if not story.now.open:
            break
        story.at += timedelta(hours=hours)
        bring_up(story)
        by = AUTHORS[unit]
        if unit not in story.now.actors:
            continue
        try:
            events = MOVES[move](story.now, by, story)
        except Refused:
            continue
        if events:
            story.tell(events, by)
    return story


def stories(most: int = 25) -> st.SearchStrategy[Story]:
    """Draw stories of up to so many moves."""
    choice = st.tuples(st.integers(0, len(MOVES) - 1), st.sampled_from([VC, BIST, HSV, HT]), st.sampled_from([0, 1, 7, 30, 200]))
    return st.lists(choice, max_size=most).map(lambda chosen: go_on(opened(), chosen))
