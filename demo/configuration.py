"""The configuration file of the demo's bot, written anew at each start: ports change, the rest is as an operator would write it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.homeserver_settings import LOOPBACK
from demo.wishes import Trust

PROFILE = "demo"
GATHERING_SECONDS = 0.2
JOINING_SECONDS = 1.0
"""People who accept an invitation at the same time share one lägesbild, as they would within a minute in operation."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the bot finds around it; `data` is its own folder."""

    data: Path
    homeserver: str
    user: str
    control: str
    mail_port: int
    web_port: int
    trust: Trust
    database: str = ""


def password(data: Path) -> str:
    """Return the password of the bot's account, made at the first start and kept in a file of mode 0600."""
    file = _password_file(data)
    if not file.exists():
        _write_private(file, secrets.token_urlsafe(24))
    return file.read_text(encoding="ascii")


def write(around: Surroundings) -> Path:
    """Write the configuration and return its path."""
    path = around.data / "config.toml"
    _write_private(path, "\n".join(_section(name, keys) for name, keys in _sections(around).items()))
    return path


def _sections(around: Surroundings) -> Mapping[str, Mapping[str, str | int | float]]:
    return {
        "installation": {"data": str(around.data), "profile": PROFILE},
        "matrix": {
            "homeserver": around.homeserver,
            "user": around.user,
            "password_file": str(_password_file(around.data)),
            "trust": around.trust,
        },
        "mail": {"host": LOOPBACK, "port": around.mail_port, "security": "none", "sender": "samrum@almfors.test"},
        "web": {"host": LOOPBACK, "port": around.web_port},
        "clock": {"source": f"follow:{around.control}/clock"},
        "gathering": {"edits": GATHERING_SECONDS, "joins": JOINING_SECONDS},
        **({"database": {"url": around.database}} if around.database else {}),
    }


def _section(name: str, keys: Mapping[str, str | int | float]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())


def _password_file(data: Path) -> Path:
    return data / "bot-password"


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
