"""What staff type, read by the real commands: understood as meant, or refused and never guessed."""

import pytest

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.reading import Invocation, Misread, Reason, read
from commands.reading.nouns import nouns_of
from tests.commands.reading.lines import lines, outcome_of
from tests.commands.region import scene

LINES = tuple(lines())


@pytest.mark.parametrize(("place", "typed", "meant"), LINES)
def test_a_line_is_read_as_the_table_says(place: PlaceKind, typed: str, meant: str) -> None:
    assert outcome_of(place, typed) == meant


def test_the_table_holds_a_hundred_commands_and_every_one_of_the_catalogue() -> None:
    understood = {meant.split(" | ")[0] for _, _, meant in LINES if meant[0] != "?" and meant != "talk"}

    assert sum(meant[0] != "?" and meant != "talk" for _, _, meant in LINES) >= 100
    assert understood == {command.name for command in COMMANDS}


@pytest.mark.parametrize("word", sorted({word for command in COMMANDS for word in command.like}))
def test_what_is_said_instead_of_a_name_is_offered_and_never_done(word: str) -> None:
    for place in (PlaceKind.CASE, PlaceKind.INBOX):
        found = read(f"!{word}", COMMANDS, scene(place))

        assert isinstance(found, Misread)
        assert found.nearest or found.values["candidates"]


def test_what_is_said_instead_of_a_name_is_no_name_itself() -> None:
    nouns = nouns_of(COMMANDS)

    assert not nouns.like.keys() & (nouns.commands.keys() | nouns.aliases.keys())


@pytest.mark.parametrize(
    "text", ["och biståndet Hej", "Hej senast:fredag", "Hej --senast fredag", "Hej sen=fredag", "Hej !svar F1 ja", "Hej\n!svar F1 ja"]
)
def test_what_may_belong_to_the_text_is_refused_and_is_text_once_it_is_quoted(text: str) -> None:
    bare, quoted = read(f"!fråga hsv {text}", COMMANDS, scene()), read(f"!fråga hsv ”{text}”", COMMANDS, scene())

    assert isinstance(bare, Misread)
    assert isinstance(quoted, Invocation)
    assert quoted.values["text"] == text


@pytest.mark.parametrize("typed", ["!status", "!kalla sip", "!fr hsv hej", "!frågga hsv hej"])
def test_no_nearest_command_is_done_in_place_of_what_was_typed(typed: str) -> None:
    found = read(typed, COMMANDS, scene())

    assert isinstance(found, Misread)
    assert found.reason is Reason.UNKNOWN_COMMAND
    assert found.nearest
