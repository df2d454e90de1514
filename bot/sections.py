"""The sections of the configuration file, one model each.

The docstring under a field is its comment in `config.example.toml`. Relative paths are relative to the configuration file.
"""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
"""A bare e-mail address without comments, quotes or white space (the grammar of HTML's e-mail field)."""

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")


def _located(path: Path, info: ValidationInfo) -> Path:
    return Path(info.context["folder"]) / path.expanduser() if info.context else path


def _loopback(host: str) -> str:
    if not is_loopback(host):
        raise ValueError("must be a loopback address such as 127.0.0.1: put a reverse proxy in front of it")
    return host


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("must be a bare e-mail address such as samrum@example.org")
    return text


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("must be a database URL such as sqlite+aiosqlite:///data/samrum.db") from None
    if parsed.drivername not in DRIVERS:
        raise ValueError(f"must begin with {' or '.join(DRIVERS)}")
    if parsed.password:
        raise ValueError("must not hold a password: let the driver read it from its own file or environment variable")
    return url


def is_loopback(host: str) -> bool:
    """Whether the host can only be this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


DescribedRooms = Literal["direct and inbox", "all", "none"]
Located = Annotated[Path, AfterValidator(_located)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """What all sections share: unknown keys are errors, values do not change."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )


S = TypeVar("S", bound=Section)


def _at_most_one(section: S, *fields: str) -> S:
    given = [name for name in fields if getattr(section, name) is not None]
    if len(given) > 1:
        raise ValueError(f"give only one of {' and '.join(given)}")
    return section


class Installation(Section):
    """Where this installation keeps its data and what it speaks."""

    data: Located = Path("data")
    """Folder for the database, the encryption keys of Matrix and the key-encryption key. Only the bot's account may read it."""
    language: Literal["sv", "en"] = "sv"
    """Language of rooms of several, mail and the printed plan; each person chooses the language of answers with !språk or !language."""
    profile: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] = "ostergotland"
    """Rule profile: the regional agreement that deadlines come from."""
    prefix: Literal["!", "/"] = "!"
    """Prefix shown in help texts; both ! and / are always understood."""


class Matrix(Section):
    """The bot's account on the homeserver."""

    homeserver: Annotated[str, Field(pattern=r"^https?://[^\s/]+$", examples=["https://matrix.example.org"])]
    """Client address of the homeserver, without a path."""
    user: Annotated[str, Field(pattern=r"^@[a-z0-9._=/+-]+:[^\s]+$", examples=["@samrum:example.org"])]
    """Full Matrix id of the bot's account."""
    device: Annotated[str, Field(min_length=1, max_length=100)] = "Samrum"
    """Name that the bot's session shows in clients."""
    password_file: Located | None = None
    """File with the account's password (mode 0600). Used once, by `samrum init`; afterwards the token is kept in the data folder."""
    password_env: str | None = None
    """Environment variable with the account's password, instead of password_file."""
    federation: bool = False
    """Whether rooms may be joined from other homeservers."""
    trust: Literal["cross-signed", "tofu"] = "cross-signed"
    """Which devices may command and read: only those signed by their owner (cross-signed), or the first seen (tofu)."""

    command_descriptions: DescribedRooms = "direct and inbox"
    """In which rooms clients are told which commands there are, so that they can offer them (MSC4391). The homeserver can read it."""

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        return _at_most_one(self, "password_file", "password_env")


class Database(Section):
    """Where journal, outbox and inbox are kept."""

    url: Annotated[str, AfterValidator(_database)] | None = None
    """Database URL, such as postgresql+asyncpg://samrum@db.example.org/samrum; without it, samrum.db (SQLite) in the data folder."""


class Keys(Section):
    """The key-encryption key (KEK): 32 bytes as base64, outside the database. At most one of the three."""

    kek_file: Located | None = None
    """File with the KEK (mode 0600); without any of the three, the file `kek` in the data folder."""
    kek_env: str | None = None
    """Environment variable with the KEK."""
    kek_command: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Command that prints the KEK, as a list of words (no shell), such as ["pass", "show", "samrum-kek"]."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        return _at_most_one(self, "kek_file", "kek_env", "kek_command")


class MailServer(Section):
    """How invitations leave by e-mail; without this section none do."""

    host: Annotated[str, Field(min_length=1, examples=["smtp.example.org"])]
    """Host name of the mail server."""
    port: Port = 587
    """Port of the mail server."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """Encryption of the connection: starttls (usually port 587), tls (465), or none (on this machine only)."""
    user: str | None = None
    """User name at the mail server, if it asks for one."""
    password_file: Located | None = None
    """File with the password of the user (mode 0600)."""
    password_env: str | None = None
    """Environment variable with the password of the user, instead of password_file."""
    sender: Annotated[str, AfterValidator(_address), Field(examples=["samrum@example.org"])]
    """Address that invitations come from."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError('security = "none" is only for a mail server on this machine')
        if bool(self.user) != bool(self.password_file or self.password_env):
            raise ValueError("user and password (password_file or password_env) belong together")
        return _at_most_one(self, "password_file", "password_env")


class Web(Section):
    """The health page, for the machine itself and its reverse proxy."""

    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    """Loopback address to listen on."""
    port: Port = 8450
    """Port to listen on."""


class Clock(Section):
    """Where civil time comes from."""

    source: Annotated[str, Field(pattern=r"^(system|follow:https?://\S+)$")] = "system"
    """Always system in operation; follow:<url> exists for the demo, and `samrum doctor` fails on it."""


class Gathering(Section):
    """How long the bot waits for more before it says something."""

    edits: Annotated[float, Field(ge=0, le=60)] = 1.0
    """Seconds for which changes of an overview are gathered into one edit."""
    joins: Annotated[float, Field(ge=0, le=600)] = 60.0
    """Seconds for which new members are gathered into one welcome."""
    keys: Annotated[float, Field(ge=0, le=600)] = 60.0
    """Seconds for which a message that cannot be read may wait for its key before its writer is told."""


class Logging(Section):
    """What the bot tells its operator: ids and actions, never content."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written; debug also tells how long the event loop was held."""
    file: Located | None = None
    """File for the JSON lines; without it, standard error."""
