"""What may be read off an event as it came, before anybody asks whether it is true."""

from dataclasses import dataclass

from bot.matrix.book import MEMBER
from bot.matrix.shapes import Fields, fields, items, text


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as it came, in its room."""

    room: str
    event: Fields


def listed(room: Fields, part: str) -> list[Fields]:
    """Return the events in a part (`state`, `timeline`) of what a sync tells of a room."""
    return items(fields(room.get(part)).get("events"))


def sealed(event: Fields) -> bool:
    """Whether a room event is encrypted; state never is."""
    return event.get("type") == "m.room.encrypted" and "state_key" not in event


def session_of(event: Fields) -> str:
    """Return the id of the room key that an event names, "" for none."""
    return text(fields(event.get("content")).get("session_id"))


def enters(event: Fields, user: str) -> bool:
    """Whether an event tells that somebody has come into its room, who was not in it before."""
    before = fields(fields(event.get("unsigned")).get("prev_content")).get("membership")
    now = fields(event.get("content")).get("membership")
    return _moves(event, user) and now == "join" != before


def goes(event: Fields, user: str) -> bool:
    """Whether an event tells that somebody is gone from its room, or may not come in."""
    return _moves(event, user) and text(fields(event.get("content")).get("membership")) in {"leave", "ban"}


def _moves(event: Fields, user: str) -> bool:
    return event.get("type") == MEMBER and event.get("state_key") == user
