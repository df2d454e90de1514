from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.events import from_clear, from_payload, invitation, undecryptable
from bot.matrix.incoming import Kind, Proof
from bot.matrix.shapes import text

ROOM = "!BRaGk7"
TRUSTED = Proof(decrypted=True, trusted=True, device="ANNAPHONE")
MEGOLM = "m.megolm.v1.aes-sha2"


def event(kind: str, content: object, **more: object) -> dict[str, Any]:
    head = {"event_id": "$e1", "sender": "@anna.demo:almfors.test", "origin_server_ts": 1_788_242_400_500}
    return {**head, "type": kind, "content": content, **more}


def payload(content: object, kind: str = "m.room.message") -> dict[str, Any]:
    return {"type": kind, "room_id": ROOM, "content": content}


def sealed(relation: dict[str, object] | None = None) -> dict[str, Any]:
    return event("m.room.encrypted", {"algorithm": MEGOLM, **({"m.relates_to": relation} if relation else {})})


def test_a_decrypted_message_carries_words_mentions_time_and_proof() -> None:
    content = {"msgtype": "m.text", "body": "!hjälp", "formatted_body": "<b>!hjälp</b>", "m.mentions": {"user_ids": ["@b:x", 7]}}

    said = from_payload(sealed(), ROOM, payload(content), TRUSTED)

    assert said
    assert (said.kind, said.body, said.html, said.msgtype) == (Kind.MESSAGE, "!hjälp", "<b>!hjälp</b>", "m.text")
    assert (said.mentions, said.decrypted, said.trusted, said.device) == (("@b:x",), True, True, "ANNAPHONE")
    assert said.at == datetime(2026, 9, 1, 6, 0, 0, 500_000, UTC)
    assert said.event_id == "$e1"


def test_a_clear_message_is_unencrypted_whatever_the_room_is() -> None:
    for encrypted in (True, False):
        said = from_clear(event("m.room.message", {"msgtype": "m.text", "body": "hej"}), ROOM, encrypted=encrypted)

        assert said
        assert (said.kind, said.body, said.decrypted, said.trusted) == (Kind.UNENCRYPTED, "hej", False, False)
        assert said.room_encrypted is encrypted


def test_a_clear_edit_stays_unencrypted_and_is_no_edit() -> None:
    content = {
        "msgtype": "m.text",
        "body": "* a",
        "m.new_content": {"body": "a"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$m"},
    }

    said = from_clear(event("m.room.message", content), ROOM, encrypted=True)

    assert said
    assert (said.kind, said.target) == (Kind.UNENCRYPTED, "$m")


def test_an_edit_has_the_new_words_and_the_message_that_they_replace() -> None:
    content = {"msgtype": "m.text", "body": "* /frist 2", "m.new_content": {"msgtype": "m.text", "body": "/frist 2"}}

    said = from_payload(sealed({"rel_type": "m.replace", "event_id": "$m"}), ROOM, payload(content), TRUSTED)

    assert said
    assert (said.kind, said.body, said.target) == (Kind.EDIT, "/frist 2", "$m")


def test_a_thread_message_answers_nobody_unless_an_answer_is_meant() -> None:
    relation = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$last"}}

    fallback = from_payload(sealed({**relation, "is_falling_back": True}), ROOM, payload({"body": "a"}), TRUSTED)
    meant = from_payload(sealed({**relation, "is_falling_back": False}), ROOM, payload({"body": "a"}), TRUSTED)

    assert fallback
    assert meant
    assert (fallback.thread, fallback.reply_to) == ("$root", "")
    assert (meant.thread, meant.reply_to) == ("$root", "$last")


def test_a_relation_inside_the_encryption_wins_over_the_one_outside() -> None:
    inside = {"body": "svar", "m.relates_to": {"m.in_reply_to": {"event_id": "$true"}}}

    said = from_payload(sealed({"m.in_reply_to": {"event_id": "$forged"}}), ROOM, payload(inside), TRUSTED)

    assert said
    assert said.reply_to == "$true"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("> <@b:x> hur går det?\n> och sen?\n\n!svar bra", "!svar bra"),
        ("> bara citat", ""),
        ("utan citat", "utan citat"),
        ("> a\nb", "b"),
    ],
)
def test_the_quotation_before_a_reply_is_cut(body: str, words: str) -> None:
    said = from_payload(sealed({"m.in_reply_to": {"event_id": "$q"}}), ROOM, payload({"body": body}), TRUSTED)

    assert said
    assert said.body == words


def test_a_quotation_in_what_is_no_reply_stays() -> None:
    said = from_payload(sealed(), ROOM, payload({"body": "> citat\n\ntext"}), TRUSTED)

    assert said
    assert said.body == "> citat\n\ntext"


def test_state_and_unknown_types_inside_the_encryption_are_dropped() -> None:
    for kind in ("m.room.member", "m.room.power_levels", "m.room.encryption", "m.call.invite", 7, None):
        assert from_payload(sealed(), ROOM, {"type": kind, "content": {"membership": "join"}}, TRUSTED) is None
    assert from_payload(sealed(), ROOM, {**payload({"body": "x"}), "state_key": ""}, TRUSTED) is None
    assert from_payload({**sealed(), "state_key": ""}, ROOM, payload({"body": "x"}), TRUSTED) is None


