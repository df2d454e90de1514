"""One message read: a command with its values, a place that was not understood, or talk (commands 1)."""

from collections.abc import Sequence
from dataclasses import replace

from care.effects import PlaceKind
from commands.declare import Command
from commands.reading.arguments import assign
from commands.reading.mentions import Start, blank_end, loose, start
from commands.reading.names import Named, begins, find
from commands.reading.nouns import Nouns, nouns_of
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
    nouns = nouns_of(commands)
    begun = start(text, scene) or _unprefixed(text, nouns, scene)
    if not begun:
        return _loose(text, nouns, scene) or Talk(text)
    words = split(text[begun.at : begun.at + _NAME], begun.at)
    named = find(words, nouns, scene.place)
    if isinstance(named, Misread):
        return _helped(named if words else replace(named, at=begun.at), named.nearest)
    misread = _refused(text, named, words, scene)
    return _helped(misread, named.command) if misread else _read(text, named, words, begun, scene, nouns)


def _unprefixed(text: str, nouns: Nouns, scene: Scene) -> Start | None:
    at = blank_end(text)
    if scene.place is not PlaceKind.DIRECT or text.startswith(">", at) or not begins(split(text[at : at + _NAME], at), nouns):
        return None
    return Start("", at)


def _loose(text: str, nouns: Nouns, scene: Scene) -> Misread | None:
    """Refuse a command whose prefix is doubled, set apart or marked up: silence would let the writer believe that it was done.

    A sign that stands apart from its word belongs to talk ("! plan för idag"), unless a whole command follows.
    """
    begun = loose(text)
    words = split(text[begun.at : begun.at + _NAME], begun.at) if begun else ()
    if not begun or not (begins(words, nouns) if begun.near else isinstance(find(words, nouns, scene.place), Named)):
        return None
    found = find(words, nouns, scene.place)
    return _helped(Misread(Reason.LOOSE_PREFIX, begun.at), found.command if isinstance(found, Named) else found.nearest)


def _refused(text: str, named: Named, words: Sequence[Word], scene: Scene) -> Misread | None:
    """Refuse a whole message: in the wrong place, or too long."""
    command = named.command
    if scene.place not in command.where:
        where = tuple(kind for kind in PlaceKind if kind in command.where)
        return Misread(Reason.WRONG_PLACE, words[0].at, "ett annat rum", values={"where": where})
    if len(text) > LONGEST:
        values = {"limit": LONGEST, "length": len(text)}
        return Misread(Reason.TOO_LONG, LONGEST, f"högst {LONGEST} tecken", values=values)
    return None


def _read(text: str, named: Named, words: Sequence[Word], begun: Start, scene: Scene, nouns: Nouns) -> Invocation | Misread:
    last = words[named.count - 1]
    command = named.command
    values = assign(command, text, last.at + len(last.text), scene, nouns)
    if isinstance(values, Misread):
        return _helped(values, command)
    missing = tuple(p.name for p in command.parameters if p.required and p.name not in values)
    return Invocation(command, values, missing, begun.prefix, text)


def _helped(misread: Misread, nearest: Command | None) -> Misread:
    """Return the same with the command that was meant, and one example of it where the argument has none."""
    example = misread.example or (nearest.examples[0] if nearest and nearest.examples else "")
    return replace(misread, nearest=misread.nearest or nearest, example=example)
