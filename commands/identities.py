"""Whose encryption identity the bot trusts: accepting a new one, after comparing keys with the person (architecture 5)."""

from typing import Annotated

from care.refusal import Refused
from commands.declare import Arg, UserRef
from commands.desk import IdentityDesk
from commands.outcome import Outcome, Trusting

GROUP = 4
"""Characters in a group, as clients show a key."""
MOST = 10
"""Devices whose keys are shown; nobody reads more aloud."""
HIDDEN = "…"


def trust(desk: IdentityDesk, person: Annotated[UserRef, Arg(ask="Vems nya identitet ska Samrum lita på?", en="user")]) -> Outcome:
    """Trust the new identity of somebody in the directory; raise Refused for a stranger, and without a new identity."""
    user = str(person)
    if not desk.directory.memberships(user):
        raise Refused("trust/unknown", user=user)
    if user not in desk.changed:
        raise Refused("trust/unchanged", user=user)
    found = desk.changed[user]
    if not found.identity:
        raise Refused("trust/vanished", user=user, since=found.since)
    return Trusting(user, found.identity, found.since, found.vouching[:MOST])


def compared(found: Trusting) -> tuple[str, ...]:
    """Return the keys that are compared with the person: of the devices that vouch for the identity, else of the identity itself.

    A device's key is what a client shows its owner ("session key"). Who holds the device has signed the identity with it.
    """
    return found.vouching or (found.identity,)


def shown(key: str) -> str:
    """Return a key in groups as clients show it, without the last one: that is for the person to say."""
    return " ".join((*_groups(key)[:-1], HIDDEN))


def word(found: Trusting) -> str:
    """Return what confirms the step, with spaces between: the last group of each key that is compared. The bot does not show it."""
    return " ".join(_groups(key)[-1] for key in compared(found))


def _groups(key: str) -> tuple[str, ...]:
    return tuple(key[n : n + GROUP] for n in range(0, len(key), GROUP))
