"""The users' reference says what the commands are."""

from pathlib import Path

import pytest

from commands import reference
from commands.catalogue import COMMANDS


def test_the_reference_is_the_one_that_the_declarations_make() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.reference(), "run `python -m commands.reference`"


def test_every_command_and_argument_stands_in_it() -> None:
    text = reference.reference()

    assert all(f"## `!{command.name}`" in text for command in COMMANDS)
    assert all(f"| `{parameter.word}=` |" in text for command in COMMANDS for parameter in command.parameters)


def test_every_argument_has_a_question() -> None:
    assert [(c.name, p.name) for c in COMMANDS for p in c.parameters if not p.arg.ask] == []


def test_another_file_is_noticed_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "FILE", tmp_path / "commands.md")

    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
