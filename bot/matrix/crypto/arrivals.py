"""What came and is not recorded yet: room keys on the way from their letter to their room, and the names of those that are there.

A letter opens once, and the homeserver tells it until the batch that it came with is recorded. So what was opened is kept in the commit of
the ratchet that opened it, and goes in the one that records the batch: between the two anything may break off.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping

from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.olm import Letter
from bot.matrix.shapes import Fields, fields, text
from store.matrix_keys import Slot

LETTER, SESSION = "letter", "session"
HEAD = ("sender", "curve25519", "ed25519", "kind")
PARTS = ("algorithm", "room_id", "session_id", "session_key")
"""What is kept of a room key's letter, and of its content."""


class Arrivals:
    """The letters that a device has opened, by their ciphertexts; `fetch` before anything else."""

    def __init__(self, cabinet: Cabinet, device: str) -> None:
        self._cabinet = cabinet
        self._device = device

    async def fetch(self) -> None:
        """Have at hand what came."""
        await self._cabinet.fetch(Drawer.ARRIVAL, [self._device])

    def opened(self, event: Fields) -> bool:
        """Whether a to-device event was opened before: the ratchet would not open it again."""
        return _name(event) in self._kept

    def note(self, event: Fields, letter: Letter | None) -> None:
        """Note that an event was opened, and the letter if a room key in it is to be taken; nothing may be awaited since it was opened."""
        if letter is None:
            self._put(_name(event), {SESSION: ""})
        else:
            # Nothing else of the content is touched: a stranger has made it, and it may be nested as deep as can be.
            content = {part: text(letter.content.get(part)) for part in PARTS}
            self._put(_name(event), {LETTER: {**{part: getattr(letter, part) for part in HEAD}, "content": content}})

    def waiting(self) -> Mapping[str, Letter]:
        """Return the letters whose room keys are not in their places yet."""
        found = {name: value[LETTER] for name, value in self._values() if LETTER in value}
        return {name: Letter(**{part: kept[part] for part in HEAD}, content=kept["content"]) for name, kept in found.items()}

    def settle(self, name: str, session: str) -> None:
        """Note that a letter's room key is in its place, "" for one that is not to be used; put together with the key itself."""
        self._put(name, {SESSION: session})

    @property
    def sessions(self) -> frozenset[str]:
        """The room keys in their places that no recorded batch has named."""
        return frozenset(session for _, value in self._values() if (session := text(value.get(SESSION))))

    def recorded(self, sessions: Collection[str]) -> Mapping[Slot, None]:
        """Return what is to be removed when a batch is recorded that names these room keys."""
        named = {"", *sessions}
        return {Slot(Drawer.ARRIVAL, self._device, name): None for name, value in self._values() if value.get(SESSION) in named}

    @property
    def _kept(self) -> Mapping[str, bytes]:
        return self._cabinet.of(Drawer.ARRIVAL, self._device)

    def _values(self) -> Iterator[tuple[str, Fields]]:
        return ((name, fields(json.loads(kept))) for name, kept in self._kept.items())

    def _put(self, name: str, value: Fields) -> None:
        self._cabinet.put(Drawer.ARRIVAL, self._device, name, json.dumps(dict(value)).encode())


def _name(event: Fields) -> str:
    """Return what tells Olm messages apart: a digest of their ciphertexts."""
    parts = fields(fields(event.get("content")).get("ciphertext")).values()
    return hashlib.sha256("\n".join(text(fields(part).get("body")) for part in parts).encode()).hexdigest()
