import pytest

from care.effects import Describe, Effect, Mail, OpenRoom, Say, Words, case_room, inbox
from store import outbox, rooms
from store.database import Database
from store.keys import Vault
from store.outbox import Envelope
from tests.store.telling import GATHER, MACHINE

CASE, INBOX = case_room("c1"), inbox("k-alm-hsv")
LETTER = Mail("m", INBOX, to=("a@almfors.example",), subject="Kallelse", words=Words("x", "x"), invitation=b"BEGIN", method="REQUEST")


@pytest.mark.parametrize(
    ("effect", "waits"),
    [
        (Say("s", INBOX, words=Words("x", "x")), True),
        (OpenRoom("o", INBOX, name="Inkorg"), True),
        (LETTER, False),
        (Describe("d", INBOX), False),
    ],
)
async def test_a_place_without_a_room_is_awaited_by_what_is_done_in_rooms(
    database: Database, vault: Vault, effect: Effect, *, waits: bool
) -> None:
    async with database.write() as tx:
        await rooms.settle(tx, CASE, "!case", MACHINE)
        await outbox.enqueue(tx, vault, [effect, Say("c", CASE, words=Words("x", "x"))], Envelope("c1", "case:c1", MACHINE, GATHER))

    async with database.read() as tx:
        assert await rooms.awaited(tx) == ({INBOX} if waits else frozenset())
