"""Ed25519 over canonical JSON (Matrix appendices, "Signing JSON"): the bot's own signatures, and those of others.

Key ids and signatures are unpadded base64; padded ones are silently dropped by other implementations (matrix 3.2).
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from vodozemac import Ed25519PublicKey, Ed25519Signature

from bot.matrix.shapes import Fields, fields, text

SEED_BYTES = 32
PUBLIC_CHARACTERS = 43
"""Of a public key as unpadded base64."""
UNSIGNED = frozenset({"signatures", "unsigned"})


def canonical(value: Fields) -> bytes:
    """Return what is signed of an object: canonical JSON without `signatures` and `unsigned`."""
    signed = {name: part for name, part in value.items() if name not in UNSIGNED}
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def unpadded(raw: bytes) -> str:
    """Return unpadded base64."""
    return base64.b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key, from the 32 secret bytes of `seed`; `public` is its unpadded base64."""

    seed: bytes = field(repr=False)
    public: str = field(init=False)

    def __post_init__(self) -> None:
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        object.__setattr__(self, "public", unpadded(raw))

    @classmethod
    def new(cls) -> "Signer":
        """Return a signer from a fresh random seed."""
        return cls(os.urandom(SEED_BYTES))

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, value: Fields, user: str) -> dict[str, Any]:
        """Return the object with this key's signature in the name of `user` added to those that it has."""
        theirs: dict[str, dict[str, str]] = {who: dict(fields(each)) for who, each in fields(value.get("signatures")).items()}
        theirs.setdefault(user, {})[f"ed25519:{self.public}"] = unpadded(self._key.sign(canonical(value)))
        return {**{name: part for name, part in value.items() if name != "unsigned"}, "signatures": theirs}


def signed_by(value: Fields, user: str, key_id: str, public: str) -> bool:
    """Whether an object carries a valid signature of `user` by the key `ed25519:<key_id>`; whatever is malformed is no signature."""
    signature = text(fields(fields(value.get("signatures")).get(user)).get(f"ed25519:{key_id}"))
    if not signature or not public:
        return False
    try:
        key, given = Ed25519PublicKey.from_base64(public), Ed25519Signature.from_base64(signature)
        key.verify_signature(canonical(value), given)
    except Exception:  # noqa: BLE001 - guard: anybody may publish anything as a key (matrix 4.1)
        return False
    return True


def cross_signing_key(value: Fields, user: str, usage: str) -> str:
    """Return the public key of a published cross-signing key of `user` with this usage; "" if the object is not one."""
    usages: object = value.get("usage")
    keys: Mapping[str, Any] = fields(value.get("keys"))
    if value.get("user_id") != user or not isinstance(usages, list) or usage not in usages or len(keys) != 1:
        return ""
    key_id, public = next(iter(keys.items()))
    whole = len(text(public)) == PUBLIC_CHARACTERS and key_id == f"ed25519:{text(public)}"
    return text(public) if whole else ""
