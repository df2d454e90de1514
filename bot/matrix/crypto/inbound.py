"""Megolm, the ears: the room keys of others, and what was encrypted with them (matrix 4.1, 4.2).

A key belongs to the device that its Olm message came from. Keys that somebody else hands on are refused: nobody could tell whose they are.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from vodozemac import InboundGroupSession, MegolmDecryptionException, MegolmMessage, SessionKey

from bot.matrix.crypto.account import PICKLE_KEY
from bot.matrix.crypto.cabinet import Cabinet, Drawer
from bot.matrix.crypto.identities import MEGOLM
from bot.matrix.crypto.olm import Hostile, Letter
from bot.matrix.incoming import Fields, fields, text


@dataclass(frozen=True, slots=True)
class Opened:
    """A decrypted payload, who its session belongs to (a user, and the identity keys of one device), and where in the session it stands."""

    payload: Fields
    sender: str
    curve25519: str
    ed25519: str
    session: str
    index: int


@dataclass(frozen=True, slots=True)
class _Key:
    session: InboundGroupSession
    sender: str
    curve25519: str
    ed25519: str

    @property
    def owner(self) -> tuple[str, str, str]:
        return self.sender, self.curve25519, self.ed25519


class Ears:
    """Room keys of others, by room and session id."""

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
        key = _Key(session, letter.sender, letter.curve25519, letter.ed25519)
        known = self._key(room, name)
        if known and known.owner != key.owner:
            raise Hostile("foreign_room_key")
        if known and known.session.first_known_index <= session.first_known_index:
            return ""
        self.keep(room, session, *key.owner)
        return name

    def keep(self, room: str, session: InboundGroupSession, sender: str, curve25519: str, ed25519: str) -> None:
        """Keep a key as that of a device, its room fetched."""
        value = {"pickle": session.pickle(PICKLE_KEY), "sender": sender, "curve25519": curve25519, "ed25519": ed25519}
        self._cabinet.put(Drawer.INBOUND, room, session.session_id, json.dumps(value).encode())

    def knows(self, room: str, session: str) -> bool:
        """Whether there is a key for a session of a fetched room."""
        return session in self._cabinet.of(Drawer.INBOUND, room)

    def open(self, event: Fields, room: str) -> Opened | None:
        """Decrypt an event of a fetched room; None while its key is missing.

        Raise Hostile, or whatever malformed bytes bring vodozemac and json to raise.
        """
        content = fields(event.get("content"))
        key = self._key(room, text(content.get("session_id")))
        if content.get("algorithm") != MEGOLM or key is None:
            return None
        try:
            found = key.session.decrypt(MegolmMessage.from_base64(content["ciphertext"]))
        except MegolmDecryptionException as error:
            # The key was given from a later message on; an earlier one may still come.
            if "unknown message index" in str(error):
                return None
            raise
        payload = fields(json.loads(found.plaintext.decode()))
        if payload.get("room_id") != room:
            raise Hostile("other_room")
        # A copy in somebody else's event is never trusted, and must not use up the place of the original.
        if text(event.get("sender")) == key.sender:
            self._once(key.session.session_id, found.message_index, text(event.get("event_id")))
        return Opened(payload, *key.owner, key.session.session_id, found.message_index)

    async def prune(self, room: str) -> None:
        """Forget the keys of a room, and what was read with them."""
        await self._cabinet.fetch(Drawer.INBOUND, [room])
        for session in self._cabinet.of(Drawer.INBOUND, room):
            self._cabinet.empty(Drawer.SEEN, session)
        self._cabinet.empty(Drawer.INBOUND, room)

    def _key(self, room: str, session: str) -> _Key | None:
        kept = self._cabinet.of(Drawer.INBOUND, room).get(session)
        if kept is None:
            return None
        value = fields(json.loads(kept))
        pickle = InboundGroupSession.from_pickle(text(value["pickle"]), PICKLE_KEY)
        return _Key(pickle, text(value["sender"]), text(value["curve25519"]), text(value["ed25519"]))

    def _once(self, session: str, index: int, event_id: str) -> None:
        seen = self._cabinet.of(Drawer.SEEN, session).get(str(index))
        if seen is None:
            self._cabinet.put(Drawer.SEEN, session, str(index), event_id.encode())
        elif seen != event_id.encode():
            raise Hostile("replayed")