def test_a_reaction_is_never_proven() -> None:
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$m", "key": "✅"}}

    tapped = from_clear(event("m.reaction", content), ROOM, encrypted=True)

    assert tapped
    assert (tapped.kind, tapped.target, tapped.key, tapped.trusted) == (Kind.REACTION, "$m", "✅", False)
    assert from_clear(event("m.reaction", {"m.relates_to": {"event_id": "$m"}}), ROOM, encrypted=True) is None


def test_a_redaction_names_its_target_in_old_and_new_room_versions() -> None:
    old = from_clear(event("m.room.redaction", {}, redacts="$m"), ROOM, encrypted=True)
    new = from_clear(event("m.room.redaction", {"redacts": "$m"}), ROOM, encrypted=True)

    assert old
    assert new
    assert old.kind is new.kind is Kind.REDACTION
    assert old.target == new.target == "$m"


def test_membership_and_room_changes_come_with_their_state() -> None:
    member = from_clear(event("m.room.member", {"membership": "leave"}, state_key="@b:x"), ROOM, encrypted=True)
    grave = from_clear(event("m.room.tombstone", {"replacement_room": "!new"}, state_key=""), ROOM, encrypted=True)

    assert member
    assert grave
    assert (member.kind, member.membership, member.state_key) == (Kind.MEMBERSHIP, "leave", "@b:x")
    assert (grave.kind, grave.state_type, grave.content["replacement_room"]) == (Kind.ROOM_CHANGE, "m.room.tombstone", "!new")
    assert from_clear(event("m.room.topic", {"topic": "x"}, state_key=""), ROOM, encrypted=True) is None


def test_a_message_with_a_state_key_is_no_message() -> None:
    assert from_clear(event("m.room.message", {"body": "x"}, state_key=""), ROOM, encrypted=True) is None


def test_an_invitation_is_the_bots_own_member_event_and_tells_whether_the_room_is_encrypted() -> None:
    mine = event("m.room.member", {"membership": "invite", "is_direct": True}, state_key="@bot:x")
    other = {"type": "m.room.member", "sender": "@c:x", "state_key": "@c:x", "content": {"membership": "join"}}
    encryption = {"type": "m.room.encryption", "sender": "@c:x", "state_key": "", "content": {"algorithm": MEGOLM}}

    closed = invitation(ROOM, {"events": [encryption, other, mine]}, "@bot:x")
    clear = invitation(ROOM, {"events": [other, {**mine, "event_id": None}]}, "@bot:x")

    assert closed
    assert clear
    assert (closed.kind, closed.sender, closed.room_encrypted) == (Kind.INVITATION, "@anna.demo:almfors.test", True)
    assert (clear.event_id, clear.room_encrypted) == (f"invitation:{ROOM}", False)
    assert invitation(ROOM, {"events": [other]}, "@bot:x") is None


def test_an_event_without_its_key_names_the_session() -> None:
    unread = undecryptable(event("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s1"}), ROOM)

    assert (unread.kind, unread.session_id, unread.body, unread.trusted) == (Kind.UNDECRYPTABLE, "s1", "", False)


def test_the_bots_own_event_brings_its_transaction_id() -> None:
    own = {**sealed(), "unsigned": {"transaction_id": "row-1"}}

    said = from_payload(own, ROOM, payload({"body": "x"}), TRUSTED)

    assert said
    assert said.transaction_id == "row-1"


def test_text_is_cleaned_of_what_databases_refuse() -> None:
    assert text("a\ud800b\0c") == "a?b\ufffdc"
    assert text(["a"]) == text(None) == text(7) == ""


def test_an_absurd_time_is_a_time_all_the_same() -> None:
    for absurd in (-1, 10**30, "nu", None, 1.5, True):
        said = from_clear(event("m.room.message", {"body": "x"}, origin_server_ts=absurd), ROOM, encrypted=True)
        assert said
        assert said.at.tzinfo is UTC


FIELDS = [
    "body", "content", "event_id", "events", "formatted_body", "is_falling_back", "key", "m.in_reply_to", "m.mentions", "m.new_content",
    "m.relates_to", "membership", "msgtype", "origin_server_ts", "redacts", "rel_type", "sender", "session_id", "state_key",
    "transaction_id", "type", "unsigned", "user_ids",
]  # fmt: skip
KINDS = ["m.room.message", "m.reaction", "m.room.redaction", "m.room.member", "m.room.encryption", "m.room.encrypted"]
ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | ANY_TEXT, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_json_at_all_makes_the_translation_fail_or_say_what_a_database_refuses(
    found: dict[str, object], kind: str, inner: dict[str, object]
) -> None:
    hostile = {**found, "type": kind}

    said = [
        from_clear(hostile, ROOM, encrypted=True),
        from_payload(hostile, ROOM, {**inner, "type": kind}, TRUSTED),
        undecryptable(hostile, ROOM),
        invitation(ROOM, {"events": [hostile]}, "@bot:x"),
    ]

    for incoming in said:
        assert incoming is None or "\0" not in incoming.body.encode().decode()
