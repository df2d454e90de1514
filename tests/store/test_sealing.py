from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.sealing import (
    KEY_BYTES,
    PERSON_HASH,
    DataKey,
    Kek,
    Keyring,
    Unopened,
    Wrapped,
    kek,
    person_hash,
    row,
    seal,
    unseal,
    unwrap,
    wrap,
)

FIRST = kek(bytes(range(32)))
SECOND = kek(bytes(range(1, 33)))
KEY = DataKey("case:42", b"k" * 32)
BODY = row("journal", "body", 7)

contents = st.binary(max_size=300)
identities = st.builds(row, st.sampled_from(["journal", "outbox"]), st.sampled_from(["body", "payload"]), st.integers(0, 9))
scopes = st.sampled_from(["directory", "case:1", "case:2", "transit:2026-09-01"])


@given(contents, identities)
def test_what_was_sealed_opens_in_its_own_row(content: bytes, identity: str) -> None:
    assert unseal(KEY, identity, seal(KEY, identity, content)) == content


@given(contents, identities, identities)
def test_a_value_moved_to_another_row_does_not_open(content: bytes, here: str, there: str) -> None:
    sealed = seal(KEY, here, content)

    if here != there:
        with pytest.raises(Unopened):
            unseal(KEY, there, sealed)


@given(contents, st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_another_key_does_not_open(content: bytes, secret: bytes) -> None:
    sealed = seal(KEY, BODY, content)

    if secret != KEY.secret:
        with pytest.raises(Unopened):
            unseal(DataKey(KEY.scope, secret), BODY, sealed)


@given(contents, st.data())
def test_one_changed_bit_anywhere_is_noticed(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, BODY, content))

    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Unopened):
        unseal(KEY, BODY, bytes(sealed))


@given(contents, st.data())
def test_cut_bytes_do_not_open(content: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, BODY, content)

    with pytest.raises(Unopened):
        unseal(KEY, BODY, sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_the_same_content_is_never_sealed_the_same_way_twice() -> None:
    assert len({seal(KEY, BODY, b"same") for _ in range(200)}) == 200


def test_sealed_bytes_do_not_hold_the_content() -> None:
    assert b"hemsjukv" not in seal(KEY, BODY, "hemsjukvården tackar ja".encode())


@given(scopes)
def test_a_wrapped_key_opens_with_its_kek_only(scope: str) -> None:
    key, wrapped = Keyring(FIRST).new(scope)

    assert Keyring(FIRST).open(wrapped) == key
    with pytest.raises(Unopened):
        Keyring(SECOND).open(wrapped)
    with pytest.raises(Unopened):
        unwrap(SECOND, wrapped)


def test_a_kek_that_only_claims_the_right_id_does_not_open() -> None:
    _, wrapped = Keyring(FIRST).new("case:1")

    with pytest.raises(Unopened):
        Keyring(Kek(FIRST.id, SECOND.secret)).open(wrapped)


@given(scopes, scopes)
def test_a_wrapped_key_cannot_be_passed_off_for_another_scope(scope: str, other: str) -> None:
    _, wrapped = Keyring(FIRST).new(scope)

    if scope != other:
        with pytest.raises(Unopened):
            Keyring(FIRST).open(Wrapped(other, wrapped.kek, wrapped.sealed))


@given(contents, scopes)
def test_rotation_rewraps_the_key_and_the_sealed_content_still_opens(content: bytes, scope: str) -> None:
    key, wrapped = Keyring(FIRST).new(scope)
    sealed = seal(key, BODY, content)

    rewrapped = Keyring(SECOND, older=(FIRST,)).rewrap(wrapped)

    assert rewrapped.kek == SECOND.id
    assert unseal(Keyring(SECOND).open(rewrapped), BODY, sealed) == content
    with pytest.raises(Unopened):
        Keyring(FIRST).open(rewrapped)


def test_rewrapping_what_is_already_under_the_current_kek_changes_nothing() -> None:
    _, wrapped = Keyring(SECOND).new("directory")

    assert Keyring(SECOND, older=(FIRST,)).rewrap(wrapped) is wrapped


def test_a_wrapped_data_key_is_not_sealed_content_and_the_reverse() -> None:
    as_content = DataKey("case:1", FIRST.secret)

    with pytest.raises(Unopened):
        unseal(as_content, BODY, wrap(FIRST, KEY).sealed)
    with pytest.raises(Unopened):
        unwrap(FIRST, Wrapped("case:1", FIRST.id, seal(as_content, BODY, KEY.secret)))


def test_each_new_key_is_another() -> None:
    ring = Keyring(FIRST)

    assert ring.new("case:1")[0].secret != ring.new("case:1")[0].secret


def test_the_fingerprint_tells_keks_apart_without_holding_them() -> None:
    assert FIRST.id != SECOND.id
    assert FIRST.id == kek(bytes(range(32))).id
    assert FIRST.secret.hex() not in FIRST.id


def test_a_kek_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        kek(b"short")


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "secret" not in repr(FIRST)
    assert "secret" not in repr(KEY)


@pytest.mark.parametrize(("table", "column"), [("journal:x", "body"), ("journal", "body:1"), ("", "body"), ("Journal", "body")])
def test_names_that_would_make_a_row_ambiguous_are_refused(table: str, column: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        row(table, column, 1)


def test_a_person_hash_is_stable_and_depends_on_key_and_number() -> None:
    key = DataKey(PERSON_HASH, b"p" * 32)
    other = DataKey(PERSON_HASH, b"q" * 32)
    day = date(2026, 9, 1).strftime("%Y%m%d")

    assert person_hash(key, day + "0000") == person_hash(key, day + "0000")
    assert person_hash(key, day + "0000") != person_hash(key, day + "0001")
    assert person_hash(key, day + "0000") != person_hash(other, day + "0000")
    assert len(person_hash(key, day + "0000")) == 32


@pytest.mark.parametrize(("scope", "number"), [("directory", "0" * 12), (PERSON_HASH, "0" * 10), (PERSON_HASH, "0" * 8 + "-0000")])
def test_a_person_hash_needs_its_own_key_and_twelve_digits(scope: str, number: str) -> None:
    with pytest.raises(ValueError, match="own key"):
        person_hash(DataKey(scope, b"p" * 32), number)
