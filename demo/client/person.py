"""People at their clients: what they say, see and wait for."""

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias, cast
from urllib.parse import quote

from demo.client import messages
from demo.client.connection import ClientError, Connection, Json
from demo.client.events import Content, Event, RoomState, event, room_state
from demo.client.seen import Seen

Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]

PATIENCE = 60.0
"""Real seconds for which a client waits for what must come, on a machine that may be busy."""
V1 = "/_matrix/client/v1"
V3 = "/_matrix/client/v3"
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


def at(version: str, *parts: str) -> str:
    """Return a path of the client-server API; ids and aliases may hold anything."""
    return "/".join((version, *(quote(part, safe="") for part in parts)))


class Client:
    """One person with one device, logged in. Rooms and events are Matrix ids; what fails raises ClientError."""

    def __init__(self, connection: Connection, handle: str, seen: Seen, user: str, device: str) -> None:
        self.user = user
        self.device = device
        self.seen = seen
        self._connection = connection
        self._handle = handle

    def __repr__(self) -> str:
        return f"Client({self.user!r})"

    async def say(
        self,
        room: str,
        body: str,
        *,
        html: str = "",
        thread: str = "",
        reply: str = "",
        msgtype: str = "m.text",
        mentions: Iterable[str] = (),
    ) -> str:
        """Send a message, encrypted where the room is, and return its event id."""
        content = messages.text(body, html, msgtype, mentions) | messages.related(thread, reply)
        return await self.send(room, "m.room.message", content)

    async def edit(self, room: str, earlier: str, body: str, *, html: str = "") -> str:
        """Replace the words of an own message; return the id of the edit."""
        return await self.send(room, "m.room.message", messages.edit(earlier, messages.text(body, html)))

    async def react(self, room: str, target: str, key: str) -> str:
        """Put a reaction on a message; return its id."""
        return await self.send(room, "m.reaction", messages.reaction(target, key))

    async def unreact(self, room: str, target: str, key: str) -> None:
        """Take back the own reaction with this key; raise ClientError if there is none."""
        path = at(V1, "rooms", room, "relations", target, "m.annotation", "m.reaction")
        found = cast("list[Json]", cast("Json", await self.request("GET", path))["chunk"])
        for reaction in found:
            relation = cast("Json", cast("Json", reaction["content"]).get("m.relates_to", {}))
            if reaction["sender"] == self.user and relation.get("key") == key:
                await self.redact(room, str(reaction["event_id"]))
                return
        raise ClientError(f"{self.user} has no reaction {key} on {target}")

    async def redact(self, room: str, target: str, reason: str = "") -> str:
        """Remove an event; return the id of the redaction."""
        path = at(V3, "rooms", room, "redact", target, secrets.token_hex(8))
        answer = await self.request("PUT", path, {"reason": reason} if reason else {})
        return str(cast("Json", answer)["event_id"])

    async def attach(self, room: str, name: str, mime: str, data: bytes, *, thread: str = "") -> str:
        """Upload a file, encrypted where the room is, and send it; return the event id."""
        sealed = (await self.state(room)).encrypted
        uploaded = await self._call("upload", data=base64.b64encode(data).decode(), sealed=sealed)
        content = messages.file(name, mime, len(data), cast("Json", uploaded)) | messages.related(thread)
        return await self.send(room, "m.room.message", content)

    async def download(self, message: Event) -> bytes:
        """Return the file of a message, decrypted; its hash is checked."""
        file = message.content.get("file") or {"url": message.content["url"]}
        return base64.b64decode(str(await self._call("download", file=file)))

    async def send(self, room: str, kind: str, content: Content) -> str:
        """Send an event of any type, as this client would (reactions always in clear); return its id."""
        return str(await self._call("send", room=room, type=kind, content=content))

    async def send_clear(self, room: str, kind: str, content: Content) -> str:
        """Send an event in clear whatever the room says, as no honest client would; return its id."""
        path = at(V3, "rooms", room, "send", kind, secrets.token_hex(8))
        return str(cast("Json", await self.request("PUT", path, content))["event_id"])

    async def set_state(self, room: str, kind: str, content: Content, key: str = "") -> str:
        """Send a state event; return its id."""
        path = at(V3, "rooms", room, "state", kind, key)
        return str(cast("Json", await self.request("PUT", path, content))["event_id"])

    async def create_room(self, *, name: str = "", invite: Iterable[str] = (), encrypted: bool = True, direct: bool = False) -> str:
        """Make a private room and invite people; return its id."""
        body: Json = {"preset": "trusted_private_chat" if direct else "private_chat", "invite": [*invite]}
        body |= {"is_direct": direct, "initial_state": [ENCRYPTION] if encrypted else []}
        answer = await self.request("POST", at(V3, "createRoom"), body | ({"name": name} if name else {}))
        return str(cast("Json", answer)["room_id"])

    async def create_direct(self, user: str, *, encrypted: bool = True) -> str:
        """Make a room of two with somebody; return its id."""
        return await self.create_room(invite=(user,), encrypted=encrypted, direct=True)

    async def join(self, room: str) -> None:
        """Enter a room by id or alias."""
        await self.request("POST", at(V3, "join", room), {})

    async def leave(self, room: str) -> None:
        """Leave a room, or refuse its invitation."""
        await self.request("POST", at(V3, "rooms", room, "leave"), {})

    async def invite(self, room: str, user: str) -> None:
        """Invite somebody."""
        await self.request("POST", at(V3, "rooms", room, "invite"), {"user_id": user})

    async def remove(self, room: str, user: str) -> None:
        """Remove somebody."""
        await self.request("POST", at(V3, "rooms", room, "kick"), {"user_id": user})

    async def rooms(self) -> tuple[str, ...]:
        """Return the rooms that the homeserver counts the person in."""
        answer = cast("Json", await self.request("GET", at(V3, "joined_rooms")))
        return tuple(cast("list[str]", answer["joined_rooms"]))

    async def state(self, room: str) -> RoomState:
        """Return the state of a room from the homeserver."""
        found = cast("list[Json]", await self.request("GET", at(V3, "rooms", room, "state")))
        return room_state((str(e["type"]), str(e["state_key"]), cast("Content", e["content"])) for e in found)

    async def timeline(self, room: str) -> tuple[Event, ...]:
        """Return all events of a room that the homeserver shows this person, oldest first, read as far as they can be."""
        return tuple(event(item) for item in cast("list[Json]", await self._call("timeline", room=room)))

    async def wait(
        self,
        room: str,
        matches: Callable[[Event], bool],
        timeout: float = PATIENCE,  # noqa: ASYNC109 - the seconds a person would look for it, with what was seen in the error
        *,
        after: str = "",
    ) -> Event:
        """Return the first event of the room that matches, seen already or yet to come.

        With `after` only events that follow that one count. Raises TimeoutError, which tells what was seen instead.
        """

        def find() -> Event | None:
            return next((met for met in self.seen.events(room, after) if matches(met)), None)

        try:
            return await self.seen.until(find, timeout)
        except TimeoutError as error:
            met = [f"{e.sender} {e.type} {e.failure or e.text!r}" for e in self.seen.events(room, after)[-8:]]
            raise TimeoutError(f"{self.user} waited {timeout} s in {room}; last seen: {met}") from error

    async def wait_room(
        self,
        matches: Callable[[RoomState], bool],
        timeout: float = PATIENCE,  # noqa: ASYNC109 - as in `wait`
    ) -> str:
        """Return the first room that the person is in and whose state, as seen, matches; raise TimeoutError."""

        def find() -> str | None:
            return next((room for room in self.seen.joined() if matches(self.seen.state(room))), None)

        try:
            return await self.seen.until(find, timeout)
        except TimeoutError as error:
            names = [self.seen.state(room).name or room for room in self.seen.joined()]
            raise TimeoutError(f"{self.user} waited {timeout} s for a room; is in: {names}") from error

    async def wait_membership(
        self,
        room: str,
        membership: str = "join",
        timeout: float = PATIENCE,  # noqa: ASYNC109 - as in `wait`
    ) -> None:
        """Return when the person's own membership in the room is this one; raise TimeoutError."""
        await self.seen.until(lambda: self.seen.membership(room) == membership or None, timeout)

    async def only_signed(self, on: bool = True) -> None:
        """Send to and read from cross-signed devices only, as strict clients do (MSC4153), or from all again."""
        await self._call("isolate", onlySigned=on)

    async def cross_sign(self, *, reset: bool = False) -> None:
        """Give the account a cross-signing identity and sign this device; `reset` makes a new identity in its place."""
        await self._call("crossSign", reset=reset)

    async def session_key(self) -> str:
        """Return the public key of this device, as the client shows it to its owner, without spaces."""
        return str(await self._call("sessionKey"))

    async def keep_secrets(self) -> str:
        """Put the account's cross-signing keys into its secret storage; return the recovery key."""
        return str(await self._call("keepSecrets"))

    async def restore_secrets(self, recovery_key: str) -> str:
        """Sign this device with the keys of the account's secret storage; return the public master key of the identity."""
        return str(await self._call("restoreSecrets", recoveryKey=recovery_key))

    async def begin_verification(self, user: str, room: str) -> tuple[str, ...]:
        """Ask somebody in a room of two to be verified, and return the emoji that are to be compared."""
        answer = cast("Json", await self._call("beginVerification", user=user, room=room))
        return tuple(cast("list[str]", answer["emoji"]))

    async def cancel_verification(self) -> None:
        """Close the window with the emoji, without an answer."""
        await self._call("cancelVerification")

    async def conclude_verification(self, *, agrees: bool = True) -> bool:
        """Say whether the emoji agree; return whether the other user is verified then."""
        return bool(await self._call("concludeVerification", agrees=agrees))

    async def logout(self) -> None:
        """Log out: the device is gone, and its keys with it."""
        await self._call("logout")
        self._connection.unsubscribe(self._handle)

    async def request(self, method: Method, path: str, body: Content | None = None, query: Mapping[str, str] | None = None) -> object:
        """Send a request of the client-server API with the person's access token; return the answer's JSON."""
        return await self._call("request", method=method, path=path, body=body, query=query)

    async def _call(self, do: str, **arguments: object) -> object:
        return await self._connection.call(do, self._handle, **arguments)
