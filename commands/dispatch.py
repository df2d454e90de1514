"""Every message comes in here, once: understood, decided, recorded, answered and marked as handled in one transaction.

What a person does wrong is answered in a sentence and changes nothing. What raises anything but a refusal is a bug: nothing is saved,
and whoever drives the dispatcher calls `apologise` with the id under which the trace was logged.
"""

import re
from dataclasses import replace
from datetime import timedelta

from care.case import Case
from care.clock import CivilClock, MachineClock
from care.effects import PlaceKind
from care.people import Directory
from care.profile import Profile
from care.questions import answer as answer_question
from care.refusal import Refused
from commands import forms, presence, taps
from commands.desk import CaseDesk, Lay
from commands.folding import squeeze
from commands.outcome import Decided
from commands.perform import decided, perform
from commands.reading import Invocation, Misread, Talk, caret, read
from commands.serve import case_here, needs_of, serve
from commands.session import Session, Setting
from store import dialogues, inbox, outbox, rooms
from store.database import Database, Transaction
from store.directory import Roster
from store.inbox import Kind, Message
from store.keys import Vault

URGENT = re.compile(r"\bakut", re.IGNORECASE)
"""The word that is answered with the telephone number at once (architecture 10)."""

DIGIT = re.compile(r"\d")


class Dispatcher:
    """Handles what comes in, one message at a time per room."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        roster: Roster,
        profile: Profile,
        clock: CivilClock,
        machine: MachineClock,
        bot: str,
        bot_name: str,
        organizer: str,
        prefix: str,
        gather: timedelta,
        joins: timedelta = timedelta(minutes=1),
    ) -> None:
        self._database = database
        self._vault = vault
        self._roster = roster
        self._clock = clock
        self._machine = machine
        self._setting = Setting(profile, bot, bot_name, organizer, prefix, gather, joins)

    async def handle(self, message: Message) -> None:
        """Handle a message; one that was handled already, or comes from a room that is not the bot's, changes nothing."""
        async with self._database.write() as tx:
            if await inbox.is_done(tx, message.event):
                return
            session = await self._session(tx, message)
            if session:
                await _route(session)
            await inbox.done(tx, message.event, self._machine.utc())
        if session and session.forget:
            await self._database.forget()

    async def apologise(self, message: Message, error: str) -> None:
        """Tell the writer that something went wrong here, that nothing was saved, and under which id it can be found."""
        async with self._database.write() as tx:
            session = await self._session(tx, message)
            if session and message.kind is Kind.MESSAGE:
                await session.say("talk/bug", key=f"bug:{message.event}", error=error)
            await inbox.done(tx, message.event, self._machine.utc())

    async def _session(self, tx: Transaction, message: Message) -> Session | None:
        """Return a session for a message in a room of the bot by somebody who belongs there, else None."""
        place = await rooms.place_of(tx, message.room)
        if place is None or message.sender == self._setting.bot:
            return None
        directory = await self._roster.read(tx)
        prefix = "/" if message.body.lstrip().startswith("/") else self._setting.prefix
        return Session(tx, self._vault, self._setting, directory, message, place, self._clock.now(), self._machine.utc(), prefix=prefix)


async def _route(session: Session) -> None:
    if session.message.kind is Kind.MEMBERSHIP:
        await presence.changed(session)
        return
    if not await _belongs(session, session.directory):
        return
    match session.message.kind:
        case Kind.MESSAGE if session.message.trusted:
            await _message(session)
        case Kind.REACTION:
            await taps.tapped(session)
        case Kind.REDACTION:
            if not await taps.taken_back(session):
                await _once(session, "talk/redacted")
        case Kind.EDIT if session.message.trusted:
            await _once(session, "talk/edited")
        case _:
            pass


async def _belongs(session: Session, directory: Directory) -> bool:
    """Whether the sender may use this room: a participant, a member of the unit, the person itself, an administrator."""
    match session.place.kind:
        case PlaceKind.CASE:
            case = await case_here(session)
            return case is not None and session.user in case.participants and bool(directory.units_of(session.user))
        case PlaceKind.INBOX:
            return session.place.id in directory.units_of(session.user)
        case PlaceKind.DIRECT:
            return session.place.id == session.user and bool(directory.memberships(session.user))
        case PlaceKind.ADMIN:
            return session.user in directory.administrators()
        case PlaceKind.SPACE:
            return False


