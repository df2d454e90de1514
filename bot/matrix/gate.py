"""At which pace the homeserver lets the bot through: learned from its refusals, kept ever after (matrix 0 fact 6, 11.A).

Synapse counts messages, reactions, redactions, state and removals of an account in one leaking bucket, rooms in another, invitations by
invitee and by inviter, and says in each 429 when the next one may come. Until that instant a gate is closed: nothing is sent that would
only be refused. Afterwards it lets one through at a time, at the distance that the refusals have shown, and now and then tries a shorter
one, so that it notices when a limit was lifted. A bot without limits never meets a closed gate.

The outbox looks for itself when one may go. What is done beside it stands in line: a dialogue before everything, the rest in turns with the
rows. What nobody waits for goes when a gate was left unused for a whole distance, and leaves it open for the next.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.log import logger
from bot.matrix.errors import Limited
from bot.matrix.turns import Line, Rest, Turn, kind
from care.clock import MachineClock

log = logger("bot.matrix.gate")
MESSAGES, ROOMS, INVITATIONS, JOINS = "messages", "rooms", "invitations", "joins"
MARGIN = 0.03
"""Seconds added to the instant that the homeserver named, which it rounds down to a millisecond."""
UNDER_WAY = 0.1
"""Seconds after which to ask again while one is under way."""
UNNAMED = 5.0
"""Seconds to wait after a refusal that names none: Synapse's own pace for messages."""
LONGEST = 600.0
"""The longest wait in seconds that is believed; Synapse's own longest, for one invitee, is 333."""
SHARED = 30.0
"""The longest wait in seconds that a limit shared by all invitees leads to (0.2 a second and more); a longer one is the invitee's own."""
HASTENED = 20
"""After so many in a row the distance is halved once, to see whether the limit still stands: one refusal in twenty at most."""
REFILLED = 10
"""After so many distances without a request the bucket is taken as empty: Synapse's burst of 10 may be used again."""
PROVEN = 100
"""After so many in a row without a distance and without a refusal there is no limit any more."""
LEAST = 0.05
"""A distance in seconds that is none."""
GRACE = 1.0
"""Seconds for which what goes beside the outbox leaves an opening to the rows: to urgent ones, or to all if the last one was its own."""

PATHS = (
    ("PUT", re.compile(r"/rooms/[^/]+/(send|redact|state)/"), MESSAGES),
    ("POST", re.compile(r"/rooms/[^/]+/(kick|leave)$"), MESSAGES),
    ("PUT", re.compile(r"/profile/[^/]+/displayname$"), MESSAGES),
    ("POST", re.compile(r"/createRoom$"), ROOMS),
    ("POST", re.compile(r"/rooms/[^/]+/invite$"), INVITATIONS),
    ("POST", re.compile(r"/join/"), JOINS),
)


def asked(answer: Mapping[str, Any], retry_after: str | None, now: datetime) -> float:
    """Return the seconds that a refusal asks to wait: by its header (seconds or a date, see RFC 9110 10.2.3), or by its body.

    The header is rounded up to whole seconds: where the body says the same in milliseconds, that counts.
    """
    milliseconds = answer.get("retry_after_ms")
    body = milliseconds / 1000 if isinstance(milliseconds, int) and not isinstance(milliseconds, bool) else None
    header = _header(retry_after, now)
    wait = body if body is not None and (header is None or 0 <= header - body <= 1) else header
    return UNNAMED if wait is None else min(max(wait, 0.0), LONGEST)


def _header(value: str | None, now: datetime) -> float | None:
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    try:
        return (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):  # not a date, or one without a zone
        return None


class Gate:
    """One limit. Instants are monotonic seconds; `passed` and `refused` count what the homeserver did."""

    def __init__(self, clock: MachineClock) -> None:
        self._clock = clock
        self._opens = 0.0
        self._distance = 0.0
        self._known = 0.0
        self._last: float | None = None
        self._in_a_row = 0
        self._closings: int = 0
        self._under_way = 0
        self._narrow = False
        self._spaced = False
        self._doubted = False
        self._passing = Turn.ROW
        self.passed = 0
        self.refused = 0

    @property
    def narrow(self) -> bool:
        """Whether a limit was met and may still be there: one goes at a time."""
        return self._narrow

    @property
    def distance(self) -> float | None:
        """The seconds between two that the homeserver lets through, None while none are known."""
        return self._known or None

    @property
    def alternates(self) -> bool:
        """Whether the next opening belongs to what is done beside the outbox, if something waits there."""
        return self._passing is not Turn.BESIDE

    def wait(self, turn: Turn = Turn.ROW) -> float:
        """Return the seconds after which one may try; 0 now."""
        if not self._narrow:
            return 0.0
        closed = max(self._opening(turn) - self._clock.monotonic(), 0.0)
        return max(closed, UNDER_WAY) if self._under_way else closed

    def _opening(self, turn: Turn) -> float:
        if turn is Turn.SPARE:
            return max(self._opens, self._last or 0.0) + self._distance
        return self._opens + GRACE if turn is Turn.BESIDE else self._opens

    def enter(self, turn: Turn = Turn.ROW) -> int:
        """Begin a request and return the mark that its refusal must show."""
        idle = self._last is not None and self._clock.monotonic() - self._last > REFILLED * self._distance
        if idle and turn is not Turn.SPARE:
            self._spaced = False
        self._passing = turn
        self._under_way += 1
        return self._closings

    def leave(self) -> None:
        """End a request that tells nothing about the limit."""
        self._under_way -= 1

    def accept(self) -> None:
        """End a request that was let through."""
        now = self._clock.monotonic()
        if self._doubted:
            self._doubted = self._spaced = False
            self._distance = self._known = 0.0
        self._under_way -= 1
        self._last = now
        self.passed += 1
        self._in_a_row += 1
        if self._spaced:
            self._keep_distance(now)
        elif self._narrow and self._in_a_row >= PROVEN:
            self._narrow, self._known = False, 0.0
        if self._passing is Turn.SPARE:
            self._opens = now

    def doubt(self) -> None:
        """Note that more is refused than a limit of its own would: what refusals show now tells nothing of the pace afterwards."""
        self._doubted = True

    def refuse(self, seconds: float, mark: int) -> None:
        """End a request that was refused, and close for as long; one that began before the gate closed teaches nothing new."""
        now = self._clock.monotonic()
        self._under_way -= 1
        self.refused += 1
        self._opens = max(self._opens, now + seconds + MARGIN)
        if mark != self._closings:
            return
        self._learn(seconds, now)
        self._closings += 1
        self._in_a_row = 0
        self._narrow = self._spaced = True

    def _keep_distance(self, now: float) -> None:
        # The first after a refusal came when told to: the second shows that the distance is right. A shorter one must show it longer.
        if self._in_a_row == 2 or self._in_a_row % HASTENED == HASTENED // 2:  # noqa: PLR2004 - as above
            self._known = self._distance
        if self._in_a_row % HASTENED == 0:
            self._distance /= 2
            self._spaced = self._distance > LEAST
        self._opens = now + self._distance

    def _learn(self, seconds: float, now: float) -> None:
        if self._last is None or not self._in_a_row:
            self._distance = max(self._distance, seconds)
            return
        # The bucket was full at the last one, and will have room for the next in so many seconds.
        self._distance = seconds + min(now - self._last, seconds + self._distance) + MARGIN
        if self._spaced:
            self._known = self._distance


