"""Writes the golden journal of a release: `python -m tests.store.golden_journal 0.1`. One that exists is never written again."""

import json
import sys
from pathlib import Path

from store import codec
from tests.store.examples import EXAMPLES

FOLDER = Path(__file__).parent / "golden"


def main(release: str) -> None:
    """Write one row of each event kind as this release stores it; raise FileExistsError when the release has its journal already."""
    rows = [{"kind": e.kind, "version": e.version, "body": json.loads(codec.encode(e))} for e in EXAMPLES]
    with (FOLDER / f"{release}.json").open("x", encoding="utf-8") as file:
        file.write(json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
