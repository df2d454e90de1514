from nio.crypto.attachments import decrypt_attachment

from bot.matrix.files import encrypted


def test_an_independent_client_opens_what_was_encrypted() -> None:
    data = bytes(range(256)) * 4097

    sealed, key = encrypted(data)

    assert data[:64] not in sealed
    assert decrypt_attachment(sealed, key["key"]["k"], key["hashes"]["sha256"], key["iv"]) == data


def test_no_two_files_share_a_key() -> None:
    (first, one), (second, other) = encrypted(b"the same"), encrypted(b"the same")

    assert first != second
    assert (one["key"]["k"], one["iv"]) != (other["key"]["k"], other["iv"])
