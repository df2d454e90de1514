"""What is too long for a phone comes in pages: "mer" shows the next one, "mer 3" the third."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from commands.declare import Arg

PageNumber = Annotated[int, Arg(ask="Vilken sida?", en="page", example="2", page=True)]
"""The argument of a list that turns its pages: "2", "mer" or "mer 3"."""
_TURNED = re.compile(r"(?:^|\s)(?:mer|more)(?:\s+([0-9]{1,3}))?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of many rows; `following` is the number of the next page, 0 on the last one, and `left` what comes after this one."""

    rows: tuple[object, ...]
    number: int
    following: int
    left: int

    @property
    def turn(self) -> str:
        """Return what is typed after "mer" for the next page: nothing for the second one."""
        return f" {self.following}" if self.following > 2 else ""  # noqa: PLR2004 - "mer" alone means the second page


def turned(text: str) -> tuple[str, int]:
    """Return what was asked for without "mer", and the number of the page that is wanted."""
    found = _TURNED.search(text)
    if not found:
        return text.strip(), 1
    return text[: found.start()].strip(), max(1, int(found[1])) if found[1] else 2


def page(rows: Sequence[object], number: int, size: int) -> Page:
    """Return a page of so many rows; of a number behind the end, the last page."""
    last = max(1, -(-len(rows) // size))
    shown = min(number, last)
    begin = (shown - 1) * size
    return Page(tuple(rows[begin : begin + size]), shown, shown + 1 if shown < last else 0, max(0, len(rows) - begin - size))
