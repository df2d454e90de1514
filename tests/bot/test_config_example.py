import re
import tomllib
from pathlib import Path

import pytest

from bot.config import SECTIONS, Config, load
from bot.config_example import EXAMPLE, _docstrings, example, main

ROOT = Path(__file__).parents[2]


def test_the_example_in_the_repository_is_the_one_of_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert main(["--check"]) == 0


def test_a_changed_example_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    EXAMPLE.write_text(example().replace("8450", "8451"), encoding="utf-8")

    assert main(["--check"]) == 1
    assert "python -m bot.config_example > config.example.toml" in capsys.readouterr().err


def test_the_example_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == example()


def test_the_example_can_be_loaded_as_it_is() -> None:
    assert load(ROOT / EXAMPLE, {}).matrix.user == "@samrum:example.org"


def test_what_the_example_shows_as_default_is_the_default() -> None:
    shown = tomllib.loads(re.sub(r"^# (\w+ = (?!\"…\"))", r"\1", example(), flags=re.MULTILINE))

    assert Config.model_validate(shown) == Config.model_validate(tomllib.loads(example()))
    assert shown["web"] == {"host": "127.0.0.1", "port": 8450}


def test_sections_are_listed_in_the_order_of_the_configuration() -> None:
    assert list(SECTIONS) == list(Config.model_fields)


def test_every_key_of_every_section_has_a_comment() -> None:
    for name, model in SECTIONS.items():
        assert model.model_fields.keys() == _docstrings(model).keys(), name
