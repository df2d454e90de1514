"""What people read, as files: every message in both languages, as plain text and as HTML, and the gallery of them.

`python -m tests.texts.examples --write` writes them all anew, in seconds; read the difference as a nurse would before keeping it.
"""

import sys
from pathlib import Path

from care.language import Language
from tests import databases
from tests.texts import gallery
from tests.texts.collection import MESSAGES, samples
from tests.texts.samples import Sample

GOLDEN = Path(__file__).with_name("golden")
HTML = "--- html ---"


def file_of(message: str, language: Language) -> Path:
    """Return the golden file of a message."""
    return GOLDEN / language / f"{message}.txt"


def text_of(message: str, language: Language) -> str:
    """Return what the golden file of a message has to hold."""
    return "\n".join(_part(each, language) for each in samples()[message])


def _part(each: Sample, language: Language) -> str:
    words = each.words[language]
    return f"=== {each.what or each.message}\n{words.body}\n{HTML}\n{words.html}\n"


def write() -> int:
    """Write the golden files and the gallery, remove those of messages that are gone, and return how many there are."""
    files = {file_of(message, language): text_of(message, language) for message in MESSAGES for language in Language}
    for old in set(GOLDEN.rglob("*.txt")) - set(files):
        old.unlink()
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    gallery.FILE.write_text(gallery.page(), "utf-8")
    return len(files)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("python -m tests.texts.examples --write")
    try:
        sys.stdout.write(f"{write()} files\n")
    finally:
        databases.end()
