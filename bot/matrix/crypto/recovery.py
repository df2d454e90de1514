"""The recovery key, and what it encrypts: pure functions of secret storage (Matrix 1.19, client-server API, "Secret storage").

The scheme is `m.secret_storage.v1.aes-hmac-sha2`. The key is written down by people: base58 with a parity byte, in groups of four.
"""

import base64
import binascii
import hmac
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.matrix.crypto.signing import unpadded
from bot.matrix.shapes import Fields, text

KEY_BYTES = 32
IV_BYTES = 16
ALGORITHM = "m.secret_storage.v1.aes-hmac-sha2"
_HEADER = b"\x8b\x01"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ZEROES = bytes(32)


class Mistyped(ValueError):  # noqa: N818 - says what happened; whoever typed is told
    """The text is no recovery key: a character is wrong, missing or too many."""


class Unopened(Exception):  # noqa: N818 - says what happened
    """The key does not open it, or it was changed."""


def new_key() -> bytes:
    """Return a fresh random key."""
    return os.urandom(KEY_BYTES)


def spelled(key: bytes) -> str:
    """Return a key as people write it down."""
    body = _HEADER + key
    number = int.from_bytes(body + bytes([_parity(body)]))
    letters = ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[rest] + letters
    return " ".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def read(words: str) -> bytes:
    """Return the key that somebody wrote down, white space aside; raise Mistyped."""
    number = 0
    for letter in "".join(words.split()):
        place = _ALPHABET.find(letter)
        if place < 0:
            raise Mistyped
        number = number * len(_ALPHABET) + place
    length = len(_HEADER) + KEY_BYTES + 1
    if number >= 1 << (8 * length):
        raise Mistyped
    whole = number.to_bytes(length)
    if whole[:2] != _HEADER or _parity(whole):
        raise Mistyped
    return whole[2:-1]


def sealed(key: bytes, name: str, secret: bytes) -> dict[str, str]:
    """Return a secret as account data holds it; only this key opens it, and only under this name."""
    # Bit 63 stays zero: some implementations of AES-CTR count with 64 bits only (the specification's words).
    iv = bytearray(os.urandom(IV_BYTES))
    iv[8] &= 0x7F
    return _sealed(key, name, secret, bytes(iv))


def opened(key: bytes, name: str, held: Fields) -> bytes:
    """Return the secret; raise Unopened for another key or name, and for whatever is malformed."""
    iv, ciphertext, mac = (_decoded(held.get(part)) for part in ("iv", "ciphertext", "mac"))
    if len(iv) != IV_BYTES:
        raise Unopened
    cipher_key, mac_key = _derived(key, name)
    if not hmac.compare_digest(hmac.digest(mac_key, ciphertext, "sha256"), mac):
        raise Unopened
    return _counted(cipher_key, iv, ciphertext)


def description(key: bytes, name: str) -> dict[str, Any]:
    """Return the account data by which a key is recognised."""
    proof = sealed(key, "", _ZEROES)
    return {"algorithm": ALGORITHM, "name": name, "iv": proof["iv"], "mac": proof["mac"]}


def fits(key: bytes, described: Fields) -> bool:
    """Whether this is the key that account data describes."""
    iv, mac = _decoded(described.get("iv")), _decoded(described.get("mac"))
    if described.get("algorithm") != ALGORITHM or len(iv) != IV_BYTES:
        return False
    return hmac.compare_digest(_decoded(_sealed(key, "", _ZEROES, iv)["mac"]), mac)


def _parity(body: bytes) -> int:
    parity = 0
    for byte in body:
        parity ^= byte
    return parity


def _sealed(key: bytes, name: str, secret: bytes, iv: bytes) -> dict[str, str]:
    cipher_key, mac_key = _derived(key, name)
    ciphertext = _counted(cipher_key, iv, secret)
    mac = hmac.digest(mac_key, ciphertext, "sha256")
    return {"iv": unpadded(iv), "ciphertext": unpadded(ciphertext), "mac": unpadded(mac)}


def _derived(key: bytes, name: str) -> tuple[bytes, bytes]:
    both = HKDF(SHA256(), 2 * KEY_BYTES, salt=_ZEROES, info=name.encode()).derive(key)
    return both[:KEY_BYTES], both[KEY_BYTES:]


def _counted(cipher_key: bytes, iv: bytes, content: bytes) -> bytes:
    # The same operation encrypts and decrypts.
    return Cipher(algorithms.AES(cipher_key), modes.CTR(iv)).encryptor().update(content)


def _decoded(value: object) -> bytes:
    """Return the bytes of base64, padded or not (implementations differ); empty for what is none."""
    plain = text(value).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
