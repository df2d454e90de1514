"""Content at rest: data keys per scope, wrapped by a key-encryption key (KEK) outside the database (architecture 4).

Sealed bytes are version (1) · nonce (12, random) · AES-256-GCM ciphertext with its tag (16). Their associated data is the
identity of the row that holds them, so that a value moved to another row does not open. Wrapped data keys have the same
form, with scope and KEK id as associated data. Destroying a wrapped data key destroys all that it sealed; a new KEK
re-wraps data keys and touches no content.
"""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
FINGERPRINT_BYTES = 8
PERSON_HASH = "person-hash"
"""The scope of the key that finds a person by number without holding the number."""

_NAME = re.compile(r"[a-z0-9_]+")
_NUMBER = re.compile(r"\d{12}", re.ASCII)
_RESERVE = re.compile(r"[0-9A-ZÅÄÖ+-]{4,20}")
"""The form of `care.identity.reserve`; it has no colon, so that issuer and number cannot run into each other."""


class Unopened(Exception):  # noqa: N818 - says what happened; the reader of a lost key is not in error
    """The bytes do not open: wrong key, wrong row, changed bytes, an unknown version or an unknown KEK. It does not say which."""


@dataclass(frozen=True, slots=True)
class Kek:
    """A key-encryption key; `id` is its fingerprint and may be stored."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of a scope: `case:<id>`, `dialogue:<id>`, `transit:<day>`, `directory`, `person-hash`."""

    scope: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored: only the KEK with the id `kek` opens it."""

    scope: str
    kek: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Keyring:
    """The KEK that wraps, and during a rotation the older ones that still unwrap."""

    current: Kek
    older: tuple[Kek, ...] = ()

    def new(self, scope: str) -> tuple[DataKey, Wrapped]:
        """Return a new random data key for the scope, open and wrapped."""
        key = DataKey(scope, os.urandom(KEY_BYTES))
        return key, wrap(self.current, key)

    def open(self, wrapped: Wrapped) -> DataKey:
        """Return the data key; raise Unopened if no KEK of the ring opens it."""
        for kek in (self.current, *self.older):
            if kek.id == wrapped.kek:
                return unwrap(kek, wrapped)
        raise Unopened

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same data key under the current KEK (itself if it is); raise Unopened if no KEK of the ring opens it."""
        return wrapped if wrapped.kek == self.current.id else wrap(self.current, self.open(wrapped))


def kek(secret: bytes) -> Kek:
    """Return the KEK of 32 secret bytes; raise ValueError for any other length."""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"a KEK has {KEY_BYTES} bytes")
    digest = hmac.digest(secret, b"samrum kek fingerprint", hashlib.sha256)
    return Kek(digest[:FINGERPRINT_BYTES].hex(), secret)


def wrap(by: Kek, key: DataKey) -> Wrapped:
    """Return the data key as only this KEK opens it."""
    return Wrapped(key.scope, by.id, _encrypt(by.secret, _wrapping(key.scope, by.id), key.secret))


def unwrap(by: Kek, wrapped: Wrapped) -> DataKey:
    """Return the data key; raise Unopened if this KEK or scope is not the one that it was wrapped with."""
    return DataKey(wrapped.scope, _decrypt(by.secret, _wrapping(wrapped.scope, by.id), wrapped.sealed))


def row(table: str, column: str, identity: object) -> str:
    """Return the identity `table:column:id` of a sealed value; raise ValueError for names that would make it ambiguous."""
    if not _NAME.fullmatch(table) or not _NAME.fullmatch(column):
        raise ValueError("table and column are lower-case names")
    return f"{table}:{column}:{identity}"


def seal(key: DataKey, identity: str, content: bytes) -> bytes:
    """Return the content as only this key opens it, and only for the row `identity` (see `row`)."""
    return _encrypt(key.secret, _content(identity), content)


def unseal(key: DataKey, identity: str, sealed: bytes) -> bytes:
    """Return the content; raise Unopened if key, row or bytes are not those that it was sealed with."""
    return _decrypt(key.secret, _content(identity), sealed)


def person_hash(key: DataKey, number: str, issuer: str = "") -> bytes:
    """Return the keyed hash (HMAC-SHA-256) by which a person is found.

    A reservnummer is unique only together with the huvudman that issued it, and is hashed as `issuer:number`
    (`care.identity.Identity.unique`). Raises ValueError for another key than that of `person-hash`, and for a number of another form.
    """
    form = _RESERVE if issuer else _NUMBER
    if key.scope != PERSON_HASH or not form.fullmatch(number):
        raise ValueError("a person hash needs its own key and 12 digits, or a reservnummer and its issuer")
    return hmac.digest(key.secret, (f"{issuer}:{number}" if issuer else number).encode(), hashlib.sha256)


def _wrapping(scope: str, kek_id: str) -> bytes:
    return f"key:{kek_id}:{scope}".encode()


def _content(identity: str) -> bytes:
    return f"row:{identity}".encode()


def _encrypt(secret: bytes, associated: bytes, content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(secret).encrypt(nonce, content, VERSION + associated)


def _decrypt(secret: bytes, associated: bytes, sealed: bytes) -> bytes:
    version, nonce, ciphertext = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if version != VERSION or len(nonce) < NONCE_BYTES:
        raise Unopened
    try:
        return AESGCM(secret).decrypt(nonce, ciphertext, VERSION + associated)
    except InvalidTag:
        raise Unopened from None
