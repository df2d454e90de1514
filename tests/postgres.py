"""A throw-away PostgreSQL for one test process: reached by a socket in a folder of its own, never by the network, and gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

USER = "samrum"
SERVER_ACCOUNT = "postgres"
"""Whom the server runs as where the tests run as root, which it refuses."""
SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "log_min_messages": "fatal",
}
"""Nothing of it outlives the tests, so nothing is made durable."""


@cache
def program(name: str) -> str:
    """Return the path of a program of the server; Debian keeps them out of PATH."""
    found = shutil.which(name) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None)
    if found is None:
        raise LookupError(f"{name} is not installed: the tests on PostgreSQL need the server's programs")
    return found


@dataclass(frozen=True)
class Cluster:
    """A running server and the folder that holds all of it."""

    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{USER}@/{database}?host={self.folder}"

    def stop(self) -> None:
        """End it at once, whoever is connected, and leave nothing behind."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(SECONDS)
        shutil.rmtree(self.folder)


def start() -> Cluster:
    """Return a new cluster that answers."""
    folder = Path(tempfile.mkdtemp(prefix="samrum-pg-"))
    account = SERVER_ACCOUNT if os.geteuid() == 0 else None
    if account:
        owner = pwd.getpwnam(account)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = str(folder / "data")
    made = [program("initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(made, check=True, user=account, cwd=folder, stdout=subprocess.DEVNULL)
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    run = [program("postgres"), "-D", data, "-k", str(folder), *settings]
    cluster = Cluster(folder, subprocess.Popen(run, user=account, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    _await_answer(cluster)
    return cluster


def _await_answer(cluster: Cluster) -> None:
    asked = [program("pg_isready"), "-q", "-h", str(cluster.folder), "-U", USER, "-d", "postgres"]
    for _ in range(SECONDS * 10):
        if subprocess.run(asked, check=False).returncode == 0:
            return
        time.sleep(0.1)
    cluster.stop()
    raise TimeoutError("PostgreSQL does not answer")
