"""The signs by which a word may be more than a word: quotation marks, and what begins a named value, a command or an option."""

import re

DOUBLE, SINGLE, ANGLE = '"“”„‟″＂〝〞〟', "'‘’‚‛′´`", "«»‹›"
"""The families of quotation marks: any of a family closes it."""
FAMILIES = (DOUBLE, SINGLE, ANGLE)
QUOTES = frozenset("".join(FAMILIES))
MARKS = re.escape("".join(FAMILIES))
LONGEST_QUOTE = 4002
"""Letters of a quotation, its marks included: the longest argument fits."""
NAME = rf"[^\s={MARKS}<>/?&:,]{{1,40}}"
"""A pattern of what can be the name of a value."""
TOLD = rf"(?:,?[{MARKS}]|{NAME}+(?:\s{{0,2}}=|:(?=[^\s/]))|[!/][^\W\d_]|[-–—]{{1,2}}[^\W\d_])"
"""A pattern of how a word begins that may be more than a word: a quotation, a named value, a command, an option, a name with a colon."""
