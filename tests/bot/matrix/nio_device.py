"""A device of somebody else, played by nio's Olm machine: an implementation that is not the bot's own."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from nio import AsyncClient, AsyncClientConfig
from nio.events.to_device import OlmEvent
from nio.responses import KeysClaimResponse, KeysQueryResponse
from nio.store import SqliteStore

from bot.matrix.shapes import Fields, Pair, fields
from bot.matrix.wire import Json

MEGOLM = "m.megolm.v1.aes-sha2"
OLM = "m.olm.v1.curve25519-aes-sha2"
_OLM_EVENT: Any = OlmEvent


class NioDevice:
    """One device with its key store in a folder."""

    def __init__(self, store: Path, user: str, device: str) -> None:
        config = AsyncClientConfig(store=SqliteStore, store_name="nio.db", pickle_key="k", store_sync_tokens=False)
        client: Any = AsyncClient("http://127.0.0.1:1", store_path=str(store), config=config)
        client.restore_login(user, device, "token")
        self.user = user
        self.device = device
        self.olm: Any = client.olm
        self._store: Any = client.store

    def close(self) -> None:
        self._store.database.close()

    @property
    def identity(self) -> dict[str, str]:
        return dict(self.olm.account.identity_keys)

    def sign(self, value: dict[str, Any]) -> dict[str, Any]:
        signature = self.olm.sign_json(value)
        return {**value, "signatures": {self.user: {f"ed25519:{self.device}": signature}}}

    def keys(self) -> dict[str, Any]:
        """The device's public keys, signed by itself."""
        names = {f"{algorithm}:{self.device}": key for algorithm, key in self.identity.items()}
        return self.sign({"user_id": self.user, "device_id": self.device, "algorithms": [OLM, MEGOLM], "keys": names})

    def one_time_key(self) -> dict[str, Any]:
        """A fresh one-time key, as the homeserver would hand it out."""
        self.olm.account.generate_one_time_keys(1)
        name, key = next(iter(self.olm.account.one_time_keys["curve25519"].items()))
        self.olm.account.mark_keys_as_published()
        return {f"signed_curve25519:{name}": self.sign({"key": key})}

    def learn_devices(self, user: str, devices: Fields) -> None:
        whole = {name: dict(fields(keys)) for name, keys in devices.items()}
        self.olm._handle_key_query(KeysQueryResponse({user: whole}, {}))

    def meet(self, user: str, name: str, one_time_key: Fields) -> None:
        """Make an Olm session with a device from its one-time key."""
        answer = KeysClaimResponse({user: {name: {key: dict(fields(value)) for key, value in one_time_key.items()}}}, {})
        self.olm._handle_key_claiming(answer)

    def others(self, user: str) -> dict[Pair, Any]:
        return {(d.user_id, d.id): d for d in self.olm.device_store.active_user_devices(user)}

    def outbound(self, room: str) -> Any:  # noqa: ANN401 - nio's session
        """The session that this device encrypts for a room with."""
        if room not in self.olm.outbound_group_sessions:
            self.olm.create_outbound_group_session(room)
            self.olm.outbound_group_sessions[room].shared = True
        return self.olm.outbound_group_sessions[room]

    def forget_outbound(self, room: str) -> None:
        self.olm.outbound_group_sessions.pop(room, None)

    def room_key(self, room: str) -> dict[str, Any]:
        session = self.outbound(room)
        return {"algorithm": MEGOLM, "room_id": room, "session_id": session.id, "session_key": session.session_key}

    def letter(self, user: str, device: str, kind: str, content: Fields) -> dict[str, Any]:
        """The content of a to-device message that only this device of the user opens."""
        other = self.others(user)[user, device]
        session = self.olm.session_store.get(other.curve25519)
        return cast("dict[str, Any]", self.olm._olm_encrypt(session, other, kind, dict(content)))

    def encrypt(self, room: str, kind: str, content: Fields, *, names: str = "") -> dict[str, Any]:
        """The content of an encrypted event; its payload names the room, or another one."""
        session = self.outbound(room)
        plain = json.dumps({"type": kind, "content": dict(content), "room_id": names or room})
        return self.sealed(room, session.encrypt(plain))

    def sealed(self, room: str, ciphertext: str) -> dict[str, Any]:
        session = self.outbound(room)
        return {
            "algorithm": MEGOLM,
            "sender_key": self.identity["curve25519"],
            "ciphertext": ciphertext,
            "session_id": session.id,
            "device_id": self.device,
        }

    def opens(self, sender: str, content: Fields) -> Any:  # noqa: ANN401 - nio's event
        """What a to-device message of somebody says, as nio's event; None if it cannot be read."""
        event: Any = _OLM_EVENT.from_dict({"type": "m.room.encrypted", "sender": sender, "content": dict(content)})
        return self.olm.handle_to_device_event(event)

    def reads(self, content: Fields) -> Json:
        """What an encrypted room event says, by the room keys that this device was given."""
        stores: Iterable[Any] = self.olm.inbound_group_store._entries.values()
        found = (of[content["session_id"]] for rooms in stores for of in rooms.values() if content["session_id"] in of)
        plain, _ = next(iter(found)).decrypt(content["ciphertext"])
        return cast("Json", json.loads(plain))
