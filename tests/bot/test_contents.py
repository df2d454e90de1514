import json
from typing import cast

import pytest

from bot.contents import MOST, SHORTENED, revised, said
from care.effects import Anchor, Revise, Say, Words, case_room

ROOM = case_room("c1")
EVENT = 65_536
"""Bytes that a homeserver takes for an event."""
AROUND = 2_000
"""Bytes of an event beside its ciphertext: head, hashes and signatures."""


def say(words: Words) -> dict[str, object]:
    return said(Say("k", ROOM, words=words), "row")


def revise(words: Words) -> dict[str, object]:
    return revised(Revise("k", ROOM, anchor=Anchor(event="$e"), words=words), "row", "$e")


@pytest.mark.parametrize("make", [say, revise])
@pytest.mark.parametrize("text", ["a" * 200_000, 'å"\\\n' * 60_000, "\x01" * 90_000, "👍" * 70_000, "a" * (MOST // 2 - 3)])
def test_no_text_is_too_long_for_the_homeserver(make: object, text: str) -> None:
    content = (say if make is say else revise)(Words(text, f"<p>{text}</p>"))

    plain = json.dumps({"type": "m.room.message", "content": content, "room_id": "!" + "r" * 60}, ensure_ascii=False)
    assert len(plain.encode()) * 4 / 3 + AROUND < EVENT


def test_what_is_too_long_is_cut_and_says_so_in_both_forms_of_an_edit() -> None:
    content = revise(Words("ord " * 10_000, "<p>ord</p>" * 10_000))

    new = cast("dict[str, object]", content["m.new_content"])
    assert str(new["body"]).startswith("ord ord ")
    assert str(new["body"]).endswith(SHORTENED)
    assert content["body"] == f"* {new['body']}"
    assert "formatted_body" not in new
    assert "formatted_body" not in content


def test_what_fits_is_said_in_both_forms() -> None:
    content = revise(Words("kort", "<b>kort</b>"))

    assert (content["body"], content["formatted_body"]) == ("* kort", "* <b>kort</b>")
    assert content["m.new_content"] == {
        "msgtype": "m.notice",
        "body": "kort",
        "format": "org.matrix.custom.html",
        "formatted_body": "<b>kort</b>",
        "m.mentions": {},
    }
