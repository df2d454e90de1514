"""The account's secret storage on the homeserver, where the seeds lie encrypted under the recovery key.

Any client of the account can read and write there: what comes back is believed only if it fits the published identity.
"""

import base64
import binascii
from secrets import token_urlsafe

from bot.matrix.crypto import recovery
from bot.matrix.crypto.identity import USAGES, Signers
from bot.matrix.crypto.signing import SEED_BYTES, unpadded
from bot.matrix.errors import Permanent, Unusable
from bot.matrix.shapes import NOTHING, Fields, fields, text
from bot.matrix.wire import Wire, path
from store.identities import Seeds

DEFAULT = "m.secret_storage.default_key"
NO_STORAGE = "the account has no secret storage on the homeserver: there is nothing that a recovery key could restore"
WRONG_KEY = "this is not the recovery key of the account's secret storage"
NOT_THE_SHOWN = "the stored keys are not those of the identity that the homeserver shows: they belong to an earlier one"


class SecretStorage:
    """The secret storage of one account."""

    def __init__(self, wire: Wire, user: str) -> None:
        self._wire = wire
        self._user = user

    async def prepared(self) -> bool:
        """Whether there is a default key, and the identity's keys are stored under it."""
        name = text((await self._get(DEFAULT)).get("key"))
        held = [fields((await self._get(_secret(usage))).get("encrypted")) for usage in USAGES]
        return bool(name) and all(name in each for each in held)

    async def store(self, seeds: Seeds) -> str:
        """Encrypt the seeds under a new recovery key, and return it as people write it down. The one before opens nothing more."""
        key, name = recovery.new_key(), token_urlsafe(24)
        await self._put(f"m.secret_storage.key.{name}", recovery.description(key, "Samrum"))
        for usage, seed in zip(USAGES, (seeds.master, seeds.self_signing, seeds.user_signing), strict=True):
            held = recovery.sealed(key, _secret(usage), unpadded(seed).encode())
            await self._put(_secret(usage), {"encrypted": {name: held}})
        # Last: a storage with a default key is whole.
        await self._put(DEFAULT, {"key": name})
        return recovery.spelled(key)

    async def restored(self, words: str) -> Seeds:
        """Return the seeds that the recovery key opens; raise Unusable for a mistyped or wrong key, or where nothing is stored."""
        try:
            key = recovery.read(words)
        except recovery.Mistyped:
            raise Unusable("this is no recovery key: look for a mistyped, missing or doubled character") from None
        name = text((await self._get(DEFAULT)).get("key"))
        described = await self._get(f"m.secret_storage.key.{name}") if name else NOTHING
        if not described:
            raise Unusable(NO_STORAGE)
        if not recovery.fits(key, described):
            raise Unusable(WRONG_KEY)
        master, self_signing, user_signing = [await self._seed(key, name, usage) for usage in USAGES]
        return Seeds(master, self_signing, user_signing)

    async def _seed(self, key: bytes, name: str, usage: str) -> bytes:
        held = fields(fields((await self._get(_secret(usage))).get("encrypted")).get(name))
        if not held:
            raise Unusable(NO_STORAGE)
        try:
            plain = recovery.opened(key, _secret(usage), held).rstrip(b"=")
            seed = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
        except (recovery.Unopened, binascii.Error):
            raise Unusable(WRONG_KEY) from None
        if len(seed) != SEED_BYTES:
            raise Unusable(NO_STORAGE)
        return seed

    async def _get(self, kind: str) -> Fields:
        try:
            return await self._wire.call("GET", path("user", self._user, "account_data", kind))
        except Permanent as refused:
            if refused.errcode != "M_NOT_FOUND":
                raise
            return NOTHING

    async def _put(self, kind: str, content: Fields) -> None:
        await self._wire.call("PUT", path("user", self._user, "account_data", kind), content)


def fitting(seeds: Seeds, shown: Fields) -> Seeds:
    """Return the seeds if their public keys are those that the homeserver shows; raise Unusable if not."""
    if Signers.of(seeds).public != shown:
        raise Unusable(NOT_THE_SHOWN)
    return seeds


def _secret(usage: str) -> str:
    return f"m.cross_signing.{usage}"
