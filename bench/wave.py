"""The slot of a region: a digest in each unit's inbox, by a bot that runs and by one that is started for it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench import bare
from bench.figures import Figure
from bench.town import PATIENCE, Town, moment
from bot.clock import MachineTime
from bot.config import load
from bot.premises import Premises, opened
from care.actors import ActorAccepted, ActorAdded
from care.case import Author
from care.effects import Effect, inbox
from care.expected import Rules
from care.messages import acknowledge
from care.people import Role
from care.profile import load as profile_of
from care.questions import ask
from demo.configuration import PROFILE
from reminders.reviews import ACK
from store import steps
from tests.builders import ANNA, at, opening

GOAL = 1.25
TIMES = 3
"""How often the waves with a goal are measured: the machine's speed changes within one of them, too."""
UNITS_OF_A_CASE = 3
SAID = "SELECT place, event FROM outbox WHERE key LIKE 'review:%:1:%' AND kind = 'Say' ORDER BY position"
"""The digests so far, the latest of a place last."""
NOTHING: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """How many events the bot sent in a slot, and the seconds and the bot's processor time (seconds) that they took.

    Of the seconds, `starting` went by before a process that was started for it answered on its health page.
    """

    sends: int
    seconds: float
    computed: float
    starting: float = 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """A wave, and what a bare send took around it: milliseconds, and of the sender's processor time."""

    wave: Wave
    alone: float
    computed: float

    @property
    def multiple(self) -> float:
        """How many bare sends an event of the wave took."""
        return self._sends(self.wave.seconds)

    @property
    def multiple_started(self) -> float:
        """The same, counted from when the process answered on its health page."""
        return self._sends(self.wave.seconds - self.wave.starting)

    def _sends(self, seconds: float) -> float:
        return seconds / self.wave.sends * 1000 / self.alone


async def measured(town: Town, units: int) -> tuple[Figure, ...]:
    """Return how long the waves take, beside bare sends just before and after each; the bot runs afterwards."""
    await town.bot.stop()
    await _open_cases(town, units)
    await town.bot.start()
    await town.stepper.settle(PATIENCE)
    async with bare.talking(town, units) as talker:
        first = await _beside(town, talker, moment("08:00"), acknowledged=False)
        warm, cold = list[Compared](), list[Compared]()
        async with town.as_in_operation():
            for day in range(TIMES):
                warm.append(await _beside(town, talker, moment("14:00", days=day)))
                cold.append(await _beside(town, talker, moment("08:00", days=day + 1), cold=True))
        missed = await _beside(town, talker, moment("14:00", days=TIMES), acknowledged=False)
    return (
        *_compared(f"first digests of {units} units, keys to be shared before", [first], None),
        *_compared(f"14:00, digests of {units} units", warm, GOAL),
        *_compared(f"next 08:00, digests of {units} units, start of the bot included", cold, GOAL),
        _started(f"next 08:00, digests of {units} units, as soon as the bot has started", cold),
        *_compared(f"14:00, {units} units of which none has acknowledged its last", [missed], None),
    )


async def _beside(town: Town, talker: bare.Bare, at_slot: datetime, *, cold: bool = False, acknowledged: bool = True) -> Compared:
    """Return a wave and the bare sends around it: how fast this machine is changes from minute to minute."""
    if acknowledged:
        await _acknowledge(town)
    before, computed = await talker.sent()
    wave = await _waved(town, at_slot, cold=cold)
    after, _ = await talker.sent()
    return Compared(wave, (before + after) / 2, computed)


