"""Whether something was said that nobody remembers the answer to: looked for in the room itself (matrix 5, point 4).

The homeserver shows the bot's device the transaction ids of its own events for ever, though it forgets after 24 hours to refuse them
twice. Where it shows none, as after a new sign-in, the outbox row inside the ciphertext tells: `Ears.open` reads in the bot's name only
what its own devices said, this one and those before.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.contents import MARKER
from bot.matrix.crypto.inbound import Ears
from bot.matrix.shapes import Fields, fields, items, text
from bot.matrix.wire import Wire, path

PAGE = 100
"""Events in one answer; Synapse gives no more."""
APART = timedelta(hours=1)
"""How far the homeserver's clock may be from the machine's."""


class Finder:
    """Looks for own events."""

    def __init__(self, wire: Wire, ears: Ears, user: str) -> None:
        self._wire = wire
        self._ears = ears
        self._user = user

    async def find(self, room: str, row: str, txns: Collection[str], since: datetime) -> str:
        """Return the id of the own event of an outbox row, "" if the room holds none since the instant; raise as `Wire.call`."""
        position, earliest = "", (since - APART).timestamp() * 1000
        while True:
            page, position = await self._page(room, position)
            await self._ears.fetch({room}, {text(fields(event.get("content")).get("session_id")) for event in page})
            for event in page:
                if event.get("sender") == self._user and self._is(event, room, row, txns):
                    return text(event.get("event_id"))
            if not page or not position or _at(page[-1]) < earliest:
                return ""

    async def _page(self, room: str, position: str) -> tuple[list[Fields], str]:
        query = {"dir": "b", "limit": str(PAGE)} | ({"from": position} if position else {})
        answer = await self._wire.call("GET", path("rooms", room, "messages"), query=query)
        return items(answer.get("chunk")), text(answer.get("end"))

    def _is(self, event: Fields, room: str, row: str, txns: Collection[str]) -> bool:
        if text(fields(event.get("unsigned")).get("transaction_id")) in txns:
            return True
        if event.get("type") != "m.room.encrypted":
            return False
        try:
            opened = self._ears.open(event, room)
        except Exception:  # noqa: BLE001 - guard: what cannot be opened is not the row, and must not hold it up
            return False
        return opened is not None and fields(opened.payload.get("content")).get(MARKER) == row


def _at(event: Fields) -> float:
    at = event.get("origin_server_ts")
    return float(at) if isinstance(at, int) else 0.0
