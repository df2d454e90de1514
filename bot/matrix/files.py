"""Files, encrypted before they leave (Matrix 1.19, client-server 11.12.2.2)."""

import base64
import hashlib
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from bot.matrix.crypto.signing import unpadded
from bot.matrix.wire import Wire, said

UPLOAD = "/_matrix/media/v3/upload"
OPAQUE = "application/octet-stream"
SECONDS = 120.0


def encrypted(data: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return the data under a key of its own (AES-256-CTR), and what opens it: an `EncryptedFile` without its address."""
    key, start = os.urandom(32), os.urandom(8) + bytes(8)
    sealer = Cipher(AES(key), CTR(start)).encryptor()
    sealed = sealer.update(data) + sealer.finalize()
    named = base64.urlsafe_b64encode(key).decode().rstrip("=")
    return sealed, {
        "v": "v2",
        "key": {"kty": "oct", "alg": "A256CTR", "ext": True, "k": named, "key_ops": ["encrypt", "decrypt"]},
        "iv": unpadded(start),
        "hashes": {"sha256": unpadded(hashlib.sha256(sealed).digest())},
    }


async def upload(wire: Wire, data: bytes, name: str, mime: str) -> dict[str, Any]:
    """Upload under no name and no type of its own; return the content of the `m.file` message, whose key is in it."""
    sealed, key = encrypted(data)
    answer = await wire.call("POST", UPLOAD, sealed, mime=OPAQUE, seconds=SECONDS)
    return {
        "msgtype": "m.file",
        "body": name,
        "filename": name,
        "info": {"mimetype": mime, "size": len(data)},
        "file": {**key, "url": said(answer, "content_uri")},
    }
