import base64
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config, ConfigurationError
from bot.credentials import make_kek, password, read_kek

SECRET = bytes(range(32))
TEXT = base64.b64encode(SECRET).decode()


def config(**keys: object) -> Config:
    return Config.model_validate({"matrix": {"homeserver": "http://127.0.0.1", "user": "@samrum:example.org"}, "keys": keys})


def private(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_new_kek_is_private_random_and_readable(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    make_kek(first)
    make_kek(second)

    assert first.stat().st_mode & 0o777 == 0o600
    assert len(read_kek(config(kek_file=first), {})) == 32
    assert read_kek(config(kek_file=first), {}) != read_kek(config(kek_file=second), {})


def test_a_kek_is_never_replaced(tmp_path: Path) -> None:
    file = private(tmp_path / "kek", TEXT)

    with pytest.raises(FileExistsError):
        make_kek(file)

    assert file.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_kek_file_that_others_may_open_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "kek", TEXT)
    file.chmod(mode)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_kek(config(kek_file=file), {})


def test_the_kek_comes_from_file_environment_or_command(tmp_path: Path) -> None:
    file = private(tmp_path / "kek", TEXT + "\n")

    assert read_kek(config(kek_file=file), {}) == SECRET
    assert read_kek(config(kek_env="KEK"), {"KEK": TEXT}) == SECRET
    assert read_kek(config(kek_command=(sys.executable, "-c", f"print('{TEXT}')")), {}) == SECRET


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode(), TEXT + TEXT, "å"])
def test_what_is_not_32_bytes_of_base64_is_no_key_and_not_repeated(tmp_path: Path, text: str) -> None:
    file = private(tmp_path / "kek", text)

    with pytest.raises(ConfigurationError, match="holds no key") as caught:
        read_kek(config(kek_file=file), {})

    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"kek_file": Path("nowhere")}, "nowhere: cannot be read"),
        ({"kek_env": "KEK"}, "KEK: this environment variable is empty or not set"),
        ({"kek_command": ("no-such-command-here",)}, "no-such-command-here failed"),
        ({"kek_command": (sys.executable, "-c", "raise SystemExit('canary')")}, "failed"),
    ],
)
def test_a_missing_kek_is_told_in_a_sentence_without_content(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        read_kek(config(**keys), {})

    assert "canary" not in str(caught.value)


def test_a_password_comes_from_file_or_environment_or_is_not_asked_for(tmp_path: Path) -> None:
    matrix = config().matrix
    file = private(tmp_path / "password", "hemligt\n")

    assert password(matrix, {}) is None
    assert password(matrix.model_copy(update={"password_file": file}), {}) == "hemligt"
    assert password(matrix.model_copy(update={"password_env": "P"}), {"P": "hemligt"}) == "hemligt"
    with pytest.raises(ConfigurationError, match="not set"):
        password(matrix.model_copy(update={"password_env": "P"}), {})
