"""Prefixes and mentions: how a message shows that it is meant for the bot, and whom a name in it stands for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from commands.reading.outcome import Scene

_PILL = re.compile(r'<a href="https://matrix\.to/#/([^"<>]{1,400})"[^<>]{0,200}>([^<>]{1,200})</a>')
_USER = re.compile(r"@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
_BLANK = re.compile(r"[\s\u200b\u2060\ufeff]*")
PREFIXES = frozenset("!/")


@dataclass(frozen=True, slots=True)
class Pill:
    """A mention as clients send it: the name that is shown, and the user that it stands for."""

    shown: str
    user: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where a command's own words begin, and the prefix as it was typed."""

    prefix: str
    at: int


def pills(html: str) -> Iterator[Pill]:
    """Yield the mentions of people in a formatted body, in order."""
    for found in _PILL.finditer(html):
        user = unquote(unescape(found[1])).split("?")[0]
        if user.startswith("@"):
            yield Pill(" ".join(unescape(found[2]).split()), user)


def user_at(text: str, at: int, scene: Scene) -> tuple[str, int] | None:
    """Return the user who is named at `at` by id, by link or by mention, and the place after it."""
    for pill in pills(scene.html):
        if text.startswith(pill.shown, at) and not text[at + len(pill.shown) : at + len(pill.shown) + 1].isalnum():
            return pill.user, at + len(pill.shown)
    link = "https://matrix.to/#/"
    begin = at + len(link) * text.startswith(link, at)
    found = _USER.match(unquote(text[begin:]) if begin > at else text, 0 if begin > at else at)
    if not found:
        return None
    user = found.group().rstrip(".:")
    return user, begin + len(user)


def start(text: str, scene: Scene) -> Start | None:
    """Return where the command begins when the message has a prefix; None for talk."""
    blank = _BLANK.match(text)
    at = blank.end() if blank else 0
    if text[at : at + 1] in PREFIXES and text[at + 1 : at + 2].isalpha():
        return Start(text[at], at + 1)
    end = _mention(text, at, scene)
    if end is None:
        return None
    inner = end + (text[end : end + 1] in PREFIXES)
    return Start(text[at:end], inner)


def blank_end(text: str) -> int:
    """Return where the first visible letter is."""
    found = _BLANK.match(text)
    return found.end() if found else 0


def _mention(text: str, at: int, scene: Scene) -> int | None:
    """Return where the words after a mention of the bot begin.

    A bare display name is a mention only if the client marked it as one, or if a colon, a comma or an @ stands with it.
    """
    marked = [(pill.shown, True) for pill in pills(scene.html) if pill.user == scene.bot]
    named = [(f"@{scene.bot_name}", True), (scene.bot_name, False)] if scene.bot_name else []
    known = [(scene.bot, True), (scene.bot.partition(":")[0], True)] if scene.bot else []
    for name, sure in (*marked, *known, *named):
        after = at + len(name)
        if text[at:after].casefold() != name.casefold():
            continue
        found = re.compile(r"\s*[:,]\s*|\s+|$" if sure else r"\s*[:,]\s*").match(text, after)
        if found:
            return found.end()
    return None
