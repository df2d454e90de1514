"""The tables, portable between SQLite and PostgreSQL. Content is sealed (LargeBinary); what stands in clear is said in architecture 4."""

from store.tables.base import Instant, metadata, written
from store.tables.cases import access, case_numbers, case_people, case_units, cases, heads, journal
from store.tables.exchange import dialogues, inbox, origins, outbox, probes, renewals, sync, unread
from store.tables.installation import accounts, counts, generations, identities, keys, leases, matrix_keys
from store.tables.people import changed_identities, huvudman, members, preferences, units
from store.tables.places import descriptions, lost_rooms, room_names, rooms, seats
from store.tables.timing import due, reviews, snoozes

__all__ = [
    "Instant",
    "access",
    "accounts",
    "case_numbers",
    "case_people",
    "case_units",
    "cases",
    "changed_identities",
    "counts",
    "descriptions",
    "dialogues",
    "due",
    "generations",
    "heads",
    "huvudman",
    "identities",
    "inbox",
    "journal",
    "keys",
    "leases",
    "lost_rooms",
    "matrix_keys",
    "members",
    "metadata",
    "origins",
    "outbox",
    "preferences",
    "probes",
    "renewals",
    "reviews",
    "room_names",
    "rooms",
    "seats",
    "snoozes",
    "sync",
    "units",
    "unread",
    "written",
]
