"""What people type: a command, an answer to a form, an answer to a question, or talk among themselves."""

import re

from care.case import Case
from care.codenames import noun
from care.effects import PlaceKind
from care.questions import Question
from care.questions import answer as answer_question
from care.refusal import Refused
from commands import correction, forms, pointed
from commands.desk import Lay
from commands.folding import squeeze
from commands.outcome import Decided
from commands.perform import decided, perform
from commands.reading import Invocation, Misread, Talk, read
from commands.serve import acting, case_desk, case_here, needs_of, serve
from commands.session import Session
from store import dialogues, rooms
from store.dialogues import Dialogue

URGENT = re.compile(r"\bakut(a|t)?\b", re.IGNORECASE)
"""The word that is answered with the telephone number at once (architecture 10)."""


ANSWERED = ("", "answer")
"""What is remembered of a message that answered a form: no case and no object, only that it did."""


async def message(session: Session) -> None:
    """Do what a typed message asks for; talk in a case room and an inbox is met with silence."""
    case = await case_here(session)
    found = read(session.message.body, session.desk().commands, session.scene(tuple(case.actors) if case else ()))
    dialogue = await _form(session)
    if dialogue and (isinstance(found, Talk) or _for_form(session)):
        await forms.answer(session, dialogue)
        await _note(session, ANSWERED)
    elif isinstance(found, Invocation):
        await _command(session, found)
    elif isinstance(found, Misread):
        await correction.correct(session, found)
    elif case is None or not await _answered(session, case):
        await _talk(session, case)
    if URGENT.search(session.message.body) and not _looks_up(found):
        await _urgent(session, case)


async def is_command(session: Session) -> bool:
    """Whether a message is a command, or was meant as one."""
    case = await case_here(session)
    return not isinstance(read(session.message.body, session.desk().commands, session.scene(tuple(case.actors) if case else ())), Talk)


async def asks(session: Session) -> bool:
    """Whether a message is for the bot: anything in a direct room, a command, an answer to a form or to a question."""
    if session.place.kind is PlaceKind.DIRECT or await is_command(session) or await _form(session):
        return True
    case = await case_here(session)
    return case is not None and await _asked(session, case) is not None


async def _form(session: Session) -> Dialogue | None:
    """Return the form that a message may be for: the one of its thread, or one that it is meant for wherever it is typed."""
    root = "" if session.place.kind is PlaceKind.DIRECT else session.message.thread
    begun = await dialogues.begun(session.tx, session.vault, session.user, str(session.place))
    found = next((each for each in begun if each.root == root), None)
    if found is None and begun and await forms.meant(session, begun[0]):
        return begun[0]
    return found


def _for_form(session: Session) -> bool:
    """Whether a message that could be a command is for an open form: a call for help, and in a direct room any word without prefix."""
    prefixed = session.message.body.lstrip().startswith(("!", "/"))
    return forms.asks_help(session.message.body) or (not prefixed and session.place.kind is PlaceKind.DIRECT)


async def _command(session: Session, invocation: Invocation) -> None:
    needs = needs_of(invocation.command)
    try:
        invocation = await pointed.completed(session, invocation)
        if needs.lay is Lay.OPENING or invocation.missing:
            await forms.start(session, invocation)
            return
        desk, outcome = await serve(session, invocation)
        if forms.weighs(invocation.command, outcome):
            await forms.start(session, invocation)
            return
        await perform(session, desk, outcome, session.message.event)
    except Refused as refused:
        await session.refuse(refused)
    await _note(session)


async def _note(session: Session, as_what: tuple[str, str] = ("", "")) -> None:
    """Remember that the message was a command or an answer to a form, so that editing or removing it is answered."""
    await rooms.note_origin(session.tx, session.message.event, *as_what)


async def _answered(session: Session, case: Case) -> bool:
    """Whether the message is an answer: a reply to a question, or in its thread, by the asked unit (commands 3)."""
    question = await _asked(session, case)
    if question is None:
        return False
    desk = case_desk(session, case, question.asked)
    try:
        events = answer_question(case, desk.author, question.object, session.message.body, session.now)
        await decided(session, desk, Decided(events), session.message.event)
    except Refused as refused:
        await session.refuse(refused)
    return True


async def _asked(session: Session, case: Case) -> Question | None:
    """Return the open question to one of the writer's units that a message answers by its reply or thread, None for another message."""
    names = [name for name in await pointed.objects(session, case) if name in case.questions]
    question = case.questions[names[0]] if names else None
    if question is None or not question.open or question.asked not in acting(session, case) or not session.message.body.strip():
        return None
    return question


async def _talk(session: Session, case: Case | None) -> None:
    """Answer talk in a direct room, and a confirmation that has nothing to confirm; the rest is met with silence."""
    if case and forms.confirms(squeeze(session.message.body), noun(case.codename)):
        await session.say("form/nothing")
    elif case and (form := await forms.others(session)):
        await session.say("form/others", key=f"form:{form.id}:others:{session.user}", name=session.directory.name_of(form.user))
    elif session.place.kind is PlaceKind.DIRECT and not URGENT.search(session.message.body):
        await session.say("talk/direct")


def _looks_up(found: Invocation | Misread | Talk) -> bool:
    return isinstance(found, Invocation) and needs_of(found.command).lay in {Lay.NOTHING, Lay.LIST, Lay.REVIEW}


async def _urgent(session: Session, case: Case | None) -> None:
    """Answer with the telephone numbers of the units of the case, else of one's own."""
    units = tuple(session.directory.units[unit] for unit in (case.actors if case else sorted(session.desk().units)))
    await session.say("talk/urgent", units=units)
