"""What an operator is told of one thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a thing stands: good, worth knowing, or to be mended."""

    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it."""

    mark: Mark
    what: str
    mend: str = ""
