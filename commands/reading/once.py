"""What is made once for each of the few things that live long and are read with every message: the directory, the list of commands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar, cast

_KEPT = 4
"""So many answers are kept: a directory that was replaced is soon forgotten."""

Source = TypeVar("Source")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class _Itself(Generic[Source]):
    """A thing that is equal to itself alone: comparing a thousand units would cost more than what is spared."""

    source: Source

    def __eq__(self, other: object) -> bool:
        """Whether the other holds the very same thing."""
        return isinstance(other, _Itself) and cast("_Itself[Source]", other).source is self.source

    def __hash__(self) -> int:
        """Return what tells the thing from others as long as it is kept."""
        return id(self.source)


def once_for(make: Callable[[Source], Made]) -> Callable[[Source], Made]:
    """Return a function that answers as `make` does, but makes each answer once while its source is the same object."""

    @lru_cache(maxsize=_KEPT)
    def kept(itself: _Itself[Source]) -> Made:
        return make(itself.source)

    def made(source: Source) -> Made:
        return kept(_Itself(source))

    return made
