"""Guided forms and confirmations: a command that grows by one answer at a time, read anew as a whole each time (commands 1).

A form is the command as typed, and the answers as `name="…"` behind it; the reader that reads one-line commands reads it too, so that a
form can never accept what a line would not. It lives sealed under its own key, and what was typed is gone when it ends.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import uuid4

from care.effects import PlaceKind
from care.refusal import Refused
from commands.declare import Command, Kind, Parameter, Weight
from commands.desk import Desk, Lay, OpeningDesk
from commands.folding import squeeze
from commands.outcome import Decided, Opened, Outcome
from commands.perform import perform
from commands.reading import Invocation, Misread, caret, read
from commands.serve import case_here, needs_of, opening_desk, serve
from commands.session import Session
from store import codec, counts, dialogues
from store.dialogues import Dialogue

COUNTED = frozenset({"opening/protected", "opening/no-consent"})
"""Refusals that stop an opening and leave nothing but a count (process 3.1)."""

QUOTES = (('"', '"'), ("”", "”"), ("«", "»"), ("'", "'"))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question of the form; a skipped question has None."""

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """A command in the making. `read_at` is the instant that words like "imorgon" are measured from; `word` is what confirms it."""

    text: str
    html: str
    prefix: str
    event: str
    read_at: datetime
    answers: tuple[Answer, ...] = ()
    asking: str = ""
    word: str = ""


def whole(form: Form, command: Command) -> str:
    """Return the command line that the form stands for."""
    given = (f"{command.parameter(a.name).word}={_quoted(a.text, command.parameter(a.name))}" for a in form.answers if a.text is not None)
    return " ".join((form.text, *given))


def _quoted(text: str, parameter: Parameter) -> str:
    """Return an answer in quotation marks that it does not hold itself; lists go without."""
    flat = " ".join(text.split()) if parameter.kind is not Kind.TEXT else text.strip()
    if parameter.many:
        return flat
    opening, closing = next(((o, c) for o, c in QUOTES if o not in flat and c not in flat), QUOTES[0])
    if flat.count('"') and opening == '"':
        flat = flat.replace('"', "'")
    return f"{opening}{flat}{closing}"


async def start(session: Session, invocation: Invocation) -> None:
    """Begin a form for a command that lacks arguments, or that has to be confirmed."""
    command = invocation.command
    text, html = invocation.raw, session.message.html
    if needs_of(command).lay is Lay.OPENING:
        session.forget = True
        if invocation.values.get("skyddad") is not False:
            text, html = f"!{command.name}", ""
    form = Form(text, html, invocation.prefix, session.message.event, session.now)
    root = "" if session.place.kind is PlaceKind.DIRECT else session.message.thread or session.message.event
    former = await dialogues.find(session.tx, session.vault, session.user, str(session.place), root)
    if former:
        await dialogues.end(session.tx, session.vault, former.id, session.machine)
    dialogue = Dialogue(uuid4().hex, session.user, str(session.place), root, command.name, codec.encode(form), _expiry(session))
    await dialogues.begin(session.tx, session.vault, dialogue, session.now)
    await advance(session, dialogue, form)


def _expiry(session: Session) -> datetime:
    return session.now + session.setting.profile.dialogue_expiry.length


async def answer(session: Session, dialogue: Dialogue) -> None:
    """Take an answer to a form in progress."""
    form = codec.decode(Form, dialogue.state)
    session.prefix = form.prefix if form.prefix in {"/", "!"} else session.prefix
    said = squeeze(session.message.body)
    if said in {"avbryt", "cancel"}:
        await end(session, dialogue)
        await session.say("form/aborted", root=dialogue.root)
    elif said in {"tillbaka", "back"}:
        await advance(session, dialogue, replace(form, answers=form.answers[:-1], word=""))
    elif form.word:
        await _confirm(session, dialogue, form, said)
    else:
        skipped = said in {"hoppaöver", "hoppaover", "skip"}
        given = Answer(form.asking, None if skipped else session.message.body)
        await advance(session, dialogue, replace(form, answers=(*form.answers, given)))


async def _confirm(session: Session, dialogue: Dialogue, form: Form, said: str) -> None:
    if said in {"nej", "no"}:
        await end(session, dialogue)
        await session.say("form/aborted", root=dialogue.root)
        return
    if said != squeeze(f"ja{form.word}") and said != squeeze(f"yes{form.word}"):
        await session.say("form/confirm_again", scope=dialogue.scope, root=dialogue.root, word=form.word)
        return
    invocation = await _read(session, form)
    if not isinstance(invocation, Invocation):
        await end(session, dialogue)
        await session.say("form/outdated", root=dialogue.root)
        return
    try:
        desk, outcome = await serve(session, invocation)
    except Refused as refused:
        await _refuse(session, dialogue, refused)
        return
    await end(session, dialogue)
    await perform(session, desk, outcome, form.event)


async def end(session: Session, dialogue: Dialogue) -> None:
    """Destroy a form; what was typed in one that was to open a case leaves the write-ahead log too."""
    await dialogues.end(session.tx, session.vault, dialogue.id, session.machine)
    session.forget = True


async def _read(session: Session, form: Form) -> Invocation | Misread | None:
    """Return the form as the reader reads it now; None if it is no longer a command here."""
    case = await case_here(session)
    scene = session.scene(tuple(case.actors) if case else (), now=form.read_at, html=form.html)
    bare = read(form.text, session.desk().commands, scene)
    command = bare.command if isinstance(bare, Invocation) else bare.nearest if isinstance(bare, Misread) else None
    if command is None:
        return None
    found = read(whole(form, command), session.desk().commands, scene)
    return found if isinstance(found, Invocation | Misread) else None


