"""How a form begins: with a command that lacks arguments or weighs much, or with a line in which an argument was misread."""

from dataclasses import replace
from uuid import uuid4

from care.effects import PlaceKind
from commands.declare import Command
from commands.desk import Lay
from commands.forms.advance import advance
from commands.forms.asking import ask_again
from commands.forms.course import Course, destroy, expiry, reader_here
from commands.forms.form import Form
from commands.forms.mending import mended
from commands.reading import Invocation, Misread
from commands.serve import needs_of
from commands.session import Session
from store import codec, dialogues
from store.dialogues import Dialogue


async def start(session: Session, invocation: Invocation, *, unread: str = "") -> None:
    """Begin a form for a command that lacks arguments, or has to be confirmed; `unread` names what of it could not be read."""
    command = invocation.command
    text, html = invocation.raw, session.message.html
    if needs_of(command).lay is Lay.OPENING:
        session.forget = True
        if invocation.values.get("skyddad") is not False:
            text, html = f"!{command.name}", ""
    form = Form(text, html, invocation.prefix, session.message.event, session.now)
    root = _root(session)
    former = await dialogues.find(session.tx, session.vault, session.user, str(session.place), root)
    if former:
        await destroy(session, former)
    await advance(await _begun(session, form, command), unread=unread)


async def mend(session: Session, misread: Misread) -> bool:
    """Begin a form for the one argument that was misread, with what may be meant as its choices; return whether that was possible.

    The rest of the line is kept. Where a form is open already, the line is refused as it stands: nobody loses a form by a slip.
    """
    if await dialogues.find(session.tx, session.vault, session.user, str(session.place), _root(session)):
        return False
    text, command = session.message.body, misread.nearest
    prefix = text.lstrip()[:1] if text.lstrip()[:1] in {"!", "/"} else ""
    form = Form(text, session.message.html, prefix, session.message.event, session.now, mending=True)
    found = mended(text, misread, await reader_here(session, form))
    if found is None or command is None:
        return False
    form = replace(form, text=found.text, whole=found.whole, around=found.around, cut=(misread.name,))
    await ask_again(await _begun(session, form, command), command.parameter(misread.name), found.misread, text)
    return True


def _root(session: Session) -> str:
    """Return the thread that a form begun by this message lives in."""
    return "" if session.place.kind is PlaceKind.DIRECT else session.message.thread or session.message.event


async def _begun(session: Session, form: Form, command: Command) -> Course:
    dialogue = Dialogue(uuid4().hex, session.user, str(session.place), _root(session), command.name, codec.encode(form), expiry(session))
    await dialogues.begin(session.tx, session.vault, dialogue, session.now)
    return Course(session, dialogue, form, command)
