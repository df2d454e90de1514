"""Where and how the edge works."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.matrix.crypto.cabinet import Cabinet
from bot.matrix.crypto.identities import Policy
from bot.matrix.crypto.identity import Secrets
from bot.matrix.sharing import Allowed
from care.clock import MachineClock


@dataclass(frozen=True, slots=True)
class Setting:
    """What the edge works with. `cabinet` holds the keys of the account, `policy` says which devices of others are trusted.

    `known_rooms` maps the rooms of the bot's own store to whether they are encrypted; `allowed` names who is authorised for a
    room; `clear_sentences` is the closed list of what may ever be said unencrypted (architecture 5). `secrets` holds the seeds of
    the account's identity, `password` gives the account's password to `samrum init` and is "" ever after. `fence` goes before all
    that leaves.
    """

    homeserver: str
    cabinet: Cabinet
    clock: MachineClock
    allowed: Allowed
    known_rooms: Mapping[str, bool]
    secrets: Secrets
    password: Callable[[], str] = field(default=lambda: "", repr=False)
    clear_sentences: frozenset[str] = frozenset()
    policy: Policy = Policy.CROSS_SIGNED
    fence: Callable[[], None] | None = None
