"""Requests to the homeserver: one at a time, each with a time limit, each ending in JSON or in an exception of `errors`.

No error hides in a value: who calls decides what is done about it (matrix 4.3, 4.5).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

from aiohttp import ClientError

from bot.matrix.errors import Limited, Permanent, SignedOut, Temporary
from bot.matrix.gate import Limits, asked
from bot.matrix.http import Answer, Http
from bot.matrix.shapes import Fields, text
from bot.matrix.turns import Pace, Rest, Turn, kind
from care.clock import MachineClock

JSON_TYPE = "application/json"
CLIENT = "/_matrix/client/v3"
SECONDS = 30.0
"""How long an ordinary request may take."""
ASKING = frozenset({f"{CLIENT}/keys/query"})
"""What is sent to ask only, and carries nothing of ours."""
DEAD_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})

Json = dict[str, Any]


def path(*parts: str) -> str:
    """Return a path of the client API with each part quoted; room ids hold `!`, `:` and since version 12 anything."""
    return "/".join([CLIENT, *(quote(part, safe="") for part in parts)])


def said(answer: Fields, name: str) -> str:
    """Return a text without which the answer is none; raise Temporary where it is missing."""
    if value := text(answer.get(name)):
        return value
    raise Temporary(why="malformed")


class Wire:
    """The connection of one account.

    `barrier` commits the keys: it is awaited before whatever may carry something encrypted with them, and when it raises nothing leaves.
    `fence` goes before each request and each answer: it does not return in a process that may not work any more (`bot.leadership`).
    """

    def __init__(
        self,
        http: Http,
        clock: MachineClock,
        token: str = "",
        *,
        barrier: Callable[[], Awaitable[None]] | None = None,
        fence: Callable[[], None] | None = None,
        rest: Rest = asyncio.sleep,
    ) -> None:
        self._http = http
        self._clock = clock
        self._token = token
        self._barrier = barrier
        self._fence = fence or (lambda: None)
        self._pace = Pace(clock, rest)
        self.limits = Limits(clock, rest)

    async def call(
        self,
        method: str,
        where: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        token: str | None = None,
        mime: str = JSON_TYPE,
        turn: Turn = Turn.ROW,
    ) -> Json:
        """Return the answer; raise Temporary, Permanent or SignedOut.

        While the last answer of the server was a failure or a refusal, one request a second leaves, of all senders together, and the others
        wait for their turn (`turns`). What the server limits is not sent before its time, and ends in Limited unless it is patient.
        """
        if self._barrier and method != "GET" and where not in ASKING:
            await self._barrier()
        data = body if isinstance(body, bytes) else json.dumps(body or {}) if method != "GET" else None
        headers = {"Content-Type": mime, "Authorization": f"Bearer {self._token if token is None else token}"}
        target, of = f"{where}?{urlencode(query)}" if query else where, kind(method, where)
        while True:
            await self.limits.stand(turn, method, where, body)
            await self._pace.turn(turn, of)
            try:
                with self.limits.passing(method, where, body, turn), self._pace.hearing(of, brief=seconds <= SECONDS):
                    return await self._asked(method, target, data, headers, seconds, own=token is None)
            except Limited:
                if not turn.patient:
                    raise

    async def _asked(
        self, method: str, target: str, data: bytes | str | None, headers: dict[str, str], seconds: float, *, own: bool
    ) -> Json:
        self._fence()
        try:
            answer = await self._http.send(method, target, data, headers, seconds)
        except (ClientError, TimeoutError, OSError) as error:
            raise Temporary(why=type(error).__name__) from error
        self._fence()
        return self._judge(answer, own=own)

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    def _judge(self, whole: Answer, *, own: bool) -> Json:
        status, answer = whole.status, _object(whole.body)
        # A page without JSON is a proxy's, whatever its status: nothing that it says about the request is final.
        if answer is None or status >= 500 or status == 408:  # noqa: PLR2004 - HTTP
            raise Temporary(why=f"status_{status}")
        errcode = str(answer.get("errcode", ""))
        if status == 429 or (status >= 300 and errcode == "M_LIMIT_EXCEEDED"):  # noqa: PLR2004 - HTTP
            raise Limited("", asked(answer, whole.headers.get("Retry-After"), self._clock.utc()))
        if status < 300:  # noqa: PLR2004 - HTTP
            return answer
        if own and errcode in DEAD_TOKEN:
            raise SignedOut(f"the homeserver no longer accepts the access token ({errcode})")
        raise Permanent(errcode, status, str(answer.get("error", "")), text(answer.get("session")))


def _object(raw: bytes) -> Json | None:
    try:
        answer: object = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("Json", answer) if isinstance(answer, dict) else None
