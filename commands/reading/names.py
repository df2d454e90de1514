"""Which command is meant by the first words of a message."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from care.effects import PlaceKind
from commands.declare import Command
from commands.folding import near, squeeze
from commands.reading.outcome import Misread, Reason
from commands.reading.words import Word

_LONGEST = 3
"""No noun and no verb has more words."""


@dataclass(frozen=True, slots=True)
class Named:
    """A command and how many words its name took."""

    command: Command
    count: int


def known(commands: Sequence[Command]) -> frozenset[str]:
    """Return all nouns and full names, squeezed."""
    return frozenset(key for command in commands for key in command.nouns | command.aliases)


def begins(words: Sequence[Word], names: Container[str]) -> bool:
    """Whether the words begin with one of the known names."""
    return any(key in names for key, _ in _keys(words))


def find(words: Sequence[Word], commands: Sequence[Command], place: PlaceKind) -> Named | Misread:
    """Return the command, its verb shortened or not, or a Misread with the nearest that exists."""
    for key, count in _keys(words):
        if siblings := [command for command in commands if key in command.nouns]:
            return _verb(words, count, siblings, place)
    for key, count in _keys(words):
        if exact := [command for command in commands if key in command.aliases]:
            return Named(_here(exact, place), count)
    at = words[0].at if words else 0
    return Misread(Reason.UNKNOWN_COMMAND, at, "ett kommando", nearest=_nearest(words, commands, place))


def _keys(words: Sequence[Word]) -> Iterable[tuple[str, int]]:
    """Yield the squeezed first words, three to one, and how many they are."""
    for count in range(min(_LONGEST, len(words)), 0, -1):
        if squeeze(words[count - 1].text) and all("=" not in word.text for word in words[:count]):
            yield squeeze("".join(word.text for word in words[:count])), count


def _verb(words: Sequence[Word], nouns: int, siblings: list[Command], place: PlaceKind) -> Named | Misread:
    for key, count in _keys(words[nouns:]):
        if exact := [command for command in siblings if key in command.verbs]:
            return Named(_here(exact, place), nouns + count)
    for key, count in _keys(words):
        if count > nouns and (exact := [command for command in siblings if key in command.aliases]):
            return Named(_here(exact, place), count)
    typed = squeeze("".join(word.text for word in words[:nouns]))
    alone = [command for command in siblings if command.verb is None or typed in command.aliases]
    if alone and (len(words) == nouns or len(alone) == len(siblings) or any(command.positional for command in alone)):
        return Named(_here(alone, place), nouns)
    return _shortened(words, nouns, siblings, place) or _no_verb(words, nouns, siblings, alone, place)


def _shortened(words: Sequence[Word], nouns: int, siblings: list[Command], place: PlaceKind) -> Named | Misread | None:
    """Return the only command whose verb begins so; one verb that begins all the others is meant itself."""
    for key, count in _keys(words[nouns:]):
        begun = [c for c in siblings if any(verb.startswith(key) for verb in c.verbs)]
        begun = [c for c in begun if place in c.where] or begun
        begun = _accented(words[nouns].text, begun)
        if begun:
            short = min(begun, key=lambda c: len(c.verb or ""))
            if all(squeeze(c.verb or "").startswith(squeeze(short.verb or "")) for c in begun):
                return Named(short, nouns + count)
            return Misread(Reason.AMBIGUOUS_VERB, words[nouns].at, "ett verb", values={"candidates": _names(begun)})
    return None


def _accented(typed: str, begun: list[Command]) -> list[Command]:
    """Return those that begin so to the letter, where the writer took the trouble to write å, ä or ö ("stä" is not "starta")."""
    exact = normalize("NFC", typed.casefold())
    verbatim = [c for c in begun if (c.verb or "").casefold().startswith(exact)]
    return verbatim if verbatim and not exact.isascii() else begun


def _no_verb(words: Sequence[Word], nouns: int, siblings: list[Command], alone: list[Command], place: PlaceKind) -> Named | Misread:
    if alone and "=" in words[nouns].text:
        return Named(_here(alone, place), nouns)
    here = [command for command in siblings if command.verb and place in command.where] or siblings
    values = {"candidates": _names(here)}
    if len(words) == nouns:
        return Misread(Reason.VERB_MISSING, words[-1].at + len(words[-1].text), "ett verb", values=values)
    return Misread(Reason.UNKNOWN_VERB, words[nouns].at, "ett verb", nearest=_near_verb(words[nouns:], here), values=values)


def _near_verb(words: Sequence[Word], siblings: list[Command]) -> Command | None:
    verbs = {verb: command for command in siblings for verb in command.verbs}
    found = next((word for key, _ in _keys(words) if (word := near(key, verbs))), None)
    return verbs[found] if found else None


def _nearest(words: Sequence[Word], commands: Sequence[Command], place: PlaceKind) -> Command | None:
    """Return the command whose noun, or whole name, was probably meant; of several, the one with the verb that follows."""
    nouns = {noun for command in commands for noun in command.nouns}
    for key, count in _keys(words):
        if noun := near(key, nouns):
            siblings = [command for command in commands if noun in command.nouns]
            found = _verb(words, count, siblings, place)
            return found.command if isinstance(found, Named) else found.nearest or _here(siblings, place)
    whole = {alias: command for command in commands for alias in command.aliases}
    found_name = next((name for key, _ in _keys(words) if (name := near(key, whole))), None)
    return whole[found_name] if found_name else None


def _here(commands: list[Command], place: PlaceKind) -> Command:
    """Return the one of equal name that works here, else the first."""
    return next((command for command in commands if place in command.where), commands[0])


def _names(commands: Iterable[Command]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(command.name for command in commands))
