"""The search for what must not be found: people's names and numbers, in whatever form a file may hold them (invariant 7)."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from care import identity

PEOPLE_S_OWN = frozenset({"mail", "plan.pdf", "story-client.log"})
"""What lies in a demo's folder and is meant to be read by people: mail to addresses that they gave, and what their own clients keep."""
BASE64_BITS = 6
LEAST = 6
"""The shortest piece of a base64 text that is looked for: a shorter one is found in any ciphertext."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that must not be found: `label` names it in a report, `words` are the ways in which it is written."""

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret in a file, in a form (`utf-8`, `utf-16`, `base64`, `json`)."""

    label: str
    file: str
    form: str


def person(name: str, number: str, today: date) -> Secret:
    """Return a person's name, both orders and in any case, and number in all spellings; raise Refused for no number."""
    first, _, last = name.rpartition(" ")
    orders = (name, f"{last} {first}", f"{last}, {first}")
    cased = (each for order in orders for each in (order, order.lower(), order.upper()))
    return Secret(name, (*cased, *identity.spellings(identity.parse(number, today))))


def places(data: Path) -> tuple[Path, ...]:
    """Return the files of a demo's bot and homeserver: databases with their journals, key store, media, logs, configuration."""
    mine = (path for path in sorted(data.iterdir()) if path.name not in PEOPLE_S_OWN)
    return tuple(file for path in mine for file in ([path] if path.is_file() else sorted(path.rglob("*"))) if file.is_file())


def search(files: Iterable[Path], secrets: Iterable[Secret]) -> tuple[Leak, ...]:
    """Return where the secrets are found. A file that goes away meanwhile holds nothing."""
    wanted = {secret.label: forms(secret.words) for secret in secrets}
    return tuple(leak for file in files for leak in _in_file(file, wanted))


def _in_file(file: Path, wanted: Mapping[str, Mapping[bytes, str]]) -> Iterator[Leak]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    for label, patterns in wanted.items():
        for form in sorted({form for pattern, form in patterns.items() if pattern in content}):
            yield Leak(label, file.name, form)


def forms(words: Iterable[str]) -> Mapping[bytes, str]:
    """Return the bytes by which the words are found, each with its form; a word that holds another adds nothing to it."""
    found: dict[bytes, str] = {}
    for word in _shortest(frozenset(words)):
        found |= {_escaped(word): "json", word.encode(): "utf-8"}
        # Little- and big-endian text share all but the outermost byte where its characters are Latin ones.
        found |= {word.encode("utf-16-le")[:-1]: "utf-16", word.encode("utf-16-be")[1:]: "utf-16"}
        found |= dict.fromkeys(_encoded(word.encode()), "base64")
    return found


def _shortest(words: frozenset[str]) -> list[str]:
    return sorted(word for word in words if not any(other in word for other in words if other != word))


def _escaped(word: str) -> bytes:
    return json.dumps(word)[1:-1].encode()


def _encoded(plain: bytes) -> Iterator[bytes]:
    """Return what base64 makes of the bytes wherever they begin in a text: the digits that depend on nothing beside them."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + plain + bytes(2))
        first = -(-before * 8 // BASE64_BITS)
        piece = whole[first : (before + len(plain)) * 8 // BASE64_BITS]
        if len(piece) >= LEAST:
            yield from {piece, piece.translate(bytes.maketrans(b"+/", b"-_"))}
