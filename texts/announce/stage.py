"""What every announcement needs: the rules, the moment, and the sentences' common values."""

from dataclasses import dataclass
from datetime import datetime

from care.case import Case, Entry
from care.effects import Anchor, Place, Say, Words, case_room, inbox
from care.expected import Rules
from care.language import Language, Spoken
from texts.render import render

ACK = "✅"
SNOOZE = "⏰"
"""Reminds who taps it at the next review (decision 0033)."""
CALL_REACTIONS = ("✅", "💻", "❌", "☎️")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an announcement is made: the case after the whole step, the rules, the civil moment, and the overview in force."""

    case: Case
    rules: Rules
    now: datetime
    overview: str
    organizer: str

    @property
    def mail_domain(self) -> str:
        """Return the domain of the organizer's address, for identifiers that are one of a kind in the world."""
        return self.organizer.rpartition("@")[2]

    @property
    def room(self) -> Place:
        """Return the room of the case."""
        return case_room(self.case.id)

    @property
    def spoken(self) -> Spoken:
        """Return which languages rooms and people are spoken to in."""
        return self.rules.directory.spoken

    def words(self, name: str, **values: object) -> Words:
        """Return the words of a template for a room of several; case, directory and moment are always among its values."""
        return self.words_in(self.spoken.rooms, name, **values)

    def words_in(self, language: Language, name: str, **values: object) -> Words:
        """Return the words of a template in a language."""
        return render(name, language=language, case=self.case, directory=self.rules.directory, now=self.now, **values)

    def key(self, entry: Entry, what: str) -> str:
        """Return the outbox key of one effect of an entry."""
        return f"{entry.case}:{entry.seq}:{what}"

    def rung(self, *units: str) -> tuple[str, ...]:
        """Return who is rung in the case room for units: their participants on duty, else all of them, else who is rung in the inbox."""
        return tuple(dict.fromkeys(user for unit in units for user in self._rung(unit)))

    def _rung(self, unit: str) -> tuple[str, ...]:
        here = self.case.users_of(unit)
        called = self.rules.directory.ringing(unit)
        return tuple(user for user in here if user in called) or here or called

    def others(self, unit: str) -> tuple[str, ...]:
        """Return the actor units besides one."""
        return tuple(each for each in self.case.actors if each != unit)

    def notice(self, entry: Entry, name: str, thread: str = "", **values: object) -> Say:
        """Return a silent message to the case room."""
        anchor = Anchor(key=thread) if thread else None
        return Say(self.key(entry, name), self.room, words=self.words(name, entry=entry, **values), thread=anchor)

    def to_inbox(self, entry: Entry, unit: str, name: str, about: str = "", **values: object) -> Say:
        """Return a message to a unit's inbox that rings who is on duty there."""
        return Say(
            self.key(entry, f"{name}:{unit}"),
            inbox(unit),
            words=self.words(name, entry=entry, **values),
            rings=self.rules.directory.ringing(unit),
            about=about,
            reactions=(ACK, SNOOZE) if about else (),
        )


def object_key(case: str, name: str) -> str:
    """Return the outbox key of the message that shows an object, the root of its thread."""
    return f"{case}:object:{name}"


def overview_key(case: str, generation: int) -> str:
    """Return the outbox key of a lägesbild; a new one is posted after someone joined (commands 5)."""
    return f"{case}:overview:{generation}"
