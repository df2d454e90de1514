"""The course of a form: read anew with each answer, asked on, shown, ended (commands 1).

It lives sealed under its own key, and what was typed in it is gone when it ends.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from care.case import Case
from care.codenames import noun
from care.refusal import Refused
from commands.declare import Command, Parameter, Weight
from commands.desk import CaseDesk, Desk, OpeningDesk
from commands.forms.form import Form, Line, choices, chosen_from, line, numbered, placed
from commands.identities import compared, shown
from commands.identities import word as last_groups
from commands.outcome import Decided, Opened, Outcome, Trusting
from commands.perform import perform
from commands.reading import Invocation, Misread, caret, read
from commands.serve import case_here, needs_of, rehearse, serve
from commands.session import Session
from commands.veil import hidden, veiled
from store import codec, counts, dialogues, rooms
from store.dialogues import Dialogue

COUNTED = frozenset({"opening/protected", "opening/no-consent"})
"""Refusals that stop an opening and leave nothing but a count (process 3.1)."""


@dataclass(frozen=True, slots=True)
class Course:
    """A form on its way: where it lives, what it holds, and of which command it is."""

    session: Session
    dialogue: Dialogue
    form: Form
    command: Command

    def at(self, form: Form) -> "Course":
        """Return the course further on."""
        return replace(self, form=form)


def weighs(command: Command, outcome: Outcome) -> bool:
    """Whether a step is confirmed first: one of weight that shows what it starts; a word on a proposal is its own confirmation."""
    begins = isinstance(outcome, Opened | Trusting) or (isinstance(outcome, Decided) and outcome.starts is not None)
    return command.weight is Weight.HEAVY and begins


def expiry(session: Session) -> datetime:
    """Return when a form ends that is answered now and never again."""
    return session.now + session.setting.profile.dialogue_expiry.length


def key_of(dialogue: Dialogue) -> str:
    """Return how the outbox keys of all that a form says begin."""
    return f"form:{dialogue.id}:"


async def destroy(session: Session, dialogue: Dialogue) -> None:
    """Destroy a form; what was typed in it leaves the write-ahead log too."""
    await dialogues.end(session.tx, session.vault, dialogue.id, session.machine)
    session.forget = True


async def say_in(course: Course, template: str, **values: object) -> None:
    """Answer in the form's place, under its key."""
    session, dialogue = course.session, course.dialogue
    key = f"{key_of(dialogue)}{session.message.event}:{session.answered}"
    await session.say(template, key=key, scope=dialogue.scope, root=dialogue.root, **values)


async def keep(course: Course) -> None:
    """Keep the form as it has become."""
    kept = replace(course.dialogue, state=codec.encode(course.form), expires=expiry(course.session))
    await dialogues.go_on(course.session.tx, course.session.vault, kept)


async def read_form(course: Course) -> tuple[Invocation | Misread | None, Line]:
    """Return the form as the reader reads it now; None if it is no longer this command here."""
    session, form = course.session, course.form
    case = await case_here(session)
    scene = session.scene(tuple(case.actors) if case else (), now=form.read_at, html=form.html)
    whole = line(form, course.command)
    found = read(whole.text, session.desk().commands, scene)
    known = (isinstance(found, Invocation) and found.command is course.command) or isinstance(found, Misread)
    return (found if known and isinstance(found, Invocation | Misread) else None), whole


async def advance(course: Course, *, unread: str = "") -> None:
    """Read the form with its newest answer; ask again, ask on, or show what it will start."""
    found, whole = await read_form(course)
    if isinstance(found, Invocation):
        await _go_on(course, found, unread)
    elif found and course.form.answers and (misread := placed(found, whole)):
        example = course.command.parameter(course.form.answers[-1].name).arg.example
        await say_misread(course.at(course.form.back()), replace(misread, example=example), whole.newest)
    elif found and course.form.asking and not course.form.answers:
        await ask(course, course.command.parameter(course.form.asking))
    else:
        await destroy(course.session, course.dialogue)
        await course.session.say("form/outdated", root=course.dialogue.root)


async def say_misread(course: Course, misread: Misread, given: str) -> None:
    """Say what was not understood of an answer, and keep the question open; several units are chosen from by number."""
    if choice := numbered(misread, course.command.parameter(course.form.asking), given):
        misread, course = choice, course.at(replace(course.form, shown=chosen_from(choice)))
    await keep(course)
    values = {"misread": misread, "caret": caret(veiled(given), misread.at), **hidden(misread.values)}
    await say_in(course, f"misread/{misread.reason.value}", **values)


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
    """Return what the form asks next: what is missing, in its order, then what it offers and was not answered."""
    command, needs = invocation.command, needs_of(invocation.command)
    asked = {a.name for a in form.answers}
    missing = sorted(invocation.missing, key=lambda name: needs.order.index(name) if name in needs.order else len(needs.order))
    offered = [name for name in needs.offers if name not in invocation.values and name not in asked] if form.answers else []
    name = next(iter((*missing, *offered)), None)
    return command.parameter(name) if name else None


async def ask(course: Course, parameter: Parameter, *, unread: str = "", needed: bool = False) -> None:
    """Ask for an argument; `needed` tells that it cannot be skipped."""
    case = await case_here(course.session)
    shown = choices(parameter, case, _names(course.session, case), course.session.language)
    course = course.at(replace(course.form, asking=parameter.name, shown=tuple(choice.typed for choice in shown), word=""))
    await keep(course)
    first, optional = not course.form.answers, not parameter.required
    values = {"command": course.command, "parameter": parameter, "choices": shown, "optional": optional, "first": first}
    await say_in(course, "form/question", unread=unread, needed=needed, **values)


def _names(session: Session, case: Case | None) -> dict[str, str]:
    if case is None:
        return {}
    units = {unit: session.directory.units[unit].name for unit in case.actors}
    return units | {user: session.directory.name_of(user) for user in case.participants}


async def _show(course: Course, invocation: Invocation) -> None:
    """Do an ordinary step at once; show the summary of a step of weight, and what confirms it."""
    session = course.session
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
        await say_in(course, "form/summary_opening", outcome=outcome, acting=desk.author.unit, word=course.form.word)
        return
    if isinstance(outcome, Trusting):
        units = tuple(sorted(session.directory.units_of(outcome.user)))
        values = {"keys": tuple(shown(key) for key in compared(outcome)), "vouched": bool(outcome.vouching)}
        await say_in(course, "form/summary_trust", user=outcome.user, since=outcome.since, units=units, **values)
        return
    assert isinstance(desk, CaseDesk)
    assert isinstance(outcome, Decided)
    assert outcome.starts is not None
    await session.note_look(desk.case.id, desk.author.unit, "form/summary")
    common = {"case": desk.case, "acting": desk.author.unit, "word": course.form.word, "starts": f"{outcome.starts.template}.md.j2"}
    await say_in(course, "form/summary", **{**outcome.starts.values, **common})


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
        await say_in(course, f"refusals/{refused.reason}", **refused.values)
        await ask(course.at(corrected), course.command.parameter(name))
        return
    await destroy(session, dialogue)
    if refused.reason in COUNTED:
        await counts.add(session.tx, session.desk().today, refused.reason.replace("/", "."))
    await session.refuse(refused, root=dialogue.root)
    if await rooms.origin(session.tx, course.form.event) is None:
        await rooms.note_origin(session.tx, course.form.event, "", "")
