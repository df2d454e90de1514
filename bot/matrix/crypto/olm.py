"""Olm: messages from device to device, that room keys travel in.

Several sessions may exist with a device; the one that something last came in is used. Anybody may publish another's identity key as that
of a device of their own, so a session is spoken in only with the signing key that it was begun with. What a stranger sends may be
anything: whatever does not fit is raised, and leaves nothing behind that a later message would trip over (matrix 4.1).
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from vodozemac import AnyOlmMessage, PreKeyMessage, Session

from bot.matrix.crypto.account import PICKLE_KEY, Account
from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.drawers import Drawer
from bot.matrix.crypto.identities import OLM, Device
from bot.matrix.crypto.signing import signed_by
from bot.matrix.shapes import Fields, fields, text
from care.clock import MachineClock

SESSIONS = 10
"""Sessions that are kept with one device: whoever begins ever new ones pushes only their own out."""
MENDED = "mended"
"""The name under which the time of the last new session for a device out of step lies, beside the sessions."""
RETIRED = "retired"
"""The name, in the drawer of the account, of when the sessions that there were became too old to speak in."""
MENDING = 3600.0
"""Seconds between two attempts to get in step with a device (Matrix 1.19, client-server 10.12.1)."""


class Hostile(Exception):  # noqa: N818 - names what the event is
    """An encrypted event that no honest client makes; the argument names the kind for the counter."""


class OutOfStep(Exception):  # noqa: N818 - says what happened
    """A message of a device with which the sessions do not fit together any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What came from a device: who sent it, by the payload, with the identity keys that it was encrypted and claimed with."""

    sender: str
    curve25519: str
    ed25519: str
    kind: str
    content: Fields


@dataclass(frozen=True, slots=True)
class _Kept:
    """A session, and the machine's time (seconds) when something last came in it, or it was begun, and when it was begun.

    `whose` is the signing key of the device: the one that signed the one-time key, or that was named in what came; "" if none was yet.
    """

    at: float
    session: Session
    begun: float
    whose: str = ""


class Post:
    """Olm sessions. What concerns a device is to be fetched before (`peers`)."""

    def __init__(self, cabinet: Cabinet, account: Account, clock: MachineClock) -> None:
        self._cabinet = cabinet
        self._account = account
        self._clock = clock

    async def fetch(self, curves: Iterable[str]) -> None:
        """Have the sessions with these devices at hand."""
        await self._cabinet.fetch(Drawer.OLM, curves)

    def addressed(self, event: Fields) -> str:
        """Return the identity key of the device whose Olm message this is; "" if it is none, or none to this device.

        Raise Hostile for one that does not say whose it is.
        """
        content = fields(event.get("content"))
        if event.get("type") != "m.room.encrypted" or content.get("algorithm") != OLM:
            return ""
        mine = fields(content.get("ciphertext")).get(self._account.curve25519)
        sender_key = text(content.get("sender_key"))
        if mine is not None and len(sender_key) != len(self._account.curve25519):
            raise Hostile("no_sender_key")
        return sender_key if mine is not None else ""

    def open(self, event: Fields) -> Letter:
        """Return what an addressed event says; raise OutOfStep, Hostile, or whatever malformed bytes bring vodozemac to raise."""
        content = fields(event.get("content"))
        curve = text(content.get("sender_key"))
        part = fields(fields(content.get("ciphertext")).get(self._account.curve25519))
        kept, plain = self._decrypted(curve, part)
        payload = fields(json.loads(plain))
        signing = text(fields(payload.get("keys")).get("ed25519"))
        ours = (payload.get("recipient"), fields(payload.get("recipient_keys")).get("ed25519"))
        if ours != (self._account.user, self._account.ed25519):
            raise Hostile("other_recipient")
        if not signing or payload.get("sender") != event.get("sender"):
            raise Hostile("other_sender")
        if not kept.whose:
            self._write(curve, replace(kept, whose=signing))
        return Letter(text(event.get("sender")), curve, signing, text(payload.get("type")), fields(payload.get("content")))

    def reachable(self, device: Device) -> bool:
        """Whether there is a session with the device that may be spoken in."""
        return next(self._speakable(device), None) is not None

    def retire(self) -> None:
        """Speak no more in the sessions that there are: their ratchets may stand where they stood before. They still open what comes."""
        self._cabinet.put(Drawer.ACCOUNT, self._account.device, RETIRED, f"{self._now():.3f}".encode())

    def begin(self, user: str, device: Device, one_time_key: Fields) -> None:
        """Begin a session with a device; raise ValueError for a key that is malformed or not signed by it."""
        name, key = next(iter(one_time_key.items()))
        if not name.startswith("signed_curve25519:") or not signed_by(fields(key), user, device.id, device.ed25519):
            raise ValueError("not a signed one-time key")
        session = self._account.begin(device.curve25519, text(fields(key).get("key")))
        self._keep(device.curve25519, _Kept(self._now(), session, self._now(), device.ed25519))

    def seal(self, user: str, device: Device, kind: str, content: Fields) -> dict[str, Any] | None:
        """Return the content of a to-device event that only the device opens; None for one that is not reachable (any more)."""
        kept = next(self._speakable(device), None)
        if kept is None:
            return None
        mine = self._account
        payload = {
            "type": kind,
            "content": dict(content),
            "sender": mine.user,
            "sender_device": mine.device,
            "keys": {"ed25519": mine.ed25519},
            "recipient": user,
            "recipient_keys": {"ed25519": device.ed25519},
        }
        number, body = kept.session.encrypt(json.dumps(payload, ensure_ascii=False).encode()).to_parts()
        self._write(device.curve25519, kept)
        sealed = {"type": number, "body": base64.b64encode(body).decode().rstrip("=")}
        return {"algorithm": OLM, "sender_key": mine.curve25519, "ciphertext": {device.curve25519: sealed}}

    def mendable(self, curve25519: str) -> bool:
        """Whether a new session may be begun with a device that is out of step."""
        last = self._cabinet.of(Drawer.OLM, curve25519).get(MENDED)
        return last is None or self._now() - float(last) >= MENDING

    def mended(self, curve25519: str) -> None:
        """Note that a new session was begun with a device that was out of step."""
        self._cabinet.put(Drawer.OLM, curve25519, MENDED, f"{self._now():.3f}".encode())

    def _decrypted(self, curve25519: str, part: Fields) -> tuple[_Kept, bytes]:
        number, body = part.get("type"), text(part.get("body"))
        if number == 0:
            return self._first(curve25519, PreKeyMessage.from_base64(body))
        if number != 1:
            raise ValueError("neither a first nor a later message")
        message = AnyOlmMessage.normal(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
        for kept in self._kept(curve25519):
            try:
                plain = kept.session.decrypt(message)
            except ValueError:
                continue
            return self._keep(curve25519, kept), plain
        raise OutOfStep

    def _first(self, curve25519: str, message: PreKeyMessage) -> tuple[_Kept, bytes]:
        known = next((kept for kept in self._kept(curve25519) if kept.session.session_matches(message)), None)
        try:
            if known:
                kept, plain = known, known.session.decrypt(message.to_any())
            else:
                session, plain = self._account.accept(curve25519, message)
                kept = _Kept(self._now(), session, self._now())
        except ValueError as error:
            raise OutOfStep from error
        return self._keep(curve25519, kept), plain

    def _kept(self, curve25519: str) -> Iterator[_Kept]:
        """Yield the sessions with a device, the one used last first."""
        values = self._cabinet.of(Drawer.OLM, curve25519)
        found = [value.decode().split(" ") for name, value in values.items() if name != MENDED]
        for at, pickle, *more in sorted(found, key=lambda each: float(each[0]), reverse=True):
            begun, whose = (*more, "", "")[:2]
            yield _Kept(float(at), Session.from_pickle(pickle, PICKLE_KEY), float(begun or 0.0), whose)

    def _speakable(self, device: Device) -> Iterator[_Kept]:
        retired = self._cabinet.of(Drawer.ACCOUNT, self._account.device).get(RETIRED)
        fit = (kept for kept in self._kept(device.curve25519) if kept.whose == device.ed25519)
        return (kept for kept in fit if retired is None or kept.begun > float(retired))

    def _keep(self, curve25519: str, kept: _Kept) -> _Kept:
        now = replace(kept, at=self._now())
        self._write(curve25519, now)
        names = [kept.session.session_id for kept in self._kept(curve25519)]
        for name in names[SESSIONS:]:
            self._cabinet.put(Drawer.OLM, curve25519, name, None)
        return now

    def _write(self, curve25519: str, kept: _Kept) -> None:
        value = f"{kept.at:.3f} {kept.session.pickle(PICKLE_KEY)} {kept.begun:.3f} {kept.whose}".encode()
        self._cabinet.put(Drawer.OLM, curve25519, kept.session.session_id, value)

    def _now(self) -> float:
        return self._clock.utc().timestamp()
