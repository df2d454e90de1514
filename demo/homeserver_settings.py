"""What the embedded homeserver is told: Synapse's configuration, secrets and signing key, kept in its data folder.

JSON is YAML, so the standard library writes it. A second start on the same folder finds the same port, secrets and
accounts. Nothing in it reaches beyond loopback (matrix 11.A).
"""

import base64
import json
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = "homeserver.yaml"
OUTPUT = "homeserver.out"
LOOPBACK = "127.0.0.1"
SERVING = range(20_000, 32_768)
"""Ports below those that the system gives to outgoing connections: one of these could be taken between the choice and the listening."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices for one homeserver; `limits` keeps Synapse's own limits for each account, `messages` replaces that for messages.

    It says how many a second, and how many at once.
    """

    data: Path
    port: int
    server_name: str
    limits: bool
    registration_secret: str
    macaroon_secret: str
    keeper_password: str
    messages: tuple[float, int] | None = None


def settings(data: Path, port: int, server_name: str, *, limits: bool, messages: tuple[float, int] | None = None) -> Settings:
    """Return the settings of a data folder: what an earlier start left there, else new secrets.

    Port 0 is the port of the earlier start, else a free one. Raises ValueError for a folder of another server name.
    """
    known = _known(data / "secrets.json")
    if known.get("server_name", server_name) != server_name:
        raise ValueError(f"{data} belongs to the homeserver {known['server_name']}, not {server_name}")
    return Settings(
        data=data,
        port=port or int(known.get("port", "0")) or free_port(),
        server_name=server_name,
        limits=limits,
        registration_secret=known.get("registration_secret") or secrets.token_hex(32),
        macaroon_secret=known.get("macaroon_secret") or secrets.token_hex(32),
        keeper_password=known.get("keeper_password") or secrets.token_hex(16),
        messages=messages,
    )


def _known(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    values: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return values


def free_port() -> int:
    """Return a port of loopback that nobody listens on at this moment, and that no connection is given before it is used."""
    while True:
        port = secrets.choice(SERVING)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def taken(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def write(chosen: Settings) -> Path:
    """Write all files that Synapse reads at start; return the path of the configuration."""
    data = chosen.data
    data.mkdir(parents=True, exist_ok=True)
    kept = {
        "server_name": chosen.server_name,
        "port": str(chosen.port),
        "registration_secret": chosen.registration_secret,
        "macaroon_secret": chosen.macaroon_secret,
        "keeper_password": chosen.keeper_password,
    }
    _write_private(data / "secrets.json", json.dumps(kept, indent=1))
    if not (data / "signing.key").exists():
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        _write_private(data / "signing.key", f"ed25519 a_demo {seed}\n")
    _write_private(data / "log.yaml", json.dumps(_logging(data), indent=1))
    _write_private(data / CONFIGURATION, json.dumps(_configuration(chosen), indent=1))
    return data / CONFIGURATION


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _configuration(chosen: Settings) -> dict[str, object]:
    data = chosen.data
    listener = {
        "port": chosen.port,
        "type": "http",
        "bind_addresses": [LOOPBACK],
        "resources": [{"names": ["client", "openid"]}],
    }
    return (
        {
            "server_name": chosen.server_name,
            "public_baseurl": f"http://{LOOPBACK}:{chosen.port}/",
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(data / "homeserver.db")}},
            "media_store_path": str(data / "media"),
            "signing_key_path": str(data / "signing.key"),
            "pid_file": str(data / "homeserver.pid"),
            "log_config": str(data / "log.yaml"),
            "registration_shared_secret": chosen.registration_secret,
            "macaroon_secret_key": chosen.macaroon_secret,
            "bcrypt_rounds": 4,
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "ip_range_blacklist": [],
            "presence": {"enabled": False},
            "experimental_features": {"msc4028_push_encrypted_events": True, "msc4222_enabled": True},
        }
        | _doors(limits=chosen.limits)
        | _messages(chosen.messages)
    )


def _doors(*, limits: bool) -> dict[str, object]:
    # Messages, rooms and invitations keep their limits: accounts are freed of them one by one, so the bot must ask.
    # All people of a demo share one address, which elsewhere they would not: its limit is always lifted.
    wide = {"per_second": 1000, "burst_count": 1000}
    if limits:
        return {"rc_login": {"address": wide}}
    return {"rc_login": {"address": wide, "account": wide, "failed_attempts": wide}, "rc_registration": wide}


def _messages(pace: tuple[float, int] | None) -> dict[str, object]:
    return {"rc_message": {"per_second": pace[0], "burst_count": pace[1]}} if pace else {}


def _logging(data: Path) -> dict[str, object]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(request)s %(message)s"}},
        "filters": {"context": {"()": "synapse.logging.context.LoggingContextFilter", "request": ""}},
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": str(data / "homeserver.log"),
                "formatter": "line",
                "filters": ["context"],
                "encoding": "utf-8",
            }
        },
        "root": {"level": "INFO", "handlers": ["file"]},
    }
