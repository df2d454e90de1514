"""What comes in from the homeserver, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.matrix.shapes import NOTHING, Fields


class Kind(StrEnum):
    """What has happened."""

    MESSAGE = "message"
    EDIT = "edit"
    REACTION = "reaction"
    REDACTION = "redaction"
    MEMBERSHIP = "membership"
    INVITATION = "invitation"
    UNDECRYPTABLE = "undecryptable"
    UNENCRYPTED = "unencrypted"
    ROOM_CHANGE = "room_change"
    VERIFICATION = "verification"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the encryption says about an event: `device` is the sender's device that owns the session, "" if none is known.

    `standing` tells why it is not trusted: `unsigned`, `changed` (the owner's identity) or `unknown`; "" where it is.
    """

    decrypted: bool = False
    trusted: bool = False
    device: str = ""
    standing: str = ""


IN_CLEAR = Proof()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event. `at` is the instant (UTC) that the homeserver gave it; a field that does not apply is empty.

    A typed command may only be obeyed when `decrypted` and `trusted` (invariant 8); `standing` tells why it is not trusted ("unsigned",
    "changed" or "unknown"). `thread` is the root's event id, `target` the event that a reaction, redaction or edit is about; both are
    written in clear, so a homeserver could change them. `command` is what a client that offers commands sent as one (MSC4391), as a
    line; `body` is then only what it shows. `content` holds the state of a membership, invitation or room change, or a verification
    event, whose type is `msgtype`. `transaction_id` is set on the bot's own events.
    """

    event_id: str
    room_id: str
    sender: str
    at: datetime
    kind: Kind
    body: str = ""
    command: str = ""
    html: str = ""
    msgtype: str = ""
    thread: str = ""
    reply_to: str = ""
    target: str = ""
    key: str = ""
    mentions: tuple[str, ...] = ()
    device: str = ""
    decrypted: bool = False
    trusted: bool = False
    standing: str = ""
    room_encrypted: bool = False
    membership: str = ""
    state_type: str = ""
    state_key: str = ""
    content: Fields = field(default_factory=lambda: NOTHING)
    transaction_id: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one sync brought: to be recorded together with `next_batch`, in one transaction.

    `joined` are rooms that were not known before, `left` those that the bot is no longer in, `encrypted` those newly seen to be
    encrypted. `sessions` are the ids of room keys that came: an event that stayed undecryptable under one of them can be read
    now with `Edge.read`. `changed` are users whose identity is no longer the pinned one, with the public master key that they have
    instead ("" for none), each told once; `vouched` are the keys of their devices that vouch for it, told again
    when others do (`Person.vouching`).
    `initial` marks a sync from the beginning, whose messages may be old.
    """

    next_batch: str
    incoming: tuple[Incoming, ...] = ()
    joined: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    encrypted: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    changed: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    vouched: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    initial: bool = False
