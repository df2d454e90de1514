"""The turns of a form: for which form a message is, what an answer does, and its confirmation."""

from dataclasses import replace

from care.refusal import Refused
from commands.folding import squeeze
from commands.forms.advance import advance, refuse
from commands.forms.asking import ask, ask_again, explain
from commands.forms.choosing import KEYCAPS
from commands.forms.course import Course, destroy, key_of, read_form, say_in
from commands.forms.form import Form, began, picked, too_long, understood
from commands.outcome import Outcome, Trusting
from commands.perform import perform
from commands.reading import Invocation
from commands.reading.signs import ANGLE, DOUBLE, SINGLE
from commands.serve import serve
from commands.session import Session
from store import codec, dialogues, sayings
from store.dialogues import Dialogue

CANCEL, BACK, SKIP = frozenset({"avbryt", "cancel"}), frozenset({"tillbaka", "back"}), frozenset({"hoppaover", "skip"})
HELP = frozenset({"hjalp", "help"})
EMPTY = f" \t\n\u00a0\u200b{DOUBLE}{SINGLE}{ANGLE}"
"""What an answer without words may hold: spaces and quotation marks."""
YES, NO = frozenset({"ja", "yes"}), frozenset({"nej", "no"})


async def others(session: Session) -> Dialogue | None:
    """Return the form of somebody else whose thread, begun by it, a message stands in: its writer may take it for a common one."""
    found = await dialogues.in_thread(session.tx, session.vault, str(session.place), session.message.thread)
    return next((form for form in found if form.user != session.user and began(form) == form.root), None)


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
    if course := await _course(session, dialogue):
        await _taken(course, squeeze(session.message.body))


async def tapped(session: Session, key: str, number: str) -> None:
    """Take a tap on the newest question of a form as the number that is tapped, if whoever began the form tapped it (commands 4)."""
    dialogue = await dialogues.asked(session.tx, session.vault, session.user, str(session.place), key.split(":")[1])
    if dialogue is None:
        return
    form, caps = codec.decode(Form, dialogue.state), [each.replace("\ufe0f", "") for each in KEYCAPS]
    if form.asked != key or number not in caps[: len(form.shown)]:
        return
    if course := await _course(session, dialogue):
        chosen = form.shown[caps.index(number)]
        await advance(course.at(replace(form, tapped=True).answered("" if form.whole else form.asking, chosen, session.message.event)))


async def taken_back(session: Session, dialogue: Dialogue, reaction: str) -> bool:
    """Ask again what a removed reaction answered, if that was the newest answer of the form; return whether it was."""
    form = codec.decode(Form, dialogue.state)
    if not form.answers or form.answers[-1].event != reaction:
        return False
    if course := await _course(session, dialogue):
        await advance(course.at(form.back()))
    return True


async def _course(session: Session, dialogue: Dialogue) -> Course | None:
    """Return a form to go on with; one that is out of time or out of date is ended, and that is said."""
    form = codec.decode(Form, dialogue.state)
    session.prefix = form.prefix if form.prefix in {"/", "!"} else session.prefix
    command = next((c for c in session.desk().commands if c.name == dialogue.kind and session.place.kind in c.where), None)
    if dialogue.expires > session.now and command is not None:
        await dialogues.answered(session.tx, dialogue, session.machine)
        return Course(session, dialogue, form, command)
    await destroy(session, dialogue)
    await session.say("form/outdated" if command is None else "form/expired", root=dialogue.root)
    return None


async def _taken(course: Course, said: str) -> None:
    """Obey the words that every form understands, and take the others as confirmation or answer."""
    session, dialogue, form = course.session, course.dialogue, course.form
    if said in CANCEL or (form.word and said in NO):
        await destroy(session, dialogue)
        await session.say("form/aborted", root=dialogue.root)
    elif said in BACK and not form.answers and not form.word:
        await ask(course, course.command.parameter(form.asking), note="first")
    elif said in BACK:
        await advance(course.at(form.back()))
    elif form.word and _confirms(form, session.message.body):
        await _confirmed(course)
    elif form.word:
        await (say_in(course, "form/confirm_key") if form.about else say_in(course, "form/confirm_again", {"word": form.word}))
    elif asks_help(session.message.body):
        await explain(course)
    else:
        await _answered(course, skipped=said in SKIP)


def asks_help(body: str) -> bool:
    """Whether an answer asks for help: the word alone, with or without a prefix, or a question mark."""
    return squeeze(body) in HELP or set(body.strip()) == {"?"}


async def _answered(course: Course, *, skipped: bool) -> None:
    """Take the answer to the question that was asked, unless it may not be skipped, is empty or is too long."""
    session, form, body = course.session, course.form, course.session.message.body
    parameter = course.command.parameter(form.asking)
    if skipped and parameter.required:
        await ask(course, parameter, note="needed")
    elif skipped:
        await advance(course.at(form.answered(form.asking, None)))
    elif not body.strip(EMPTY):
        await ask(course, parameter, note="empty")
    elif chosen := picked(form, parameter, body):
        await advance(course.at(form.answered("" if form.whole else form.asking, chosen)))
    elif long := too_long(parameter, body):
        await ask_again(course, parameter, long, body.strip())
    else:
        await advance(course.at(form.answered(form.asking, understood(parameter, body, session.message.html, session.user))))


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
    session.chosen = course.form.tapped
    try:
        desk, outcome = await serve(session, invocation)
        _require_same(outcome, course.form)
    except Refused as refused:
        await refuse(course, refused, invocation)
        return
    await destroy(session, course.dialogue)
    await perform(session, desk, outcome, course.form.event)