async def _once(session: Session, template: str) -> None:
    """Say once that editing or removing a command changes nothing (commands 1); other messages may be edited in peace."""
    if await rooms.origin(session.tx, session.message.target) is not None:
        await session.say(template, key=f"{template}:{session.message.target}")


async def _message(session: Session) -> None:
    case = await case_here(session)
    root = "" if session.place.kind is PlaceKind.DIRECT else session.message.thread
    dialogue = await dialogues.find(session.tx, session.vault, session.user, str(session.place), root)
    if dialogue is None and not root and squeeze(session.message.body).startswith(("ja", "yes", "nej", "avbryt")):
        dialogue = await dialogues.latest(session.tx, session.vault, session.user, str(session.place))
    found = read(session.message.body, session.desk().commands, session.scene(tuple(case.actors) if case else ()))
    if dialogue and (isinstance(found, Talk) or (not _prefixed(session) and session.place.kind is PlaceKind.DIRECT)):
        await forms.answer(session, dialogue)
    elif isinstance(found, Invocation):
        await _command(session, found)
    elif isinstance(found, Misread):
        await _misread(session, found)
    else:
        await _talk(session, case)


def _prefixed(session: Session) -> bool:
    return session.message.body.lstrip().startswith(("!", "/"))


async def _command(session: Session, invocation: Invocation) -> None:
    needs = needs_of(invocation.command)
    if needs.lay is Lay.OPENING or invocation.missing:
        await forms.start(session, invocation)
        return
    try:
        desk, outcome = await serve(session, invocation)
    except Refused as refused:
        await session.tell(session.words(f"refusals/{refused.reason}", **refused.values))
        return
    if forms.weighs(invocation.command, outcome):
        await forms.start(session, invocation)
        return
    await perform(session, desk, outcome, session.message.event)
    if await rooms.origin(session.tx, session.message.event) is None:
        await rooms.note_origin(session.tx, session.message.event, "", "")


async def _misread(session: Session, misread: Misread) -> None:
    """Say what was understood, with a caret; digits of an opening are not repeated."""
    text = session.message.body
    if misread.nearest and needs_of(misread.nearest).lay is Lay.OPENING:
        session.forget = True
        text = DIGIT.sub("•", text)
        misread = replace(misread, values={name: value for name, value in misread.values.items() if name != "text"} | {"text": ""})
    values = {"misread": misread, "caret": caret(text, misread.at), **misread.values}
    await session.tell(session.words(f"misread/{misread.reason.value}", **values))


async def _talk(session: Session, case: Case | None) -> None:
    """Take a reply to a question as its answer; answer "akut" with numbers; ordinary talk in a case room is met with silence."""
    if case and await _answered(session, case):
        return
    if URGENT.search(session.message.body):
        units = tuple(session.directory.units[unit] for unit in (case.actors if case else sorted(session.desk().units)))
        await session.say("talk/urgent", units=units)
    elif session.place.kind is PlaceKind.DIRECT:
        await session.say("talk/direct")


async def _answered(session: Session, case: Case) -> bool:
    """Whether the message is an answer: in the thread of a question, or a reply to it, by the asked unit (commands 3)."""
    said = await outbox.spoken(session.tx, session.message.thread or session.message.reply_to)
    question = case.questions.get(said.about) if said and said.case == case.id else None
    mine = session.desk().units
    if question is None or question.asked not in mine or not question.open or not session.message.body.strip():
        return False
    author = session.author(question.asked)
    desk = session.desk()
    on_case = CaseDesk(desk.user, desk.place, desk.now, session.rules_of(case), desk.prefix, desk.commands, case, author)
    try:
        events = answer_question(case, author, question.object, session.message.body, session.now)
        await decided(session, on_case, Decided(events), session.message.event)
    except Refused as refused:
        await session.tell(session.words(f"refusals/{refused.reason}", **refused.values))
    return True
