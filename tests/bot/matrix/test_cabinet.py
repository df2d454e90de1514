"""What is in memory, what is committed, and what may leave in between."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import MachineTime
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import ROOM_FOR, Drawer
from bot.matrix.http import Answer
from bot.matrix.wire import CLIENT, Wire
from store.database import Database
from store.matrix_keys import Slot
from tests.bot.matrix.bots import keys_in
from tests.bot.matrix.counterparts import VAULT
from tests.bot.matrix.test_wire import Clock, Server


@pytest_asyncio.fixture
async def cabinet(tmp_path: Path) -> AsyncIterator[Cabinet]:
    made = keys_in(tmp_path)
    await made.fetch(Drawer.OLM, ["a", "b"])
    yield made


async def committed(tmp_path: Path, owner: str = "a", drawer: Drawer = Drawer.OLM) -> dict[str, bytes]:
    """What another process would find."""
    other = keys_in(tmp_path)
    await other.fetch(drawer, [owner])
    return dict(other.of(drawer, owner))


class Full(Exception):  # noqa: N818 - names the state
    """Stands for a disk that is full."""


def break_down(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_database: Database) -> None:
        raise Full

    monkeypatch.setattr(type(cabinet._database), "write", write)


async def test_what_is_put_is_committed_by_a_flush_and_not_before(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    cabinet.put(Drawer.OLM, "a", "2", b"y")
    before = await committed(tmp_path)

    await cabinet.flush()
    cabinet.put(Drawer.OLM, "a", "2", None)
    await cabinet.flush()

    assert before == {}
    assert await committed(tmp_path) == {"1": b"x"}
    assert not cabinet.dirty


async def test_what_was_not_fetched_is_neither_read_nor_put(cabinet: Cabinet) -> None:
    with pytest.raises(KeyError):
        cabinet.of(Drawer.OLM, "c")
    with pytest.raises(KeyError):
        cabinet.put(Drawer.OLM, "c", "1", b"x")


async def test_a_failed_flush_leaves_all_of_it_to_the_next(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    with pytest.MonkeyPatch.context() as patch:
        break_down(cabinet, patch)
        with pytest.raises(Full):
            await cabinet.flush()

    assert cabinet.dirty
    await cabinet.flush()

    assert await committed(tmp_path) == {"1": b"x"}


async def test_nothing_leaves_while_the_keys_cannot_be_committed(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(Answer(200, b"{}", {}), Clock())
    wire = Wire(server, MachineTime(), "secret", barrier=cabinet.flush)
    cabinet.put(Drawer.OLM, "a", "1", b"ratchet")
    break_down(cabinet, monkeypatch)

    for method, where in (("PUT", f"{CLIENT}/rooms/x/send/m.room.encrypted/1"), ("POST", f"{CLIENT}/keys/upload")):
        with pytest.raises(Full):
            await wire.call(method, where, {"ciphertext": "x"})
    left = len(server.requests)
    await wire.call("GET", f"{CLIENT}/sync")
    await wire.call("POST", f"{CLIENT}/keys/query", {})

    assert (left, len(server.requests)) == (0, 2)


async def test_a_request_leaves_after_the_commit(cabinet: Cabinet, tmp_path: Path) -> None:
    class Looking(Server):
        async def send(self, method: str, target: str, data: str | bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
            self.found = await committed(tmp_path)
            return await super().send(method, target, data, headers, seconds)

    server = Looking(Answer(200, b"{}", {}), Clock())
    cabinet.put(Drawer.OLM, "a", "1", b"ratchet")

    await Wire(server, MachineTime(), "secret", barrier=cabinet.flush).call("PUT", "/x", {})

    assert server.found == {"1": b"ratchet"}


async def test_a_transaction_commits_keys_and_its_own_rows_or_neither(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    also = {Slot(Drawer.OLM, "b", "told"): b"z"}

    with pytest.raises(Full):
        async with cabinet.transaction(also):
            raise Full
    rolled_back = (cabinet.dirty, await committed(tmp_path), dict(cabinet.of(Drawer.OLM, "b")))
    async with cabinet.transaction(also):
        pass

    assert rolled_back == (True, {}, {})
    assert (await committed(tmp_path), await committed(tmp_path, "b")) == ({"1": b"x"}, {"told": b"z"})
    assert cabinet.of(Drawer.OLM, "b") == {"told": b"z"}
    assert not cabinet.dirty


async def test_what_changes_while_a_transaction_is_open_stays_to_be_committed(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"old")

    async with cabinet.transaction():
        cabinet.put(Drawer.OLM, "a", "1", b"new")
        waiting = asyncio.create_task(cabinet.flush())
        await asyncio.sleep(0)
        cabinet.empty(Drawer.OLM, "b")

    assert cabinet.dirty
    await waiting
    assert await committed(tmp_path) == {"1": b"new"}
    assert not cabinet.dirty


async def test_values_put_at_one_instant_are_in_one_commit_whatever_is_under_way(cabinet: Cabinet, tmp_path: Path) -> None:
    await cabinet.fetch(Drawer.INBOUND, ["!room"])
    found: list[tuple[dict[str, bytes], dict[str, bytes]]] = []
    cabinet.put(Drawer.OLM, "b", "1", b"under way")

    async with cabinet.transaction():
        flushing = asyncio.create_task(cabinet.flush())
        await asyncio.sleep(0)
        cabinet.put(Drawer.OLM, "a", "1", b"session")
        cabinet.put(Drawer.INBOUND, "!room", "s", b"key")
        found.append((await committed(tmp_path), await committed(tmp_path, "!room", Drawer.INBOUND)))
    await flushing
    found.append((await committed(tmp_path), await committed(tmp_path, "!room", Drawer.INBOUND)))

    assert found == [({}, {}), ({"1": b"session"}, {"s": b"key"})]


@pytest.mark.parametrize("saved", [True, False])
async def test_a_transaction_removes_what_it_is_told_to_when_it_is_committed(cabinet: Cabinet, tmp_path: Path, *, saved: bool) -> None:
    gone = {Slot(Drawer.OLM, "a", "1"): None}
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    cabinet.put(Drawer.OLM, "a", "2", b"y")
    if saved:
        await cabinet.flush()

    with pytest.raises(Full):
        async with cabinet.transaction(gone):
            raise Full
    rolled_back = dict(cabinet.of(Drawer.OLM, "a"))
    async with cabinet.transaction(gone):
        pass

    assert rolled_back == {"1": b"x", "2": b"y"}
    assert await committed(tmp_path) == {"2": b"y"} == dict(cabinet.of(Drawer.OLM, "a"))
    assert not cabinet.dirty


async def test_an_emptied_owner_stays_empty_and_can_be_filled_anew(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    await cabinet.flush()

    cabinet.put(Drawer.OLM, "a", "2", b"unsaved")
    cabinet.empty(Drawer.OLM, "a")
    cabinet.put(Drawer.OLM, "a", "3", b"z")
    await cabinet.flush()

    assert await committed(tmp_path) == {"3": b"z"} == dict(cabinet.of(Drawer.OLM, "a"))


async def test_a_cleared_drawer_is_empty_in_memory_and_in_the_database_and_what_else_was_put_is_committed_with_it(
    cabinet: Cabinet, tmp_path: Path
) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    await cabinet.flush()
    cabinet.put(Drawer.OLM, "b", "1", b"unsaved")
    cabinet.empty(Drawer.OLM, "b")
    await cabinet.fetch(Drawer.ROOM, ["r"])
    cabinet.put(Drawer.ROOM, "r", "1", b"kept")

    await cabinet.clear(Drawer.OLM)
    cleared = (dict(cabinet.of(Drawer.OLM, "a")), await committed(tmp_path), await committed(tmp_path, "r", Drawer.ROOM))
    cabinet.put(Drawer.OLM, "a", "2", b"new")
    await cabinet.flush()

    assert cleared == ({}, {}, {"1": b"kept"})
    assert await committed(tmp_path) == {"2": b"new"}


async def test_memory_is_bounded_and_nothing_unsaved_is_dropped(tmp_path: Path) -> None:
    first = keys_in(tmp_path)
    cabinet = Cabinet(first._database, VAULT, "@samrum", MachineTime(), room_for={**ROOM_FOR, Drawer.OLM: 3})
    await cabinet.fetch(Drawer.OLM, ["unsaved", "used", "idle"])
    cabinet.put(Drawer.OLM, "unsaved", "1", b"x")
    await cabinet.fetch(Drawer.OLM, ["used"])

    await cabinet.fetch(Drawer.OLM, ["new"])
    held = set(cabinet._contents[Drawer.OLM].owners)
    await cabinet.flush()
    await cabinet.fetch(Drawer.OLM, [str(n) for n in range(10)])
    await cabinet.fetch(Drawer.OLM, ["unsaved"])

    assert held == {"unsaved", "used", "new"}
    assert len(cabinet._contents[Drawer.OLM].owners) == 3
    assert cabinet.of(Drawer.OLM, "unsaved") == {"1": b"x"}


async def test_what_has_expired_is_in_memory_no_more_and_what_is_not_saved_stays(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(Drawer.OLM, "a", "1", b"x")
    await cabinet.flush()
    cabinet.put(Drawer.OLM, "b", "1", b"unsaved")

    await cabinet.expire(Drawer.OLM, datetime(9999, 1, 1, tzinfo=UTC))
    await cabinet.fetch(Drawer.OLM, ["a", "b"])

    assert (dict(cabinet.of(Drawer.OLM, "a")), dict(cabinet.of(Drawer.OLM, "b"))) == ({}, {"1": b"unsaved"})
    await cabinet.flush()
    assert (await committed(tmp_path), await committed(tmp_path, "b")) == ({}, {"1": b"unsaved"})
