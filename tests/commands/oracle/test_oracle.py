"""The reader against the oracle: what is built from the grammar and broken in one place, both read as the same.

`make test` looks at some messages, `make test-fuzz` at ten thousand broken ones and ten thousand random ones.
"""

import re
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.reading import Invocation, Misread, Talk, read
from tests.commands.oracle import oracle
from tests.commands.oracle.breaks import BREAKS, broken
from tests.commands.oracle.messages import PILL, message
from tests.commands.region import scene

SOME, MANY = 500, 10_000
"""Messages in `make test`, and in `make test-fuzz`."""
HEALTH: tuple[HealthCheck, ...] = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
SEEDS = st.integers(min_value=0, max_value=2**64)
PLACES = st.sampled_from(PlaceKind)
PHRASES = sorted({part for seed in range(300) for part in message(Random(seed)).typed.split()})
RANDOM = st.text(max_size=80) | st.lists(st.sampled_from(PHRASES) | st.text(max_size=4), max_size=14).map(" ".join)


def agreeing(typed: str, place: PlaceKind) -> None:
    """Fail unless the reader makes of a message what the oracle makes of it."""
    found, verdict = read(typed, COMMANDS, scene(place, PILL)), oracle.read(typed, place)

    match found:
        case Invocation():
            told = (found.command.name, dict(found.values), found.missing, frozenset[str]())
            assert told == (verdict.command, verdict.values, verdict.missing, verdict.reasons), typed
        case Misread():
            assert found.reason in verdict.reasons, (typed, found, verdict)
            assert verdict.where[0] <= found.at <= verdict.where[1], (typed, found, verdict)
        case Talk():
            assert (verdict.command, verdict.reasons) == ("", frozenset()), (typed, verdict)


@settings(max_examples=SOME, derandomize=True)
@given(SEEDS)
def test_a_message_broken_in_one_place_is_read_as_the_oracle_reads_it(seed: int) -> None:
    typed, place, _ = broken(Random(seed))

    agreeing(typed, place)


@pytest.mark.fuzz
def test_ten_thousand_broken_messages_are_read_as_the_oracle_reads_them() -> None:
    for seed in range(MANY):
        typed, place, _ = broken(Random(seed))
        agreeing(typed, place)


@pytest.mark.fuzz
@settings(max_examples=MANY, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=HEALTH)
@given(RANDOM, PLACES, st.sampled_from(("", "!", "/", "Samrum: ")))
def test_ten_thousand_random_messages_never_raise(typed: str, place: PlaceKind, prefix: str) -> None:
    found = read(prefix + typed, COMMANDS, scene(place, PILL))

    assert not isinstance(found, Misread) or 0 <= found.at <= len(prefix + typed)


def test_the_generator_makes_every_command_every_break_and_every_verdict() -> None:
    commands, breaks, told = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(4000):
        typed, place, how = broken(Random(seed))
        verdict = oracle.read(typed, place)
        commands[verdict.command] += 1
        breaks[how] += 1
        told.update(verdict.reasons)

    assert {command.name for command in COMMANDS} <= set(commands)
    assert {each.__name__ for each in BREAKS} == set(breaks)
    assert min(breaks.values()) > 100
    assert len(told) > 25
    assert 1000 < sum(commands.values()) - commands[""] < 3500


def test_the_oracle_is_independent_of_the_reader() -> None:
    for module in Path(__file__).parent.glob("*.py"):
        if module != Path(__file__):
            assert not re.search(r"^(from|import) commands\.reading", module.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ('!fråga hsv "Hur går det? senast="fredag"', "unclosed_quote"),
        ('!sip kalla syfte="hem i tid tid="torsdag 13:00" slut=14:00', "unclosed_quote"),
        ("!enheter\n/hjälp", "two_commands"),
        ("!enheter\n!översikt", "two_commands"),
    ],
)
def test_what_the_oracle_found_is_refused(typed: str, reason: str) -> None:
    found = read(typed, COMMANDS, scene())

    assert isinstance(found, Misread)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("typed", "place", "name", "values"),
    [
        ("!case-visa", PlaceKind.CASE, "ärende visa", {}),
        ("!aktör-accept", PlaceKind.CASE, "aktör tacka ja", {}),
        ("!case start “a b”", PlaceKind.DIRECT, "ärende starta", {"personnummer": "a b"}),
        ("!sip svar ja 😀 bra", PlaceKind.CASE, "sip svar", {"svar": "ja", "skäl": "😀 bra"}),
        ("!sip svar ja – vi kommer", PlaceKind.CASE, "sip svar", {"svar": "ja", "skäl": "vi kommer"}),
        ("!tjänst på 👍", PlaceKind.DIRECT, "tjänst", {"läge": "på"}),
        ("!plan föl upp", PlaceKind.CASE, "plan följ upp", {}),
        ("!plan föl upp delvis", PlaceKind.CASE, "plan följ upp", {"utfall": "delvis"}),
        ("!plan följ upp delvis Ringde idag kl 9", PlaceKind.CASE, "plan följ upp", {"utfall": "delvis", "text": "Ringde idag kl 9"}),
        ("!enheter /hjälp", PlaceKind.CASE, "enheter", {"sök": "/hjälp"}),
        ("!ärende starta perspektiv=omsorg och rehab", PlaceKind.DIRECT, "ärende starta", {"perspektiv": ("omsorg", "rehabilitering")}),
        ('!ärende starta perspektiv="omsorg, rehab"', PlaceKind.DIRECT, "ärende starta", {"perspektiv": ("omsorg", "rehabilitering")}),
        ("!aktörer mer", PlaceKind.CASE, "aktörer", {"sida": 2}),
        ("!plan show More 3", PlaceKind.CASE, "plan visa", {"sida": 3}),
        (
            "!case start “a b” perspektiv=omvårdnad och hälsofrämjande skyddad=nej",
            PlaceKind.DIRECT,
            "ärende starta",
            {"personnummer": "a b", "perspektiv": ("omvårdnad", "hälsofrämjande"), "skyddad": False},
        ),
        (
            "!sip flytta slut=”kl 14.30” ”16 dec kl 13.15”",
            PlaceKind.CASE,
            "sip flytta",
            {"slut": time(14, 30), "tid": datetime(2026, 12, 16, 12, 15, tzinfo=UTC)},
        ),
    ],
)
def test_what_the_oracle_found_is_understood(typed: str, place: PlaceKind, name: str, values: dict[str, object]) -> None:
    found = read(typed, COMMANDS, scene(place))

    assert isinstance(found, Invocation), found
    assert (found.command.name, dict(found.values)) == (name, values)


def test_a_command_that_is_quoted_in_a_direct_room_is_not_done() -> None:
    assert isinstance(read("> !översikt", COMMANDS, scene(PlaceKind.DIRECT)), Talk)


@pytest.mark.parametrize(
    "typed", ["!aktörer mer", "!plan visa mer 3", "!ärende väntar sida=mer", "!aktörer mer tack", "!aktörer 2 mer", "!aktörer mera"]
)
def test_the_oracle_turns_pages_as_the_reader_does(typed: str) -> None:
    agreeing(typed, PlaceKind.CASE)
