"""Megolm, the voice: the bot's own room keys, which devices have them, and when they are worn (matrix 4.4).

They outlive a restart: without that, each room would need its key shared anew when the day begins.
"""

import json
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vodozemac import GroupSession, InboundGroupSession

from bot.matrix.crypto.account import PICKLE_KEY, Account
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import MEGOLM
from bot.matrix.crypto.inbound import Ears, Owner
from bot.matrix.shapes import Fields, Pair, fields
from care.clock import MachineClock

PICKLE, MADE, GIVEN = "pickle", "made", "given"
ENCRYPTION = "encryption"
"""The name under which the book keeps how a room is encrypted."""
SPEAKING = (Drawer.ROOM, Drawer.INBOUND, Drawer.OUTBOUND, Drawer.SAID)
MILLISECOND = timedelta(milliseconds=1)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=90)
FEWEST, MOST = 10, 10_000


@dataclass(frozen=True, slots=True)
class Wear:
    """After how long or how many messages a room key is replaced (client-server 13.12, `m.room.encryption`: a week, 100)."""

    period: timedelta = timedelta(days=7)
    messages: int = 100


def wear(content: Fields) -> Wear:
    """Return what a room asks for, within bounds that are bearable: each new key is a message to each device."""
    period, messages = content.get("rotation_period_ms"), content.get("rotation_period_msgs")
    found = Wear()
    if isinstance(period, int):
        found = replace(found, period=timedelta(milliseconds=min(max(period, SHORTEST // MILLISECOND), LONGEST // MILLISECOND)))
    if isinstance(messages, int):
        found = replace(found, messages=min(max(messages, FEWEST), MOST))
    return found


@dataclass(frozen=True, slots=True)
class RoomKey:
    """A room's present key: the devices that have it, and those that were told why they do not."""

    room: str
    session: GroupSession
    made: datetime
    shared: frozenset[Pair] = frozenset()
    withheld: frozenset[Pair] = frozenset()

    @property
    def id(self) -> str:
        """The session id."""
        return self.session.session_id

    def content(self) -> dict[str, str]:
        """Return what a device is given: the key from the present message on."""
        key = self.session.session_key.to_base64()
        return {"algorithm": MEGOLM, "room_id": self.room, "session_id": self.id, "session_key": key}


class Voice:
    """The own room keys. A room is to be fetched before."""

    def __init__(self, cabinet: Cabinet, account: Account, ears: Ears, clock: MachineClock) -> None:
        self._cabinet = cabinet
        self._account = account
        self._ears = ears
        self._clock = clock

    async def fetch(self, room: str) -> None:
        """Have a room's key at hand, and what was said with it and is not heard back (`latecomers`): it is committed with the key."""
        await self._cabinet.fetch_each({drawer: [room] for drawer in SPEAKING})

    def key(self, room: str, devices: Iterable[Pair]) -> RoomKey:
        """Return the room's key: a new one if there is none, if it is worn, or if somebody has it who is not among the devices."""
        known = self._lasting(room)
        return known if known and known.shared <= set(devices) else self._made(room)

    def lasts(self, room: str) -> bool:
        """Whether a fetched room has a key that is not worn."""
        return self._lasting(room) is not None

    def holds(self, key: RoomKey) -> bool:
        """Whether a key is still its fetched room's: it may have been forgotten while it was given to the devices."""
        known = self._known(key.room)
        return known is not None and known.id == key.id

    def note(self, key: RoomKey, *, shared: AbstractSet[Pair] = frozenset(), withheld: AbstractSet[Pair] = frozenset()) -> RoomKey:
        """Note, and return, that further devices have a key, or were told why they do not."""
        noted = replace(key, shared=key.shared | shared, withheld=key.withheld | withheld)
        given = {"shared": sorted(noted.shared), "withheld": sorted(noted.withheld)}
        self._cabinet.put(Drawer.OUTBOUND, key.room, GIVEN, json.dumps(given).encode())
        return noted

    def given(self, room: str, session: str, devices: AbstractSet[Pair]) -> None:
        """Note that devices have the key of a fetched room, if this is still the one."""
        known = self._known(room)
        if known and known.id == session:
            self.note(known, shared=devices)

    def encrypt(self, key: RoomKey, kind: str, content: Fields) -> dict[str, Any]:
        """Return the content of the `m.room.encrypted` event. Relations stay in clear, or no client could follow them."""
        plain = json.dumps({"type": kind, "content": dict(content), "room_id": key.room}, ensure_ascii=False)
        outer = {"m.relates_to": content["m.relates_to"]} if "m.relates_to" in content else {}
        ciphertext = key.session.encrypt(plain.encode()).to_base64()
        self._cabinet.put(Drawer.OUTBOUND, key.room, PICKLE, key.session.pickle(PICKLE_KEY).encode())
        return {
            "algorithm": MEGOLM,
            "sender_key": self._account.curve25519,
            "ciphertext": ciphertext,
            "session_id": key.id,
            "device_id": self._account.device,
            **outer,
        }

    def forget(self, room: str) -> None:
        """Drop the room's key; the next message makes a new one."""
        self._cabinet.empty(Drawer.OUTBOUND, room)

    async def forget_all(self) -> None:
        """Drop the keys of all rooms, committed with all that is put by now."""
        await self._cabinet.clear(Drawer.OUTBOUND)

    def unsent(self, room: str, session: str, index: int) -> bool:
        """Whether a message of the own device in a fetched room lies ahead of where the room's key stands."""
        key = self._known(room)
        return key is not None and key.id == session and index >= key.session.message_index

    def _known(self, room: str) -> RoomKey | None:
        kept = self._cabinet.of(Drawer.OUTBOUND, room)
        if not {PICKLE, MADE, GIVEN} <= kept.keys():
            return None
        given: dict[str, list[list[str]]] = json.loads(kept[GIVEN])
        shared, withheld = (frozenset((user, device) for user, device in given[name]) for name in ("shared", "withheld"))
        made = datetime.fromtimestamp(float(kept[MADE]), UTC)
        return RoomKey(room, GroupSession.from_pickle(kept[PICKLE].decode(), PICKLE_KEY), made, shared, withheld)

    def _lasting(self, room: str) -> RoomKey | None:
        known = self._known(room)
        return known if known and not self._worn(known) else None

    def _worn(self, key: RoomKey) -> bool:
        limits = wear(fields(json.loads(self._cabinet.of(Drawer.ROOM, key.room).get(ENCRYPTION, b"{}"))))
        return key.session.message_index >= limits.messages or self._clock.utc() - key.made >= limits.period

    def _made(self, room: str) -> RoomKey:
        key = RoomKey(room, GroupSession(), self._clock.utc())
        own = self._account
        # The bot hears its own messages in the sync: they confirm what it sent.
        self._ears.keep(room, InboundGroupSession(key.session.session_key), Owner(own.user, own.curve25519, own.ed25519))
        self._cabinet.put(Drawer.OUTBOUND, room, PICKLE, key.session.pickle(PICKLE_KEY).encode())
        self._cabinet.put(Drawer.OUTBOUND, room, MADE, f"{key.made.timestamp():.3f}".encode())
        return self.note(key)
