"""nio's Olm machine behind a typed, guarded front.

What arrives is opened here, one event at a time and without nio's event classes: nio applies decrypted state to its rooms, does
not compare the room of the payload, and lets malformed content end the process (matrix 4.1, 4.2). Every method either changes
nothing or has committed what it changed to the key store when it returns.
"""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nio import AsyncClient, AsyncClientConfig
from nio.events.to_device import OlmEvent, RoomKeyEvent
from nio.responses import KeysClaimResponse, KeysQueryResponse
from nio.store import SqliteStore
from vodozemac import MegolmDecryptionException

from bot.matrix.incoming import Fields, fields, text
from bot.matrix.shapes import Account, Client, Device, InboundSession, OutboundSession, Pair, ToDeviceMessage

MEGOLM = "m.megolm.v1.aes-sha2"
OLM = "m.olm.v1.curve25519-aes-sha2"


_OLM_EVENT: Any = OlmEvent


class Hostile(Exception):  # noqa: N818 - names what the event is
    """An encrypted event that no honest client makes; the argument names the kind for the counter."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted payload, and the identity keys that its session belongs to."""

    payload: Fields
    sender_key: str
    signing_key: str
    forwarded: bool


def connect(homeserver: str, store: Path | None, pickle_key: str = "") -> Client:
    """Return nio's client; with a store, its keys lie in `matrix-keys.db` in that folder."""
    config = AsyncClientConfig(
        store=SqliteStore,
        store_name="matrix-keys.db",
        pickle_key=pickle_key,
        encryption_enabled=store is not None,
        store_sync_tokens=False,
    )
    client: Any = AsyncClient(homeserver, store_path=str(store) if store else "", config=config, ssl=True)
    return cast("Client", client)


