"""The folder that a demo lives in: marked as one, so that `--reset` never empties another, and used by one demo at a time."""

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MARK = "samrum-demo"
README = "The state of a Samrum demo. `python -m demo --reset` empties this folder.\n"


class FolderError(RuntimeError):
    """The folder cannot be used; the text says why and what to do."""


@contextmanager
def claimed(data: Path) -> Generator[None]:
    """Keep the folder for this demo, making it if need be; raise FolderError if it is another's or holds something else."""
    if data.exists() and any(data.iterdir()) and not (data / MARK).exists():
        raise FolderError(f"{data} is not empty and not the folder of a demo: choose another with --data")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / MARK).open("a", encoding="utf-8") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FolderError(f"a demo is running on {data}: stop it, or choose another folder with --data") from None
        if not mark.tell():
            mark.write(README)
            mark.flush()
        yield


def empty(data: Path) -> None:
    """Remove all that a demo has left in its own, claimed folder."""
    for path in data.iterdir():
        if path.name == MARK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
