"""Verification by short strings, its calculations: pure functions (Matrix 1.19, client-server API, "Short Authentication String").

Only the newest variants are offered: curve25519-hkdf-sha256, sha256, hkdf-hmac-sha256.v2, emoji and decimal.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from vodozemac import Curve25519PublicKey, Sas, SasException

from bot.matrix.crypto.signing import unpadded
from bot.matrix.shapes import Fields, fields, text, texts

METHOD = "m.sas.v1"
AGREEMENT = "curve25519-hkdf-sha256"
HASH = "sha256"
MAC = "hkdf-hmac-sha256.v2"
SHOWN = ("emoji", "decimal")
KEY_IDS = "KEY_IDS"


class Code(Protocol):
    """What both sides compare."""

    @property
    def emoji_indices(self) -> bytes:
        """Seven numbers from 0 to 63, in the order of the specification's table."""
        ...

    @property
    def decimals(self) -> tuple[int, int, int]:
        """Three numbers from 1000 to 9191."""
        ...


class Established(Protocol):
    """A key that both sides have made together."""

    def bytes(self, info: str) -> Code:
        """Return the code for both to compare."""
        ...

    def calculate_mac(self, value: str, info: str) -> str:
        """Return a message authentication code."""
        ...

    def verify_mac(self, value: str, info: str, tag: str) -> None:
        """Raise vodozemac.SasException for a wrong message authentication code."""
        ...


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two: a user on a device."""

    user: str
    device: str


def acceptable(start: Fields) -> bool:
    """Whether a start offers what we can do."""
    offered = {
        "key_agreement_protocols": AGREEMENT,
        "hashes": HASH,
        "message_authentication_codes": MAC,
        "short_authentication_string": SHOWN[0],
    }
    return start.get("method") == METHOD and all(ours in texts(start.get(name)) for name, ours in offered.items())


def commitment(public: str, start: bytes) -> str:
    """Return what binds us to our public key before we have seen theirs; `start` is the canonical JSON of their start."""
    return unpadded(hashlib.sha256(public.encode() + start).digest())


def agreed(sas: Sas, public: str) -> Established | None:
    """Return the common key of our secret and their public key; None for a malformed one. The secret is used up."""
    try:
        return sas.diffie_hellman(Curve25519PublicKey.from_base64(public))  # type: ignore[return-value]
    except Exception:  # noqa: BLE001 - guard: anybody may send anything as a key (matrix 4.1)
        return None


def code(established: Established, starter: Party, starter_key: str, other: Party, other_key: str, transaction: str) -> Code:
    """Return what both sides compare; the order of the parties is part of it."""
    parts = ("MATRIX_KEY_VERIFICATION_SAS", starter.user, starter.device, starter_key, other.user, other.device, other_key, transaction)
    return established.bytes("|".join(parts))


def macs(established: Established, keys: Mapping[str, str], by: Party, to: Party, transaction: str) -> dict[str, object]:
    """Return the content that proves public keys, by key id, to the other side."""
    info = _info(by, to, transaction)
    ids = ",".join(sorted(keys))
    return {
        "mac": {name: established.calculate_mac(key, info + name) for name, key in keys.items()},
        "keys": established.calculate_mac(ids, info + KEY_IDS),
    }


def proven(established: Established, content: Fields, keys: Mapping[str, str], by: Party, to: Party, transaction: str) -> bool:
    """Whether the content proves at least one of the known public keys, by key id, and disproves none."""
    info, given = _info(by, to, transaction), fields(content.get("mac"))
    try:
        established.verify_mac(",".join(sorted(given)), info + KEY_IDS, text(content.get("keys")))
        for name in given.keys() & keys.keys():
            established.verify_mac(keys[name], info + name, text(given[name]))
    except (SasException, ValueError, TypeError):
        return False
    return bool(given.keys() & keys.keys())


def _info(by: Party, to: Party, transaction: str) -> str:
    return f"MATRIX_KEY_VERIFICATION_MAC{by.user}{by.device}{to.user}{to.device}{transaction}"
