"""The drawers of the cabinet: what lies together, under whose name, and how much of it stays in memory."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Drawer(StrEnum):
    """What lies together. Owner and name are given for each."""

    ACCOUNT = "account"
    """The own device: its id; `pickle`, `state`, `era`, `retired`."""
    OLM = "olm"
    """Sessions with one device: its curve25519 key; session id."""
    INBOUND = "inbound"
    """Room keys of others: room; session id."""
    OUTBOUND = "outbound"
    """The own room key: room; `pickle`, `made`, `shared`."""
    PERSON = "person"
    """Other people: user id; `person`, `stale`, `told`."""
    SEEN = "seen"
    """Which event a ciphertext came in: session id; message index."""
    ARRIVAL = "arrival"
    """Room keys that came and are not recorded: the own device's id; a digest of the letter."""
    SAID = "said"
    """What was said and not heard back, and who came in meanwhile: room; session and index, or a digest of the user id."""
    MISSED = "missed"
    """Who is still to be given which room key: the own device's id; a digest of room, user and session."""
    ROOM = "room"
    """How a room is encrypted: room; `encryption`."""
    SECRET = "secret"  # noqa: S105 - names a drawer
    """Private keys of the own identity: `cross-signing`, …; by name."""


ROOM_FOR: Mapping[Drawer, int] = MappingProxyType(
    {
        Drawer.ACCOUNT: 10,
        Drawer.OLM: 5_000,
        Drawer.INBOUND: 500,
        Drawer.OUTBOUND: 5_000,
        Drawer.PERSON: 5_000,
        Drawer.SEEN: 2_000,
        Drawer.ARRIVAL: 10,
        Drawer.SAID: 5_000,
        Drawer.MISSED: 10,
        Drawer.ROOM: 10_000,
        Drawer.SECRET: 100,
    }
)
"""Owners that are kept in memory per drawer; those that were not used longest make room, unless they have something unsaved."""
