"""What everything brought up unasked shares: store, rules, clocks, gathering times, and what to do when something fails."""

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
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
from store.keys import Vault, case_scope, transit_scope
from store.steps import Moment

LATE = timedelta(minutes=LATE_AFTER_MINUTES)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Gives every reminder the same store, rules and moment. `organizer` is the address of invitations.

    `decided` is called after each commit: what was decided for one leaves while it is decided for the next.
    """

    database: Database
    vault: Vault
    roster: Roster
    profile: Profile
    clock: CivilClock
    machine: MachineClock
    organizer: str
    gather: timedelta
    decided: Callable[[], None] = field(default=lambda: None)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        """Open a transaction that writes (as `Database.write`), and tell when it is committed."""
        async with self.database.write() as tx:
            yield tx
        self.decided()

    async def directory(self, tx: Transaction) -> Directory:
        """Return the directory as it is now."""
        return await self.roster.read(tx)

    async def rules(self, tx: Transaction, case: Case | None = None) -> Rules:
        """Return the rules in force, for a case those that it was opened under (S1-03)."""
        return self.rules_of(await self.roster.read(tx), case)

    def rules_of(self, directory: Directory, case: Case | None = None) -> Rules:
        """Return the rules in force under a directory that was read already."""
        name = case.profile.partition("@")[0] if case else self.profile.name
        return Rules(self.profile if name == self.profile.name else profiles.load(name), directory)

    def moment(self, now: datetime) -> Moment:
        """Return the moment of a step that the timer takes."""
        return Moment(now, now, self.machine.utc(), self.gather)

    async def enqueue(self, tx: Transaction, effects: Sequence[Effect], case: str = "") -> None:
        """Remember effects that no step of a case made, of a case or of none."""
        machine = self.machine.utc()
        scope = case_scope(case) if case else transit_scope(machine)
        envelope = outbox.Envelope(case, scope, machine, self.gather)
        await outbox.enqueue(tx, self.vault, effects, envelope)


@dataclass(frozen=True, slots=True)
class Guard:
    """Keeps what failed, so that one unreadable case does not silence the reminders of all others."""

    failures: list[Exception] = field(default_factory=list[Exception])

    @contextmanager
    def __call__(self) -> Generator[None]:
        """Let the rest go on after a failure of what is done inside."""
        try:
            yield
        except Exception as failure:  # noqa: BLE001 - the timer's named guard; `tell` raises all that it kept
            self.failures.append(failure)

    def tell(self) -> None:
        """Raise what was kept as one ExceptionGroup; nothing when nothing failed."""
        if self.failures:
            raise ExceptionGroup("not everything could be brought up", self.failures)


def is_late(at: datetime, now: datetime) -> bool:
    """Whether what should have been said at an instant comes more than five minutes after it (architecture 3)."""
    return now - at > LATE
