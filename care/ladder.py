"""The escalation ladder (process 3.0.7): what is missed is brought up, step by step, and never forgotten.

Step 0 is the message itself, step 1 the digest at each review; the steps here are taken by the timer and journalled, each once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from care.case import Case, Entry, Event


class Step(IntEnum):
    """A step of the ladder; `REMIND` is a reminder of what is agreed, below the ladder."""

    REMIND = 0
    WARN = 2
    MISSED = 3
    CHIEF = 4


def due_key(case: str, name: str, matter: str, revision: str, step: Step, unit: str) -> str:
    """Return what makes a step happen once: `{case}:{object}:{matter and revision}:{step}:{recipient}` (architecture 3)."""
    return f"{case}:{name}:{matter}.{revision}:{int(step)}:{unit}"


@dataclass(frozen=True, slots=True)
class StepTaken(Event):
    """The timer brought something up: `due` is when this step fell due, `late` whether it comes late.

    `matter` is the code of what was expected (`Matter.name`), and `revision` which time it was expected.
    """

    kind: ClassVar[str] = "ladder.step"
    object: str
    matter: str
    unit: str
    step: Step
    due: datetime
    deadline: datetime
    late: bool
    revision: str = "1"

    def evolve(self, case: Case, entry: Entry) -> Case:  # noqa: ARG002 - the signature of every event
        """Mark what was missed, so that the lägesbild shows it."""
        if self.step is not Step.MISSED:
            return case
        return replace(case, missed=case.missed | {f"{self.object}:{self.unit}"})

    def key(self, case: str) -> str:
        """Return the key of the due item that this step was, as the index knows it (architecture 3)."""
        return due_key(case, self.object, self.matter, self.revision, self.step, self.unit)

    def facts(self) -> dict[str, str]:
        """Return what was missed at which step (statistics, process 3.10: missade)."""
        return {"matter": self.matter, "step": str(int(self.step))}
