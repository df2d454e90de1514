"""One message being handled, in one transaction: who wrote where, what the rules are, and how to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care import profile as profiles
from care.case import Author, Case, Source
from care.effects import Anchor, Effect, Place, PlaceKind, Say, Words
from care.expected import Rules
from care.language import Language
from care.people import Directory
from care.profile import Profile
from care.refusal import Refused
from commands.catalogue import COMMANDS
from commands.desk import Desk
from commands.reading import Scene
from commands.translation import in_language
from store import access, outbox, sayings
from store.access import Look
from store.database import Transaction
from store.inbox import Kind, Message
from store.keys import Vault, case_scope, transit_scope
from store.steps import Moment, Step, record
from texts.announce import announce
from texts.render import render


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all messages: the rule profile of new cases, the bot's names, the mail organizer, prefix and gathering times."""

    profile: Profile
    bot: str
    bot_name: str
    organizer: str
    prefix: str
    gather: timedelta
    joins: timedelta


@dataclass(slots=True)
class Session:
    """A message in its transaction. `answered` counts the replies, so that each has a key of its own.

    `language` is the writer's own: answers to the writer are in it, what is said to a room of several is not. `chosen` tells that an answer
    of the form that is being done was a tap.
    """

    tx: Transaction
    vault: Vault
    setting: Setting
    directory: Directory
    message: Message
    place: Place
    now: datetime
    machine: datetime
    prefix: str
    language: Language
    answered: int = 0
    chosen: bool = False
    forget: bool = False

    @property
    def user(self) -> str:
        """Return who wrote."""
        return self.message.sender

    @property
    def rules(self) -> Rules:
        """Return the rules of new cases."""
        return Rules(self.setting.profile, self.directory)

    def rules_of(self, case: Case) -> Rules:
        """Return the rules of a case: it keeps the profile that it was opened under (S1-03)."""
        name = case.profile.partition("@")[0]
        own = self.setting.profile if name == self.setting.profile.name else profiles.load(name)
        return Rules(own, self.directory)

    @property
    def moment(self) -> Moment:
        """Return when the step is taken; what came in later than now by a crooked clock came in now."""
        return Moment(min(self.message.sent, self.now), self.now, self.machine, self.setting.gather)

    def scene(self, actors: Sequence[str] = (), *, now: datetime | None = None, html: str | None = None) -> Scene:
        """Return what the words of a message can mean here."""
        return Scene(
            place=self.place.kind,
            now=now or self.now,
            directory=self.directory,
            actors=tuple(actors),
            bot=self.setting.bot,
            bot_name=self.setting.bot_name,
            html=self.message.html if html is None else html,
            staffed=self.setting.profile.staffed,
        )

    def desk(self) -> Desk:
        """Return an empty desk."""
        return Desk(self.user, self.place, self.now, self.rules, self.prefix, COMMANDS)

    def author(self, unit: str) -> Author:
        """Return the writer as acting for a unit, with the roles held there now."""
        tapped = Source.REACTION if self.message.kind in {Kind.REACTION, Kind.REDACTION} else Source.TYPED
        source = Source.CHOSEN if self.chosen else tapped
        roles, profession = self.directory.roles(self.user, unit), self.directory.profession(self.user, unit)
        return Author(self.user, unit, roles, profession, self.message.device, source)

    def words(self, template: str, /, **values: object) -> Words:
        """Return the words of an answer, in the writer's language."""
        return self.words_in(self.language, template, **values)

    def words_in(self, language: Language, template: str, /, **values: object) -> Words:
        """Return the words of a template; directory, moment and the writer's prefix are always among its values."""
        common = {"directory": self.directory, "now": self.now, "prefix": self.prefix, "place": str(self.place.kind)}
        return render(template, language=language, **in_language(template, common | values, language))

    async def say(self, template: str, /, *, scope: str = "", root: str = "", key: str = "", **values: object) -> None:
        """Answer the writer: silently, as a reply, in the thread that it belongs to. `scope` seals it, by default under transit."""
        await self.tell(self.words(template, **values), scope=scope, root=root, key=key)

    async def tell(
        self, words: Words, *, scope: str = "", root: str = "", key: str = "", case: str = "", reactions: tuple[str, ...] = ()
    ) -> None:
        """Answer the writer with words that are ready."""
        thread = self.message.thread or (root if self.place.kind is not PlaceKind.DIRECT else "")
        self.answered += 1
        to = self._replied_to
        reply = Say(
            key or f"reply:{self.message.event}:{self.answered}",
            self.place,
            words=words,
            thread=Anchor(event=thread) if thread else None,
            reply=Anchor(event=to) if to else None,
            reactions=reactions,
            urgent=True,
        )
        await self.enqueue((reply,), scope=scope or transit_scope(self.machine), case=case)

    async def refuse(self, refused: Refused, *, root: str = "") -> None:
        """Tell the writer why not."""
        await self.tell(self.words(f"refusals/{refused.reason}", **refused.values), root=root)

    @property
    def _replied_to(self) -> str:
        """Return the message that an answer refers to: an edit or a tap is shown at what it is on, a removal cannot be shown at all."""
        match self.message.kind:
            case Kind.EDIT | Kind.REACTION:
                return self.message.target
            case Kind.REDACTION:
                return ""
            case _:
                return self.message.event

    async def enqueue(self, effects: Sequence[Effect], *, scope: str, case: str = "", hold: timedelta = timedelta()) -> None:
        """Remember effects."""
        await outbox.enqueue(self.tx, self.vault, effects, outbox.Envelope(case, scope, self.machine, self.setting.gather, hold))

    async def record(self, step: Step, *, person: str = "") -> None:
        """Journal a step, with all that it says."""
        if not step.entries:
            return
        generation = await sayings.times_said(self.tx, step.after.id, "overview")
        rules = self.rules_of(step.after)
        effects = announce(step.entries, step.before, step.after, rules, generation=generation, organizer=self.setting.organizer)
        await record(self.tx, self.vault, rules, step, effects, self.moment, person=person)

    async def note_look(self, case: str, unit: str, what: str) -> None:
        """Write down that case content is shown to the writer."""
        await access.note(self.tx, Look(self.now, self.user, unit, case, what, "kommando"))

    def case_scope(self, case: Case | None) -> str:
        """Return the scope of an answer that shows a case, else that of passing things."""
        return case_scope(case.id) if case else transit_scope(self.machine)
