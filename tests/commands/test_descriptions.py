"""What clients are told of the commands is what the declarations say, in the shape that clients accept (MSC4391)."""

from collections.abc import Iterator
from typing import Any

import pytest

from care.effects import PlaceKind
from care.language import Language
from commands.catalogue import COMMANDS
from commands.declare import Command
from commands.descriptions import TAIL, descriptions, digest, state_key
from commands.folding import squeeze
from commands.translation import english

PRIMITIVES = {"string", "integer", "boolean", "user_id"}
BIGGEST = 60_000
"""Bytes of an event that a homeserver takes are 65 536."""


def by_name(kind: PlaceKind) -> dict[str, dict[str, Any]]:
    return {each["command"]: each for each in descriptions(kind)}


def test_the_state_key_is_the_hash_of_command_and_sender() -> None:
    # printf '%s' 'ärende starta@samrum:almfors.test' | openssl dgst -sha256 -binary | base64
    assert state_key("ärende starta", "@samrum:almfors.test") == "GhoDcai4RiLPo5IB6AkTfNluViiGyZMTpif6BfNqn6E="


@pytest.mark.parametrize("kind", PlaceKind)
def test_each_command_that_works_in_a_room_is_described_there_once_and_no_other(kind: PlaceKind) -> None:
    names = [each["command"] for each in descriptions(kind)]

    assert sorted(names) == sorted({command.name for command in COMMANDS if kind in command.where})


def test_a_question_is_described_with_its_words_and_kinds() -> None:
    text = {"schema_type": "primitive", "type": "string"}

    assert by_name(PlaceKind.CASE)["fråga"] == {
        "command": "fråga",
        "aliases": ["ask"],
        "description": {"m.text": [{"body": "Fråga en enhet i ärendet"}]},
        "parameters": [
            {"key": "enhet", "schema": text, "description": {"m.text": [{"body": "Vilken enhet frågar du?"}]}},
            {"key": "text", "schema": text, "description": {"m.text": [{"body": "Vad undrar du?"}]}, "optional": True},
            {"key": "senast", "schema": text, "description": {"m.text": [{"body": "När behöver du svaret?"}]}, "optional": True},
        ],
        TAIL: "text",
    }


def test_what_has_no_place_of_its_own_is_asked_for_and_not_required() -> None:
    start = by_name(PlaceKind.DIRECT)["ärende starta"]

    assert all(parameter["optional"] for parameter in start["parameters"])
    assert start[TAIL] == "personnummer"


def test_choices_are_told_as_the_words_that_are_typed() -> None:
    [place] = by_name(PlaceKind.DIRECT)["tjänst"]["parameters"]

    assert place["schema"]["variants"] == [{"schema_type": "literal", "value": "på"}, {"schema_type": "literal", "value": "av"}]
    assert "optional" not in place


def test_an_english_installation_tells_of_english_names_words_and_choices() -> None:
    found = {each["command"]: each for each in descriptions(PlaceKind.DIRECT, Language.EN)}

    assert found["duty"]["aliases"] == ["tjänst"]
    assert found["duty"]["description"] == {"m.text": [{"body": "Go on or off duty: who is alerted"}]}
    [place] = found["duty"]["parameters"]
    assert (place["key"], [each["value"] for each in place["schema"]["variants"]]) == ("state", ["on", "off"])
    assert found["case start"][TAIL] == "number"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_what_is_told_in_english_is_understood_when_it_comes_back(command: Command) -> None:
    shown = english(command)

    assert squeeze(shown.name) in command.aliases
    for told, parameter in zip(shown.parameters, command.parameters, strict=True):
        assert squeeze(told.word) in parameter.keys
        assert {squeeze(word) for word in told.choices} <= parameter.meant.keys()


@pytest.mark.parametrize("language", Language)
def test_every_description_is_one_that_clients_accept(language: Language) -> None:
    for kind in PlaceKind:
        for each in descriptions(kind, language):
            keys = [parameter["key"] for parameter in each["parameters"]]
            assert len(set(keys)) == len(keys)
            assert each.get(TAIL, "") in {*keys, ""}
            after = keys[keys.index(each[TAIL]) + 1 :] if TAIL in each else []
            assert all(parameter.get("optional") for parameter in each["parameters"] if parameter["key"] in after)
            assert all(valid(parameter["schema"]) for parameter in each["parameters"])
            assert len(str(each).encode()) < BIGGEST


def valid(schema: dict[str, Any]) -> bool:
    inner = schema["items"] if schema["schema_type"] == "array" else schema
    return all(
        each["type"] in PRIMITIVES if each["schema_type"] == "primitive" else each["schema_type"] == "literal" and each["value"]
        for each in variants(inner)
    )


def variants(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from schema["variants"] if schema["schema_type"] == "union" else [schema]


def test_the_digest_is_the_same_for_the_same_and_another_for_others() -> None:
    assert digest(descriptions(PlaceKind.DIRECT)) == digest(descriptions(PlaceKind.DIRECT))
    assert len({digest(descriptions(kind)) for kind in (PlaceKind.DIRECT, PlaceKind.INBOX, PlaceKind.CASE, PlaceKind.ADMIN)}) == 4
    assert digest(descriptions(PlaceKind.SPACE)) == ""
