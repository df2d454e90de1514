"""What comes in from the homeserver, as values, and the pure translation from its JSON.

Everything in an event may have been made by an enemy: each field is read with its type checked, text is cleaned of what a
database refuses, and only what the bot has a use for is translated at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypedDict, cast

from bot.matrix.invocations import COMMAND, line

Fields = Mapping[str, Any]


class Head(TypedDict):
    """What every event has."""

    event_id: str
    room_id: str
    sender: str
    at: datetime
    transaction_id: str


NOTHING: Fields = MappingProxyType({})


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


VERIFYING = "m.key.verification."
"""The types of verification events, and the `msgtype` of the request, begin so."""
ROOM_CHANGES = frozenset(
    {
        "m.room.encryption",
        "m.room.tombstone",
        "m.room.power_levels",
        "m.room.join_rules",
        "m.room.history_visibility",
    }
)
"""State whose change the bot must notice."""


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


def fields(value: object) -> Fields:
    """Return the value if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Fields]:
    """Return the objects of a JSON list; anything else in it is left out."""
    found = [fields(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
    return [item for item in found if item is not NOTHING]


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a JSON list; anything else in it is left out."""
    found = (text(item) for item in cast("list[object]", value)) if isinstance(value, list) else ()
    return tuple(item for item in found if item)


def text(value: object) -> str:
    """Return the value if it is a string, without lone surrogates and NUL, which databases refuse; else ""."""
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd") if isinstance(value, str) else ""


def from_clear(event: Fields, room: str, *, encrypted: bool) -> Incoming | None:
    """Translate an event that came in clear; None for one that the bot has no use for."""
    kind = text(event.get("type"))
    if "state_key" in event:
        return _state(event, room, kind, encrypted=encrypted)
    content = fields(event.get("content"))
    if verifying := _verification(kind, content):
        return _verifying(event, room, verifying, content, content, IN_CLEAR)
    match kind:
        case "m.room.message" if content:
            return _said(event, room, content, content, IN_CLEAR, Kind.UNENCRYPTED, encrypted=encrypted)
        case "m.reaction":
            return _reaction(event, room, content, content, IN_CLEAR, encrypted=encrypted)
        case "m.room.redaction":
            target = text(content.get("redacts")) or text(event.get("redacts"))
            return Incoming(**_head(event, room), kind=Kind.REDACTION, target=target, room_encrypted=encrypted)
        case _:
            return None


def from_payload(event: Fields, room: str, payload: Fields, proof: Proof) -> Incoming | None:
    """Translate a decrypted event; None for a payload that is neither message nor reaction, state above all (matrix 4.2)."""
    content, outer = fields(payload.get("content")), fields(event.get("content"))
    if "state_key" in payload or "state_key" in event:
        return None
    if verifying := _verification(text(payload.get("type")), content):
        return _verifying(event, room, verifying, content, outer, proof)
    match payload.get("type"):
        case "m.room.message":
            return _said(event, room, content, outer, proof, Kind.MESSAGE, encrypted=True)
        case "m.reaction":
            return _reaction(event, room, content, outer, proof, encrypted=True)
        case _:
            return None


def undecryptable(event: Fields, room: str) -> Incoming:
    """Return what can be said of an encrypted event whose key has not come."""
    session = text(fields(event.get("content")).get("session_id"))
    return Incoming(**_head(event, room), kind=Kind.UNDECRYPTABLE, session_id=session, room_encrypted=True)


def invitation(room: str, stripped: object, user: str) -> Incoming | None:
    """Translate the stripped state of an invitation; None without the member event of `user`."""
    state = items(fields(stripped).get("events"))
    mine = [e for e in state if e.get("type") == "m.room.member" and e.get("state_key") == user]
    if not mine:
        return None
    encrypted = any(e.get("type") == "m.room.encryption" for e in state)
    head = _head(mine[-1], room)
    head["event_id"] = head["event_id"] or f"invitation:{room}"
    content = fields(mine[-1].get("content"))
    return Incoming(**head, kind=Kind.INVITATION, membership="invite", state_key=user, content=content, room_encrypted=encrypted)


def _head(event: Fields, room: str) -> Head:
    unsigned = fields(event.get("unsigned"))
    return {
        "event_id": text(event.get("event_id")),
        "room_id": room,
        "sender": text(event.get("sender")),
        "at": _instant(event.get("origin_server_ts")),
        "transaction_id": text(unsigned.get("transaction_id")),
    }


def _instant(milliseconds: object) -> datetime:
    whole = milliseconds if isinstance(milliseconds, int) else 0
    return datetime.fromtimestamp(min(max(whole, 0), 253_402_300_799_000) / 1000, UTC)


def _state(event: Fields, room: str, kind: str, *, encrypted: bool) -> Incoming | None:
    content, key = fields(event.get("content")), text(event.get("state_key"))
    if kind == "m.room.member":
        membership = text(content.get("membership"))
        return Incoming(
            **_head(event, room),
            kind=Kind.MEMBERSHIP,
            membership=membership,
            state_type=kind,
            state_key=key,
            content=content,
            room_encrypted=encrypted,
        )
    if kind not in ROOM_CHANGES:
        return None
    return Incoming(**_head(event, room), kind=Kind.ROOM_CHANGE, state_type=kind, state_key=key, content=content, room_encrypted=encrypted)


def _said(event: Fields, room: str, content: Fields, outer: Fields, proof: Proof, kind: Kind, *, encrypted: bool) -> Incoming:
    # Relations stand in clear beside the ciphertext; some clients repeat them inside, which nobody else can change.
    relation = fields(content.get("m.relates_to")) or fields(outer.get("m.relates_to"))
    edits = relation.get("rel_type") == "m.replace"
    said = fields(content.get("m.new_content")) if edits else content
    reply = "" if relation.get("is_falling_back") is True else text(fields(relation.get("m.in_reply_to")).get("event_id"))
    body = text(said.get("body"))
    return Incoming(
        **_head(event, room),
        kind=Kind.EDIT if edits and kind is Kind.MESSAGE else kind,
        body=_without_quote(body) if reply else body,
        command=line("" if edits else content.get(COMMAND)),
        html=text(said.get("formatted_body")),
        msgtype=text(said.get("msgtype")),
        thread=text(relation.get("event_id")) if relation.get("rel_type") == "m.thread" else "",
        reply_to=reply,
        target=text(relation.get("event_id")) if edits else "",
        mentions=texts(fields(content.get("m.mentions")).get("user_ids")),
        device=proof.device,
        decrypted=proof.decrypted,
        trusted=proof.trusted,
        standing=proof.standing,
        room_encrypted=encrypted,
    )


def _reaction(event: Fields, room: str, content: Fields, outer: Fields, proof: Proof, *, encrypted: bool) -> Incoming | None:
    relation = fields(content.get("m.relates_to")) or fields(outer.get("m.relates_to"))
    target, key = text(relation.get("event_id")), text(relation.get("key"))
    if not (target and key):
        return None
    return Incoming(
        **_head(event, room),
        kind=Kind.REACTION,
        target=target,
        key=key,
        device=proof.device,
        decrypted=proof.decrypted,
        trusted=proof.trusted,
        standing=proof.standing,
        room_encrypted=encrypted,
    )


def _verification(kind: str, content: Fields) -> str:
    """Return the type of a verification event, "" for others. The request is a message, so that old clients show it."""
    named = text(content.get("msgtype")) if kind == "m.room.message" else kind
    return named if named.startswith(VERIFYING) else ""


def _verifying(event: Fields, room: str, kind: str, content: Fields, outer: Fields, proof: Proof) -> Incoming:
    relation = fields(content.get("m.relates_to")) or fields(outer.get("m.relates_to"))
    return Incoming(
        **_head(event, room),
        kind=Kind.VERIFICATION,
        msgtype=kind,
        target=text(relation.get("event_id")) if relation.get("rel_type") == "m.reference" else "",
        content={**content, **({"m.relates_to": relation} if relation else {})},
        device=proof.device,
        decrypted=proof.decrypted,
        trusted=proof.trusted,
        room_encrypted=True,
    )


def _without_quote(body: str) -> str:
    """Cut the quotation that older clients put before a reply ("> <@user> …" and an empty line)."""
    lines = body.split("\n")
    quoted = next((n for n, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    rest = lines[quoted + 1 :] if quoted and quoted < len(lines) and not lines[quoted] else lines[quoted:]
    return "\n".join(rest)
