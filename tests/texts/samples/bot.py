"""What goes wrong in the running of the bot, as administrators and units read it."""

from collections.abc import Iterator

from tests.builders import HSV
from tests.texts.samples import Sample, sample

EVENT = "$Xq3kPz"
NUMBER = "SÄ-2026-00042"
ROOMS = {"case": NUMBER, "inbox": "", "direct": "", "admin": "", "space": ""}
"""The kinds of rooms, and the number of the case that one belongs to."""


def _of_rooms(message: str, *kinds: str, **values: object) -> Iterator[Sample]:
    for kind in kinds or ROOMS:
        yield sample(message, f"{kind} room", kind=kind, case=ROOMS[kind], unit=HSV if kind == "inbox" else "", event=EVENT, **values)


SAMPLES = (
    sample("bot/database_back"),
    *_of_rooms("bot/departed", "direct", "inbox"),
    *_of_rooms("bot/expelled"),
    *_of_rooms("bot/intruder"),
    *_of_rooms("bot/moved"),
    *_of_rooms("bot/weakened", what="m.room.power_levels", restored=True),
    sample("bot/weakened", "not mended", kind="case", case=NUMBER, unit="", event=EVENT, what="m.room.join_rules", restored=False),
    sample("bot/head", receipt="2026-09-08 417 5f1e 09ab 77c2"),
    sample("bot/parked", "of a case", row="a1b2c3", case=NUMBER),
    sample("bot/parked", "of no case", row="a1b2c3", case=""),
    sample("bot/slow", waiting=240, per_minute="20", minutes=12),
    sample("bot/unknown_rooms", "one", count=1),
    sample("bot/unknown_rooms", "several", count=3),
)
