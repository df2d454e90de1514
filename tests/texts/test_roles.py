"""Cheat sheets name commands that exist and work in the room they say, and are offered to those whom they are for."""

from collections import Counter

import pytest

from care.people import Directory, Member, Profession, Role
from commands.catalogue import COMMANDS
from demo import region
from texts.glossary import folded
from texts.roles import Line, Sheet, sheet_called, sheet_for, sheets

LINES = [(sheet, line) for sheet in sheets() for line in sheet.lines]
KEYS = {"admin", "enhetschef", "slutenvard", "vardsamordnare", "hemsjukvard", "bistandshandlaggare"}
MOST = 9
"""Lines that a phone shows between the title and the last line."""


def test_there_is_a_sheet_for_each_role_of_the_field() -> None:
    assert {sheet.key for sheet in sheets()} == KEYS


@pytest.mark.parametrize(("sheet", "line"), LINES, ids=lambda each: each.key if isinstance(each, Sheet) else each.command)
def test_a_line_is_about_a_command_that_exists_and_works_in_that_room(sheet: Sheet, line: Line) -> None:
    found = [command for command in COMMANDS if command.name == line.command]

    assert any(line.where in command.where for command in found), f"{sheet.key}: !{line.command} is not typed in {line.where}"


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.key)
def test_a_sheet_is_short_and_says_why_in_one_line(sheet: Sheet) -> None:
    assert 1 <= len(sheet.lines) <= MOST
    assert all(len(text) <= 90 and text.endswith(".") for line in sheet.lines for text in (line.why, line.en_why))
    assert len({line.command for line in sheet.lines}) == len(sheet.lines)


def test_no_word_leads_to_two_sheets_and_none_is_a_command() -> None:
    names = Counter(name for sheet in sheets() for name in {folded(n) for n in (sheet.key, sheet.word, sheet.en, *sheet.also)})
    nouns = {noun for command in COMMANDS for noun in (*command.nouns, *command.aliases)}

    assert [name for name, count in names.items() if count > 1 or name in nouns] == []


def test_a_sheet_is_called_as_it_is_typed_on_a_phone() -> None:
    assert sheet_called(" VARDSAMORDNARE") is sheet_called("care coordinator")
    assert sheet_called("kock") is None


@pytest.mark.parametrize(
    ("member", "key"),
    [
        (Member("@a:x", "vc-norrgard", frozenset({Role.MOTTAGARE}), Profession.VARDSAMORDNARE), "vardsamordnare"),
        (Member("@a:x", "k-alm-hsv", frozenset({Role.MOTTAGARE}), Profession.SJUKSKOTERSKA), "hemsjukvard"),
        (Member("@a:x", "las-med2", frozenset({Role.MOTTAGARE}), Profession.SJUKSKOTERSKA), "slutenvard"),
        (Member("@a:x", "vc-norrgard", frozenset({Role.MOTTAGARE}), Profession.SJUKSKOTERSKA), None),
        (Member("@a:x", "k-alm-bist", frozenset({Role.MEDARBETARE}), Profession.BISTANDSHANDLAGGARE), "bistandshandlaggare"),
        (Member("@a:x", "las-med2", frozenset({Role.ENHETSCHEF}), None), "enhetschef"),
        (Member("@a:x", "", frozenset({Role.SYSTEMFORVALTARE}), None), "admin"),
    ],
)
def test_a_sheet_is_chosen_by_role_unit_and_profession(member: Member, key: str | None) -> None:
    known = region.load("almfors.test")
    sheet = sheet_for(Directory(known.huvudman, known.units, (member,)), "@a:x")

    assert (sheet.key if sheet else None) == key
