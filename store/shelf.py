"""Cases that were read lately, folded, so that only what is new in the journal has to be opened (issue 2: 15 ms for a command).

A case on the shelf is taken only when the journal still holds the very row that it was folded up to, by hash: what was rolled back, changed
by another process or shredded is never served from here. Nothing of it is written anywhere.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from care.case import Case

ROOM = 256
"""How many cases are kept; the one that was not asked for longest makes room."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A case as it was after the journal row with this hash."""

    case: Case
    hash: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Keeps folded cases in memory, by id."""

    _cases: OrderedDict[str, Folded] = field(default_factory=OrderedDict[str, Folded], repr=False)

    def find(self, case: str) -> Folded | None:
        """Return a case as it was when it was put here, None for one that is not."""
        if case in self._cases:
            self._cases.move_to_end(case)
        return self._cases.get(case)

    def put(self, folded: Folded) -> None:
        """Keep a case in its newest state."""
        self._cases[folded.case.id] = folded
        self._cases.move_to_end(folded.case.id)
        while len(self._cases) > ROOM:
            self._cases.popitem(last=False)

    def drop(self, case: str) -> None:
        """Forget a case."""
        self._cases.pop(case, None)
