"""Where commands work (commands 2), and what most of them need."""

from care.effects import PlaceKind
from commands.desk import Lay, Needs

CASE = frozenset({PlaceKind.CASE})
INBOX = frozenset({PlaceKind.INBOX})
CASE_OR_INBOX = CASE | INBOX
PRIVATE = frozenset({PlaceKind.DIRECT, PlaceKind.INBOX})
STAFF = PRIVATE | CASE
ADMIN = frozenset({PlaceKind.ADMIN})
EVERYWHERE = STAFF | ADMIN
ON_CASE = Needs(Lay.CASE)
