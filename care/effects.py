"""What the bot may do to the world, as values.

`texts.announce` turns journal events into effects, `store.outbox` remembers them in the same transaction as the events, and
`bot.delivery` performs them. An effect never holds a Matrix room or event id that is not yet known: a room is named by its
`Place`, an earlier message by the outbox key that made it (`Anchor`).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class PlaceKind(StrEnum):
    """The kinds of rooms that the bot keeps (commands 2)."""

    CASE = "case"
    INBOX = "inbox"
    DIRECT = "direct"
    ADMIN = "admin"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class Place:
    """A room by what it is for: `id` is the case id, the unit id, the Matrix user id, or "" for the admin room."""

    kind: PlaceKind
    id: str = ""

    def __str__(self) -> str:
        """Return the form that the store keeps: `kind:id`."""
        return f"{self.kind}:{self.id}"


def place(text: str) -> Place:
    """Read a place from `kind:id`; raise ValueError for an unknown kind."""
    kind, _, name = text.partition(":")
    return Place(PlaceKind(kind), name)


ADMIN = Place(PlaceKind.ADMIN)


def case_room(case: str) -> Place:
    """Return the room of a case."""
    return Place(PlaceKind.CASE, case)


def inbox(unit: str) -> Place:
    """Return the inbox of a unit."""
    return Place(PlaceKind.INBOX, unit)


def direct(user: str) -> Place:
    """Return the direct room of a person."""
    return Place(PlaceKind.DIRECT, user)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: plain text, and the HTML made from the same source. They never disagree (architecture 7)."""

    body: str
    html: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """An earlier message: by its Matrix event id when known, else by the outbox key that sends it."""

    key: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to be done, once. `key` is unique for all time; `urgent` rooms are served first."""

    key: str
    place: Place
    urgent: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Say(Effect):
    """Send a message.

    `rings` are the users who are mentioned: with any, the message is `m.text` and rings them; without, it is a silent `m.notice`
    (matrix 0, fact 8). `about` is the object of the case that the message is about (`F3`), so that a reply or reaction to it finds
    its object. `reactions` are put on the message by the bot, to be tapped.
    """

    words: Words = field(kw_only=True)
    rings: tuple[str, ...] = field(default=(), kw_only=True)
    thread: Anchor | None = field(default=None, kw_only=True)
    reply: Anchor | None = field(default=None, kw_only=True)
    about: str = field(default="", kw_only=True)
    reactions: tuple[str, ...] = field(default=(), kw_only=True)
    text: bool = field(default=False, kw_only=True)
    """Send as `m.text` although nobody is mentioned (the rooms of two ring by themselves)."""


@dataclass(frozen=True, slots=True)
class Revise(Effect):
    """Edit the message at `anchor`. Only the newest unsent revision of an anchor is kept, gathered for a moment (commands 5)."""

    anchor: Anchor = field(kw_only=True)
    words: Words = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Pin(Effect):
    """Make the message at `anchor` the only pinned one."""

    anchor: Anchor = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Redact(Effect):
    """Remove the message at `anchor` (the bot's own, or one that the room's power levels allow)."""

    anchor: Anchor = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Attach(Effect):
    """Upload `data` encrypted and send it as a file; `about` as in `Say`. The name holds nothing personal."""

    name: str = field(kw_only=True)
    mime: str = field(kw_only=True)
    data: bytes = field(kw_only=True)
    thread: Anchor | None = field(default=None, kw_only=True)
    about: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class OpenRoom(Effect):
    """Make the encrypted room of `place`, once; its name holds number and codename at the most (architecture 7)."""

    name: str = field(kw_only=True)
    topic: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Invite(Effect):
    """Invite a person; one who is there already counts as done."""

    user: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Remove(Effect):
    """Remove a person; one who is gone already counts as done."""

    user: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Rename(Effect):
    """Give a room the name in force; the same rule as for `OpenRoom`."""

    name: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Seal(Effect):
    """Make the room read-only (`closed`), or open it again."""

    closed: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Group(Effect):
    """Show the room in the space of a unit, or no longer, as things stand when it is done: so it may be done late, and again."""

    unit: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Describe(Effect):
    """Tell clients which commands work in the room, and that those in `gone` do no longer (MSC4391)."""

    gone: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Trust(Effect):
    """Accept a person's identity, by its public master key; one that is accepted already counts as done, and another one is not accepted.

    `place` is where it was asked for.
    """

    user: str = field(kw_only=True)
    identity: str = field(default="", kw_only=True)  # a row of before it was kept accepts nothing


@dataclass(frozen=True, slots=True)
class Verify(Effect):
    """Tell a person's client what an administrator found on comparing: whether the emoji of a verification agree (`agrees`)."""

    number: int = field(kw_only=True)
    agrees: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Mail(Effect):
    """Send an e-mail to addresses that a person gave for it; `invitation` is the iCalendar body, `method` its METHOD."""

    to: tuple[str, ...] = field(kw_only=True)
    subject: str = field(kw_only=True)
    words: Words = field(kw_only=True)
    invitation: bytes = field(default=b"", kw_only=True)
    method: str = field(default="", kw_only=True)
