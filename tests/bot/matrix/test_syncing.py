import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.matrix import syncing
from bot.matrix.errors import Permanent, Temporary
from bot.matrix.incoming import Batch, Incoming, Kind
from bot.matrix.keys import Keys
from bot.matrix.reading import Reader
from bot.matrix.syncing import Syncing
from bot.matrix.wire import Wire
from tests.bot.shelves import TestClock

BOT, ANNA = "@samrum:demo", "@anna:demo"


class Homeserver:
    """Answers each sync with the next of its batches, then with silence; plays the reader and the keys too."""

    def __init__(self, batches: Sequence[tuple[frozenset[str], Batch]]) -> None:
        self.left = list(batches)
        self.quiet = asyncio.Event()
        self.troubles = list[Exception]()
        self.untold = self.finds = self.full = False
        self.settled = list[Batch]()
        self.held = list[str]()

    async def call(self, *_: object, query: Mapping[str, str], **__: object) -> dict[str, object]:
        self.held.append(query["timeout"])
        if self.troubles:
            raise self.troubles.pop()
        if not self.left:
            self.quiet.set()
            await asyncio.Event().wait()
        return {part: {} for part in self.left[0][0]}

    async def read(self, *_: object) -> Batch:
        return self.left.pop(0)[1]

    async def settle(self, batch: Batch) -> None:
        self.settled.append(batch)

    async def flush(self) -> None:
        if self.full:
            raise OSError("disk full")

    async def upkeep(self) -> None:
        self.untold = self.finds


def said(sender: str, number: int, kind: Kind = Kind.MESSAGE) -> Incoming:
    return Incoming(f"${number}", "!r", sender, datetime(2026, 9, 1, tzinfo=UTC), kind, body="x")


@pytest.mark.parametrize(
    ("parts", "senders", "rests"),
    [
        ({"rooms"}, [BOT], True),
        ({"rooms"}, [BOT, BOT], True),
        ({"rooms"}, [BOT, ANNA], False),
        ({"rooms"}, [ANNA], False),
        ({"rooms", "to_device"}, [BOT], False),
        ({"rooms"}, [], False),
        ({"device_lists"}, [], False),
    ],
)
async def test_more_of_the_bots_own_words_gather_before_it_listens_again_and_nobody_elses(
    parts: set[str], senders: list[str], rests: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rested = list[float]()

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr("bot.matrix.syncing.asyncio.sleep", rest)
    batches = [Batch(f"s{m}", tuple(said(sender, n) for n, sender in enumerate(senders))) for m in range(2)]
    server = Homeserver([(frozenset(parts), batch) for batch in batches])

    sut, taken = await listened(server)

    assert taken == batches
    assert rested == ([syncing.ECHOES[1]] if rests else [])
    assert not sut.pausing


async def test_the_longer_the_bot_hears_nobody_else_the_more_it_gathers_and_a_person_ends_that(monkeypatch: pytest.MonkeyPatch) -> None:
    rested = list[float]()

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr("bot.matrix.syncing.asyncio.sleep", rest)
    senders = [BOT] * 6 + [ANNA, BOT]
    server = Homeserver([(frozenset({"rooms"}), Batch(f"s{n}", (said(sender, n),))) for n, sender in enumerate(senders)])

    await listened(server)

    assert rested == [0.1, 0.2, 0.4, 0.8, 0.8]


async def test_the_bot_listens_again_soon_while_it_lets_people_in(monkeypatch: pytest.MonkeyPatch) -> None:
    rested = list[float]()

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr("bot.matrix.syncing.asyncio.sleep", rest)
    kinds = [Kind.MESSAGE, Kind.MESSAGE, Kind.MEMBERSHIP, Kind.MEMBERSHIP, Kind.MESSAGE]
    server = Homeserver([(frozenset({"rooms"}), Batch(f"s{n}", (said(BOT, n, kind),))) for n, kind in enumerate(kinds)])

    await listened(server)

    assert rested == [0.1, 0.1, 0.1]


@pytest.mark.parametrize(
    ("kind", "waits"), [(Kind.MESSAGE, True), (Kind.REACTION, True), (Kind.MEMBERSHIP, False), (Kind.INVITATION, False)]
)
async def test_the_bot_does_not_listen_while_it_answers_what_was_said(kind: Kind, waits: bool) -> None:
    server = Homeserver([(frozenset({"rooms"}), Batch("s1", (said(ANNA, 1, kind),)))])
    asked, begun, answered = list[int](), asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        begun.set()
        asked.append(len(server.held))
        await answered.wait()
        asked.append(len(server.held))

    sut = listener(server)
    listening = asyncio.create_task(sut.run(nowhere, "s0", answer))
    async with asyncio.timeout(60):
        if waits:
            await begun.wait()
            assert sut.pausing
        answered.set()
        await server.quiet.wait()
    listening.cancel()

    assert asked == ([1, 1] if waits else [])
    assert not sut.pausing


async def test_an_answer_that_takes_long_does_not_keep_the_bot_from_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "ANSWERING", 0.01)
    server = Homeserver([(frozenset({"rooms"}), Batch("s1", (said(ANNA, 1),)))])

    sut = listener(server)
    listening = asyncio.create_task(sut.run(nowhere, "s0", never))
    async with asyncio.timeout(60):
        await server.quiet.wait()
    listening.cancel()

    assert not sut.pausing


def listener(server: Homeserver) -> Syncing:
    parts = (cast("Wire", server), cast("Reader", server), cast("Keys", server))
    return Syncing(*parts, TestClock(), BOT, prepare=server.flush, after=server.flush)


async def nowhere(_: Batch) -> None:
    pass


async def never() -> None:
    await asyncio.Event().wait()


async def listened(server: Homeserver) -> tuple[Syncing, list[Batch]]:
    """Listen until there is silence; return who listened, and what was taken."""
    sut, taken = listener(server), list[Batch]()

    async def take(batch: Batch) -> None:
        taken.append(batch)

    listening = asyncio.create_task(sut.run(take, "s0", syncing.at_once))
    await server.quiet.wait()
    listening.cancel()
    return sut, taken


async def test_what_is_found_out_about_a_person_is_told_without_waiting_for_news_and_what_cannot_be_told_does_not_spin() -> None:
    server = Homeserver([(frozenset({"rooms"}), Batch(f"s{n}", (said(ANNA, n),))) for n in range(4)])

    server.finds = True

    await listened(server)

    assert server.held == ["0", "0", "30000", "0", "30000"]


@pytest.mark.parametrize("trouble", [Temporary(), Permanent("M_FORBIDDEN", 403)])
async def test_what_the_homeserver_refuses_once_is_asked_for_again(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    rested = list[float]()

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr("bot.matrix.syncing.asyncio.sleep", rest)
    batch = Batch("s1", (said(ANNA, 1),))
    server = Homeserver([(frozenset({"rooms"}), batch)])
    server.troubles = [trouble]

    _, taken = await listened(server)

    assert taken == [batch]
    assert len(rested) == 1
    assert rested[0] >= 1.0


async def test_what_was_recorded_is_known_also_when_the_database_fails_right_afterwards() -> None:
    batch = Batch("s1", (said(ANNA, 1),))
    server = Homeserver([(frozenset({"rooms"}), batch)])
    parts = (cast("Wire", server), cast("Reader", server), cast("Keys", server))
    sut = Syncing(*parts, TestClock(), BOT, prepare=server.flush, after=server.flush)

    async def take(_: Batch) -> None:
        server.full = True

    with pytest.raises(OSError, match="disk full"):
        await sut.run(take, "s0", syncing.at_once)

    assert server.settled == [batch]