def _compared(what: str, times: Sequence[Compared], goal: float | None) -> tuple[Figure, ...]:
    """Return the figures of the median of several such waves, and between which multiples all of them lie."""
    ordered = sorted(times, key=lambda each: each.multiple)
    found = ordered[len(ordered) // 2]
    wave, between = found.wave, _between([each.multiple for each in ordered])
    return (
        Figure("wave", f"{what}: {wave.sends} events", wave.seconds, "s"),
        Figure("wave", f"{what}: a bare matrix-nio send around it, eight at once", found.alone, "ms"),
        Figure("wave", f"{what}: an event, as a multiple of a bare send{between}", found.multiple, "×", goal),
        Figure("wave", f"{what}: a bare send, processor time of the sender", found.computed, "ms"),
        Figure("wave", f"{what}: an event, processor time of the bot", wave.computed / wave.sends * 1000, "ms"),
    )


def _started(what: str, times: Sequence[Compared]) -> Figure:
    """Return the median of what several waves of a process took that had just started."""
    ordered = sorted(each.multiple_started for each in times)
    return Figure("wave", f"{what}: an event, as a multiple of a bare send{_between(ordered)}", ordered[len(ordered) // 2], "×", GOAL)


def _between(ordered: Sequence[float]) -> str:
    return f", median of {len(ordered)} between {ordered[0]:.2f} and {ordered[-1]:.2f}" if len(ordered) > 1 else ""


async def _waved(town: Town, at_slot: datetime, *, cold: bool) -> Wave:
    """Let a slot come, and measure it until the last message was confirmed, not until that was seen from outside."""
    if cold:
        await town.bot.stop()
        await town.clock.stand(at_slot)
    before, computed, logged, start = town.said(), 0.0 if cold else town.computed(), town.log_size(), MachineTime().utc()
    await (town.bot.start() if cold else town.clock.stand(at_slot))
    await town.stepper.settle(PATIENCE)
    starting = (town.listening(logged) - start).total_seconds() if cold else 0.0
    return Wave(town.said() - before, (town.confirmed() - start).total_seconds(), town.computed() - computed, starting)


async def _acknowledge(town: Town) -> None:
    """Let somebody at each unit acknowledge its latest digest."""
    said = {str(row[0]): str(row[1]) for row in town.ledger.rows(SAID)}
    where = {
        room: (said[str(inbox(unit))], town.people(unit)[0]) for unit, room in town.ledger.inboxes().items() if str(inbox(unit)) in said
    }
    await town.staff.react(where, ACK)
    await town.stepper.settle(PATIENCE)


async def _open_cases(town: Town, units: int) -> None:
    """Write cases into the bot's store so that each unit has a question to answer."""
    config = load(town.bot.configuration, os.environ)
    async with opened(config, os.environ, MachineTime()) as premises:
        async with premises.database.read() as tx:
            rules = Rules(profile_of(PROFILE), await premises.roster.read(tx))
        for n in range(units // UNITS_OF_A_CASE):
            await _open_case(premises, rules, n, [f"u-{n * UNITS_OF_A_CASE + each}" for each in range(UNITS_OF_A_CASE)])


async def _open_case(premises: Premises, rules: Rules, n: int, units: list[str]) -> None:
    case, now = f"c-{n}", moment("07:30")
    when = steps.Moment(now, now, premises.machine.utc(), timedelta())
    begun = replace(opening(ANNA, now), number=f"SÄ-2026-{n:05d}", codename=f"Blå {n}")
    added = [ActorAdded(f"A{place}", unit, rules.directory.receivers(unit)) for place, unit in enumerate(units, 2)]
    step = steps.judge(None, (begun, *added), ANNA, when, case)
    async with premises.database.write() as tx:
        await steps.record(tx, premises.vault, rules, step, NOTHING, when, person=case)
        for unit in units:
            user = rules.directory.receivers(unit)[0]
            by = Author(user, unit, frozenset({Role.MOTTAGARE}))
            step = steps.judge(step.after, (ActorAccepted(unit, user),), by, when, case)
            await steps.record(tx, premises.vault, rules, step, NOTHING, when)
            asked = ask(step.after, ANNA, unit, "Vem möter upp?", at("2026-09-16 12:00"), now)
            step = steps.judge(step.after, asked, ANNA, when, case)
            await steps.record(tx, premises.vault, rules, step, NOTHING, when)
            # Read, and not answered: it stands in the digest, and nothing is said in the room that the case does not have.
            step = steps.judge(step.after, acknowledge(step.after, by, ()), by, when, case)
            await steps.record(tx, premises.vault, rules, step, NOTHING, when)
