"""The users' reference and the cheat sheets say what the commands are, in both languages."""

from pathlib import Path

import pytest

from care.language import Language
from commands import reference
from commands.catalogue import COMMANDS
from commands.translation import english
from texts.roles import sheets

FILES = reference.files()


@pytest.mark.parametrize("name", FILES)
def test_a_page_is_the_one_that_the_declarations_make(name: str) -> None:
    assert (reference.DOCS / name).read_text(encoding="utf-8") == FILES[name], "run `python -m commands.reference`"


def test_no_page_is_left_of_a_role_that_is_gone() -> None:
    assert {f"roles/{file.name}" for file in reference.DOCS.glob("roles/*")} == {name for name in FILES if name.startswith("roles/")}


@pytest.mark.parametrize("language", Language)
def test_every_command_and_argument_stands_in_it(language: Language) -> None:
    text = reference.reference(language)
    shown = COMMANDS if language is Language.SV else tuple(map(english, COMMANDS))

    assert all(f"## `!{command.name}`" in text for command in shown)
    assert all(f"| `{parameter.word}=` |" in text for command in shown for parameter in command.parameters)


def test_every_argument_has_a_question() -> None:
    assert [(c.name, p.name) for c in COMMANDS for p in c.parameters if not p.arg.ask] == []


def test_a_role_has_its_page_in_both_languages() -> None:
    for sheet in sheets():
        swedish, english_page = FILES[f"roles/{sheet.key}.md"], FILES[f"roles/{sheet.key}.en.md"]
        assert all(line.why in swedish and line.en_why in english_page for line in sheet.lines)
        assert f"`!hjälp {sheet.word}`" in swedish
        assert f"`!help {sheet.en}`" in english_page


def test_another_file_is_noticed_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "DOCS", tmp_path)

    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / "roles" / "kock.md").write_text("")
    assert reference.main(["--check"]) == 1
