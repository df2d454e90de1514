"""Secrets, read from a file of mode 0600, the environment or a command; never from the configuration file itself."""

import base64
import binascii
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bot.config import Config, ConfigurationError

KEK_BYTES = 32
COMMAND_SECONDS = 30.0


class PasswordSource(Protocol):
    """A section that says where its password is."""

    @property
    def password_file(self) -> Path | None:
        """The file that holds it."""
        ...

    @property
    def password_env(self) -> str | None:
        """The environment variable that holds it."""
        ...


def password(source: PasswordSource, environ: Mapping[str, str]) -> str | None:
    """Return the password, None if the section names no source; raise ConfigurationError if the source cannot be used."""
    if source.password_file:
        return _private_text(source.password_file)
    return variable(source.password_env, environ) if source.password_env else None


def read_kek(config: Config, environ: Mapping[str, str]) -> bytes:
    """Return the 32 bytes of the key-encryption key; raise ConfigurationError if there is none (architecture 4)."""
    keys = config.keys
    if config.kek_file:
        return _decoded(_private_text(config.kek_file), str(config.kek_file))
    if keys.kek_env:
        return _decoded(variable(keys.kek_env, environ), keys.kek_env)
    assert keys.kek_command, "the file is the default"
    return _decoded(_printed(keys.kek_command), "keys.kek_command")


def make_kek(path: Path) -> None:
    """Write a new random key-encryption key with mode 0600; raise FileExistsError rather than replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEK_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _private_text(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"{path}: others than its owner may open it; run chmod 600 {shlex.quote(str(path))}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None


def variable(name: str, environ: Mapping[str, str]) -> str:
    """Return a secret of the environment; raise ConfigurationError where there is none."""
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name}: this environment variable is empty or not set")
    return value


def _printed(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=COMMAND_SECONDS)  # noqa: S603 - the operator's own words, no shell
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError(f"keys.kek_command: {command[0]} failed ({type(error).__name__})") from None
    return done.stdout.decode("ascii", errors="replace").strip()


def _decoded(text: str, origin: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEK_BYTES:
        raise ConfigurationError(f"{origin}: holds no key ({KEK_BYTES} bytes as base64)")
    return secret
