"""The own keys on the server, and the keys of others from it.

One-time keys are committed before they are offered; a clash with keys of an older state of the store is got over; other
people's keys are taken one by one, so that one malformed device does no harm (matrix 4.1, 4.4).
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from bot.log import logger
from bot.matrix.errors import Permanent, Temporary, Unusable
from bot.matrix.incoming import Fields, fields, texts
from bot.matrix.machine import Machine
from bot.matrix.shapes import Device, Pair
from bot.matrix.wire import CLIENT, Wire, path
from care.clock import MachineClock

log = logger("bot.matrix.keys")
CURVE = "signed_curve25519"
AGAIN = 60.0
"""Seconds before a device without one-time keys, or a homeserver that did not answer, is asked again."""
SERVERS = 10_000
"""Milliseconds that our homeserver may wait for others."""
CLASHES = 50
"""How often fresh keys are tried after "already exists": each time 50 key ids further on."""


class Keys:
    """Publishes the own keys, knows whose keys are out of date, and makes sessions with devices."""

    def __init__(self, wire: Wire, machine: Machine, clock: MachineClock, counters: Counter[str]) -> None:
        self._wire = wire
        self._machine = machine
        self._clock = clock
        self._counters = counters
        self._count = 0
        self._fallback_wanted = not machine.account.shared
        self._known: set[str] = set()
        self._stale: set[str] = set()
        self._not_before: dict[str | Pair, float] = {}
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Check that the device on the server is ours and publish its keys; raise Unusable, or as `Wire.call`."""
        user, device = self._machine.user, self._machine.device
        who = await self._wire.call("GET", path("account", "whoami"))
        if (who.get("user_id"), who.get("device_id")) != (user, device):
            raise Unusable("the access token belongs to another user or device")
        answer = await self._query([user])
        theirs = fields(fields(fields(answer.get(user)).get(device)).get("keys"))
        if theirs and theirs.get(f"ed25519:{device}") != self._machine.identity["ed25519"]:
            raise Unusable("the key store is not the one that this device was made with: run samrum init --new-device")
        if not theirs:
            # A device that was signed out elsewhere comes back without keys.
            self._machine.account.shared = False
        counts = await self._wire.call("POST", path("keys", "upload"))
        self._count_from(counts.get("one_time_key_counts"))
        await self._publish()

    def observe(self, answer: Fields) -> None:
        """Note what a sync says about keys. A missing count is zero (Matrix 1.19, client-server 10.11.5)."""
        self._count_from(answer.get("device_one_time_keys_count"))
        self._fallback_wanted = CURVE not in texts(answer.get("device_unused_fallback_key_types"))
        lists = fields(answer.get("device_lists"))
        self._stale |= set(texts(lists.get("changed")))
        # The homeserver tells no more about those who share no room with the bot: they are asked for when they come back.
        self._known -= set(texts(lists.get("left")))

    def stale(self, user: str) -> bool:
        """Whether the user's devices have changed since they were last asked for."""
        return user in self._stale

    async def know(self, users: Iterable[str]) -> None:
        """Bring the users' devices up to date, as far as their homeservers answer."""
        async with self._lock:
            now = self._clock.monotonic()
            asked = {u for u in users if (u in self._stale or u not in self._known) and self._not_before.get(u, 0) <= now}
            if not asked:
                return
            self._stale -= asked
            try:
                await self._learn(asked)
            except BaseException:
                self._stale |= asked
                raise

    async def reach(self, devices: dict[Pair, Device]) -> None:
        """Make Olm sessions with those devices that have none, as far as they offer keys."""
        async with self._lock:
            await self._claim({pair: d for pair, d in devices.items() if not self._machine.reachable(d)})

    async def upkeep(self) -> None:
        """Do what the last sync asked for; what fails is done after the next one."""
        steps = (self._publish, self._refresh, self._unwedge, self._send_unsent)
        for step in steps:
            try:
                await step()
            except (Temporary, Permanent) as error:
                self._counters["upkeep_failed"] += 1
                log.warning("matrix.upkeep_failed", step=step.__name__, reason=type(error).__name__)

    async def _refresh(self) -> None:
        await self.know(tuple(self._stale))

    async def _unwedge(self) -> None:
        if wedged := self._machine.wedged():
            async with self._lock:
                await self._claim(wedged)

    async def _send_unsent(self) -> None:
        for message in self._machine.unsent():
            await self._wire.call("PUT", path("sendToDevice", message.type, uuid4().hex), message.as_dict())
            self._machine.sent(message)

    async def _publish(self) -> None:
        for _ in range(CLASHES):
            content = self._unpublished()
            if not content:
                return
            try:
                answer = await self._wire.call("POST", path("keys", "upload"), content)
            except Permanent as error:
                if "already exists" not in error.message:
                    raise
                # The server has these key ids from a state of the store that is gone: offer later ones.
                self._counters["key_clash"] += 1
                self._machine.account.mark_keys_as_published()
                self._count = 0
                continue
            log.debug("matrix.keys_uploaded", phase="uploaded")
            self._published(answer)
        raise Unusable("the homeserver holds one-time keys of another key store: sign in as a new device")

    def _unpublished(self) -> dict[str, Any]:
        """Return what the server does not have yet; what is made for it is committed first."""
        account, machine = self._machine.account, self._machine
        ready = len(account.one_time_keys["curve25519"])
        full: int = account.max_one_time_keys
        if self._count + ready < full // 2:
            account.generate_one_time_keys(full - self._count - ready)
        raw = account._account  # noqa: SLF001 - nio knows no fallback keys
        if self._fallback_wanted and not raw.fallback_key:
            raw.generate_fallback_key()
        machine.save_account()
        content: dict[str, Any] = {}
        if not account.shared:
            content["device_keys"] = device_keys(machine)
        if once := account.one_time_keys["curve25519"]:
            content["one_time_keys"] = {f"{CURVE}:{i}": machine.sign({"key": key}) for i, key in once.items()}
        if fallback := raw.fallback_key:
            signed = {i: machine.sign({"key": key.to_base64(), "fallback": True}) for i, key in fallback.items()}
            content["fallback_keys"] = {f"{CURVE}:{i}": key for i, key in signed.items()}
        return content

    def _published(self, answer: Fields) -> None:
        account = self._machine.account
        account.shared = True
        account.mark_keys_as_published()
        self._machine.save_account()
        self._fallback_wanted = False
        self._count_from(answer.get("one_time_key_counts"))

    def _count_from(self, counts: object) -> None:
        count = fields(counts).get(CURVE)
        self._count = count if isinstance(count, int) else 0

    async def _query(self, users: Iterable[str]) -> Fields:
        body: dict[str, Any] = {"device_keys": {user: [] for user in users}, "timeout": SERVERS}
        answer = await self._wire.call("POST", f"{CLIENT}/keys/query", body)
        return fields(answer.get("device_keys"))

    async def _learn(self, users: set[str]) -> None:
        answer = await self._query(users)
        with self._machine.at_once():
            for user in users & answer.keys():
                self._learn_one(user, fields(answer[user]))
        for user in users - answer.keys():
            self._not_before[user] = self._clock.monotonic() + AGAIN
        self._known |= users & answer.keys()

    def _learn_one(self, user: str, devices: Fields) -> None:
        sound = {name: keys for name, keys in devices.items() if self._sound(user, name, fields(keys))}
        try:
            self._machine.learn_devices(user, sound)
        except Exception:  # noqa: BLE001 - guard: one person's malformed keys must not stop the others' (matrix 4.1)
            self._counters["bad_device_keys"] += 1

    def _sound(self, user: str, name: str, keys: Fields) -> bool:
        try:
            sound = self._machine.verifies(user, name, keys)
        except Exception:  # noqa: BLE001 - guard, as above
            sound = False
        self._counters["bad_device_keys"] += not sound
        return sound

    async def _claim(self, devices: dict[Pair, Device]) -> None:
        now = self._clock.monotonic()
        wanted: dict[str, dict[str, str]] = {}
        for user, name in devices:
            if self._not_before.get((user, name), 0) <= now:
                wanted.setdefault(user, {})[name] = CURVE
        if not wanted:
            return
        answer = await self._wire.call("POST", path("keys", "claim"), {"one_time_keys": wanted, "timeout": SERVERS})
        offered = fields(answer.get("one_time_keys"))
        with self._machine.at_once():
            for user, names in wanted.items():
                for name in names:
                    self._not_before[user, name] = now + AGAIN
                    self._meet(user, name, fields(fields(offered.get(user)).get(name)))

    def _meet(self, user: str, name: str, one_time_key: Fields) -> None:
        if not one_time_key:
            self._counters["no_one_time_key"] += 1
            return
        try:
            self._machine.meet(user, name, one_time_key)
        except Exception:  # noqa: BLE001 - guard: a malformed one-time key costs its owner the message, nobody else (matrix 4.1)
            self._counters["bad_one_time_key"] += 1


def device_keys(machine: Machine) -> dict[str, Any]:
    """Return the device's public keys, signed by itself."""
    names = {f"{algorithm}:{machine.device}": key for algorithm, key in machine.identity.items()}
    algorithms = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]
    return machine.sign({"user_id": machine.user, "device_id": machine.device, "algorithms": algorithms, "keys": names})
