"""Whose encryption identity the bot trusts: accepting a new one, after the person was called (architecture 5)."""

from typing import Annotated

from care.refusal import Refused
from commands.declare import Arg, UserRef
from commands.desk import IdentityDesk
from commands.outcome import Outcome, Trusting


def trust(desk: IdentityDesk, person: Annotated[UserRef, Arg(ask="Vems nya identitet ska Samrum lita på?", en="user")]) -> Outcome:
    """Trust the new identity of somebody in the directory; raise Refused for a stranger and for an identity that is the known one."""
    user = str(person)
    if not desk.directory.memberships(user):
        raise Refused("trust/unknown", user=user)
    if user not in desk.changed:
        raise Refused("trust/unchanged", user=user)
    found = desk.changed[user]
    return Trusting(user, found.identity, found.since)


def word(user: str) -> str:
    """Return what confirms the step: the person's own name on the server, since there is no case whose codename could (commands 1).

    Typing it makes the administrator look once more at whom they mean.
    """
    return user.partition(":")[0].removeprefix("@")
