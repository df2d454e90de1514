"""Which command is meant by the first words of a message."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from care.effects import PlaceKind
from commands.declare import Command
from commands.folding import squeeze
from commands.reading.nouns import Nouns
from commands.reading.outcome import Misread, Reason
from commands.reading.signs import QUOTES
from commands.reading.suggestions import near_verb, suggested
from commands.reading.words import Word, split

_LONGEST = 3
"""No noun and no verb has more words."""
_SHORTEST = 4
"""So many letters of a noun must be typed: "med" and "not" begin nouns, too, and are words of their own."""


@dataclass(frozen=True, slots=True)
class Named:
    """A command and how many words its name took."""

    command: Command
    count: int


def begins(words: Sequence[Word], nouns: Nouns) -> bool:
    """Whether the words begin with one of the known names."""
    return any(key in nouns.commands or key in nouns.aliases for key, _ in keys(words))


def find(words: Sequence[Word], nouns: Nouns, place: PlaceKind) -> Named | Misread:
    """Return the command, its noun or verb shortened or not, or a Misread with the nearest that exists."""
    typed = tuple(keys(words))
    for key, count in typed:
        if key in nouns.commands:
            return _verb(words, count, nouns.commands[key], place)
    for key, count in typed:
        if key in nouns.aliases:
            return Named(_here(nouns.aliases[key], place), count)
    if not any(key in nouns.like for key, _ in typed) and (siblings := _begun_noun(words, nouns)):
        return _verb(words, 1, siblings, place)
    at = words[0].at if words else 0
    found = suggested(typed, nouns, place)
    nearest = found[0] if len(found) == 1 else None
    candidates = command_names(found) if len(found) > 1 else ()
    return Misread(Reason.UNKNOWN_COMMAND, at, "ett kommando", nearest=nearest, values={"candidates": candidates})


def keys(words: Sequence[Word]) -> Iterator[tuple[str, int]]:
    """Yield the squeezed first words, three to one, and how many they are."""
    for count in range(min(_LONGEST, len(words)), 0, -1):
        quoted = any(word.text[0] in QUOTES for word in words[1:count])
        if squeeze(words[count - 1].text) and not quoted and all("=" not in word.text for word in words[:count]):
            yield squeeze("".join(word.text for word in words[:count])), count


def _begun_noun(words: Sequence[Word], nouns: Nouns) -> Sequence[Command]:
    """Return the commands of the only noun that the first word begins."""
    key = squeeze(words[0].text) if words and "=" not in words[0].text else ""
    return nouns.begun(key) if len(key) >= _SHORTEST else ()


def _verb(words: Sequence[Word], nouns: int, siblings: Sequence[Command], place: PlaceKind) -> Named | Misread:
    for key, count in keys(words[nouns:]):
        if exact := [command for command in siblings if key in command.verbs]:
            return Named(_here(exact, place), nouns + count)
    for key, count in keys(words):
        if count >= nouns and (exact := [command for command in siblings if key in command.aliases and (count > nouns or command.verb)]):
            return Named(_here(exact, place), count)
    typed = squeeze("".join(word.text for word in words[:nouns]))
    alone = [command for command in siblings if command.verb is None or typed in command.aliases]
    if alone and (len(words) == nouns or len(alone) == len(siblings) or any(command.positional for command in alone)):
        return Named(_here(alone, place), nouns)
    return _shortened(words, nouns, siblings, place) or _no_verb(words, nouns, siblings, alone, place)


def _shortened(words: Sequence[Word], nouns: int, siblings: Sequence[Command], place: PlaceKind) -> Named | Misread | None:
    """Return the only command whose verb begins so; one verb that begins all the others is meant itself."""
    for key, count in keys(words[nouns:]):
        begun = [c for c in siblings if any(verb.startswith(key) for verb in c.verbs) or _word_by_word(words[nouns : nouns + count], c)]
        begun = [c for c in begun if place in c.where] or begun
        begun = _accented(words[nouns].text, begun)
        if begun:
            short = min(begun, key=lambda c: len(c.verb or ""))
            if all(squeeze(c.verb or "").startswith(squeeze(short.verb or "")) for c in begun):
                return Named(short, nouns + count)
            return Misread(Reason.AMBIGUOUS_VERB, words[nouns].at, "ett verb", values={"candidates": command_names(begun)})
    return None


def _word_by_word(words: Sequence[Word], command: Command) -> bool:
    """Whether each word begins the word of the verb in its place: "föl upp" leaves no "upp" over to begin a value."""
    verbs = (split(verb) for verb in (command.verb, command.en[1]) if verb)
    return any(
        len(words) <= len(verb)
        and all(squeeze(whole.text).startswith(squeeze(word.text)) for word, whole in zip(words, verb, strict=False))
        for verb in verbs
    )


def _accented(typed: str, begun: list[Command]) -> list[Command]:
    """Return those that begin so to the letter, where the writer took the trouble to write å, ä or ö ("stä" is not "starta")."""
    exact = normalize("NFC", typed.casefold())
    verbatim = [c for c in begun if (c.verb or "").casefold().startswith(exact)]
    return verbatim if verbatim and not exact.isascii() else begun


def _no_verb(words: Sequence[Word], nouns: int, siblings: Sequence[Command], alone: Sequence[Command], place: PlaceKind) -> Named | Misread:
    if alone and "=" in words[nouns].text:
        return Named(_here(alone, place), nouns)
    here = [command for command in siblings if command.verb and place in command.where] or siblings
    values = {"candidates": command_names(here)}
    if len(words) == nouns:
        return Misread(Reason.VERB_MISSING, words[-1].at + len(words[-1].text), "ett verb", values=values)
    nearest = near_verb(tuple(keys(words[nouns:])), here)
    return Misread(Reason.UNKNOWN_VERB, words[nouns].at, "ett verb", nearest=nearest, values=values)


def _here(commands: Sequence[Command], place: PlaceKind) -> Command:
    """Return the one of equal name that works here, else the first."""
    return next((command for command in commands if place in command.where), commands[0])


def command_names(commands: Iterable[Command]) -> tuple[str, ...]:
    """Return the names of the commands, each once."""
    return tuple(dict.fromkeys(command.name for command in commands))
