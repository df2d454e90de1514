"""How many kills there were, and at which moment each: said at the end of a run, and kept for docs/soak.md."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.clock import MachineTime
from care.clock import local
from tests.databases import POSTGRES
from tests.kill.phases import PHASES


@dataclass(slots=True)
class Tally:
    """The kills of a run, by moment."""

    seed: int
    clock: MachineTime
    phases: Counter[str] = field(default_factory=Counter[str])
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock.monotonic()

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.phases.total()

    @property
    def missing(self) -> tuple[str, ...]:
        """The moments at which no bot was killed yet."""
        return tuple(phase for phase in PHASES if not self.phases[phase])

    def count(self, phase: str) -> None:
        """Count a kill."""
        self.phases[phase] += 1

    def line(self, commands: int) -> str:
        """Say what was done, in one line."""
        seconds = self.clock.monotonic() - self.began
        found = ", ".join(f"{phase} {count}" for phase, count in sorted(self.phases.items()))
        return f"{self.kills} kills and {commands} commands in {seconds:.0f} s: {found}"

    def keep(self, file: str, commands: int) -> None:
        """Add the run to a file of JSON lines."""
        kept = {
            "test": "kill",
            "database": "PostgreSQL" if POSTGRES else "SQLite",
            "ended": f"{local(self.clock.utc()):%Y-%m-%d %H:%M}",
            "seconds": round(self.clock.monotonic() - self.began),
            "seed": self.seed,
            "kills": self.kills,
            "commands": commands,
            "phases": dict(sorted(self.phases.items())),
        }
        with Path(file).open("a", encoding="utf-8") as record:
            record.write(json.dumps(kept, ensure_ascii=False) + "\n")
