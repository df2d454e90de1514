"""What is passed over at once in the middle of a long text: plain words, quotations, and the values of names that no argument has.

What is passed here is what `words.tokens` would look at one by one and leave; whatever is not clear at first sight is left to it.
"""

import re
from collections.abc import Mapping

from commands.reading.signs import ANGLE, DOUBLE, LONGEST_QUOTE, MARKS, NAME, SINGLE, TOLD

_PLAIN = rf"(?:(?!{TOLD})\S*+\s++)*+"
"""Plain words up to the next that may be more."""
_INSIDE, _APART = LONGEST_QUOTE - 2, 60
"""Letters of a quotation that is passed; in single marks, among which apostrophes may stand, fewer."""
_ENDS = r"(?!(?<=[\s=].)\w)"
"""A mark that begins the next quotation ends none."""
_SEEN = r"(?=[\s\S])"
"""Something follows: what is passed was not cut off."""


def _quotation(group: str) -> str:
    """Return the pattern of a quotation that is surely closed; the group keeps the mark where it is doubled, which is not read here."""
    doubled = rf"(?P<{group}>[{SINGLE}])(?P={group})[^\s{SINGLE}]"
    single = rf"(?!{doubled})[{SINGLE}](?:[^{SINGLE}]|[{SINGLE}](?=\w)){{0,{_APART}}}+[{SINGLE}](?!\w)"
    others = (f"[{family}][^{family}]{{0,{_INSIDE}}}+[{family}]{_ENDS}" for family in (DOUBLE, ANGLE))
    return f"(?:{'|'.join(others)}|{single})"


def _value(group: str) -> str:
    return rf"=(?=\S)(?:(?![{MARKS}])\S++|{_quotation(group)})"


def _run(*, quotations: bool) -> re.Pattern[str]:
    """Return the pattern of a name with its value and of all that may follow: values of the same name and, if wanted, quotations around."""
    before = rf"(?:{_PLAIN}{_quotation('a')}{_SEEN})*+" if quotations else ""
    after = f"|{_quotation('b')}" if quotations else ""
    same = rf"(?:{_PLAIN}(?:(?P=name){_value('c')}{after}){_SEEN})*+"
    return re.compile(rf"{before}(?:{_PLAIN}(?P<name>{NAME}+){_value('d')}{_SEEN}{same})?+")


_NAMED, _ALL = _run(quotations=False), _run(quotations=True)


def passed(text: str, at: int, end: int, known: Mapping[str, bool], *, quotations: bool) -> int:
    """Return how far a text can be passed over from `at`, short of `end`: up to the first name that is not known to be no argument's.

    `quotations` is whether those without a name count for nothing either.
    """
    run = _ALL if quotations else _NAMED
    while (found := run.match(text, at, end)) and found.end() > at:
        if found["name"] is not None and known.get(found["name"], True):
            return found.start("name")
        at = found.end()
    return at
