"""Which command a message names, by trying every number of words for its name."""

import re
from collections.abc import Sequence

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.declare import Command
from commands.folding import squeeze
from tests.commands.oracle.pieces import PAIRS, Piece
from tests.commands.oracle.verdict import Wrong

SHORTEST = 4
"""A noun may be left unfinished from so many letters on (tests/commands/reading/lines.txt)."""
BOT = re.compile(r"(@samrum:almfors\.test|@?samrum)[:,]?\s+", re.IGNORECASE)
KEEN = re.compile(r"[!/！]\u200b?(?=\w)")
LIKE = {said for command in COMMANDS for said in command.like}
"""What is said instead of a name: offered, and never done."""
NOUNS = {noun for command in COMMANDS for noun in command.nouns}


def whole_names(command: Command) -> set[str]:
    """Return every whole name of a command, squeezed: its noun and its verb may be of two languages."""
    return {*command.aliases, *(noun + verb for noun in command.nouns for verb in command.verbs)}


WHOLES = {name for command in COMMANDS for name in whole_names(command)}


def prefixed(message: str, place: PlaceKind) -> int | None:
    """Return where the name begins; None for what is not addressed to the bot."""
    at = len(message) - len(message.lstrip())
    if mark := KEEN.match(message, at):
        return mark.end()
    if bot := BOT.match(message, at):
        inner = KEEN.match(message, bot.end())
        begins = inner.end() if inner else bot.end()
        spoken_to = bot[1].startswith("@") or bot[0].rstrip()[-1] in ":,"
        return begins if inner or spoken_to or _known(message, begins) else None
    return _spoken(message) if place is PlaceKind.DIRECT else None


def _spoken(message: str) -> int | None:
    """Return where a message without prefix begins with a name: signs before it mean nothing, but what is quoted is another's."""
    begins = re.match(r"[^\w>]*(?=\w)", message)
    return begins.end() if begins and _known(message, begins.end()) else None


def _known(message: str, at: int) -> bool:
    """Whether a full noun stands there: without a prefix nothing less is a command."""
    words = words_of(message, at)
    return any(squeeze("".join(word.text for word in words[:count])) in NOUNS | WHOLES for count in (1, 2, 3))


def slipped(message: str) -> int | None:
    """Return where a known name stands behind a prefix that is not one: `! fråga`, `!!fråga` (never done, but said)."""
    junk = re.match(r"\s*(?:[!/]{2,}|[!/]\s+|[`*]+\s*[!/])(?=\w)", message)
    if not junk:
        return None
    if not junk[0][-1].isspace():
        return junk.end() if _known(message, junk.end()) else None
    try:
        named(words_of(message, junk.end()), None)
    except Wrong as wrong:
        return junk.end() if wrong.reasons & {"ambiguous_verb"} else None
    return junk.end()


def words_of(message: str, at: int) -> list[Piece]:
    """Return the first four words from there on, as far as they can be a name."""
    found = [Piece(word[0], at + word.start(), at + word.end()) for word in re.finditer(r"\S+", message[at:])]
    return found[:4]


def named(words: Sequence[Piece], place: PlaceKind | None) -> tuple[Command, int]:
    """Return the command and how many words its name took; raise Wrong where there is none, or none here."""
    taken = _exactly(words, place) or _noun_and_verb(words, place)
    if place is not None and place not in taken[0].where:
        raise Wrong("wrong_place", (words[0].start, words[taken[1] - 1].end))
    return taken


def _exactly(words: Sequence[Piece], place: PlaceKind | None) -> tuple[Command, int] | None:
    """Return the command whose whole name stands there, of the longest such name, of this place before others."""
    for count in range(len(words), 0, -1):
        if not _speakable(words[:count]):
            continue
        said = squeeze("".join(word.text for word in words[:count]))
        fits = [c for c in COMMANDS if said in whole_names(c)]
        if fits:
            return min(fits, key=lambda c: place not in c.where), count
    return None


def _speakable(words: Sequence[Piece]) -> bool:
    """Whether words can be a name: each has letters, and no quotation begins among them."""
    return all(squeeze(word.text) for word in words) and not any(word.text[0] in PAIRS for word in words[1:])


def _noun_and_verb(words: Sequence[Piece], place: PlaceKind | None) -> tuple[Command, int]:
    said_instead = any(squeeze("".join(word.text for word in words[:count])) in LIKE for count in (1, 2, 3))
    exact = squeeze(words[0].text) in NOUNS
    group = [] if said_instead and not exact else _group(squeeze(words[0].text))
    if not group:
        raise Wrong("unknown_command", (words[0].start, words[-1].end))
    if alone := [c for c in group if c.verb is None]:
        verbs = [c for c in group if words[1:] and squeeze(words[1].text) in c.verbs]
        return min(verbs or alone, key=lambda c: place not in c.where), 1 + bool(verbs)
    fits = _by_verb(words, group, place)
    if len(fits) == 1:
        return fits[0]
    where = (words[1].start, words[-1].end) if len(words) > 1 else (words[0].end, words[0].end)
    raise Wrong("verb_missing" if len(words) == 1 else "ambiguous_verb" if fits else "unknown_verb", where)


def _group(said: str) -> list[Command]:
    """Return the commands of a noun, or of the only noun that begins so (aktör, of aktör and aktörer)."""
    exact = [c for c in COMMANDS if said in c.nouns]
    begun = [c for c in COMMANDS if len(said) >= SHORTEST and any(noun.startswith(said) for noun in c.nouns)]
    shortest = min((c.noun for c in begun), key=len, default="")
    alike = all(c.noun.startswith(shortest) for c in begun)
    return exact or ([c for c in begun if c.noun == shortest] if alike else [])


def _begun(words: Sequence[Piece], command: Command) -> bool:
    """Whether the words begin a verb of the command together, or each of them the word of the verb in its place (föl upp)."""
    typed = [squeeze(word.text) for word in words]
    verbs = [[squeeze(word) for word in verb.split()] for verb in (command.verb, command.en[1]) if verb]
    apart = any(len(typed) <= len(verb) and all(map(str.startswith, verb, typed)) for verb in verbs)
    return apart or any(verb.startswith("".join(typed)) for verb in command.verbs)


def _accented(typed: str, fits: list[Command]) -> list[Command]:
    """Return those that begin so to the letter, where å, ä or ö was typed: "stä" is not "starta"."""
    exact = [c for c in fits if (c.verb or "").casefold().startswith(typed.casefold())]
    return fits if typed.isascii() or not exact else exact


def _by_verb(words: Sequence[Piece], group: list[Command], place: PlaceKind | None) -> list[tuple[Command, int]]:
    """Return each command of the group that the next words may name, for the most words that name any: whole before begun, here first."""
    for near in ([c for c in group if place in c.where], group):
        for begun in (False, True):
            for count in range(len(words), 1, -1):
                said = squeeze("".join(word.text for word in words[1:count]))
                fits = [c for c in near if _speakable(words[1:count]) and (_begun(words[1:count], c) if begun else said in c.verbs)]
                if fits:
                    return [(c, count) for c in _accented(words[1].text, fits)]
    return []
