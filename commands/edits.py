"""Messages that are edited or removed after they were sent: nothing is done anew, nothing is undone, and that is said once (commands 1)."""

from commands import forms, typed
from commands.session import Session
from store import dialogues, rooms
from store.dialogues import Dialogue


async def edited(session: Session) -> None:
    """Say once that editing a command or an answer to a form changes nothing, nor does making talk a command; talk is edited in peace."""
    target, form = session.message.target, await _form(session)
    origin = await rooms.origin(session.tx, target)
    session.forget = form is not None or origin == typed.ANSWERED
    if origin is not None or _began(form, target):
        await _once(session, "talk/edited")
    elif await typed.is_command(session):
        await _once(session, "talk/edited_into")


async def removed(session: Session) -> None:
    """Say once that removing a command undoes nothing; a tap on a number is taken back while its form stands there.

    A typed answer to a form may be removed in peace: what it said is not kept here either.
    """
    target, form = session.message.target, await _form(session)
    origin = await rooms.origin(session.tx, target)
    if form and await forms.taken_back(session, form, target):
        return
    if (origin is not None and origin != typed.ANSWERED) or _began(form, target):
        await _once(session, "talk/redacted")


async def _form(session: Session) -> Dialogue | None:
    return await dialogues.latest(session.tx, session.vault, session.user, str(session.place))


def _began(form: Dialogue | None, target: str) -> bool:
    return form is not None and forms.began(form) == target


async def _once(session: Session, template: str) -> None:
    await session.say(template, key=f"{template}:{session.message.target}")