async def advance(session: Session, dialogue: Dialogue, form: Form) -> None:
    """Read the form with its newest answer; ask again, ask on, or show what it will start."""
    found = await _read(session, form)
    if found is None:
        await end(session, dialogue)
        await session.say("form/outdated", root=dialogue.root)
    elif isinstance(found, Misread):
        await _ask_again(session, dialogue, form, found)
    else:
        await _go_on(session, dialogue, form, found)


async def _ask_again(session: Session, dialogue: Dialogue, form: Form, misread: Misread) -> None:
    """Say what was not understood of the last answer, and keep the question open."""
    kept = replace(form, answers=form.answers[:-1])
    await dialogues.go_on(session.tx, session.vault, replace(dialogue, state=codec.encode(kept), expires=_expiry(session)))
    given = session.message.body
    at = max(0, min(misread.at - (len(whole(form, _command(misread))) - len(given)) + 1, len(given)))
    values = {"misread": replace(misread, at=at), "caret": caret(given, at), **misread.values}
    words = session.words(f"misread/{misread.reason.value}", **values)
    await session.tell(words, scope=dialogue.scope, root=dialogue.root)


def _command(misread: Misread) -> Command:
    assert misread.nearest is not None
    return misread.nearest


async def _go_on(session: Session, dialogue: Dialogue, form: Form, invocation: Invocation) -> None:
    parameter = _next(form, invocation)
    try:
        if (needs := needs_of(invocation.command)).rehearse:
            desk = await opening_desk(session, invocation.values)
            needs.rehearse(desk, invocation.values)
        if parameter:
            await _ask(session, dialogue, form, invocation.command, parameter)
        else:
            await _show(session, dialogue, form, invocation)
    except Refused as refused:
        await _refuse(session, dialogue, refused)


def _next(form: Form, invocation: Invocation) -> Parameter | None:
    """Return what the form asks next: what is missing, in its order, then what it offers and was not answered."""
    command, needs = invocation.command, needs_of(invocation.command)
    asked = {a.name for a in form.answers}
    missing = sorted(invocation.missing, key=lambda name: needs.order.index(name) if name in needs.order else len(needs.order))
    offered = [name for name in needs.offers if name not in invocation.values and name not in asked] if form.answers else []
    name = next(iter((*missing, *offered)), None)
    return command.parameter(name) if name else None


async def _ask(session: Session, dialogue: Dialogue, form: Form, command: Command, parameter: Parameter) -> None:
    kept = replace(form, asking=parameter.name, word="")
    await dialogues.go_on(session.tx, session.vault, replace(dialogue, state=codec.encode(kept), expires=_expiry(session)))
    choices = tuple(parameter.choices) if parameter.kind is Kind.CHOICE else ("ja", "nej") if parameter.kind is Kind.YES_NO else ()
    await session.say(
        "form/question",
        scope=dialogue.scope,
        root=dialogue.root,
        command=command,
        parameter=parameter,
        choices=choices,
        optional=not parameter.required,
        first=not form.answers,
    )


async def _show(session: Session, dialogue: Dialogue, form: Form, invocation: Invocation) -> None:
    """Do an ordinary step at once; show the summary of a step of weight, and what confirms it."""
    desk, outcome = await serve(session, invocation)
    if not weighs(invocation.command, outcome):
        await end(session, dialogue)
        await perform(session, desk, outcome, form.event)
        return
    word = confirming(desk, outcome)
    kept = replace(form, asking="", word=word)
    await dialogues.go_on(session.tx, session.vault, replace(dialogue, state=codec.encode(kept), expires=_expiry(session)))
    case = getattr(desk, "case", None)
    starts = outcome.starts if isinstance(outcome, Decided) else None
    detail = session.words(starts.template, case=case, **starts.values) if starts else None
    await session.say(
        "form/summary_opening" if isinstance(outcome, Opened) else "form/summary",
        scope=dialogue.scope,
        root=dialogue.root,
        command=invocation.command,
        case=case,
        outcome=outcome,
        unit=_unit(desk),
        detail=detail.body if detail else "",
        word=word,
    )


def _unit(desk: Desk) -> str:
    return desk.author.unit if isinstance(desk, OpeningDesk) else str(getattr(getattr(desk, "author", None), "unit", ""))


def weighs(command: Command, outcome: Outcome) -> bool:
    """Whether a step is confirmed first: one of weight that shows what it starts; a word on a proposal is its own confirmation."""
    return command.weight is Weight.HEAVY and (isinstance(outcome, Opened) or (isinstance(outcome, Decided) and outcome.starts is not None))


def confirming(desk: Desk, outcome: Outcome) -> str:
    """Return the word that confirms: the codename's noun, before a case exists the birth year (commands 1)."""
    if isinstance(outcome, Opened):
        return str(outcome.identity.born)
    case = getattr(desk, "case", None)
    return cast("str", case.codename.split()[-1]) if case else ""


async def _refuse(session: Session, dialogue: Dialogue, refused: Refused) -> None:
    """End the form with the reason. What an opening was told is destroyed; only a count remains (process 3.1)."""
    await end(session, dialogue)
    if refused.reason in COUNTED:
        await counts.add(session.tx, session.desk().today, refused.reason.replace("/", "."))
    await session.tell(session.words(f"refusals/{refused.reason}", **refused.values), root=dialogue.root)
