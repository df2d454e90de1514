"""Which commands were probably meant by words that name none: offered in the answer, and never done (commands 1).

A slip of the finger, what people say instead (`like` in the declaration), a verb before its noun, a verb alone, a noun of two letters.
"""

from collections.abc import Sequence

from care.effects import PlaceKind
from commands.declare import Command
from commands.folding import near_alike
from commands.reading.nouns import Nouns

_FEWEST = 2
"""Letters of a noun that is only begun."""
Keys = Sequence[tuple[str, int]]
"""The squeezed first words, three to one, and how many they are."""


def suggested(typed: Keys, nouns: Nouns, place: PlaceKind) -> tuple[Command, ...]:
    """Return the commands that were probably meant, the most certain way of telling first; none where nothing is alike."""
    ways = (_instead, _swapped, _slipped, _lonely_verb, _begun)
    return next((found for way in ways if (found := _once(way(typed, nouns, place)))), ())


def near_verb(typed: Keys, siblings: Sequence[Command]) -> Command | None:
    """Return the command whose verb was probably meant: by what is said instead of it, or by a slip."""
    said = {word: command for command in siblings for word in command.like}
    verbs = {verb: command for command in siblings for verb in command.verbs}
    instead = next((said[key] for key, _ in typed if key in said), None)
    found = next((word for key, _ in typed if (word := near_alike(key, verbs))), None)
    return instead or (verbs[found] if found else None)


def _instead(typed: Keys, nouns: Nouns, place: PlaceKind) -> Sequence[Command]:
    """Return what people say instead of its name."""
    return next((_working(nouns.like[key], place) for key, _ in typed if key in nouns.like), ())


def _swapped(typed: Keys, nouns: Nouns, _place: PlaceKind) -> Sequence[Command]:
    """Return the command whose verb stands before its noun ("kalla sip", "starta ett ärende")."""
    for key, _ in typed:
        for verb, commands in nouns.verbs.items():
            if key.startswith(verb) and (found := [c for c in commands if key.removeprefix(verb) in _articled(c)]):
                return found
    return ()


def _articled(command: Command) -> set[str]:
    return {f"{article}{noun}" for noun in command.nouns for article in ("", "ett", "en", "a", "an", "the")}


def _slipped(typed: Keys, nouns: Nouns, place: PlaceKind) -> Sequence[Command]:
    """Return the command whose noun, or whole name, is a slip away; of several, the one with the verb that follows."""
    for key, count in typed:
        if noun := near_alike(key, nouns.commands):
            return _with_verb(typed, count, key, nouns.commands[noun], place)
    whole = next((name for key, _ in typed if (name := near_alike(key, nouns.aliases))), "")
    return nouns.aliases[whole][:1] if whole else ()


def _with_verb(typed: Keys, count: int, noun: str, siblings: Sequence[Command], place: PlaceKind) -> Sequence[Command]:
    rest = tuple((key.removeprefix(noun), words - count) for key, words in typed if words > count)
    verbs = {verb: command for command in siblings for verb in command.verbs}
    exact = next((verbs[key] for key, _ in rest if key in verbs), None)
    found = exact or near_verb(rest, siblings) or next((command for command in siblings if command.verb is None), None)
    return (found,) if found else _working(siblings, place)


def _lonely_verb(typed: Keys, nouns: Nouns, place: PlaceKind) -> Sequence[Command]:
    """Return the commands that have the verb with which the words begin, of those that work here."""
    return next((_here(nouns.verbs[key], place) for key, _ in typed if key in nouns.verbs), ())


def _begun(typed: Keys, nouns: Nouns, place: PlaceKind) -> Sequence[Command]:
    """Return the commands of a noun that is only begun."""
    key = next((key for key, count in typed if count == 1), "")
    return _here(nouns.begun(key), place) if len(key) >= _FEWEST else ()


def _working(commands: Sequence[Command], place: PlaceKind) -> Sequence[Command]:
    return _here(commands, place) or commands


def _here(commands: Sequence[Command], place: PlaceKind) -> Sequence[Command]:
    return [command for command in commands if place in command.where]


def _once(commands: Sequence[Command]) -> tuple[Command, ...]:
    """Return the commands without those of equal name."""
    return tuple({command.name: command for command in reversed(commands)}.values())[::-1]
