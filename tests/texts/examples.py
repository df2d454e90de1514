"""What people read, as files: every message of the example story, every refusal, every misread message, the digests.

`python -m tests.texts.examples --write` writes them anew; read the difference as a nurse would before keeping it.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.texts import digests, misread, refused, trust, verification
from tests.texts.story import story

GOLDEN = Path(__file__).with_name("golden")
BETWEEN = "\n\n- - - - - - - - - -\n\n"


@cache
def examples() -> Mapping[str, str]:
    """Return the plain text of each golden file by name: of a template each wording once, in the order of the story."""
    found: dict[str, dict[str, None]] = {}
    for name, words in story().told:
        found.setdefault(name, {})[words.body] = None
    told = {name: f"{BETWEEN.join(bodies)}\n" for name, bodies in found.items()}
    return told | {
        "refusals": refused.transcript(),
        "misread": misread.transcript(),
        "digest": digests.transcript(),
        "trust": trust.transcript(),
        "verification": verification.transcript(),
    }


def file_of(name: str) -> Path:
    """Return the golden file of a template or a transcript."""
    return GOLDEN / f"{name}.txt"


def write() -> int:
    """Write the golden files, and return how many they are."""
    texts = examples()
    for name, text in texts.items():
        file_of(name).parent.mkdir(parents=True, exist_ok=True)
        file_of(name).write_text(text, "utf-8")
    return len(texts)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("python -m tests.texts.examples --write")
    sys.stdout.write(f"{write()} files\n")
