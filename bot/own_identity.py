"""What `samrum doctor` says of the bot's own identity: whether strict clients read it, and whether it could be brought back (0011)."""

from collections.abc import AsyncIterator, Iterator

from bot.config import ConfigurationError
from bot.findings import Finding, Mark
from bot.identity import at_homeserver
from bot.matrix.crypto.identity import MASTER, Shown, Signers
from bot.premises import Premises
from store.identities import Seeds

START = "start the bot, which sets it right and says what it cannot"
RESTORE = "run samrum identity restore with the recovery key, then samrum init"
INTRUDER = (
    "find out who changed it, and change the password of the bot's account; "
    "then see the table of the operators' guide, chapter The bot's identity"
)
DEVICE = "start the bot, which signs it; if it says that the device is another, run samrum init --new-device"
RECOVERY = "run samrum identity new-recovery-key, and lock the key away"


async def examined(premises: Premises) -> AsyncIterator[Finding]:
    """Yield how the identity stands; nothing without a sign-in, of which another finding tells. It may run beside the bot."""
    try:
        async with at_homeserver(premises) as there:
            seen, seeds, stored = await there.shown(), await there.seeds.load(), await there.storage.prepared()
    except ConfigurationError as wrong:
        yield Finding(Mark.NOTE, f"identity: not looked at; {wrong}")
        return
    for finding in stands(there.account.user, seen, seeds, stored=stored):
        yield finding


def stands(user: str, seen: Shown, seeds: Seeds | None, *, stored: bool) -> Iterator[Finding]:
    """Yield the findings about what the homeserver shows, the secret keys in the database, and whether secret storage holds them."""
    yield _kept(seen, seeds)
    yield _published(seen, seeds)
    if seen.public[MASTER]:
        signed = seen.signed(user)
        yield _found(signed, f"identity: the bot's device is {'' if signed else 'not '}signed by it", DEVICE)
    what = "identity: the recovery key can bring it back" if stored else "identity: no recovery key can bring it back"
    yield _found(stored, what, RECOVERY)


def _kept(seen: Shown, seeds: Seeds | None) -> Finding:
    if seeds:
        return Finding(Mark.OK, "identity: its secret keys are in the database")
    return Finding(Mark.FAIL, "identity: its secret keys are not in the database", RESTORE if seen.public[MASTER] else "run samrum init")


def _published(seen: Shown, seeds: Seeds | None) -> Finding:
    own = Signers.of(seeds).public if seeds else None
    if not seen.public[MASTER]:
        return Finding(Mark.FAIL, "identity: the homeserver shows none", START if seeds else "run samrum init")
    if own is None:
        return Finding(Mark.NOTE, "identity: the homeserver shows one; whether it is the bot's own cannot be told")
    if seen.public[MASTER] != own[MASTER]:
        return Finding(Mark.FAIL, "identity: the homeserver shows another than the one in the database", INTRUDER)
    whole = seen.public == own
    return _found(whole, f"identity: the homeserver shows {'' if whole else 'only a part of '}the one in the database", START)


def _found(good: bool, what: str, mend: str) -> Finding:
    return Finding(Mark.OK, what) if good else Finding(Mark.FAIL, what, mend)
