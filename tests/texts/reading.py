"""Reads back what the bot hands out, without the libraries that made it: text of a Typst PDF, lines of an iCalendar file."""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?s)(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj")
_PAGE = re.compile(rb"/Type/Page/Resources (\d+) 0 R.*/Contents (\d+) 0 R")
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_SHOWN = re.compile(rb"(?s)/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)")
_MARKED = re.compile(rb"(?s)<<.*?>>\s*BDC")
_ESCAPED = re.compile(rb"(?s)\\([0-7]{1,3}|.)")
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_words(pdf: bytes) -> str:
    """Return the letters of a PDF in reading order, without white space."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    pages = [found for body in objects.values() if (found := _PAGE.search(body))]
    return "".join("".join(_shown(_stream(objects[int(page[2])]), _fonts(objects, int(page[1])))) for page in pages)


def _fonts(objects: dict[int, bytes], resources: int) -> dict[bytes, dict[int, str]]:
    return {name: _letters(objects, int(number)) for name, number in _FONT.findall(objects[resources])}


def pdf_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", pdf))


def _stream(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].removesuffix(b"\nendstream"))


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    cmap = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    lines = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", _stream(objects[int(cmap[1])]) if cmap else b"")
    return {int(glyph, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for glyph, letters in lines}


def _shown(content: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    for chosen, text in _SHOWN.findall(_MARKED.sub(b"", content)):
        font = fonts[chosen] if chosen else font
        glyphs = _ESCAPED.sub(_unescaped, text)
        for at in range(0, len(glyphs), 2):
            yield font.get(int.from_bytes(glyphs[at : at + 2], "big"), "�").strip()


def _unescaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8)]) if sign[:1].isdigit() else _NAMED.get(sign, sign)


def calendar_lines(file: bytes) -> list[tuple[str, str]]:
    """Return (property with parameters, unescaped value) per content line of RFC 5545, unfolded."""
    unfolded = file.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    return [(name, _plain(value)) for line in unfolded for name, value in [_divided(line)]]


def _divided(line: str) -> tuple[str, str]:
    found = re.fullmatch(r'(?s)((?:"[^"]*"|[^":])*):(.*)', line)
    assert found, f"not a content line: {line}"
    return found[1], found[2]


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
