"""How a client puts a message: the contents of text, threads, replies, edits, reactions and files (Matrix specification 1.19)."""

from collections.abc import Iterable

from demo.client.connection import Json


def text(body: str, html: str = "", msgtype: str = "m.text", mentions: Iterable[str] = ()) -> Json:
    """Return the content of a message; `html` becomes its formatted body."""
    rung = sorted(mentions)
    content: Json = {"msgtype": msgtype, "body": body, "m.mentions": {"user_ids": rung} if rung else {}}
    return content | ({"format": "org.matrix.custom.html", "formatted_body": html} if html else {})


def related(thread: str = "", reply: str = "") -> Json:
    """Return what puts a message into a thread, makes it an answer, or both; empty for neither."""
    if not thread and not reply:
        return {}
    answered = {"m.in_reply_to": {"event_id": reply or thread}}
    place = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": not reply} if thread else {}
    return {"m.relates_to": place | answered}


def edit(event: str, content: Json) -> Json:
    """Return the content that replaces the content of an earlier message."""
    fallback = content | {"body": f"* {content['body']}"}
    return fallback | {"m.new_content": content, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}


def reaction(event: str, key: str) -> Json:
    """Return the content of a reaction."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}


def file(name: str, mime: str, size: int, uploaded: Json) -> Json:
    """Return the content of a file; `uploaded` holds its address, and its key where it is encrypted."""
    place = {"file": uploaded} if "key" in uploaded else uploaded
    return {"msgtype": "m.file", "body": name, "filename": name, "info": {"mimetype": mime, "size": size}, **place}
