"""Other people as they were last asked for, kept over restarts: whose devices they are, how these stand, and whose identity changed.

A record is fresh until a sync names its person: records, marks and sync position are committed together, so that nothing that happened
while the bot was away is missed. Where a sync begins from nothing, all records are out of date at once.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from uuid import uuid4

from bot.matrix.crypto.account import Account
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import Device, Person, Policy, Standing, learned
from bot.matrix.crypto.inbound import Opened, Owner
from bot.matrix.incoming import Batch, Proof
from bot.matrix.shapes import Fields, Pair, fields, text, texts
from store.matrix_keys import Slot

PERSON, FRESH, TOLD, VOUCHED = "person", "fresh", "told", "vouched"
ERA = "era"
"""The name, in the drawer of the account, of what fresh records carry."""
LONGEST_ID = 255
"""Characters of a user or device id (Matrix appendices, "Common identifier format")."""


class Persons:
    """Who is known. People are to be fetched before."""

    def __init__(self, cabinet: Cabinet, account: Account, policy: Policy, counters: Counter[str]) -> None:
        self._cabinet = cabinet
        self._account = account
        self._policy = policy
        self._counters = counters
        self._changed: dict[str, str] = {}
        self._vouched: dict[str, tuple[str, ...]] = {}

    @property
    def changed(self) -> Mapping[str, str]:
        """People whose identity is not the pinned one, of which nobody was told, and its public master key ("" for none)."""
        return MappingProxyType(dict(self._changed))

    @property
    def vouched(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the devices that vouch for an identity of which nobody was told, or that do now and did not (`Person.vouching`)."""
        return MappingProxyType(dict(self._vouched))

    async def fetch(self, users: Iterable[str]) -> None:
        """Have the records of these people at hand."""
        await self._cabinet.fetch(Drawer.ACCOUNT, [self._account.device])
        await self._cabinet.fetch(Drawer.PERSON, [user for user in users if len(user) <= LONGEST_ID])

    def of(self, user: str) -> Person | None:
        """Return a fetched person, None for one who was never asked for."""
        if len(user) > LONGEST_ID:
            return None
        kept = self._cabinet.of(Drawer.PERSON, user).get(PERSON)
        return _read(user, kept) if kept else None

    def fresh(self, user: str) -> bool:
        """Whether nothing is known to have changed since a fetched person was asked for."""
        return len(user) <= LONGEST_ID and self._cabinet.of(Drawer.PERSON, user).get(FRESH) == self._era()

    def outdate(self, user: str) -> bool:
        """Note that something of a fetched person has changed; return whether the person was known."""
        if self.of(user) is None:
            return False
        self._cabinet.put(Drawer.PERSON, user, FRESH, None)
        return True

    def begin_anew(self) -> None:
        """Note that all records are out of date: a sync begins that does not tell what has changed."""
        self._cabinet.put(Drawer.ACCOUNT, self._account.device, ERA, uuid4().hex.encode())

    def learn(self, user: str, answer: Fields, *, fresh: bool) -> None:
        """Take what a key query says about a fetched person; `fresh` tells that no change was announced meanwhile."""
        person, passed_over = learned(self.of(user), user, answer)
        self._counters["bad_device_keys"] += passed_over
        self._write(person)
        self._cabinet.put(Drawer.PERSON, user, FRESH, self._era() if fresh else None)

    def watch(self, user: str) -> None:
        """Look whether a fetched person's identity has changed, and whether that was told."""
        if len(user) > LONGEST_ID:
            return
        person, kept = self.of(user), self._cabinet.of(Drawer.PERSON, user)
        self._changed.pop(user, None)
        self._vouched.pop(user, None)
        if person is None or not person.changed:
            for name in {TOLD, VOUCHED} & kept.keys():
                self._cabinet.put(Drawer.PERSON, user, name, None)
            return
        if kept.get(TOLD) != person.master.encode():
            self._changed[user] = person.master
        if user in self._changed or kept.get(VOUCHED, b"") != _joined(person.vouching):
            self._vouched[user] = person.vouching

    def told(self, batch: Batch) -> Mapping[Slot, bytes]:
        """Return what is to be kept when it is told that people have these identities now, and which devices vouch for them."""
        identities = {Slot(Drawer.PERSON, user, TOLD): identity.encode() for user, identity in batch.changed.items()}
        return identities | {Slot(Drawer.PERSON, user, VOUCHED): _joined(keys) for user, keys in batch.vouched.items()}

    def settle(self, batch: Batch) -> None:
        """Note that it was told; who has changed again meanwhile is still to be told of."""
        self._changed = {user: master for user, master in self._changed.items() if batch.changed.get(user) != master}
        self._vouched = {user: keys for user, keys in self._vouched.items() if user in self._changed or batch.vouched.get(user) != keys}

    def accept(self, user: str, identity: str) -> bool:
        """Pin an identity if it is the present one of a fetched person; return whether it is.

        Another one is to be told, even if it was: nobody has been asked about it. "" is accepted of nobody: the next identity that the
        homeserver shows would then be pinned unasked.
        """
        person = self.of(user)
        if person is None:
            return False
        if accepted := bool(identity) and person.master == identity:
            self._write(person.accepted())
        else:
            self._cabinet.put(Drawer.PERSON, user, TOLD, None)
        self.watch(user)
        return accepted

    def devices(self, users: Iterable[str]) -> tuple[dict[Pair, Device], dict[Pair, Device]]:
        """Return the devices of fetched people that are trusted, and those that are not."""
        trusted: dict[Pair, Device] = {}
        others: dict[Pair, Device] = {}
        for user in users:
            person = self.of(user)
            for device in person.devices.values() if person and user != self._account.user else ():
                stands = person.standing(device, self._policy) if person else Standing.UNSIGNED
                (trusted if stands is Standing.TRUSTED else others)[user, device.id] = device
        return trusted, others

    def device(self, user: str, curve25519: str) -> Device | None:
        """Return a fetched person's device by its identity key."""
        person = self.of(user)
        return person.by_curve(curve25519) if person else None

    def proof(self, user: str, opened: Opened) -> Proof:
        """Return what the encryption says about an event of a fetched person; of several devices that claim it a trusted one counts."""
        own = self._account
        if user == own.user:
            mine = Owner(own.user, own.curve25519, own.ed25519) in opened.owners
            return Proof(decrypted=True, trusted=mine, device=own.device if mine else "", standing="" if mine else "unknown")
        stands = {device.id: standing for owner in opened.owners for device, standing in self._claiming(user, owner)}
        trusted = next((name for name, standing in stands.items() if standing is Standing.TRUSTED), None)
        if trusted is not None:
            return Proof(decrypted=True, trusted=True, device=trusted)
        name, standing = next(iter(stands.items()), ("", "unknown"))
        return Proof(decrypted=True, device=name, standing=str(standing))

    def _claiming(self, user: str, owner: Owner) -> Iterator[tuple[Device, Standing]]:
        """Yield the device of a person that the owner of a session is, and how it stands; nothing if it is none of theirs."""
        person, device = self.of(user), self.device(user, owner.curve25519)
        if person and device and owner == Owner(user, device.curve25519, device.ed25519):
            yield device, person.standing(device, self._policy)

    def _era(self) -> bytes:
        return self._cabinet.of(Drawer.ACCOUNT, self._account.device).get(ERA, b"first")

    def _write(self, person: Person) -> None:
        devices = {d.id: [d.curve25519, d.ed25519, d.signed] for d in person.devices.values() if len(d.id) <= LONGEST_ID}
        value = {"pinned": person.pinned, "master": person.master, "self_signing": person.self_signing, "devices": devices}
        value |= {"vouching": [*person.vouching]}
        self._cabinet.put(Drawer.PERSON, person.user, PERSON, json.dumps(value).encode())


def _joined(keys: Iterable[str]) -> bytes:
    return " ".join(keys).encode()


@lru_cache(maxsize=5_000)
def _read(user: str, kept: bytes) -> Person:
    value = fields(json.loads(kept))
    devices = {name: Device(name, text(curve), text(ed), signed=signed is True) for name, (curve, ed, signed) in value["devices"].items()}
    identity = Person(user, text(value["pinned"]), text(value["master"]), text(value["self_signing"]))
    return replace(identity, devices=MappingProxyType(devices), vouching=texts(value.get("vouching")))
