"""Prefixes and mentions: how a message shows that it is meant for the bot, and whom a name in it stands for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from commands.folding import squeeze
from commands.reading.outcome import Scene

_PILL = re.compile(r'<a href="https://matrix\.to/#/([^"<>]{1,400})"[^<>]{0,200}>([^<>]{1,200})</a>')
_QUOTED = re.compile(r"<mx-reply>.*?</mx-reply>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_USER = re.compile(r"@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
_UNSEEN = "\u200b-\u200d\u2060\ufeff"
_BLANK = re.compile(rf"[\s{_UNSEEN}]*")
_PREFIXED = re.compile(rf"([!/！／])[{_UNSEEN}]*(?=[^\W\d_])")
_LOOSE = re.compile(rf"[\s{_UNSEEN}*_`~¡]*((?:>[^\n]*\n\s*)*)[\s{_UNSEEN}*_`~¡]*([!/！／]+)([\s{_UNSEEN}*_`~]*)(?=[^\W\d_])")
PREFIXES = frozenset("!/")
_WIDE = str.maketrans("！／", "!/")


@dataclass(frozen=True, slots=True)
class Pill:
    """A mention as clients send it: the name that is shown, the user that it stands for, and how far the body was read before it."""

    shown: str
    user: str
    before: str = ""

    def stands_at(self, text: str, at: int) -> bool:
        """Whether the same stands before this mention as before that place of the text, whatever marks it up."""
        return squeeze(unescape(_TAG.sub("", self.before))) == squeeze(text[:at])


@dataclass(frozen=True, slots=True)
class Start:
    """Where a command's own words begin, and the prefix as it was typed."""

    prefix: str
    at: int


@dataclass(frozen=True, slots=True)
class Loose:
    """Where a command may begin although its prefix is not at its place; `near` when the prefix stands right before a word."""

    at: int
    near: bool


def pills(html: str) -> Iterator[Pill]:
    """Yield the mentions of people in a formatted body, in order."""
    own = _QUOTED.sub("", html)
    for found in _PILL.finditer(own):
        user = unquote(unescape(found[1])).split("?")[0]
        if user.startswith("@"):
            yield Pill(" ".join(unescape(found[2]).split()), user, own[: found.start()])


def shown_at(text: str, at: int, html: str) -> Sequence[Pill]:
    """Return the mentions whose name stands at `at`, the longest name alone."""
    here = [pill for pill in pills(html) if text.startswith(pill.shown, at) and not text[at + len(pill.shown) :][:1].isalnum()]
    longest = max((len(pill.shown) for pill in here), default=0)
    return [pill for pill in here if len(pill.shown) == longest]


def user_at(text: str, at: int, scene: Scene) -> tuple[str, int] | None:
    """Return the user who is named at `at` by id, by link or by mention, and the place after it.

    Of several people who are shown by the same name, the one whose mention stands there is meant; None where that cannot be told.
    """
    if here := shown_at(text, at, scene.html):
        users = {pill.user for pill in here}
        users = users if len(users) == 1 else {pill.user for pill in here if pill.stands_at(text, at)}
        return (users.pop(), at + len(here[0].shown)) if len(users) == 1 else None
    link = "https://matrix.to/#/"
    begin = at + len(link) * text.startswith(link, at)
    found = _USER.match(unquote(text[begin:]) if begin > at else text, 0 if begin > at else at)
    if not found:
        return None
    user = found.group().rstrip(".:")
    return user, begin + len(user)


def start(text: str, scene: Scene) -> Start | None:
    """Return where the command begins when the message has a prefix; None for talk. A full-width sign is the same as the other."""
    at = blank_end(text)
    if prefixed := _PREFIXED.match(text, at):
        return Start(prefixed[1].translate(_WIDE), prefixed.end())
    end = _mention(text, at, scene)
    if end is None:
        return None
    inner = end + (text[end : end + 1] in PREFIXES)
    return Start(text[at:end], inner)


def loose(text: str) -> Loose | None:
    """Return where a word follows a prefix that is doubled, set apart, marked up, or behind a quotation: perhaps a command."""
    found = _LOOSE.match(text)
    if not found:
        return None
    return Loose(found.end(), near=not found[3] and (len(found[2]) > 1 or bool(text[: found.start(2)].strip())))


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
