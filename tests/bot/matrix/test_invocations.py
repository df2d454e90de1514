"""A command sent as a structure becomes the line that a person would type, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matrix.events import from_payload
from bot.matrix.incoming import Kind, Proof
from bot.matrix.invocations import COMMAND, MOST, line
from care.effects import PlaceKind
from commands.reading import Invocation, Misread, read
from tests.commands.region import COMMANDS, scene

SAFE = {"enhet": "k-alm-hsv", "text": "Hur går det?"}


NO_FIELDS: dict[str, object] = {}
NO_ITEMS: list[object] = []


@pytest.mark.parametrize(
    ("block", "typed"),
    [
        ({"command": "aktörer"}, "!aktörer"),
        ({"command": "ärende visa", "arguments": NO_FIELDS}, "!ärende visa"),
        ({"command": "fråga", "arguments": SAFE}, '!fråga enhet="k-alm-hsv" text="Hur går det?"'),
        ({"command": "översikt", "arguments": {"sida": 2}}, "!översikt sida=2"),
        ({"command": "sip klar", "arguments": {"personen": True, "deltog": ["a", "b"]}}, '!sip klar personen=ja deltog="a","b"'),
        ({"command": "fråga", "arguments": {"text": 'Hon sa "ja"'}}, '!fråga text=«Hon sa "ja"»'),
        ({"command": "fråga", "arguments": {"text": 'Både "så" och «så»'}}, "!fråga"),
        ({"command": "fråga", "arguments": {"text": " ", "enhet": None, "senast": NO_FIELDS}}, "!fråga"),
        ({"command": "sip klar", "arguments": {"deltog": ["a", NO_FIELDS]}}, "!sip klar"),
    ],
)
def test_a_structure_becomes_what_a_person_would_type(block: object, typed: str) -> None:
    assert line(block) == typed


@pytest.mark.parametrize(
    "block",
    [
        None,
        "fråga",
        NO_ITEMS,
        NO_FIELDS,
        {"command": 7},
        {"command": ""},
        {"command": "aktörer\n!ärende starta"},
        {"command": "fråga enhet=x"},
        {"command": "fråga", "arguments": NO_ITEMS},
        {"command": "fråga", "arguments": {"text=x skyddad": "ja"}},
        {"command": "fråga", "arguments": {"": "ja"}},
        {"command": "fråga", "arguments": {f"text{'x' * number}": "ja" for number in range(MOST + 1)}},
    ],
)
def test_what_is_no_command_is_left_to_its_words(block: object) -> None:
    assert line(block) == ""


@given(
    st.text(max_size=300) | st.text(alphabet="a =\"“”„‟″＂〝〞〟'‘’´`«»‹›", max_size=20).map(lambda text: f"{text} senast=imorgon {text}")
)
def test_no_value_breaks_out_of_its_quotation(text: str) -> None:
    found = read(line({"command": "fråga", "arguments": {"text": text, "enhet": "k-alm-hsv"}}), COMMANDS, scene(PlaceKind.CASE))

    assert isinstance(found, Invocation | Misread)
    if isinstance(found, Invocation):
        assert found.command.name == "fråga"
        assert set(found.values) <= {"unit", "text"}


def test_the_command_of_an_edit_is_not_read_and_that_of_a_message_is() -> None:
    block = {"command": "aktörer"}
    said = {"msgtype": "m.text", "body": "/aktörer", COMMAND: block, "m.mentions": {"user_ids": ["@samrum:almfors.test"]}}
    edit = {**said, "m.new_content": said, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}}

    found = [from_payload({}, "!a", {"type": "m.room.message", "content": content}, Proof(decrypted=True)) for content in (said, edit)]

    assert [(each.kind, each.command) for each in found if each] == [(Kind.MESSAGE, "!aktörer"), (Kind.EDIT, "")]
