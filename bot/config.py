"""The typed configuration: read once at start, from one TOML file and the environment.

`SAMRUM_<SECTION>__<KEY>` in the environment (two underscores, upper case) overrides a key of the file.
"""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from bot.sections import Clock, Database, Gathering, Installation, Keys, Logging, MailServer, Matrix, Section, Web

PREFIX = "SAMRUM_"


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` holds one line for the operator per problem."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Config(Section):
    """The whole configuration."""

    installation: Installation = Field(default_factory=Installation)
    matrix: Matrix
    database: Database = Field(default_factory=Database)
    keys: Keys = Field(default_factory=Keys)
    mail: MailServer | None = None
    web: Web = Field(default_factory=Web)
    clock: Clock = Field(default_factory=Clock)
    gathering: Gathering = Field(default_factory=Gathering)
    logging: Logging = Field(default_factory=Logging)

    @property
    def database_url(self) -> str:
        """The URL given, else that of the SQLite file in the data folder."""
        return self.database.url or f"sqlite+aiosqlite:///{self.installation.data / 'samrum.db'}"

    @property
    def kek_file(self) -> Path | None:
        """The file of the KEK, or None when it comes from the environment or a command."""
        if self.keys.kek_env or self.keys.kek_command:
            return None
        return self.keys.kek_file or self.installation.data / "kek"

    @property
    def followed(self) -> str | None:
        """The URL of the clock that is followed (demo only), or None for the machine's."""
        return self.clock.source.removeprefix("follow:") if self.clock.source != "system" else None


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration of the file and the overrides of the environment; raise ConfigurationError."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not TOML ({error})") from None
    try:
        return Config.model_validate(_overridden(given, environ), context={"folder": path.absolute().parent})
    except ValidationError as error:
        raise ConfigurationError(*(_sentence(details) for details in error.errors(include_url=False))) from None


def refuse_unsupported(config: Config) -> None:
    """Raise ConfigurationError for what may be configured but comes with a later release."""
    problems: list[str] = []
    if not config.database_url.startswith("sqlite+aiosqlite:"):
        problems.append("database.url: this release keeps its data in SQLite only (sqlite+aiosqlite:///path)")
    if problems:
        raise ConfigurationError(*problems)


def _overridden(given: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    merged: dict[str, Any] = {"installation": {}, **given}  # present, so that its default path is placed beside the file too
    for variable, value in sorted(environ.items()):
        section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
        if not variable.startswith(PREFIX) or not separator or type(given.get(section, {})) is not dict:
            continue
        merged[section] = merged.get(section, {}) | {key: value}
    return merged


def _sentence(details: ErrorDetails) -> str:
    path = [str(part) for part in details["loc"]]
    where = ".".join(path)
    match details["type"]:
        case "extra_forbidden":
            return f"{where}: unknown {'section' if len(path) == 1 else 'key'}{_nearest(path)}"
        case "missing":
            return f"{where}: is missing"
        case "value_error":
            return f"{where}: {details['msg'].removeprefix('Value error, ')}"
        case _:
            return f"{where}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _nearest(path: list[str]) -> str:
    section = SECTIONS.get(path[0])
    known = list(SECTIONS) if len(path) == 1 else list(section.model_fields) if section else []
    found = get_close_matches(path[-1], known, n=1)
    return f" (did you mean {found[0]}?)" if found else f" (known: {', '.join(known)})"


SECTIONS: Mapping[str, type[Section]] = {
    "installation": Installation,
    "matrix": Matrix,
    "database": Database,
    "keys": Keys,
    "mail": MailServer,
    "web": Web,
    "clock": Clock,
    "gathering": Gathering,
    "logging": Logging,
}
"""The sections by name, in the order of the file."""
