"""The names of all commands, ready to be looked up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from commands.declare import Command
from commands.reading.once import once_for


@dataclass(frozen=True, slots=True)
class Nouns:
    """The commands by squeezed noun, by whole name or alias, by verb, and by what people say instead (`like`)."""

    commands: Mapping[str, tuple[Command, ...]]
    aliases: Mapping[str, tuple[Command, ...]]
    verbs: Mapping[str, tuple[Command, ...]]
    like: Mapping[str, tuple[Command, ...]]

    def begun(self, key: str) -> tuple[Command, ...]:
        """Return the commands of the only noun that begins so; of nouns that begin one another, the shortest ("aktör", "aktörer")."""
        found = sorted((noun for noun in self.commands if noun.startswith(key)), key=len)
        alike = bool(found) and all(noun.startswith(found[0]) or self._twins(noun, found[0]) for noun in found)
        return self.commands[found[0]] if alike else ()

    def _twins(self, one: str, other: str) -> bool:
        """Whether two nouns, a Swedish and an English one, name the same commands."""
        return self.commands[one] == self.commands[other]


def _by(commands: Iterable[Command], names: Callable[[Command], Iterable[str]]) -> Mapping[str, tuple[Command, ...]]:
    found: dict[str, list[Command]] = {}
    for command in commands:
        for name in names(command):
            found.setdefault(name, []).append(command)
    return {name: tuple(those) for name, those in found.items()}


def _nouns(commands: Sequence[Command]) -> Nouns:
    return Nouns(
        commands=_by(commands, lambda command: command.nouns),
        aliases=_by(commands, lambda command: command.aliases),
        verbs=_by(commands, lambda command: command.verbs),
        like=_by(commands, lambda command: command.like),
    )


nouns_of = once_for(_nouns)
"""Return the names of a list of commands, made once for each list."""
