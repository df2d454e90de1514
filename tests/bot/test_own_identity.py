"""What the doctor says of the bot's identity, for all that the homeserver may show of it."""

from types import MappingProxyType

import pytest

from bot.findings import Finding, Mark
from bot.matrix.crypto.identity import MASTER, SELF_SIGNING, USAGES, Shown, Signers, new_seeds
from bot.own_identity import stands
from store.identities import Seeds
from tests.bot.matrix.bots import SEEDS
from tests.bot.matrix.crypto.accounts import USER, own

NOTHING = Shown(MappingProxyType(dict.fromkeys(USAGES, "")), {}, own().keys())


def shows(seeds: Seeds, *, signed: bool = True, without: str = "") -> Shown:
    signers = Signers.of(seeds)
    public = {usage: "" if usage == without else key for usage, key in signers.public.items()}
    device = signers.self_signing.sign(own().keys(), USER) if signed else own().keys()
    return Shown(MappingProxyType(public), {}, device)


def failed(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.mark is Mark.FAIL]


def test_an_identity_in_order_is_told_in_four_lines() -> None:
    found = list(stands(USER, shows(SEEDS), SEEDS, stored=True))

    assert [finding.mark for finding in found] == [Mark.OK] * 4
    assert all(finding.what.startswith("identity: ") for finding in found)


@pytest.mark.parametrize(
    ("seen", "seeds", "stored", "what", "mend"),
    [
        (NOTHING, SEEDS, True, "shows none", "start the bot"),
        (shows(SEEDS, without=SELF_SIGNING), SEEDS, True, "only a part", "start the bot"),
        (shows(new_seeds()), SEEDS, True, "another than the one", "find out who changed it"),
        (shows(SEEDS, signed=False), SEEDS, True, "not signed", "samrum init --new-device"),
        (shows(SEEDS), SEEDS, False, "no recovery key", "samrum identity new-recovery-key"),
        (shows(SEEDS), None, True, "not in the database", "samrum identity restore"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(seen: Shown, seeds: Seeds | None, stored: bool, what: str, mend: str) -> None:
    wrong = failed(list(stands(USER, seen, seeds, stored=stored)))

    assert any(what in finding.what and mend in finding.mend for finding in wrong)
    assert all(finding.mend for finding in wrong)


def test_an_account_without_any_identity_is_sent_to_init() -> None:
    wrong = failed(list(stands(USER, NOTHING, None, stored=False)))

    assert {finding.mend for finding in wrong[:2]} == {"run samrum init"}


def test_no_key_is_told() -> None:
    told = " ".join(f"{finding.what} {finding.mend}" for finding in stands(USER, shows(new_seeds()), SEEDS, stored=True))

    assert Signers.of(SEEDS).public[MASTER] not in told
