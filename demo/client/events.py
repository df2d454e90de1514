"""What a person's client has: events as they were on the wire and as they were read, and the state of a room."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

Content = Mapping[str, object]


def _inner(content: Content, key: str) -> Content:
    value = content.get(key)
    return cast("Content", value) if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in cast("list[object]", value)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a room.

    `wire_type` is the type that the homeserver saw, `type` what it was after decryption. `failure` is the SDK's code for why
    it could not be read, `shield` what a client would warn of ("red unsigned_device"); both are "" when all is well.
    `time` is the homeserver's, UTC.
    """

    id: str
    room: str
    sender: str
    type: str
    wire_type: str
    time: datetime
    content: Content
    relation: Content
    state_key: str | None
    redacts: str
    redacted: bool
    failure: str
    shield: str

    @property
    def encrypted(self) -> bool:
        """Whether it was encrypted on the wire."""
        return self.wire_type == "m.room.encrypted"

    @property
    def msgtype(self) -> str:
        """The kind of message (`m.text`, `m.notice`, `m.file` …), or ""."""
        return str(self.content.get("msgtype", ""))

    @property
    def body(self) -> str:
        """The plain text; of an edit the fallback that old clients show."""
        return str(self.content.get("body", ""))

    @property
    def html(self) -> str:
        """The formatted text, or "" for a message that has none."""
        return str(self.content.get("formatted_body", ""))

    @property
    def text(self) -> str:
        """The plain text as it is to be read: of an edit the new one."""
        return str(_inner(self.content, "m.new_content").get("body", self.body))

    @property
    def mentions(self) -> tuple[str, ...]:
        """The users who are rung."""
        return _texts(_inner(self.content, "m.mentions").get("user_ids"))

    @property
    def target(self) -> str:
        """The event that it relates to by `rel_type` (edited, reacted to, root of the thread), or ""."""
        return str(self.relation.get("event_id", ""))

    @property
    def replaces(self) -> str:
        """The event that this one edits, or ""."""
        return self.target if self.relation.get("rel_type") == "m.replace" else ""

    @property
    def thread(self) -> str:
        """The root of the thread that it is in, or ""."""
        return self.target if self.relation.get("rel_type") == "m.thread" else ""

    @property
    def reply(self) -> str:
        """The event that it answers, or ""; in a thread, only where the answer is meant and no fallback."""
        return "" if self.relation.get("is_falling_back") else str(_inner(self.relation, "m.in_reply_to").get("event_id", ""))

    @property
    def reaction(self) -> str:
        """The key of a reaction, or ""."""
        return str(self.relation.get("key", "")) if self.type == "m.reaction" else ""


def event(item: Mapping[str, object]) -> Event:
    """Read an event from the client's description of it."""
    return Event(
        id=str(item["id"]),
        room=str(item["room"]),
        sender=str(item["sender"]),
        type=str(item["type"]),
        wire_type=str(item["wireType"]),
        time=datetime.fromtimestamp(cast("float", item["time"]) / 1000, UTC),
        content=_inner(item, "content"),
        relation=_inner(item, "relation"),
        state_key=cast("str | None", item["stateKey"]),
        redacts=str(item["redacts"]),
        redacted=bool(item["redacted"]),
        failure=str(item["failure"]),
        shield=str(item["shield"]),
    )


@dataclass(frozen=True, slots=True)
class RoomState:
    """The state of a room: the content by type and state key."""

    contents: Mapping[tuple[str, str], Content]

    def of(self, kind: str, key: str = "") -> Content:
        """Return the content of a state event, empty where there is none."""
        return self.contents.get((kind, key), {})

    @property
    def name(self) -> str:
        """The name, or ""."""
        return str(self.of("m.room.name").get("name", ""))

    @property
    def topic(self) -> str:
        """The topic, or ""."""
        return str(self.of("m.room.topic").get("topic", ""))

    @property
    def kind(self) -> str:
        """The room type (`m.space`), or "" for an ordinary room."""
        return str(self.of("m.room.create").get("type", ""))

    @property
    def encrypted(self) -> bool:
        """Whether messages in it are to be encrypted."""
        return bool(self.of("m.room.encryption"))

    @property
    def history(self) -> str:
        """The history visibility."""
        return str(self.of("m.room.history_visibility").get("history_visibility", ""))

    @property
    def pinned(self) -> tuple[str, ...]:
        """The pinned events."""
        return _texts(self.of("m.room.pinned_events").get("pinned"))

    @property
    def power_levels(self) -> Content:
        """The power levels as they stand; the creator of a room of version 12 is not among the users."""
        return self.of("m.room.power_levels")

    @property
    def members(self) -> Mapping[str, str]:
        """The membership (join, invite, leave, ban) of each user who has or had one."""
        found = {key: content for (kind, key), content in self.contents.items() if kind == "m.room.member"}
        return {user: str(content.get("membership", "")) for user, content in found.items()}

    @property
    def joined(self) -> frozenset[str]:
        """The users who are in the room."""
        return frozenset(user for user, membership in self.members.items() if membership == "join")


def room_state(found: Iterable[tuple[str, str, Content]]) -> RoomState:
    """Return the state that (type, state key, content) make; later ones win."""
    return RoomState({(kind, key): content for kind, key, content in found})
