"""Who enters a room while a message is on its way there: the homeserver put them before it, and the bot gave them no key (invariant 6).

They are given it afterwards, from the first message on that follows their joining in the order of the room: what was said before they were
in stays closed to them. A room key cannot be turned back, so the key from each message on is kept until that message is heard.

All of it lies in the cabinet: what is said is committed with the ratchet that says it, who came in and who missed what with the batch that
told so. So any process can give the key, and reading a batch again tells nothing new (decision 0035).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.outbound import RoomKey

SAID, ENTERED = "said ", "entered "
"""How the names of messages and of people begin."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message: where in its session it stands, the content of the key from it on, and the people who had been given the key."""

    index: int
    content: Mapping[str, str]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """What somebody is still to be given: the key of a room from a message of its session on."""

    room: str
    user: str
    index: int
    content: Mapping[str, str]

    @property
    def name(self) -> str:
        """What tells it from others: a digest, since ids together are longer than a name may be."""
        return _digest(self.room, self.user, self.content["session_id"])


class Latecomers:
    """Keeps count of what was said and who came in, by what the sync tells. A room is to be fetched before."""

    def __init__(self, cabinet: Cabinet, device: str) -> None:
        self._cabinet = cabinet
        self._device = device

    async def fetch(self, *rooms: str) -> None:
        """Have at hand what was said in these rooms, and what was missed anywhere."""
        await self._cabinet.fetch_each({Drawer.SAID: rooms, Drawer.MISSED: [self._device]})

    @property
    def missed(self) -> tuple[Missed, ...]:
        """For each session the first message after their joining whose key somebody was not given."""
        return tuple(Missed(**json.loads(kept)) for kept in self._cabinet.of(Drawer.MISSED, self._device).values())

    def saying(self, key: RoomKey) -> None:
        """Note a message that is about to be encrypted with a key; nothing may be awaited until it is."""
        said = Said(key.session.message_index, key.content(), tuple(sorted({user for user, _ in key.shared})))
        self._cabinet.put(Drawer.SAID, key.room, _message(key.id, said.index), json.dumps(asdict(said)).encode())

    def entered(self, room: str, user: str) -> None:
        """Note that somebody has come in, in the order of the room."""
        self._cabinet.put(Drawer.SAID, room, ENTERED + _digest(user), json.dumps(user).encode())

    def left(self, room: str, user: str) -> None:
        """Note that somebody has gone: what is said from here on is not said to them."""
        if ENTERED + _digest(user) in self._cabinet.of(Drawer.SAID, room):
            self._cabinet.put(Drawer.SAID, room, ENTERED + _digest(user), None)

    def heard(self, room: str, session: str, index: int) -> None:
        """Note an own message where it stands in the room."""
        kept = self._cabinet.of(Drawer.SAID, room).get(_message(session, index))
        if kept is None:
            return
        said = Said(**json.loads(kept))
        self._cabinet.put(Drawer.SAID, room, _message(session, index), None)
        for user in self._entered(room):
            if user not in said.given:
                self._miss(Missed(room, user, said.index, said.content))
            # Messages may overtake each other: one that was said before this one may still come.
            elif all(user in other.given for other in self._unheard(room)):
                self.left(room, user)

    def served(self, missed: Missed) -> None:
        """Note that somebody was given what they missed, or is not to have it."""
        self._cabinet.put(Drawer.MISSED, self._device, missed.name, None)

    def prune(self, room: str) -> None:
        """Forget all of a room."""
        self._cabinet.empty(Drawer.SAID, room)
        for missed in self.missed:
            if missed.room == room:
                self.served(missed)

    def _miss(self, missed: Missed) -> None:
        earlier = self._cabinet.of(Drawer.MISSED, self._device).get(missed.name)
        if earlier is None or missed.index < Missed(**json.loads(earlier)).index:
            self._cabinet.put(Drawer.MISSED, self._device, missed.name, json.dumps(asdict(missed)).encode())

    def _entered(self, room: str) -> tuple[str, ...]:
        return tuple(json.loads(kept) for name, kept in self._cabinet.of(Drawer.SAID, room).items() if name.startswith(ENTERED))

    def _unheard(self, room: str) -> Iterator[Said]:
        return (Said(**json.loads(kept)) for name, kept in self._cabinet.of(Drawer.SAID, room).items() if name.startswith(SAID))


def _message(session: str, index: int) -> str:
    return f"{SAID}{session} {index}"


def _digest(*ids: str) -> str:
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()
