"""Who can log in at a demo: the staff of Region Almfors as ordinary accounts, all with the same throw-away password."""

from collections.abc import Mapping
from dataclasses import dataclass

from care.people import Directory, Member
from demo.homeserver import Homeserver

PASSWORD = "almfors-demo"
BOT = "samrum"
ADMINISTRATOR = "admin.demo"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demo: `roles` by unit, role keys first and then the profession ("" for a system role)."""

    user_id: str
    name: str
    password: str
    roles: Mapping[str, tuple[str, ...]]

    @property
    def localpart(self) -> str:
        """Return the part of the user id that people type."""
        return self.user_id[1:].partition(":")[0]


def accounts(directory: Directory) -> tuple[Account, ...]:
    """Return the accounts of all members, in the order of the directory."""
    users = dict.fromkeys(member.user for member in directory.members)
    return tuple(Account(user, directory.name_of(user), PASSWORD, _roles(directory.memberships(user))) for user in users)


def _roles(memberships: tuple[Member, ...]) -> Mapping[str, tuple[str, ...]]:
    return {m.unit: (*sorted(m.roles), *((m.profession,) if m.profession else ())) for m in memberships}


async def register(homeserver: Homeserver, people: tuple[Account, ...], bot_password: str) -> str:
    """Register the people and the bot, which keeps the homeserver's limits until it asks for an override; return the bot's user id."""
    for person in people:
        await homeserver.register(person.localpart, person.password, display=person.name)
    return await homeserver.register(BOT, bot_password, display="Samrum", limited=True)
