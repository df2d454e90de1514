"""What everything brought up unasked shares: store, rules, clocks and gathering times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care import profile as profiles
from care.case import Case
from care.clock import CivilClock, MachineClock
from care.effects import Effect
from care.expected import LATE_AFTER_MINUTES, Rules
from care.people import Directory
from care.profile import Profile
from store import outbox
from store.database import Database, Transaction
from store.directory import Roster
from store.keys import Vault, transit_scope
from store.steps import Moment

LATE = timedelta(minutes=LATE_AFTER_MINUTES)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Gives every reminder the same store, rules and moment."""

    database: Database
    vault: Vault
    roster: Roster
    profile: Profile
    clock: CivilClock
    machine: MachineClock
    organizer: str
    gather: timedelta

    async def rules(self, tx: Transaction, case: Case | None = None) -> Rules:
        """Return the rules in force, for a case those that it was opened under."""
        directory: Directory = await self.roster.read(tx)
        name = case.profile.partition("@")[0] if case else self.profile.name
        return Rules(self.profile if name == self.profile.name else profiles.load(name), directory)

    def moment(self, now: datetime) -> Moment:
        """Return the moment of a step that the timer takes."""
        return Moment(now, now, self.machine.utc(), self.gather)

    async def enqueue(self, tx: Transaction, effects: Sequence[Effect]) -> None:
        """Remember effects that belong to no case."""
        machine = self.machine.utc()
        envelope = outbox.Envelope("", transit_scope(machine), machine, self.gather)
        await outbox.enqueue(tx, self.vault, effects, envelope)


def is_late(at: datetime, now: datetime) -> bool:
    """Whether what should have been said at an instant comes more than five minutes after it (architecture 3)."""
    return now - at > LATE
