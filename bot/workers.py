"""The rooms' workers: what came in is handled in order within a room, many rooms at a time (architecture 3)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from store.inbox import Kind, Message

ROOMS_AT_ONCE = 8
VISITORS_AT_ONCE = 2
"""How many of them may be invitations: anybody can send any number of those, and each waits where the homeserver limits."""
DRAIN_SECONDS = 10.0
"""How long what is in hand may take after the stop: an answer may wait for a homeserver that is away. The next process begins it anew."""
APART = frozenset({Kind.UNREADABLE, Kind.LATE})
"""What must not hold up its room while the homeserver is asked about it."""

Handle = Callable[[Message], Awaitable[None]]


class Workers:
    """Hands each message once to `handle`, whose exceptions end `run`; `settled` is called after each.

    `grace` is how long (seconds) a message may wait for its room key before it is handed over all the same (architecture 8).
    """

    def __init__(self, handle: Handle, settled: Callable[[], None], *, grace: float, at_once: int = ROOMS_AT_ONCE) -> None:
        self._handle = handle
        self._settled = settled
        self._at_once = at_once
        self._grace = grace
        self._bell, self._calm = asyncio.Event(), asyncio.Event()
        self._calm.set()
        self._rooms: dict[str, deque[Message]] = {}
        self._late = deque[Message]()
        self._waits = set[asyncio.Task[None]]()
        self._in_hand = set[asyncio.Task[None]]()
        self._known = set[str]()
        self._busy = set[str]()
        self._stopping = False

    @property
    def waiting(self) -> int:
        """How many messages have not been handled."""
        return len(self._known)

    def submit(self, messages: Iterable[Message]) -> None:
        """Line messages up, each at the end of its room; one that is in line already stays where it is."""
        for message in messages:
            if message.event in self._known:
                continue
            self._known.add(message.event)
            if message.kind in APART:
                self._late.append(message)
            else:
                self._rooms.setdefault(message.room, deque()).append(message)
                self._calm.clear()
        self._bell.set()

    async def calm(self) -> None:
        """Return when every message is handled, but for those that wait for their keys."""
        await self._calm.wait()

    def stop(self) -> None:
        """Begin nothing more; `run` returns when the messages in hand are done, or after ten seconds."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Work until stopped."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._bell.clear()
                while self._late:
                    _among(self._waits, group.create_task(self._apart(self._late.popleft())))
                for room in self._next():
                    _among(self._in_hand, group.create_task(self._work(room)))
                await self._bell.wait()
            await self._drain()

    async def _drain(self) -> None:
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=DRAIN_SECONDS)
        for unfinished in (*self._waits, *self._in_hand):
            unfinished.cancel()

    def _next(self) -> tuple[str, ...]:
        visitors = sum(self._invites(room) for room in self._busy)
        chosen: list[str] = []
        for room in self._rooms:
            if len(self._busy) + len(chosen) >= self._at_once:
                break
            if room in self._busy or (self._invites(room) and visitors >= VISITORS_AT_ONCE):
                continue
            visitors += self._invites(room)
            chosen.append(room)
        self._busy |= set(chosen)
        return tuple(chosen)

    def _invites(self, room: str) -> bool:
        return self._rooms[room][0].kind is Kind.INVITATION

    async def _work(self, room: str) -> None:
        line = self._rooms[room]
        await self._one(line[0])
        line.popleft()
        if not line:
            del self._rooms[room]
            if not self._rooms:
                self._calm.set()
        else:
            self._rooms[room] = self._rooms.pop(room)  # to the end: a busy room does not keep the others waiting
        self._busy.discard(room)
        self._bell.set()

    async def _apart(self, message: Message) -> None:
        if message.kind is Kind.UNREADABLE:
            await asyncio.sleep(self._grace)
        await self._one(message)

    async def _one(self, message: Message) -> None:
        await self._handle(message)
        self._known.discard(message.event)
        self._settled()


def _among(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    """Keep a task among others until it ends."""
    tasks.add(task)
    task.add_done_callback(tasks.discard)
