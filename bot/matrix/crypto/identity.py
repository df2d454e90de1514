"""The bot's own identity: three cross-signing keys, and their signature on the device (matrix 3, 11.C).

Clients that follow MSC4153 read nobody whose device its owner has not signed. The seeds are committed before their public keys
are uploaded, and another identity is never overwritten: people would be warned of the bot, and could not write to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from bot.matrix.crypto.signing import Signer, cross_signing_key, signed_by
from bot.matrix.errors import Permanent, Unusable
from bot.matrix.shapes import Fields, fields
from bot.matrix.wire import CLIENT, Wire, path
from store.identities import Seeds

MASTER, SELF_SIGNING, USER_SIGNING = USAGES = ("master", "self_signing", "user_signing")
NONE_YET = "the bot has no identity on the homeserver yet: run samrum init"
LOST = (
    "the homeserver shows an identity of the bot whose keys are not in this database: run samrum identity restore with the recovery key, "
    "then samrum init; without the recovery key, samrum init --new-identity makes another one, which people are warned of"
)
ANOTHER = (
    "the homeserver shows another identity of the bot than the one in this database: find out who changed it; then run samrum identity "
    "restore with the recovery key of the identity that is shown, or samrum init --new-identity"
)
INTACT = "the identity on the homeserver is the one in this database: no new one is needed"
OTHER_DEVICE = "the homeserver shows other keys for the bot's device than its own: run samrum init --new-device"
REFUSED = "the homeserver refuses the signature on the bot's device: run samrum init --new-device"
PASSWORD = "the homeserver asks for the password of the bot's account: give it as for samrum init"  # noqa: S105 - a sentence


class Secrets(Protocol):
    """Where the seeds are kept."""

    async def load(self) -> Seeds | None:
        """Return the seeds, None if there are none."""
        ...

    async def keep(self, seeds: Seeds) -> None:
        """Commit the seeds, in place of others."""
        ...


@dataclass(frozen=True, slots=True)
class Own:
    """The own device: `keys` returns its published object, signed by itself; `sign` adds the device's signature to an object."""

    user: str
    device: str
    keys: Callable[[], Fields]
    sign: Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Signers:
    """The three keys of an identity."""

    master: Signer
    self_signing: Signer
    user_signing: Signer

    @classmethod
    def of(cls, seeds: Seeds) -> "Signers":
        """Return the keys of the seeds."""
        return cls(Signer(seeds.master), Signer(seeds.self_signing), Signer(seeds.user_signing))

    @property
    def public(self) -> Mapping[str, str]:
        """The public keys, by usage."""
        keys = (self.master.public, self.self_signing.public, self.user_signing.public)
        return MappingProxyType(dict(zip(USAGES, keys, strict=True)))

    def published(self, own: Own) -> dict[str, Any]:
        """Return what the homeserver is given: the master key signed by the device, the others by the master key."""
        bare = {usage: key_object(own.user, usage, public) for usage, public in self.public.items()}
        return {
            "master_key": own.sign(bare[MASTER]),
            "self_signing_key": self.master.sign(bare[SELF_SIGNING], own.user),
            "user_signing_key": self.master.sign(bare[USER_SIGNING], own.user),
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """What the homeserver shows of an account: its public keys by usage ("" where there is none), its master key and a device."""

    public: Mapping[str, str]
    master: Fields
    device: Fields

    def signed(self, user: str) -> bool:
        """Whether the self-signing key of the user has signed the device."""
        signing = self.public[SELF_SIGNING]
        return signed_by(self.device, user, signing, signing)


async def shown(wire: Wire, user: str, device: str) -> Shown:
    """Ask what the homeserver shows of a user's own account and one of its devices; raise as `Wire.call`."""
    answer = await wire.call("POST", f"{CLIENT}/keys/query", {"device_keys": {user: []}})
    keys = {usage: fields(fields(answer.get(f"{usage}_keys")).get(user)) for usage in USAGES}
    public = {usage: cross_signing_key(key, user, usage) for usage, key in keys.items()}
    return Shown(MappingProxyType(public), keys[MASTER], fields(fields(fields(answer.get("device_keys")).get(user)).get(device)))


def new_seeds() -> Seeds:
    """Return fresh random seeds."""
    return Seeds(Signer.new().seed, Signer.new().seed, Signer.new().seed)


def key_object(user: str, usage: str, public: str) -> dict[str, Any]:
    """Return a cross-signing key as it is published, without signatures."""
    return {"user_id": user, "usage": [usage], "keys": {f"ed25519:{public}": public}}


class Identity:
    """The identity of one account on one device. `password` is asked for only where the homeserver insists on it."""

    def __init__(self, wire: Wire, secrets: Secrets, own: Own, password: Callable[[], str]) -> None:
        self._wire = wire
        self._secrets = secrets
        self._own = own
        self._password = password

    async def make(self, *, anew: bool = False) -> bool:
        """Commit new seeds for an account without identity, or with `anew` in the place of lost ones; return whether it was so.

        Raises Unusable where seeds are lost and no new ones are wanted, where they are not and new ones are, or without password.
        The device is signed by the next `ensure`.
        """
        if anew:
            return await self._make_anew()
        if await self._secrets.load():
            return False
        if (await self._seen()).public[MASTER]:
            raise Unusable(LOST)
        await self._secrets.keep(new_seeds())
        return True

    async def ensure(self) -> None:
        """Check that the homeserver shows this identity, published and on this device; mend what is missing.

        The device's keys must have been published. Raises Unusable for another identity, or as `Wire.call`.
        """
        seeds, seen = await self._secrets.load(), await self._seen()
        if seeds is None:
            raise Unusable(LOST if seen.public[MASTER] else NONE_YET)
        signers = Signers.of(seeds)
        if seen.public[MASTER] not in ("", signers.master.public):
            raise Unusable(ANOTHER)
        if seen.public != signers.public:
            await self._upload(signers)
            seen = await self._seen()
        await self._sign_device(signers, seen)
        await self._sign_master(signers, seen)

    async def master(self) -> str:
        """Return the public master key; raise Unusable without seeds."""
        seeds = await self._secrets.load()
        if seeds is None:
            raise Unusable(NONE_YET)
        return Signers.of(seeds).master.public

    async def _make_anew(self) -> bool:
        seeds, seen = await self._secrets.load(), await self._seen()
        if seeds and seen.public[MASTER] == Signers.of(seeds).master.public:
            raise Unusable(INTACT)
        fresh = new_seeds()
        await self._secrets.keep(fresh)
        await self._upload(Signers.of(fresh))
        return True

    async def _seen(self) -> Shown:
        return await shown(self._wire, self._own.user, self._own.device)

    async def _sign_device(self, signers: Signers, seen: Shown) -> None:
        # What the homeserver says is compared, and never signed: it could offer a device of its own (matrix 3.4).
        if seen.device.get("keys") != self._own.keys()["keys"]:
            raise Unusable(OTHER_DEVICE)
        if not seen.signed(self._own.user):
            await self._sign(self._own.device, signers.self_signing.sign(self._own.keys(), self._own.user))

    async def _sign_master(self, signers: Signers, seen: Shown) -> None:
        own_key = str(self._own.keys()["keys"][f"ed25519:{self._own.device}"])
        if not signed_by(seen.master, self._own.user, self._own.device, own_key):
            master = key_object(self._own.user, MASTER, signers.master.public)
            await self._sign(signers.master.public, self._own.sign(master))

    async def _upload(self, signers: Signers) -> None:
        where, body = path("keys", "device_signing", "upload"), signers.published(self._own)
        try:
            await self._wire.call("POST", where, body)
        except Permanent as refused:
            if not refused.session:
                raise
            await self._upload_with_password(where, body, refused.session)

    async def _upload_with_password(self, where: str, body: dict[str, Any], session: str) -> None:
        identifier = {"type": "m.id.user", "user": self._own.user}
        word = self._password()
        if not word:
            raise Unusable(PASSWORD)
        auth = {"type": "m.login.password", "identifier": identifier, "password": word, "session": session}
        try:
            await self._wire.call("POST", where, {**body, "auth": auth})
        except Permanent as refused:
            raise Unusable(f"{PASSWORD} ({refused.code})") from None

    async def _sign(self, name: str, signed: Fields) -> None:
        answer = await self._wire.call("POST", path("keys", "signatures", "upload"), {self._own.user: {name: signed}})
        if answer.get("failures"):
            raise Unusable(REFUSED)