class Machine:
    """The keys of one device, in memory and in the key store."""

    def __init__(self, client: Client, user: str, device: str, token: str) -> None:
        client.restore_login(user, device, token)
        self.user = user
        self.device = device
        self._olm: Any = client.olm
        self._store: Any = client.store

    @property
    def identity(self) -> dict[str, str]:
        """The public identity keys, by algorithm."""
        return dict(self._olm.account.identity_keys)

    @property
    def account(self) -> Account:
        """Return nio's account, whose own keys `Keys` publishes."""
        return cast("Account", self._olm.account)

    def at_once(self) -> AbstractContextManager[None]:
        """Return a transaction of the key store: a crash inside leaves all of it undone."""
        return cast("AbstractContextManager[None]", self._store.database.atomic())

    def close(self) -> None:
        """Close the key store."""
        self._store.database.close()

    def save_account(self) -> None:
        """Commit the account."""
        self._olm.save_account()

    def sign(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the object with the device's signature."""
        signature = self._olm.sign_json(value)
        return {**value, "signatures": {self.user: {f"ed25519:{self.device}": signature}}}

    def encrypted_rooms(self) -> frozenset[str]:
        """Return the rooms that the key store knows to be encrypted."""
        return frozenset(self._store.load_encrypted_rooms())

    def remember_encrypted(self, rooms: Iterable[str]) -> None:
        """Commit rooms as encrypted; there is no way back."""
        self._store.save_encrypted_rooms(set(rooms))

    def receive(self, event: Fields) -> str:
        """Take one to-device event; return the session id if it was a room key, else "".

        Only Olm messages are looked at: requests and verifications of strangers have nothing to do here.
        """
        parsed: Any = _OLM_EVENT.from_dict(event) if fields(event.get("content")).get("algorithm") == OLM else None
        if not isinstance(parsed, OlmEvent):
            return ""
        result: Any = self._olm.handle_to_device_event(parsed)
        # nio saves the account before the message consumes its one-time key (matrix 4.4).
        self._olm.save_account()
        return text(result.session_id) if isinstance(result, RoomKeyEvent) else ""

    def open(self, event: Fields, room: str) -> Opened | None:
        """Decrypt a room event; None while its key is missing. Raise Hostile, or whatever a malformed event brings nio to raise."""
        content = fields(event.get("content"))
        session = self._session(room, text(content.get("session_id")))
        if content.get("algorithm") != MEGOLM or session is None:
            return None
        try:
            plain, index = session.decrypt(content["ciphertext"])
        except MegolmDecryptionException as error:
            # The key was given from a later message on; an earlier one may still come.
            if "unknown message index" in str(error):
                return None
            raise
        payload = fields(json.loads(plain))
        if payload.get("room_id") != room:
            raise Hostile("other_room")
        self._once((session.sender_key, session.id, index), text(event.get("event_id")))
        return Opened(payload, session.sender_key, session.ed25519, bool(session.forwarding_chain))

    def owner(self, user: str, opened: Opened) -> str:
        """Return the id of the user's device that owns the session of a decrypted event; "" if it is none of theirs."""
        mine = self.identity
        if (user, opened.sender_key, opened.signing_key) == (self.user, mine["curve25519"], mine["ed25519"]):
            return self.device
        device: Device | None = self._olm.device_store.device_from_sender_key(user, opened.sender_key)
        if device is None or opened.forwarded or device.ed25519 != opened.signing_key or device.blacklisted:
            return ""
        return text(device.id)

    def devices(self, users: Iterable[str]) -> dict[Pair, Device]:
        """Return the devices of the users that may get keys; not the own one, none that is deleted or blocked."""
        store: Any = self._olm.device_store
        found: list[Device] = [device for user in users for device in store.active_user_devices(user)]
        return {(d.user_id, d.id): d for d in found if not d.blacklisted and (d.user_id, d.id) != (self.user, self.device)}

    def reachable(self, device: Device) -> bool:
        """Whether there is an Olm session with the device."""
        return bool(self._olm.session_store.get(device.curve25519))

    def wedged(self) -> dict[Pair, Device]:
        """Return the devices whose Olm sessions are out of step and must be made anew."""
        return {(d.user_id, d.id): d for d in self._olm.wedged_devices}

    def unsent(self) -> list[ToDeviceMessage]:
        """Return the to-device messages that nio wants sent (to devices that were out of step)."""
        return list(self._olm.outgoing_to_device_messages)

    def sent(self, message: ToDeviceMessage) -> None:
        """Note that a to-device message was accepted."""
        self._olm.outgoing_to_device_messages.remove(message)

    def learn_devices(self, user: str, devices: Fields) -> None:
        """Take the devices of one user from a key query; raise whatever malformed keys bring nio to raise."""
        whole = {name: dict(fields(keys)) for name, keys in devices.items()}
        self._olm._handle_key_query(KeysQueryResponse({user: whole}, {}))  # noqa: SLF001 - nio's only way in by user

    def verifies(self, user: str, name: str, keys: Fields) -> bool:
        """Whether the device signed its own keys; raise whatever malformed keys bring nio to raise."""
        signing_key = fields(keys.get("keys"))[f"ed25519:{name}"]
        return bool(self._olm.verify_json(dict(keys), signing_key, user, name))

    def meet(self, user: str, name: str, one_time_key: Fields) -> None:
        """Make an Olm session with a device from its one-time key; raise whatever a malformed key brings nio to raise."""
        answer = KeysClaimResponse({user: {name: {key: dict(fields(value)) for key, value in one_time_key.items()}}}, {})
        self._olm._handle_key_claiming(answer)  # noqa: SLF001 - nio's only way in by device

    def outbound(self, room: str, devices: Iterable[Pair]) -> OutboundSession:
        """Return the room's outbound session: a new one if there is none, if it is worn, or if someone has it who should not."""
        session: OutboundSession | None = self._olm.outbound_group_sessions.get(room)
        if session is None or session.expired or not session.users_shared_with <= set(devices):
            self._olm.create_outbound_group_session(room)
            session = cast("OutboundSession", self._olm.outbound_group_sessions[room])
            session.shared = True
        return session

    def forget_outbound(self, room: str) -> None:
        """Drop the room's outbound session; the next message makes a new one."""
        self._olm.outbound_group_sessions.pop(room, None)

    def seal_room_key(self, room: str, session: OutboundSession, devices: dict[Pair, Device]) -> dict[str, dict[str, Any]]:
        """Return to-device messages, by user and device, that give the room key from its present index on."""
        content = {"algorithm": MEGOLM, "room_id": room, "session_id": session.id, "session_key": session.session_key}
        messages: dict[str, dict[str, Any]] = {}
        with self.at_once():
            for (user, name), device in devices.items():
                olm = self._olm.session_store.get(device.curve25519)
                sealed = self._olm._olm_encrypt(olm, device, "m.room_key", content)  # noqa: SLF001 - nio's public way shares with whole rooms
                messages.setdefault(user, {})[name] = sealed
        return messages

    def encrypt(self, room: str, session: OutboundSession, kind: str, content: Fields) -> dict[str, Any]:
        """Return the content of the `m.room.encrypted` event. Relations stay in clear, or no client could follow them."""
        plain = json.dumps({"type": kind, "content": dict(content), "room_id": room}, ensure_ascii=False)
        outer = {"m.relates_to": content["m.relates_to"]} if "m.relates_to" in content else {}
        return {
            "algorithm": MEGOLM,
            "sender_key": self.identity["curve25519"],
            "ciphertext": session.encrypt(plain),
            "session_id": session.id,
            "device_id": self.device,
            **outer,
        }

    def _session(self, room: str, session_id: str) -> InboundSession | None:
        # The session id alone names the session: senders may leave out their key (matrix 4.3).
        by_sender: Any = self._olm.inbound_group_store[room]
        return next((sessions[session_id] for sessions in by_sender.values() if session_id in sessions), None)

    def _once(self, position: tuple[str, str, int], event_id: str) -> None:
        seen: Any = self._olm.message_index_store
        if seen.setdefault(position, event_id) != event_id:
            raise Hostile("replayed")
