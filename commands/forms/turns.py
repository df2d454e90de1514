"""The turns of a form: how it begins, what an answer does, and its confirmation."""

from uuid import uuid4

from care.effects import PlaceKind
from care.refusal import Refused
from commands.declare import Command
from commands.desk import Lay
from commands.folding import squeeze
from commands.forms.course import Course, advance, ask, destroy, expiry, key_of, read_form, refuse, say_in, say_misread
from commands.forms.form import Form, numbered, too_long, understood
from commands.outcome import Outcome, Trusting
from commands.perform import perform
from commands.reading import Invocation, Misread
from commands.serve import needs_of, serve
from commands.session import Session
from store import codec, dialogues, sayings
from store.dialogues import Dialogue

CANCEL, BACK, SKIP = frozenset({"avbryt", "cancel"}), frozenset({"tillbaka", "back"}), frozenset({"hoppaover", "skip"})
YES, NO = frozenset({"ja", "yes"}), frozenset({"nej", "no"})


async def start(session: Session, invocation: Invocation, *, unread: str = "") -> None:
    """Begin a form for a command that lacks arguments, or has to be confirmed; `unread` names what of it could not be read."""
    command = invocation.command
    text, html = invocation.raw, session.message.html
    if needs_of(command).lay is Lay.OPENING:
        session.forget = True
        if invocation.values.get("skyddad") is not False:
            text, html = f"!{command.name}", ""
    form = Form(text, html, invocation.prefix, session.message.event, session.now)
    await advance(await _begun(session, command, form), unread=unread)


async def choose(session: Session, misread: Misread) -> bool:
    """Begin a form that asks which of several units a line meant, by number; return False where a number could not answer it.

    The words that were not clear are cut out of the line, and the answer stands behind it as every answer does.
    """
    command, text = misread.nearest, session.message.body
    parameter = command.parameter(misread.name) if command and misread.name else None
    if command is None or parameter is None or parameter.many or not text[: misread.at].endswith((" ", "\u00a0")):
        return False
    if (question := numbered(misread, parameter, text)) is None:
        return False
    cut = text[: misread.at] + text[misread.end :]
    form = Form(cut, session.message.html, session.prefix, session.message.event, session.now, asking=misread.name)
    course = await _begun(session, command, form)
    await say_misread(course, question, text)
    return True


async def _begun(session: Session, command: Command, form: Form) -> Course:
    """Begin a dialogue where the command was typed, in the place of an older one there."""
    root = "" if session.place.kind is PlaceKind.DIRECT else session.message.thread or session.message.event
    former = await dialogues.find(session.tx, session.vault, session.user, str(session.place), root)
    if former:
        await destroy(session, former)
    dialogue = Dialogue(uuid4().hex, session.user, str(session.place), root, command.name, codec.encode(form), expiry(session))
    await dialogues.begin(session.tx, session.vault, dialogue, session.now)
    return Course(session, dialogue, form, command)


async def meant(session: Session, dialogue: Dialogue) -> bool:
    """Whether a message outside the thread of a form is for it all the same: a reply to its question, or a word that only a form needs."""
    spoken = await sayings.spoken(session.tx, session.message.reply_to)
    if spoken and spoken.key.startswith(key_of(dialogue)):
        return True
    form, said = codec.decode(Form, dialogue.state), squeeze(session.message.body)
    return said in CANCEL or bool(form.word and (said in YES | NO or _confirms(form, session.message.body)))


def confirms(said: str, word: str) -> bool:
    """Whether a squeezed message is a yes with the word that confirms."""
    return said in {squeeze(f"{yes}{word}") for yes in YES}


def _confirms(form: Form, body: str) -> bool:
    """Whether a message confirms a form; a group of a key is read letter by letter, since its case tells it from others."""
    if not form.about:
        return confirms(squeeze(body), form.word)
    yes, _, group = body.strip().partition(" ")
    return squeeze(yes) in YES and "".join(group.split()) in form.word.split()


async def answer(session: Session, dialogue: Dialogue) -> None:
    """Take an answer to a form in progress."""
    form = codec.decode(Form, dialogue.state)
    session.prefix = form.prefix if form.prefix in {"/", "!"} else session.prefix
    commands = session.desk().commands
    command = next((c for c in commands if c.name == dialogue.kind and session.place.kind in c.where), None)
    if dialogue.expires <= session.now or command is None:
        await destroy(session, dialogue)
        await session.say("form/outdated" if command is None else "form/expired", root=dialogue.root)
        return
    course, said = Course(session, dialogue, form, command), squeeze(session.message.body)
    if said in CANCEL or (form.word and said in NO):
        await destroy(session, dialogue)
        await session.say("form/aborted", root=dialogue.root)
    elif said in BACK:
        await advance(course.at(form.back()))
    elif form.word and _confirms(form, session.message.body):
        await _confirmed(course)
    elif form.word:
        await (say_in(course, "form/confirm_key") if form.about else say_in(course, "form/confirm_again", word=form.word))
    else:
        await _answered(course, skipped=said in SKIP)


async def _answered(course: Course, *, skipped: bool) -> None:
    """Take the answer to the question that was asked, unless it may not be skipped or is too long."""
    session, form = course.session, course.form
    parameter = course.command.parameter(form.asking)
    if skipped and parameter.required:
        await ask(course, parameter, needed=True)
    elif skipped:
        await advance(course.at(form.answered(form.asking, None)))
    elif long := too_long(parameter, session.message.body):
        await say_misread(course, long, session.message.body.strip())
    else:
        given = understood(form, parameter, session.message.body, session.message.html, session.user)
        await advance(course.at(form.answered(form.asking, given)))


def _require_same(outcome: Outcome, form: Form) -> None:
    """Refuse another identity than the one whose keys were shown: nobody has compared that one's."""
    if isinstance(outcome, Trusting) and outcome.identity != form.about:
        raise Refused("trust/changed-again", user=outcome.user)


async def _confirmed(course: Course) -> None:
    """Do the step as it is now: what changed since the summary may refuse it."""
    session = course.session
    invocation, _ = await read_form(course)
    if not isinstance(invocation, Invocation):
        await destroy(session, course.dialogue)
        await session.say("form/outdated", root=course.dialogue.root)
        return
    try:
        desk, outcome = await serve(session, invocation)
        _require_same(outcome, course.form)
    except Refused as refused:
        await refuse(course, refused, invocation)
        return
    await destroy(session, course.dialogue)
    await perform(session, desk, outcome, course.form.event)
