"""The Node process and its protocol: one JSON object a line, commands in, answers and events out."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeAlias, cast

from demo.client.node import NODE, SDK, installed

Json: TypeAlias = dict[str, object]
Listener: TypeAlias = Callable[[Json], None]

LINE_LIMIT = 2**26
START_SECONDS = 90.0
CALL_SECONDS = 90.0
STOP_SECONDS = 5.0


class ClientError(RuntimeError):
    """An operation failed; `code` is the Matrix error code, or "" where the failure is not the homeserver's."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Connection:
    """A running Node process; bound to the event loop that started it. What Node prints goes to `log`."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[object]] = {}
        self._listeners: dict[str, Listener] = {}
        self._dead = ""

    async def start(self) -> None:
        """Start Node and return when it listens; raise ClientError if its packages are missing or it ends."""
        if not await asyncio.to_thread(installed):
            raise ClientError("the client's packages are not installed: python -m demo.client")
        await asyncio.to_thread(self._log.parent.mkdir, parents=True, exist_ok=True)
        with await asyncio.to_thread(self._log.open, "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                NODE, "main.js", cwd=SDK, stdin=PIPE, stdout=PIPE, stderr=log, limit=LINE_LIMIT, start_new_session=True
            )
        self._reader = asyncio.create_task(self._read(self._process))
        async with asyncio.timeout(START_SECONDS):
            await self._ready.wait()
        self.check()

    @property
    def pid(self) -> int:
        """The process id of Node; raises ClientError before the start."""
        if self._process is None:
            raise ClientError("Node is not running")
        return self._process.pid

    def check(self) -> None:
        """Raise ClientError if Node has ended."""
        if self._dead:
            raise ClientError(self._dead)

    async def stop(self) -> None:
        """Close Node's input, upon which it ends; kill it if it does not within five seconds."""
        process, reader = self._process, self._reader
        if process is None or reader is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await reader
        with suppress(ConnectionError):
            await process.stdin.wait_closed()

    def subscribe(self, client: str, listener: Listener) -> None:
        """Give the events of one client to `listener`, and `{"event": "dead"}` when Node ends."""
        self._listeners[client] = listener

    def unsubscribe(self, client: str) -> None:
        """Give no more events of the client."""
        self._listeners.pop(client, None)

    async def call(self, do: str, client: str, **arguments: object) -> object:
        """Have an operation done and return its result; raise ClientError, or TimeoutError after 90 seconds."""
        self.check()
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._write({"id": number, "do": do, "client": client, **arguments})
            async with asyncio.timeout(CALL_SECONDS):
                return await answer
        finally:
            del self._answers[number]

    async def _write(self, command: Json) -> None:
        if self._process is None or self._process.stdin is None:
            raise ClientError("Node is not running")
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        # A broken pipe is found by the reader too, which fails this call with the reason.
        with suppress(ConnectionError):
            await self._process.stdin.drain()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                self._take(cast("Json", json.loads(line)))
        finally:
            self._mourn(await process.wait())

    def _take(self, line: Json) -> None:
        if "id" in line:
            self._answer(line)
        elif line["event"] == "ready":
            self._ready.set()
        elif listener := self._listeners.get(str(line["client"])):
            listener(line)

    def _answer(self, line: Json) -> None:
        answer = self._answers.get(cast("int", line["id"]))
        if answer is None or answer.done():
            return
        if line["ok"]:
            answer.set_result(line["result"])
        else:
            answer.set_exception(ClientError(str(line["error"]), str(line["code"])))

    def _mourn(self, status: int) -> None:
        self._dead = f"Node ended with status {status}; its log is {self._log}"
        self._ready.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ClientError(self._dead))
        for listener in self._listeners.values():
            listener({"event": "dead"})
