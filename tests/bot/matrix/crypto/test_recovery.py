"""The recovery key and what it encrypts, against vectors of other implementations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.crypto import recovery

CURVE_KEY = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
CURVE_WORDS = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"
"""The vector of the key backup's tests in matrix-js-sdk."""
OTHER_WORDS = "EsTj 3yST y93F SLpB jJsz eAXc 2XzA ygD3 w69H fGaN TKBj jXEd"
DESCRIBED = {"algorithm": recovery.ALGORITHM, "iv": "xv5b6/p3ExEw++wTyfSHEg==", "mac": "ujBBbXahnTAMkmPUX2/0+VTfUh63pGyVRuBcDMgmJC8="}
"""The vector of secret storage in matrix-rust-sdk."""


def test_a_key_is_spelled_and_read_as_others_do() -> None:
    assert recovery.spelled(CURVE_KEY) == CURVE_WORDS
    assert recovery.read(CURVE_WORDS) == CURVE_KEY
    assert recovery.read(f"  {CURVE_WORDS.replace(' ', '')}\n") == CURVE_KEY


def test_a_key_is_recognised_by_its_description_as_others_do() -> None:
    assert recovery.fits(recovery.read(OTHER_WORDS), DESCRIBED)
    assert not recovery.fits(CURVE_KEY, DESCRIBED)
    assert not recovery.fits(recovery.read(OTHER_WORDS), {**DESCRIBED, "algorithm": "m.secret_storage.v2"})


@given(st.binary(min_size=32, max_size=32))
def test_every_key_survives_being_written_down(key: bytes) -> None:
    assert recovery.read(recovery.spelled(key)) == key


@given(st.integers(0, 47), st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl å"))
def test_one_mistyped_character_never_makes_another_key(place: int, letter: str) -> None:
    plain = CURVE_WORDS.replace(" ", "")
    mistyped = plain[:place] + letter + plain[place + 1 :]

    if mistyped == plain:
        assert recovery.read(mistyped) == CURVE_KEY
        return
    try:
        found = recovery.read(mistyped)
    except recovery.Mistyped:
        return
    # The parity byte lets one in 256 through: the description of the key finds those.
    assert found != CURVE_KEY
    assert not recovery.fits(found, recovery.description(CURVE_KEY, "Samrum"))


@pytest.mark.parametrize("words", ["", "EsTc", CURVE_WORDS[:-1], CURVE_WORDS + "4", "z" * 5000, "1" * 48])
def test_what_is_no_key_is_told(words: str) -> None:
    with pytest.raises(recovery.Mistyped):
        recovery.read(words)


def test_a_secret_opens_with_its_key_and_name_only() -> None:
    held = recovery.sealed(CURVE_KEY, "m.cross_signing.master", b"secret")

    assert recovery.opened(CURVE_KEY, "m.cross_signing.master", held) == b"secret"
    for key, name, changed in (
        (b"k" * 32, "m.cross_signing.master", held),
        (CURVE_KEY, "m.cross_signing.self_signing", held),
        (CURVE_KEY, "m.cross_signing.master", {**held, "ciphertext": "AAAA"}),
        (CURVE_KEY, "m.cross_signing.master", {**held, "iv": "AAAA"}),
        (CURVE_KEY, "m.cross_signing.master", {"iv": 7, "mac": "%"}),
    ):
        with pytest.raises(recovery.Unopened):
            recovery.opened(key, name, changed)


def test_the_same_secret_is_never_encrypted_alike_and_bit_63_is_zero() -> None:
    ivs = {recovery.sealed(CURVE_KEY, "n", b"s")["iv"] for _ in range(64)}

    assert len(ivs) == 64
    assert all(not recovery._decoded(iv)[8] & 0x80 for iv in ivs)


def test_new_keys_are_random() -> None:
    assert recovery.new_key() != recovery.new_key()
