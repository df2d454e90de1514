"""The own keys on the server, and the keys of others from it.

One-time keys are committed before they are offered; a clash with keys of an older state of the store is got over. Others are asked for when
they are needed and not known by then; homeservers and devices that do not answer are left alone for a while (matrix 4.1, 4.4).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.log import logger
from bot.matrix.crypto.account import CURVE
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import Device
from bot.matrix.crypto.patience import Patience
from bot.matrix.errors import Permanent, Temporary, Unusable
from bot.matrix.incoming import Batch
from bot.matrix.machine import Machine
from bot.matrix.shapes import Fields, Pair, fields, texts
from bot.matrix.wire import CLIENT, Json, Wire, path
from care.clock import MachineClock
from store.database import Transaction

log = logger("bot.matrix.keys")
AGAIN, SELDOM = 60.0, 3600.0
"""Seconds before a device without one-time keys, or a homeserver that did not answer, is asked again: at first, and at last."""
SERVERS = 10_000
"""Milliseconds that our homeserver may wait for others."""
DAY, IDLE = timedelta(days=1), timedelta(days=180)
"""How often idle sessions are looked for, and when a session is idle; a device that comes back begins a new one."""
UNHEARD = timedelta(days=7)
"""After how long what was said and not heard is not waited for: a transaction id is good for one day (matrix 5), and a bot that was away
hears what it said in its first sync, before it looks. What is left was said again, by its transaction id, and came as another message."""
ALL = ""
"""Stands for everybody where changes are counted."""
CLASHES = 50
"""How often fresh keys are tried after "already exists": each time 50 key ids further on."""


class Keys:
    """Publishes the own keys, knows whose keys are out of date, and makes sessions with devices."""

    def __init__(self, wire: Wire, machine: Machine, clock: MachineClock, counters: Counter[str]) -> None:
        self._wire = wire
        self._machine = machine
        self._counters = counters
        self._outdated: set[str] = set()
        self._marks: Counter[str] = Counter()
        self._servers = Patience(clock, AGAIN, SELDOM)
        self._devices = Patience(clock, AGAIN, AGAIN)
        self._clock = clock
        self._expired: datetime | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Check that the device on the server is ours and publish its keys; raise Unusable, or as `Wire.call`."""
        account = self._machine.account
        await account.open()
        who = await self._wire.call("GET", path("account", "whoami"))
        if (who.get("user_id"), who.get("device_id")) != (account.user, account.device):
            raise Unusable("the access token belongs to another user or device")
        answer = fields((await self._query([account.user])).get("device_keys"))
        theirs = fields(fields(fields(answer.get(account.user)).get(account.device)).get("keys"))
        if theirs and theirs.get(f"ed25519:{account.device}") != account.ed25519:
            raise Unusable("the key store is not the one that this device was made with: run samrum init --new-device")
        if not theirs:
            account.unknown()
        counts = await self._wire.call("POST", path("keys", "upload"))
        account.count(counts.get("one_time_key_counts"))
        await self._publish()

    async def observe(self, answer: Fields, *, initial: bool) -> None:
        """Note what a sync says about keys; an initial one does not tell whose have changed."""
        persons = self._machine.persons
        self._machine.account.observe(answer)
        lists = fields(answer.get("device_lists"))
        # The homeserver tells no more about those who share no room with the bot: they are asked for when they come back.
        changed, left = texts(lists.get("changed")), texts(lists.get("left"))
        self._marks.update({*changed, *left})
        await persons.fetch({*changed, *left})
        if initial:
            self._marks[ALL] += 1
            persons.begin_anew()
        for user in left:
            persons.outdate(user)
        self._outdated |= {user for user in changed if persons.outdate(user)}

    async def doubtful(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of these people whose devices are not known, or have changed since they were last asked for."""
        asked = frozenset(users)
        await self._machine.persons.fetch(asked)
        return frozenset(user for user in asked if not self._machine.persons.fresh(user))

    async def know(self, users: Iterable[str]) -> None:
        """Bring the users' devices up to date, as far as their homeservers answer, and have them at hand."""
        wanted = frozenset(users)
        persons = self._machine.persons
        if await self.doubtful(wanted):
            async with self._lock:
                await self._learn({user for user in await self.doubtful(wanted) if self._ready(user)})
        await persons.fetch(wanted)
        for user in wanted:
            persons.watch(user)

    async def reach(self, devices: Mapping[Pair, Device]) -> None:
        """Make Olm sessions with those devices that have none, as far as they offer keys, and have the sessions at hand."""
        curves = [device.curve25519 for device in devices.values()]
        async with self._lock:
            await self._machine.post.fetch(curves)
            await self._claim({pair: d for pair, d in devices.items() if not self._machine.post.reachable(d)})
        await self._machine.post.fetch(curves)

    async def upkeep(self) -> None:
        """Do what the last sync asked for; what fails is done after the next one."""
        steps = (self._publish, self._refresh, self._mend, self._expire)
        for step in steps:
            try:
                await step()
            except (Temporary, Permanent) as error:
                self._counters["upkeep_failed"] += 1
                log.warning("matrix.upkeep_failed", step=step.__name__, reason=type(error).__name__)

    @asynccontextmanager
    async def recording(self, batch: Batch) -> AsyncGenerator[Transaction]:
        """Open the transaction that a batch is recorded in: the keys that came with it are committed there."""
        persons, arrivals = self._machine.persons, self._machine.arrivals
        await arrivals.fetch()
        await persons.fetch({*batch.changed, *batch.vouched})
        also = {**persons.told(batch), **arrivals.recorded(batch.sessions)}
        async with self._machine.cabinet.transaction(also) as tx:
            yield tx
        persons.settle(batch)

    async def flush(self) -> None:
        """Commit the keys."""
        await self._machine.cabinet.flush()

    async def accept(self, user: str, identity: str) -> bool:
        """Pin a person's identity if it is this one by what is known now; return whether it is. Raise as `Wire.call`."""
        persons = self._machine.persons
        await self.know([user])
        accepted = persons.accept(user, identity)
        await self.flush()
        return accepted

    async def _expire(self) -> None:
        """Once a day, forget what never arrived, and sessions that nothing was said in for long: anybody may begin some with the bot."""
        now = self._clock.utc()
        if self._expired is None or now - self._expired >= DAY:
            self._expired = now
            await self._machine.cabinet.expire(Drawer.OLM, now - IDLE)
            await self._machine.cabinet.expire(Drawer.SAID, now - UNHEARD)

    async def _refresh(self) -> None:
        asked = frozenset(self._outdated)
        await self.know(asked)
        self._outdated -= {user for user in asked if self._machine.persons.fresh(user)}

    async def _mend(self) -> None:
        """Begin a new session with each device that is out of step, at most once an hour, and let it know (client-server 10.12.1)."""
        for user, curve in self._machine.out_of_step():
            self._machine.mended(user, curve)
            await self._machine.persons.fetch([user])
            device = self._machine.persons.device(user, curve)
            if device is not None:
                await self._begin_again(user, device)

    async def _begin_again(self, user: str, device: Device) -> None:
        post = self._machine.post
        async with self._lock:
            await post.fetch([device.curve25519])
            if not post.mendable(device.curve25519):
                return
            post.mended(device.curve25519)
            await self._claim({(user, device.id): device})
        await post.fetch([device.curve25519])
        if sealed := post.seal(user, device, "m.dummy", {}):
            messages = {user: {device.id: sealed}}
            await self._wire.call("PUT", path("sendToDevice", "m.room.encrypted", uuid4().hex), {"messages": messages})

    async def _publish(self) -> None:
        account = self._machine.account
        for _ in range(CLASHES):
            content = account.unpublished()
            if not content:
                return
            try:
                answer = await self._wire.call("POST", path("keys", "upload"), content)
            except Permanent as error:
                if "already exists" not in error.message:
                    raise
                await self._machine.begin_anew()
                account.clashed()
                continue
            log.debug("matrix.keys_uploaded", phase="uploaded")
            account.published(answer)
        raise Unusable("the homeserver holds one-time keys of another key store: sign in as a new device")

    async def _query(self, users: Collection[str]) -> Json:
        body: dict[str, Any] = {"device_keys": {user: [] for user in users}, "timeout": SERVERS}
        return await self._wire.call("POST", f"{CLIENT}/keys/query", body)

    def _mark(self, user: str) -> tuple[int, int]:
        """Return how often a change of the person, or of everybody, was announced."""
        return self._marks[user], self._marks[ALL]

    def _ready(self, user: str) -> bool:
        return self._servers.ready(user) and self._servers.ready(_server(user))

    async def _learn(self, users: set[str]) -> None:
        if not users:
            return
        before = {user: self._mark(user) for user in users}
        answer = await self._query(users)
        await self._machine.persons.fetch(users)
        told = fields(answer.get("device_keys"))
        failed = fields(answer.get("failures")).keys()
        for server in {_server(user) for user in users}:
            (self._servers.failed if server in failed else self._servers.answered)(server)
        for user in users:
            if user in told:
                self._learn_one(user, answer, fresh=self._mark(user) == before[user])
                self._servers.answered(user)
            elif _server(user) not in failed:
                self._servers.failed(user)

    def _learn_one(self, user: str, answer: Fields, *, fresh: bool) -> None:
        try:
            self._machine.persons.learn(user, answer, fresh=fresh)
        except Exception:  # noqa: BLE001 - guard: one person's malformed keys must not stop the others' (matrix 4.1)
            self._counters["bad_device_keys"] += 1

    async def _claim(self, devices: Mapping[Pair, Device]) -> None:
        wanted: dict[str, dict[str, str]] = {}
        for user, name in devices:
            if self._devices.ready((user, name)):
                wanted.setdefault(user, {})[name] = CURVE
        if not wanted:
            return
        answer = await self._wire.call("POST", path("keys", "claim"), {"one_time_keys": wanted, "timeout": SERVERS})
        offered = fields(answer.get("one_time_keys"))
        await self._machine.post.fetch([device.curve25519 for device in devices.values()])
        for user, names in wanted.items():
            for name in names:
                self._devices.failed((user, name))
                self._meet(user, devices[user, name], fields(fields(offered.get(user)).get(name)))

    def _meet(self, user: str, device: Device, one_time_key: Fields) -> None:
        if not one_time_key:
            self._counters["no_one_time_key"] += 1
            return
        try:
            self._machine.post.begin(user, device, one_time_key)
        except Exception:  # noqa: BLE001 - guard: a malformed one-time key costs its owner the message, nobody else (matrix 4.1)
            self._counters["bad_one_time_key"] += 1
        else:
            # Its session may be retired at once: then the message that waits for it needs another.
            self._devices.answered((user, device.id))


def _server(user: str) -> str:
    return user.partition(":")[2]
