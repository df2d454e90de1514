"""The own device: its identity, and the one-time keys that others begin a session with.

Everything is put into the cabinet before it is offered, and the cabinet is committed before a request leaves: a key that the homeserver
holds can always be used (matrix 4.4).
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

import vodozemac
from vodozemac import Curve25519PublicKey, PreKeyMessage, Session

from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import MEGOLM, OLM
from bot.matrix.crypto.signing import canonical
from bot.matrix.shapes import Fields, fields, text, texts
from care.clock import MachineClock

CURVE = "signed_curve25519"
PICKLE = "pickle"
STATE = "state"
PICKLE_KEY = bytes(32)
"""vodozemac wants a key for what it writes; the cabinet seals it with a real one."""
FALLBACK_AGE = timedelta(days=7)
"""How old a fallback key is, at least, when another replaces it: messages that were begun with it may still be on their way."""


class _Offers(Protocol):
    """What vodozemac has and its stubs lack."""

    @property
    def fallback_key(self) -> dict[str, Curve25519PublicKey]:
        """The fallback key that was not marked as published, by key id."""
        ...

    def generate_fallback_key(self) -> None:
        """Make a fallback key; the one before it can still be used by others, those before that cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Published:
    """What the homeserver has: the device's keys, and a fallback key made at an instant."""

    device_keys: bool = False
    fallback: datetime | None = None


class Account:
    """One device of the bot; `open` before anything else."""

    def __init__(self, cabinet: Cabinet, clock: MachineClock, counters: Counter[str], user: str, device: str) -> None:
        self.user = user
        self.device = device
        self._cabinet = cabinet
        self._clock = clock
        self._counters = counters
        self._opened: vodozemac.Account | None = None
        self._published = Published()
        self._count = 0
        self._fallback_used = False

    async def open(self) -> None:
        """Load the device's keys, or make them."""
        if self._opened is not None:
            return
        await self._cabinet.fetch(Drawer.ACCOUNT, [self.device])
        kept = self._cabinet.of(Drawer.ACCOUNT, self.device)
        if pickle := kept.get(PICKLE):
            self._opened = vodozemac.Account.from_pickle(pickle.decode(), PICKLE_KEY)
            state = fields(json.loads(kept[STATE]))
            made = text(state.get("fallback"))
            self._published = Published(state.get("device_keys") is True, datetime.fromisoformat(made) if made else None)
        else:
            self._opened = vodozemac.Account()
            self._keep()

    @property
    def curve25519(self) -> str:
        """The public key that others encrypt for."""
        return self._own.curve25519_key.to_base64()

    @property
    def ed25519(self) -> str:
        """The public key that the device signs with."""
        return self._own.ed25519_key.to_base64()

    def sign(self, value: Fields) -> dict[str, Any]:
        """Return the object with the device's signature."""
        signature = self._own.sign(canonical(value)).to_base64()
        return {**value, "signatures": {self.user: {f"ed25519:{self.device}": signature}}}

    def device_keys(self) -> dict[str, Any]:
        """Return the device's public keys, signed by itself."""
        names = {f"curve25519:{self.device}": self.curve25519, f"ed25519:{self.device}": self.ed25519}
        return self.sign({"user_id": self.user, "device_id": self.device, "algorithms": [OLM, MEGOLM], "keys": names})

    def begin(self, curve25519: str, one_time_key: str) -> Session:
        """Return a new session with somebody's device; raise ValueError for malformed keys."""
        return self._own.create_outbound_session(Curve25519PublicKey.from_base64(curve25519), Curve25519PublicKey.from_base64(one_time_key))

    def accept(self, curve25519: str, message: PreKeyMessage) -> tuple[Session, bytes]:
        """Return the session that somebody's device began, and what it said first; raise ValueError for a message that does not fit."""
        session, plain = self._own.create_inbound_session(Curve25519PublicKey.from_base64(curve25519), message)
        self._keep()  # its one-time key is used up
        return session, plain

    def observe(self, answer: Fields) -> None:
        """Note what a sync says about own keys. A missing count is zero (Matrix 1.19, client-server 10.11.5)."""
        self.count(answer.get("device_one_time_keys_count"))
        self._fallback_used = CURVE not in texts(answer.get("device_unused_fallback_key_types"))

    def unknown(self) -> None:
        """Note that the homeserver has no keys of the device: one that was signed out elsewhere comes back without."""
        self._published = Published()

    def count(self, counts: object) -> None:
        """Note how many one-time keys the homeserver has."""
        found = fields(counts).get(CURVE)
        self._count = found if isinstance(found, int) else 0

    def unpublished(self) -> dict[str, Any]:
        """Return what the homeserver does not have yet, as the body of an upload; what is made for it is put into the cabinet."""
        self._make()
        own = self._own
        content: dict[str, Any] = {} if self._published.device_keys else {"device_keys": self.device_keys()}
        if once := own.one_time_keys:
            content["one_time_keys"] = {f"{CURVE}:{i}": self.sign({"key": key.to_base64()}) for i, key in once.items()}
        if fallback := cast("_Offers", own).fallback_key:
            signed = {i: self.sign({"key": key.to_base64(), "fallback": True}) for i, key in fallback.items()}
            content["fallback_keys"] = {f"{CURVE}:{i}": key for i, key in signed.items()}
        return content

    def published(self, answer: Fields) -> None:
        """Note that the homeserver took the last upload."""
        self._own.mark_keys_as_published()
        self._published = Published(device_keys=True, fallback=self._published.fallback)
        self._fallback_used = False
        self._keep()
        self.count(answer.get("one_time_key_counts"))

    def clashed(self) -> None:
        """Give up the keys of the last upload: the homeserver has their ids from a state of the store that is gone."""
        self._counters["key_clash"] += 1
        self._own.mark_keys_as_published()
        self._published = Published(self._published.device_keys, None)
        self._count = 0

    def _make(self) -> None:
        own, full = self._own, self._own.max_number_of_one_time_keys
        lacking = full - self._count - len(own.one_time_keys)
        if lacking > full // 2:
            own.generate_one_time_keys(lacking)
            self._keep()
        if self._fallback_due():
            cast("_Offers", own).generate_fallback_key()
            self._published = Published(self._published.device_keys, self._clock.utc())
            self._keep()

    def _fallback_due(self) -> bool:
        made = self._published.fallback
        return made is None or (self._fallback_used and self._clock.utc() - made >= FALLBACK_AGE)

    @property
    def _own(self) -> vodozemac.Account:
        if self._opened is None:
            raise RuntimeError("the account has not been opened")
        return self._opened

    def _keep(self) -> None:
        fallback = self._published.fallback
        state = {"device_keys": self._published.device_keys, "fallback": fallback.isoformat() if fallback else ""}
        self._cabinet.put(Drawer.ACCOUNT, self.device, PICKLE, self._own.pickle(PICKLE_KEY).encode())
        self._cabinet.put(Drawer.ACCOUNT, self.device, STATE, json.dumps(state).encode())
