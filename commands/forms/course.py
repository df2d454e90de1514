"""A form on its way: kept, read anew with each answer, and destroyed (commands 1).

It lives sealed under its own key, and what was typed in it is gone when it ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from commands.declare import Command, Weight
from commands.forms.form import Form, Line, line
from commands.outcome import Decided, Opened, Outcome, Trusting
from commands.reading import Invocation, Misread, Talk, read
from commands.serve import case_here
from commands.session import Session
from store import codec, dialogues
from store.dialogues import Dialogue

NOTHING: Mapping[str, object] = MappingProxyType({})


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


def key_here(course: Course) -> str:
    """Return the outbox key of what the form says next."""
    return f"{key_of(course.dialogue)}{course.session.message.event}:{course.session.answered}"


async def say_in(course: Course, template: str, values: Mapping[str, object] = NOTHING, *, reactions: tuple[str, ...] = ()) -> None:
    """Answer in the form's place, under its key; `reactions` are put there to be tapped."""
    session, dialogue = course.session, course.dialogue
    words = session.words(template, **values)
    await session.tell(words, key=key_here(course), scope=dialogue.scope, root=dialogue.root, reactions=reactions)


async def keep(course: Course) -> None:
    """Keep the form as it has become."""
    kept = replace(course.dialogue, state=codec.encode(course.form), expires=expiry(course.session))
    await dialogues.go_on(course.session.tx, course.session.vault, kept)


async def reader_here(session: Session, form: Form) -> Callable[[str], Invocation | Misread | Talk]:
    """Return what reads a line as if it had been typed here when the form began."""
    case, commands = await case_here(session), session.desk().commands
    scene = session.scene(tuple(case.actors) if case else (), now=form.read_at, html=form.html)
    return lambda text: read(text, commands, scene)


async def read_form(course: Course) -> tuple[Invocation | Misread | None, Line]:
    """Return the form as the reader reads it now; None if it is no longer this command here."""
    whole = line(course.form, course.command)
    found = (await reader_here(course.session, course.form))(whole.text)
    known = (isinstance(found, Invocation) and found.command is course.command) or isinstance(found, Misread)
    return (found if known and isinstance(found, Invocation | Misread) else None), whole