class Limits:
    """The gates of one account, and until when other kinds of requests were refused."""

    def __init__(self, clock: MachineClock, rest: Rest = asyncio.sleep) -> None:
        self._clock = clock
        self._gates: dict[str, Gate] = {name: Gate(clock) for name in (MESSAGES, ROOMS, INVITATIONS, JOINS)}
        self._closed: dict[str, float] = {}
        self._lines = defaultdict[str, Line](lambda: Line(rest))

    @property
    def messages(self) -> Gate:
        """The gate of messages and all that counts with them."""
        return self._gates[MESSAGES]

    @property
    def dialogue(self) -> bool:
        """Whether a step of a dialogue waits for the gate of messages: no row may go before it."""
        return self._lines[MESSAGES].waits(Turn.DIALOGUE)

    @property
    def beside(self) -> bool:
        """Whether the next opening of the gate of messages belongs to something beside the outbox: only urgent rows may go before it."""
        return self.messages.alternates and self._lines[MESSAGES].waits(Turn.BESIDE)

    async def stand(self, turn: Turn, method: str, where: str, body: Mapping[str, Any] | bytes | None) -> None:
        """Return when a request may leave; raise Limited where one that is not patient may not."""
        limit, own = _limits(method, where, body)
        if turn.patient:
            await self._lines[limit].stand(turn, lambda: max(self._wait(limit, turn), self._wait(own, turn)))
        else:
            self._check(limit, own, turn)

    @contextmanager
    def passing(self, method: str, where: str, body: Mapping[str, Any] | bytes | None, turn: Turn = Turn.ROW) -> Generator[None]:
        """Let a request through for as long as the block lasts, and learn from how it ends; raise Limited while a gate is closed."""
        limit, own = _limits(method, where, body)
        self._check(limit, own, turn)
        if limit not in self._gates:
            with self._noting(limit):
                yield
            return
        gate = self._gates[limit]
        mark = gate.enter(turn)
        try:
            yield
        except Limited as refused:
            self._refuse(gate, limit, own, refused.retry_after or 0.0, mark)
            raise Limited(limit, refused.retry_after) from refused
        except BaseException:
            gate.leave()
            raise
        gate.accept()
        self._gates.pop(own, None)

    @contextmanager
    def _noting(self, endpoint: str) -> Generator[None]:
        try:
            yield
        except Limited as refused:
            self._closed[endpoint] = self._clock.monotonic() + (refused.retry_after or 0.0) + MARGIN
            for gate in self._gates.values():
                gate.doubt()
            raise

    def _check(self, limit: str, own: str, turn: Turn) -> None:
        for name in (limit, own):
            if (wait := self._wait(name, turn)) > 0:
                raise Limited(limit if limit in self._gates else "", wait)

    def _wait(self, name: str, turn: Turn) -> float:
        if gate := self._gates.get(name):
            return gate.wait(turn)
        return max(self._closed.get(name, 0.0) - self._clock.monotonic(), 0.0)

    def _refuse(self, gate: Gate, limit: str, own: str, seconds: float, mark: int) -> None:
        log.warning("matrix.limited", kind=limit, seconds=round(seconds, 1), count=gate.passed)
        if own and seconds > SHARED:
            gate.leave()
            invitee = self._gates.setdefault(own, Gate(self._clock))
            invitee.refuse(seconds, invitee.enter())
        else:
            gate.refuse(seconds, mark)


def _limits(method: str, where: str, body: Mapping[str, Any] | bytes | None) -> tuple[str, str]:
    """Return what a request counts for: a limit, else the kind of request that it is; and the invitee's own limit, "" for none."""
    limit = next((limit for verb, pattern, limit in PATHS if verb == method and pattern.search(where)), "")
    invitee = body.get("user_id") if limit == INVITATIONS and isinstance(body, Mapping) else None
    return limit or kind(method, where), f"invitee {invitee}" if invitee else ""
