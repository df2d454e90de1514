"""Megolm, the ears: the room keys of others, and what was encrypted with them (matrix 4.1, 4.2).

A key belongs to the device that its Olm message came from. Keys that somebody else hands on are refused: nobody could tell whose they are.
But whoever was given a key can give it as their own. So each device's claim lies in a place of its own, and an event is opened with those
of its sender only; what it says itself of its device is not looked at.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vodozemac import InboundGroupSession, MegolmDecryptionException, MegolmMessage, SessionKey

from bot.matrix.crypto.account import PICKLE_KEY
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import MEGOLM
from bot.matrix.crypto.olm import Hostile, Letter
from bot.matrix.shapes import Fields, fields, text


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a session is, by their own word: a user, and the identity keys of one device."""

    user: str
    curve25519: str
    ed25519: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted payload, the devices of the event's sender that claim its session (one, if all are honest), and where in it it stands."""

    payload: Fields
    owners: tuple[Owner, ...]
    session: str
    index: int


@dataclass(frozen=True, slots=True)
class _Key:
    session: InboundGroupSession
    owner: Owner


class Ears:
    """Room keys of others, by room, session id and device."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    async def fetch(self, rooms: Iterable[str], sessions: Iterable[str] = ()) -> None:
        """Have the keys of these rooms at hand, and what was read with these sessions."""
        await self._cabinet.fetch(Drawer.SEEN, sessions)
        await self._cabinet.fetch(Drawer.INBOUND, rooms)

    def take(self, letter: Letter) -> str:
        """Take the room key in a letter, its room fetched; return the session id, "" for a key that is no better than the known one.

        Raise Hostile for a key that is not what it says, or ValueError for malformed bytes.
        """
        content = letter.content
        room, name = text(content.get("room_id")), text(content.get("session_id"))
        session = InboundGroupSession(SessionKey(text(content.get("session_key"))))
        if content.get("algorithm") != MEGOLM or not room or session.session_id != name:
            raise Hostile("bad_room_key")
        owner = Owner(letter.sender, letter.curve25519, letter.ed25519)
        known = next((key for key in self._keys(room, name) if key.owner.curve25519 == owner.curve25519), None)
        if known and known.owner != owner:
            raise Hostile("foreign_room_key")
        if known and known.session.first_known_index <= session.first_known_index:
            return ""
        self.keep(room, session, owner)
        return name

    def keep(self, room: str, session: InboundGroupSession, owner: Owner) -> None:
        """Keep a key as that of a device, its room fetched."""
        whose = {"sender": owner.user, "curve25519": owner.curve25519, "ed25519": owner.ed25519}
        value = {"pickle": session.pickle(PICKLE_KEY), **whose}
        self._cabinet.put(Drawer.INBOUND, room, f"{session.session_id} {owner.curve25519}", json.dumps(value).encode())

    def knows(self, room: str, session: str) -> bool:
        """Whether there is a key for a session of a fetched room."""
        return any(_session(name) == session for name in self._cabinet.of(Drawer.INBOUND, room))

    def open(self, event: Fields, room: str) -> Opened | None:
        """Decrypt an event of a fetched room; None while no device of its sender has given its key.

        Raise Hostile, or whatever malformed bytes bring vodozemac and json to raise.
        """
        content, sender = fields(event.get("content")), text(event.get("sender"))
        session = text(content.get("session_id"))
        keys = [key for key in self._keys(room, session) if key.owner.user == sender]
        if content.get("algorithm") != MEGOLM or not keys:
            return None
        message = MegolmMessage.from_base64(content["ciphertext"])
        read = {key.owner: found for key in keys if (found := _decrypted(key.session, message))}
        if not read:
            return None
        plain, index = next(iter(read.values()))
        payload = fields(json.loads(plain.decode()))
        if payload.get("room_id") != room:
            raise Hostile("other_room")
        opened = Opened(payload, tuple(read), session, index)
        self._once(opened, text(event.get("event_id")))
        return opened

    async def prune(self, room: str) -> None:
        """Forget the keys of a room, and what was read with them."""
        await self._cabinet.fetch(Drawer.INBOUND, [room])
        for session in {_session(name) for name in self._cabinet.of(Drawer.INBOUND, room)}:
            self._cabinet.empty(Drawer.SEEN, session)
        self._cabinet.empty(Drawer.INBOUND, room)

    def _keys(self, room: str, session: str) -> Iterator[_Key]:
        for name, kept in self._cabinet.of(Drawer.INBOUND, room).items():
            if _session(name) == session:
                value = fields(json.loads(kept))
                owner = Owner(text(value["sender"]), text(value["curve25519"]), text(value["ed25519"]))
                yield _Key(InboundGroupSession.from_pickle(text(value["pickle"]), PICKLE_KEY), owner)

    def _once(self, opened: Opened, event_id: str) -> None:
        # By device: who copies somebody's ciphertext under a claim of their own uses up nothing but their own.
        places = [f"{opened.index} {owner.curve25519}" for owner in opened.owners]
        seen = self._cabinet.of(Drawer.SEEN, opened.session)
        if any(seen.get(place, event_id.encode()) != event_id.encode() for place in places):
            raise Hostile("replayed")
        for place in places:
            if place not in seen:
                self._cabinet.put(Drawer.SEEN, opened.session, place, event_id.encode())


def _session(name: str) -> str:
    return name.partition(" ")[0]


def _decrypted(session: InboundGroupSession, message: MegolmMessage) -> tuple[bytes, int] | None:
    try:
        found = session.decrypt(message)
    except MegolmDecryptionException as error:
        # The key was given from a later message on; an earlier one may still come.
        if "unknown message index" in str(error):
            return None
        raise
    return found.plaintext, found.message_index
