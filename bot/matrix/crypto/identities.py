"""Other people: their identity (cross-signing keys), their devices, and which of these are trusted (matrix 3, invariants 6 and 8).

The first identity that is seen of a person is pinned. A device counts as theirs when the pinned identity has signed it; another
identity than the pinned one makes every device untrusted until an administrator accepts it. Everything here is pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from bot.matrix.crypto.signing import cross_signing_key, signed_by
from bot.matrix.shapes import Fields, fields, text, texts

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"


class Policy(StrEnum):
    """Which devices are trusted: signed ones only, or also those of people who have no identity yet (architecture 5)."""

    CROSS_SIGNED = "cross-signed"
    TOFU = "tofu"


class Standing(StrEnum):
    """How a device stands."""

    TRUSTED = "trusted"
    UNSIGNED = "unsigned"
    """The owner has not signed it; in `cross-signed` also: the owner has no identity at all."""
    CHANGED = "changed"
    """The owner's identity is another than the pinned one."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that signed its own keys; `signed` tells that its owner's self-signing key did too."""

    id: str
    curve25519: str
    ed25519: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the homeserver shows it. `pinned` and `master` are public master keys, "" where there is none.

    `vouching` are the signing keys of those devices that have signed the master key: who holds such a device can read its key aloud, and
    no homeserver can make it vouch for an identity that is not its owner's.
    """

    user: str
    pinned: str = ""
    master: str = ""
    self_signing: str = ""
    devices: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    vouching: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the identity is not the one that was pinned; one that vanished is as suspect as another one."""
        return bool(self.pinned) and self.master != self.pinned

    def standing(self, device: Device, policy: Policy) -> Standing:
        """Return how one of the person's devices stands."""
        if self.changed:
            return Standing.CHANGED
        if device.signed or (policy is Policy.TOFU and not self.pinned):
            return Standing.TRUSTED
        return Standing.UNSIGNED

    def accepted(self) -> "Person":
        """Return the person with the present identity pinned (`!lita på`); there must be one."""
        return replace(self, pinned=self.master)

    def by_curve(self, curve25519: str) -> Device | None:
        """Return the device with an identity key."""
        return next((device for device in self.devices.values() if device.curve25519 == curve25519), None)


def learned(known: Person | None, user: str, answer: Fields) -> tuple[Person, int]:
    """Return the person as a `/keys/query` answer tells it, and how many malformed or forged devices were passed over.

    A device id that comes back with another signing key is passed over: that is another device under a stolen name.
    """
    before = known or Person(user)
    master, self_signing = _identity(user, answer)
    given = fields(fields(answer.get("device_keys")).get(user))
    found = {name: _device(user, name, fields(keys), self_signing) for name, keys in given.items()}
    sound = {name: device for name, device in found.items() if device and not _stolen(before, device)}
    vouching = _vouching(user, answer, sound.values()) if master else ()
    person = Person(user, before.pinned or master, master, self_signing, MappingProxyType(sound), vouching)
    return person, len(given) - len(sound)


def _vouching(user: str, answer: Fields, devices: Iterable[Device]) -> tuple[str, ...]:
    master = fields(fields(answer.get("master_keys")).get(user))
    return tuple(sorted(device.ed25519 for device in devices if signed_by(master, user, device.id, device.ed25519)))


def _identity(user: str, answer: Fields) -> tuple[str, str]:
    master = cross_signing_key(fields(fields(answer.get("master_keys")).get(user)), user, "master")
    signing = fields(fields(answer.get("self_signing_keys")).get(user))
    self_signing = cross_signing_key(signing, user, "self_signing")
    return master, self_signing if master and signed_by(signing, user, master, master) else ""


def _device(user: str, name: str, keys: Fields, self_signing: str) -> Device | None:
    public = fields(keys.get("keys"))
    curve, signing = text(public.get(f"curve25519:{name}")), text(public.get(f"ed25519:{name}"))
    honest = (keys.get("user_id"), keys.get("device_id")) == (user, name) and {OLM, MEGOLM} <= set(texts(keys.get("algorithms")))
    if not honest or not curve or not signed_by(keys, user, name, signing):
        return None
    return Device(name, curve, signing, signed=signed_by(keys, user, self_signing, self_signing))


def _stolen(before: Person, device: Device) -> bool:
    earlier = before.devices.get(device.id)
    return earlier is not None and earlier.ed25519 != device.ed25519
