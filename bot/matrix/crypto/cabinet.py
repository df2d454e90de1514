"""The key material in memory and in the database, and the order between the two.

Nothing that was encrypted may leave before the state of its ratchet is committed (`flush`, awaited before each request that says
something), and what a sync brought is committed together with its keys (`transaction`). Both hold one lock, so that an older value can
never be written over a newer one. Each commits what is put at one instant: values that are put without waiting in between are committed
together.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from types import MappingProxyType

from bot.matrix.crypto.drawers import ROOM_FOR, Drawer
from care.clock import MachineClock
from store import matrix_keys
from store.database import Database, Transaction
from store.keys import Vault
from store.matrix_keys import Slot

SLICE = 50
"""Owners that are loaded without letting others have their turn."""


@dataclass(slots=True)
class _Contents:
    """One drawer: the owners that are in memory, the one used last at the end."""

    owners: OrderedDict[str, dict[str, bytes]] = field(default_factory=OrderedDict[str, dict[str, bytes]])


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """What a transaction is about to commit."""

    emptied: Mapping[tuple[str, str], int]
    changes: Mapping[Slot, tuple[int, bytes | None]]


class Cabinet:
    """The drawers of one account. `fetch` first, then read and put without waiting in between."""

    def __init__(
        self, database: Database, vault: Vault, account: str, clock: MachineClock, *, room_for: Mapping[Drawer, int] = ROOM_FOR
    ) -> None:
        self._database = database
        self._keyhole = matrix_keys.Keyhole(vault)
        self._account = account
        self._clock = clock
        self._room_for = room_for
        self._contents = {drawer: _Contents() for drawer in Drawer}
        self._changes: dict[Slot, tuple[int, bytes | None]] = {}
        self._emptied: dict[tuple[str, str], int] = {}
        self._versions = 0
        self._saving = asyncio.Lock()
        self._loading = asyncio.Lock()

    @property
    def dirty(self) -> bool:
        """Whether something is not committed."""
        return bool(self._changes or self._emptied)

    async def fetch(self, drawer: Drawer, owners: Iterable[str]) -> None:
        """Have all values of these owners in memory; raise sealing.Unopened if they cannot be read.

        Nothing else runs between the return and the caller's next `await`, so that what was fetched is still there.
        """
        await self.fetch_each({drawer: owners})

    async def fetch_each(self, owners: Mapping[Drawer, Iterable[str]]) -> None:
        """Do as `fetch` does for several drawers at once."""
        wanted = {drawer: list(dict.fromkeys(some)) for drawer, some in owners.items()}
        if any(self._missing(drawer, some) for drawer, some in wanted.items()):
            async with self._loading:
                await self._load({drawer: self._missing(drawer, some) for drawer, some in wanted.items()})
                for drawer, some in wanted.items():
                    self._make_room(drawer, frozenset(some))
        for drawer, some in wanted.items():
            for owner in some:
                self._contents[drawer].owners.move_to_end(owner)

    def of(self, drawer: Drawer, owner: str) -> Mapping[str, bytes]:
        """Return an owner's values by name; raise KeyError for one that was not fetched."""
        return self._contents[drawer].owners[owner]

    def put(self, drawer: Drawer, owner: str, name: str, value: bytes | None) -> None:
        """Put a value in its place, None to remove it; raise KeyError for an owner that was not fetched."""
        _place(self._contents[drawer].owners[owner], name, value)
        self._changes[Slot(drawer, owner, name)] = (self._version(), value)

    def empty(self, drawer: Drawer, owner: str) -> None:
        """Remove all values of an owner, fetched or not."""
        self._contents[drawer].owners[owner] = {}
        self._emptied[drawer, owner] = self._version()
        for slot in [slot for slot in self._changes if (slot.drawer, slot.owner) == (drawer, owner)]:
            del self._changes[slot]

    async def clear(self, drawer: Drawer) -> None:
        """Remove all that lies in a drawer, for every owner, and commit that together with all that is put by now."""
        async with self._saving, self._loading:
            async with self._committed() as tx:
                await matrix_keys.clear(tx, self._account, drawer)
            owners = self._contents[drawer].owners
            owners.update({owner: {} for owner in owners})
            self._changes = {slot: change for slot, change in self._changes.items() if slot.drawer != drawer}
            self._emptied = {place: version for place, version in self._emptied.items() if place[0] != drawer}

    async def flush(self) -> None:
        """Commit all that is not committed; whatever makes that fail is raised, and all stays to be committed."""
        if self.dirty:
            async with self._saving:
                if self.dirty:
                    async with self._committed():
                        pass

    async def expire(self, drawer: Drawer, before: datetime) -> None:
        """Remove what lies in a drawer unchanged since before an instant (machine time); the others are read anew when they are wanted."""
        async with self._saving, self._loading:
            async with self._database.write() as tx:
                await matrix_keys.expire(tx, self._account, drawer, before)
            known, unsaved = self._contents[drawer].owners, self._unsaved(drawer)
            for owner in [owner for owner, values in known.items() if values and owner not in unsaved]:
                del known[owner]

    @asynccontextmanager
    async def transaction(self, also: Mapping[Slot, bytes | None] = MappingProxyType({})) -> AsyncGenerator[Transaction]:
        """Open a transaction that commits, with what its body writes, all that is put by now, and what is in `also` (None to remove it).

        Only when it is committed do the values count as saved, and those of `also` (whose owners are fetched) as known.
        """
        async with self._saving:
            async with self._committed(also) as tx:
                yield tx
            for slot, value in also.items():
                if (values := self._contents[Drawer(slot.drawer)].owners.get(slot.owner)) is not None:
                    _place(values, slot.name, value)

    @asynccontextmanager
    async def _committed(self, also: Mapping[Slot, bytes | None] = MappingProxyType({})) -> AsyncGenerator[Transaction]:
        async with self._database.write() as tx:
            unsaved = _Unsaved(dict(self._emptied), dict(self._changes))
            await matrix_keys.empty(tx, self._account, unsaved.emptied)
            changes = {**{slot: value for slot, (_, value) in unsaved.changes.items()}, **also}
            await matrix_keys.save(tx, self._keyhole, self._account, changes, self._clock.utc())
            yield tx
        self._settle(unsaved)

    def _settle(self, saved: _Unsaved) -> None:
        self._emptied = {place: version for place, version in self._emptied.items() if saved.emptied.get(place) != version}
        self._changes = {slot: change for slot, change in self._changes.items() if saved.changes.get(slot, (0,))[0] != change[0]}

    def _version(self) -> int:
        self._versions += 1
        return self._versions

    def _missing(self, drawer: Drawer, owners: Iterable[str]) -> list[str]:
        known = self._contents[drawer].owners
        return [owner for owner in owners if owner not in known]

    async def _load(self, missing: Mapping[Drawer, list[str]]) -> None:
        async with self._database.read() as tx:
            for drawers, some in _slices(missing):
                found = await matrix_keys.load(tx, self._keyhole, self._account, drawers, some)
                for drawer, owner in product(drawers, some):
                    self._contents[drawer].owners.setdefault(owner, dict(found.get((drawer, owner), {})))
                await asyncio.sleep(0)

    def _make_room(self, drawer: Drawer, wanted: frozenset[str]) -> None:
        known = self._contents[drawer].owners
        excess = len(known) - self._room_for[drawer]
        if excess <= 0:
            return
        unsaved = self._unsaved(drawer)
        removable = [owner for owner in known if owner not in wanted and owner not in unsaved]
        for owner in removable[:excess]:
            del known[owner]

    def _unsaved(self, drawer: Drawer) -> set[str]:
        return {owner for of, owner in self._emptied if of == drawer} | {slot.owner for slot in self._changes if slot.drawer == drawer}


def _slices(missing: Mapping[Drawer, list[str]]) -> Iterator[tuple[list[Drawer], list[str]]]:
    """Yield what is asked for together: drawers in which the same owners are missing."""
    together = defaultdict[tuple[str, ...], list[Drawer]](list)
    for drawer, owners in missing.items():
        together[tuple(owners)].append(drawer)
    for some, drawers in together.items():
        for start in range(0, len(some), SLICE):
            yield drawers, [*some[start : start + SLICE]]


def _place(values: dict[str, bytes], name: str, value: bytes | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value
