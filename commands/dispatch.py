"""Every message comes in here, once: understood, decided, recorded, answered and marked as handled in one transaction.

What a person does wrong is answered in a sentence and changes nothing. What raises anything but a refusal is a bug: nothing is saved,
and whoever drives the dispatcher calls `apologise` with the id under which the trace was logged.
"""

from contextlib import suppress
from datetime import timedelta

from care.clock import CivilClock, MachineClock
from care.effects import Place, PlaceKind
from care.people import Directory
from care.profile import Profile
from commands import devices, edits, presence, taps, typed
from commands.serve import case_here
from commands.session import Session, Setting
from store import inbox, rooms
from store.database import Database, Transaction
from store.directory import Roster
from store.inbox import Kind, Message
from store.keys import Vault


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
        self._to_forget = False

    async def handle(self, message: Message) -> None:
        """Handle a message; one that was handled already, or comes from a room that is not the bot's, changes nothing."""
        async with self._database.write() as tx:
            done, place = await inbox.met(tx, message.event, message.room)
            if done:
                return
            session = await self._session(tx, message, place)
            if session:
                await _route(session)
            await inbox.done(tx, message.event, self._machine.utc())
        await self._forget(wanted=bool(session and session.forget))

    async def apologise(self, message: Message, error: str) -> None:
        """Tell the writer that something went wrong here, that nothing was saved, and under which id it can be found."""
        async with self._database.write() as tx:
            session = await self._session(tx, message, await rooms.place_of(tx, message.room))
            if session and message.kind is Kind.MESSAGE:
                await session.say("talk/bug", key=f"bug:{message.event}", error=error)
            await inbox.done(tx, message.event, self._machine.utc())
        await self._forget(wanted=True)

    async def _forget(self, *, wanted: bool) -> None:
        """Empty the write-ahead log of what was typed; while somebody reads an older state, it is tried again after the next message."""
        self._to_forget = self._to_forget or wanted
        if not self._to_forget:
            return
        with suppress(TimeoutError):
            await self._database.forget()
            self._to_forget = False

    async def _session(self, tx: Transaction, message: Message, place: Place | None) -> Session | None:
        """Return a session for a message in a room of the bot by somebody else, else None."""
        if place is None or message.sender == self._setting.bot:
            return None
        directory = await self._roster.read(tx)
        prefix = "/" if message.body.lstrip().startswith("/") else self._setting.prefix
        now, machine, language = self._clock.now(), self._machine.utc(), directory.spoken.to(message.sender)
        return Session(tx, self._vault, self._setting, directory, message, place, now, machine, prefix, language)


async def _route(session: Session) -> None:
    if session.message.kind is Kind.MEMBERSHIP:
        await presence.changed(session)
        return
    if not await _belongs(session, session.directory):
        return
    match session.message.kind:
        case Kind.MESSAGE:
            await _written(session)
        case Kind.UNREADABLE:
            await devices.unreadable(session)
        case Kind.REACTION:
            await taps.tapped(session)
        case Kind.REDACTION:
            if not await taps.taken_back(session):
                await edits.removed(session)
        case Kind.EDIT if session.message.trusted:
            await edits.edited(session)
        case _:
            pass


async def _written(session: Session) -> None:
    """Obey what a trusted device wrote in time (invariant 8)."""
    if not session.message.trusted:
        await devices.untrusted(session)
    elif not await devices.too_late(session):
        await typed.message(session)


async def _belongs(session: Session, directory: Directory) -> bool:
    """Whether the sender may use this room: a participant, a member of the unit, the person itself, an administrator."""
    match session.place.kind:
        case PlaceKind.CASE:
            case = await case_here(session)
            if case is None or session.user not in case.participants:
                return False
            return any(directory.stands_for(session.user, unit) for unit in case.actors)
        case PlaceKind.INBOX:
            return session.place.id in directory.units_of(session.user)
        case PlaceKind.DIRECT:
            return session.place.id == session.user and bool(directory.memberships(session.user))
        case PlaceKind.ADMIN:
            return session.user in directory.administrators()
        case PlaceKind.SPACE:
            return False
