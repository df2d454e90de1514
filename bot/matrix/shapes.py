# ruff: noqa: D102 - the members are nio's, and described there
"""What is used of nio's objects, typed: nio itself is only partly so."""

from typing import Any, Protocol

Pair = tuple[str, str]
"""A user id and a device id."""


class Device(Protocol):
    """A device of somebody, with its identity keys."""

    user_id: str
    deleted: bool

    @property
    def id(self) -> str: ...
    @property
    def curve25519(self) -> str: ...
    @property
    def ed25519(self) -> str: ...
    @property
    def blacklisted(self) -> bool: ...


class OutboundSession(Protocol):
    """The session that a room's messages are encrypted with, and the devices that have its key."""

    users_shared_with: set[Pair]
    shared: bool

    @property
    def id(self) -> str: ...
    @property
    def session_key(self) -> str: ...
    @property
    def expired(self) -> bool: ...
    def encrypt(self, plaintext: str) -> str: ...


class InboundSession(Protocol):
    """A session that somebody's messages are decrypted with, and the identity keys of its owner."""

    ed25519: str
    sender_key: str
    room_id: str
    forwarding_chain: list[str]

    @property
    def id(self) -> str: ...
    def decrypt(self, message: str) -> tuple[str, int]: ...


class ToDeviceMessage(Protocol):
    """A message for one device, already encrypted."""

    type: str

    def as_dict(self) -> dict[str, Any]: ...


class Account(Protocol):
    """The device's own identity and one-time keys."""

    shared: bool
    _account: Any

    @property
    def identity_keys(self) -> dict[str, str]: ...
    @property
    def one_time_keys(self) -> dict[str, dict[str, str]]: ...
    @property
    def max_one_time_keys(self) -> int: ...
    def generate_one_time_keys(self, count: int) -> None: ...
    def mark_keys_as_published(self) -> None: ...


class Client(Protocol):
    """nio's AsyncClient: its HTTP session, its key store and its Olm machine."""

    olm: Any
    store: Any

    def restore_login(self, user_id: str, device_id: str, access_token: str) -> None: ...
    async def send(
        self,
        method: str,
        path: str,
        data: str | bytes | None,
        headers: dict[str, str],
        trace_context: None,
        timeout: Any,  # noqa: ANN401, ASYNC109 - nio says float and hands it on to aiohttp, which wants a ClientTimeout
    ) -> Any: ...  # noqa: ANN401 - aiohttp's response behind nio's decorator
    async def close(self) -> None: ...
