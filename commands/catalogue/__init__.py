"""All commands in one list, by noun."""

from commands.catalogue.cases import CASES
from commands.catalogue.everyday import EVERYDAY
from commands.catalogue.meetings import MEETINGS
from commands.catalogue.plans import PLANS
from commands.catalogue.trust import TRUST
from commands.catalogue.verifying import VERIFYING
from commands.declare import Command

COMMANDS: tuple[Command, ...] = (*EVERYDAY, *CASES, *MEETINGS, *PLANS, *TRUST, *VERIFYING)

__all__ = ["COMMANDS"]
