"""The seeds of the bot's identity, as the edge keeps and finds them: sealed in the installation's database."""

from bot.premises import Premises
from store import identities
from store.identities import Seeds


class SealedSeeds:
    """The seeds of one account."""

    def __init__(self, premises: Premises, user: str) -> None:
        self._premises = premises
        self._user = user

    async def load(self) -> Seeds | None:
        """Return the seeds, None if there are none; raise store.sealing.Unopened under another KEK."""
        async with self._premises.database.read() as tx:
            return await identities.load(tx, self._premises.vault, self._user)

    async def keep(self, seeds: Seeds) -> None:
        """Commit the seeds, in place of others."""
        async with self._premises.database.write() as tx:
            await identities.keep(tx, self._premises.vault, self._user, seeds, self._premises.machine.utc())
