"""What is wrong with the words of a line before any value is read: names that no argument has, and a second command."""

from collections.abc import Sequence

from commands.declare import Command, Kind, Parameter
from commands.folding import near, near_alike, squeeze
from commands.reading.mentions import PREFIXES
from commands.reading.names import begins
from commands.reading.nouns import Nouns
from commands.reading.outcome import Misread, Reason
from commands.reading.words import Token, split

_NAME, _WORDS = 100, 3
"""Letters and words in which a name is looked for."""
_SHORTEST = 3
"""So many letters of an argument's name are taken for one that was shortened; fewer stand in every text ("t=37,5")."""


def misnamed(command: Command, text: str, found: Sequence[Token], nouns: Nouns) -> Misread | None:
    """Return the first place where a name is unknown or lacks its sign, or where another command begins; None where all is well."""
    seen: dict[str, Misread | None] = {}
    for i, token in enumerate(found):
        if token.quoted and not token.name:
            continue
        if token.name:
            if token.name not in seen:
                seen[token.name] = _unknown(command, token)
            wrong = seen[token.name]
        else:
            wrong = _without_equals(command, token) or _second(command, text, token, nouns, first=i == 0)
        if wrong:
            return wrong
    return None


def _unknown(command: Command, token: Token) -> Misread | None:
    """Refuse a name that no argument has, unless it stands in free text and is like none of them."""
    key = squeeze(token.name)
    if key in command.named:
        return None
    meant = near(key, command.named) or _begun(key, command)
    if meant is None and any(p.rest for p in command.parameters):
        return None
    candidates = (command.named[meant].word,) if meant else tuple(p.word for p in command.parameters)
    return Misread(Reason.UNKNOWN_NAME, token.start, "ett känt namn", values={"name": token.name, "candidates": candidates})


def _begun(key: str, command: Command) -> str | None:
    if len(key) < _SHORTEST:
        return None
    return next((name for name in command.named if name.startswith(key)), None)


def _without_equals(command: Command, token: Token) -> Misread | None:
    """Ask about "senast:fredag" and "--senast fredag": the name of an argument without its sign could be meant, or be text."""
    if len(token.text) > _NAME or token.text[0] == "@":
        return None
    name, colon, value = token.text.partition(":")
    option = token.text[:1] in "-–—"
    parameter = command.named.get(squeeze(name)) if option or (colon and value and not value.startswith("/")) else None
    if parameter is None:
        return None
    return Misread(Reason.NAME_WITHOUT_EQUALS, token.start, values={"name": parameter.word})


def _second(command: Command, text: str, token: Token, nouns: Nouns, *, first: bool) -> Misread | None:
    """Refuse another command in the same message: on a line of its own also one with a slip in its name."""
    opens = not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip() and "\n" in text[: token.start]
    if token.text[:1] not in PREFIXES or not token.text[1:2].isalpha() or (first and not opens and _asked_about(command)):
        return None
    words = split(" ".join(text[token.start + 1 : token.start + _NAME].split(maxsplit=_WORDS)[:_WORDS]))
    slipped = opens and token.text[0] == "!" and near_alike(squeeze(words[0].text), nouns.commands)
    return Misread(Reason.TWO_COMMANDS, token.start, "ett kommando i taget") if begins(words, nouns) or slipped else None


def _asked_about(command: Command) -> bool:
    """Whether what is typed after a command may be the name of one: `!hjälp !fråga`."""
    placed: tuple[Parameter, ...] = command.positional
    return bool(placed) and placed[0].kind is Kind.TEXT and placed[0].rest and not placed[0].required
