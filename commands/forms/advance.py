"""A form that goes on: it asks again or on, shows what it will start, does it, or ends (commands 1)."""

from dataclasses import replace

from care.codenames import noun
from care.refusal import Refused
from commands.declare import Parameter
from commands.desk import CaseDesk, Desk, OpeningDesk
from commands.forms.asking import ask, ask_again
from commands.forms.course import Course, destroy, keep, read_form, reader_here, say_in, weighs
from commands.forms.form import Form, Line, placed
from commands.forms.items import around
from commands.forms.mending import mended
from commands.identities import compared, shown
from commands.identities import word as last_groups
from commands.outcome import Decided, Opened, Outcome, Trusting
from commands.perform import perform
from commands.reading import Invocation, Misread
from commands.serve import needs_of, rehearse, serve
from store import counts, rooms

COUNTED = frozenset({"opening/protected", "opening/no-consent"})
"""Refusals that stop an opening and leave nothing but a count (process 3.1)."""


async def advance(course: Course, *, unread: str = "") -> None:
    """Read the form with its newest answer; ask again, ask on, or show what it will start."""
    found, whole = await read_form(course)
    if isinstance(found, Invocation):
        await _go_on(course, found, unread)
    elif found and course.form.answers and (misread := placed(found, whole)):
        asked = course.command.parameter(course.form.asking)
        form = replace(course.form.back(), whole=False, around=around(whole.newest, misread) if asked.many else ())
        await ask_again(course.at(form), asked, misread, whole.newest)
    elif found and (further := await _further(course, found, whole)):
        await ask_again(*further)
    else:
        await destroy(course.session, course.dialogue)
        await course.session.say("form/outdated", root=course.dialogue.root)


async def _further(course: Course, misread: Misread, whole: Line) -> tuple[Course, Parameter, Misread, str] | None:
    """Return what else is asked about a line that was mended in one place and is wrong in another."""
    form, read_here = course.form, await reader_here(course.session, course.form)
    found = mended(form.text, misread, read_here, whole.text[len(form.text) :]) if form.mending else None
    if found is None:
        return None
    form = replace(form, text=found.text, whole=found.whole, around=found.around, cut=(*form.cut, misread.name))
    return course.at(form), course.command.parameter(misread.name), found.misread, whole.text


async def _go_on(course: Course, invocation: Invocation, unread: str = "") -> None:
    parameter = _next(course.form, invocation)
    try:
        await rehearse(course.session, invocation)
        if parameter:
            await ask(course, parameter, unread=unread)
        else:
            await _show(course, invocation)
    except Refused as refused:
        await refuse(course, refused, invocation)


def _next(form: Form, invocation: Invocation) -> Parameter | None:
    """Return what the form asks next: what was cut from the line, what is missing, in order, then what it offers and was not answered."""
    command, needs = invocation.command, needs_of(invocation.command)
    asked = {a.name for a in form.answers}
    cut = (each for each in form.cut if each not in {*invocation.values, *asked})
    missing = sorted(invocation.missing, key=lambda name: needs.order.index(name) if name in needs.order else len(needs.order))
    offers = needs.offers if form.answers and not form.mending else ()
    offered = [name for name in offers if name not in invocation.values and name not in asked]
    name = next(iter((*cut, *missing, *offered)), None)
    return command.parameter(name) if name else None


async def _show(course: Course, invocation: Invocation) -> None:
    """Do an ordinary step at once; show the summary of a step of weight, and what confirms it."""
    session = course.session
    session.chosen = course.form.tapped
    desk, outcome = await serve(session, invocation)
    if not weighs(invocation.command, outcome):
        await destroy(session, course.dialogue)
        await perform(session, desk, outcome, course.form.event)
        return
    about = outcome.identity if isinstance(outcome, Trusting) else ""
    course = course.at(replace(course.form, asking="", word=_word(desk, outcome), about=about))
    await keep(course)
    if isinstance(outcome, Opened):
        assert isinstance(desk, OpeningDesk)
        await say_in(course, "form/summary_opening", {"outcome": outcome, "acting": desk.author.unit, "word": course.form.word})
        return
    if isinstance(outcome, Trusting):
        units = tuple(sorted(session.directory.units_of(outcome.user)))
        person = {"user": outcome.user, "since": outcome.since, "units": units}
        values = {"keys": tuple(shown(key) for key in compared(outcome)), "vouched": bool(outcome.vouching)}
        await say_in(course, "form/summary_trust", {**person, **values})
        return
    assert isinstance(desk, CaseDesk)
    assert isinstance(outcome, Decided)
    assert outcome.starts is not None
    await session.note_look(desk.case.id, desk.author.unit, "form/summary")
    common = {"case": desk.case, "acting": desk.author.unit, "word": course.form.word, "starts": f"{outcome.starts.template}.md.j2"}
    await say_in(course, "form/summary", {**outcome.starts.values, **common})


def _word(desk: Desk, outcome: Outcome) -> str:
    """Return what confirms: the codename's noun, before a case exists the birth year (commands 1), for an identity its keys."""
    if isinstance(outcome, Opened):
        return str(outcome.identity.born)
    if isinstance(outcome, Trusting):
        return last_groups(outcome)
    assert isinstance(desk, CaseDesk)
    return noun(desk.case.codename)


async def refuse(course: Course, refused: Refused, invocation: Invocation) -> None:
    """Ask again for the argument that a refusal is about; otherwise end the form with the reason.

    What an opening was told is destroyed; only a count remains (process 3.1).
    """
    session, dialogue = course.session, course.dialogue
    name = needs_of(course.command).mends.get(refused.reason, "")
    corrected = course.form.without(name)
    if name and (name not in invocation.values or corrected != course.form):
        await say_in(course, f"refusals/{refused.reason}", refused.values)
        await ask(course.at(corrected), course.command.parameter(name))
        return
    await destroy(session, dialogue)
    if refused.reason in COUNTED:
        await counts.add(session.tx, session.desk().today, refused.reason.replace("/", "."))
    await session.refuse(refused, root=dialogue.root)
    if await rooms.origin(session.tx, course.form.event) is None:
        await rooms.note_origin(session.tx, course.form.event, "", "")
