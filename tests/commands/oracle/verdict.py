"""What the oracle says of a message, so that it can be held against what the reader says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Verdict:
    """A command with its values and what a form would ask for; or talk (no command); or a refusal.

    A refusal has the reasons of which any one is right to tell (a message may be wrong in two ways), and the places (from, to) of the words
    that may be pointed at.
    """

    command: str = ""
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    missing: tuple[str, ...] = ()
    reasons: frozenset[str] = frozenset()
    where: tuple[int, int] = (0, 0)


class Wrong(Exception):  # noqa: N818 - what is wrong with a message is no error of the program
    """Raised inside the oracle where a message is refused: `reasons` and `where` as in a verdict."""

    def __init__(self, reasons: str | frozenset[str], where: tuple[int, int]) -> None:
        super().__init__(reasons)
        self.reasons = frozenset(reasons.split()) if isinstance(reasons, str) else reasons
        self.where = where
