"""What a message of the bot looks like on the wire, as pure values (matrix 0 fact 8, 5, 7; commands 5)."""

import json
from collections.abc import Mapping
from typing import Any

from care.effects import Attach, Revise, Say, Words

MARKER = "se.samrum.outbox"
"""The key under which a message carries its outbox row, inside the ciphertext (matrix 5)."""

MOST = 40_000
"""Bytes of JSON that the forms of a message may have: encrypted, an event has room for 65 536, of which base64 takes a quarter."""
SHORTENED = "Texten var för lång för ett meddelande och är kortad här."
"""Stands at the end of what was cut."""
FORMS = frozenset({"body", "formatted_body"})
Content = dict[str, Any]
NOTHING: Content = {}
"""The content of state that no longer holds."""


def said(effect: Say, row: str, *, thread: str = "", reply: str = "") -> Content:
    """Return a message: `m.text` when it rings, else a silent notice. `thread` and `reply` are event ids, "" for none."""
    kind = "m.text" if effect.rings or effect.text else "m.notice"
    mentions = {"user_ids": list(effect.rings)} if effect.rings else {}
    return {"msgtype": kind, **formatted(effect.words), "m.mentions": mentions, MARKER: row, **related(thread, reply)}


def revised(effect: Revise, row: str, target: str) -> Content:
    """Return an edit; clients that know no edits show its body as a message of its own."""
    new: Content = {"msgtype": "m.notice", **formatted(effect.words, MOST // 2), "m.mentions": {}}
    shown: Content = {name: f"* {value}" if name in FORMS else value for name, value in new.items()}
    return {**shown, "m.new_content": new, MARKER: row, "m.relates_to": {"rel_type": "m.replace", "event_id": target}}


def attached(effect: Attach, row: str, file: Mapping[str, Any], *, thread: str = "") -> Content:
    """Return the message of an uploaded file, `file` being what the upload returned."""
    return {**file, "filename": effect.name, "m.mentions": {}, MARKER: row, **related(thread, "")}


def formatted(words: Words, most: int = MOST) -> Content:
    """Return both forms of what is said, or the beginning of the plain one where both are more than so many bytes of JSON."""
    if _bytes(words.body) + _bytes(words.html) <= most:
        return {"body": words.body, "format": "org.matrix.custom.html", "formatted_body": words.html}
    # A letter takes at most six bytes of JSON: none of what is left can be too much.
    return {"body": f"{words.body[: most // 8]} …\n\n{SHORTENED}"}


def _bytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def related(thread: str, reply: str) -> Content:
    """Return the relation to a thread, a message, or both; nothing without either."""
    if thread:
        answers = {"is_falling_back": not reply, "m.in_reply_to": {"event_id": reply or thread}}
        return {"m.relates_to": {"rel_type": "m.thread", "event_id": thread, **answers}}
    return {"m.relates_to": {"m.in_reply_to": {"event_id": reply}}} if reply else {}
