"""One message read: a command with its values, a place that was not understood, or talk (commands 1)."""

from collections.abc import Sequence
from dataclasses import replace

from care.effects import PlaceKind
from commands.declare import Command
from commands.reading.arguments import assign
from commands.reading.mentions import PREFIXES, Start, blank_end, start
from commands.reading.names import Named, begins, find, known
from commands.reading.outcome import Invocation, Misread, Reason, Scene, Talk
from commands.reading.words import Word, split

LONGEST = 8000
"""Letters of a message that is read as a command; process texts are far shorter, and a reader must never keep others waiting."""
_NAME = 200
"""Letters in which a command's name is looked for."""


def read(text: str, commands: Sequence[Command], scene: Scene) -> Invocation | Misread | Talk:
    """Return what the message asks for; never raises, whatever was typed.

    A message without prefix is talk, but in a direct room one that begins with a known noun is a command.
    """
    begun = start(text, scene) or _unprefixed(text, commands, scene)
    if not begun:
        return Talk(text)
    words = split(text[begun.at : begun.at + _NAME], begun.at)
    named = find(words, commands, scene.place)
    if isinstance(named, Misread):
        return _helped(named if words else replace(named, at=begun.at), named.nearest)
    misread = _refused(text, named, words, commands, scene)
    return _helped(misread, named.command) if misread else _read(text, named, words, begun, scene)


def _unprefixed(text: str, commands: Sequence[Command], scene: Scene) -> Start | None:
    at = blank_end(text)
    if scene.place is not PlaceKind.DIRECT or not begins(split(text[at : at + _NAME], at), known(commands)):
        return None
    return Start("", at)


def _refused(text: str, named: Named, words: Sequence[Word], commands: Sequence[Command], scene: Scene) -> Misread | None:
    """Refuse a whole message: in the wrong place, too long, or with another command on a later line."""
    command = named.command
    if scene.place not in command.where:
        where = tuple(kind for kind in PlaceKind if kind in command.where)
        return Misread(Reason.WRONG_PLACE, words[0].at, "ett annat rum", values={"where": where})
    if len(text) > LONGEST:
        values = {"limit": LONGEST, "length": len(text)}
        return Misread(Reason.TOO_LONG, LONGEST, f"högst {LONGEST} tecken", values=values)
    second = _second(text, words[named.count - 1].at, commands)
    return None if second is None else Misread(Reason.TWO_COMMANDS, second, "ett kommando i taget")


def _second(text: str, at: int, commands: Sequence[Command]) -> int | None:
    """Return where a later line begins with a command, or None."""
    names = known(commands)
    while (at := text.find("\n", at) + 1) > 0:
        begin = at + blank_end(text[at : at + _NAME])
        prefixed = text[begin : begin + 1] in PREFIXES and text[begin + 1 : begin + 2].isalpha()
        if prefixed and begins(split(text[begin + 1 : begin + _NAME]), names):
            return begin
    return None


def _read(text: str, named: Named, words: Sequence[Word], begun: Start, scene: Scene) -> Invocation | Misread:
    last = words[named.count - 1]
    command = named.command
    values = assign(command, text, last.at + len(last.text), scene)
    if isinstance(values, Misread):
        return _helped(values, command)
    missing = tuple(p.name for p in command.parameters if p.required and p.name not in values)
    return Invocation(command, values, missing, begun.prefix, text)


def _helped(misread: Misread, nearest: Command | None) -> Misread:
    """Return the same with the command that was meant, and one example of it where the argument has none."""
    example = misread.example or (nearest.examples[0] if nearest and nearest.examples else "")
    return replace(misread, nearest=misread.nearest or nearest, example=example)
