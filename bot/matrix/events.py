"""The pure translation of events from the homeserver's JSON to values.

Everything in an event may have been made by an enemy: each field is read with its type checked, text is cleaned of what a
database refuses, and only what the bot has a use for is translated at all.
"""

from datetime import UTC, datetime
from typing import TypedDict

from bot.matrix.incoming import IN_CLEAR, Incoming, Kind, Proof
from bot.matrix.invocations import COMMAND, line
from bot.matrix.shapes import Fields, fields, items, text, texts

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


class Head(TypedDict):
    """What every event has."""

    event_id: str
    room_id: str
    sender: str
    at: datetime
    transaction_id: str


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
