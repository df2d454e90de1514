"""Who enters a room while a message is on its way there: the homeserver put them before it, and the bot gave them no key (invariant 6).

They are given it afterwards, from the first message on that follows their joining in the order of the room: what was said before they were
in stays closed to them. Only the process that said a message can do so: a room key cannot be turned back.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.matrix.crypto.outbound import RoomKey
from bot.matrix.shapes import Pair

MOST = 2_000
"""Messages that are remembered until they come back in the sync; older ones are given up."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message: the content of the key from it on, and the devices that had been given the key."""

    content: Mapping[str, str]
    given: frozenset[Pair]


class Latecomers:
    """Keeps count of what was said and who came in, by what the sync tells."""

    def __init__(self) -> None:
        self._said: OrderedDict[tuple[str, int], Said] = OrderedDict()
        self._entered: defaultdict[str, set[str]] = defaultdict(set)
        self._missed: dict[tuple[str, str], Said] = {}

    @property
    def missed(self) -> Mapping[tuple[str, str], Said]:
        """By room and user: the first message after their joining whose key they were not given."""
        return dict(self._missed)

    def saying(self, key: RoomKey) -> None:
        """Note a message that is about to be encrypted with a key."""
        self._said[key.id, key.session.message_index] = Said(key.content(), key.shared)
        if len(self._said) > MOST:
            self._said.popitem(last=False)

    def entered(self, room: str, user: str) -> None:
        """Note that somebody has come in, in the order of the room."""
        self._entered[room].add(user)

    def heard(self, room: str, session: str, index: int) -> None:
        """Note an own message where it stands in the room."""
        said = self._said.pop((session, index), None)
        if said is None or room not in self._entered:
            return
        given = {user for user, _ in said.given}
        for user in self._entered[room] - given:
            self._missed.setdefault((room, user), said)
        self._entered[room] -= given
        if not self._entered[room]:
            del self._entered[room]

    def served(self, room: str, user: str) -> None:
        """Note that somebody was given what they missed, or cannot be."""
        self._missed.pop((room, user), None)
