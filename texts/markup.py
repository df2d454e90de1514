"""Values and Markdown: how a value passes through a template without ever becoming markup, and how a message reads as plain text.

A value is carried through the Markdown parser as hexadecimal digits between two private characters, and is put back into the
parsed tree, where it can only be text. The plain body and the HTML are both read from that tree, so they cannot disagree.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

MATRIX_TO = "https://matrix.to/#/"
_OPEN, _CLOSE = "\ue000", "\ue001"
_CARRIED = re.compile(f"{_OPEN}([0-9a-f]*){_CLOSE}")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDI", "PDF"})
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


class Markdown(str):
    """Markdown made by a filter; every value in it is carried."""

    __slots__ = ()


def literal(value: str) -> str:
    """Return the text that stands for a value in a message.

    Line ends become newlines, what no client can show becomes U+FFFD, and a value with right-to-left letters or marks is
    isolated, so that it cannot turn the words around it.
    """
    text = _UNSHOWABLE.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n"))
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def carry(value: object) -> Markdown:
    """Return the Markdown for a value: itself if a filter made it, else the carried literal text.

    Raise TypeError for anything but text and whole numbers: a date or a yes/no that reaches a reader unformatted is a bug.
    """
    if isinstance(value, Markdown):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"a message cannot show a {type(value).__name__}: use a filter")
    return Markdown(f"{_OPEN}{literal(str(value)).encode().hex()}{_CLOSE}")


def unpack(text: str) -> str:
    """Return text with each carried value in its place."""
    return _CARRIED.sub(lambda found: bytes.fromhex(found[1]).decode(), text)


def settle(tokens: Sequence[Token]) -> None:
    """Put the carried values into a parsed tree; a newline in a value becomes a line break."""
    for token in tokens:
        token.content = token.content if token.type == "inline" else unpack(token.content)
        if token.children is not None:
            token.children = [part for child in token.children for part in _settled(child)]


def _settled(token: Token) -> Iterator[Token]:
    text = unpack(token.content)
    if token.type != "text":
        yield token.copy(content=text)
        return
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Token("hardbreak", "br", 0)
        yield token.copy(content=line)


def plain(tokens: Sequence[Token], opening: str = "”") -> str:
    """Return the plain text of a settled tree, fit for a lock screen.

    Bold and italics are just their words, lists have dots or numbers, and blank lines stand where the template has them. A
    command inside a sentence is quoted, from the `opening` mark of the language; one that fills its line stands bare, to be copied.
    """
    for code in (child for token in tokens for child in token.children or () if child.type == "code_inline"):
        code.meta = {"opening": opening}
    return "\n".join(_blocks(SyntaxTreeNode(tokens).children))


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for at, node in enumerate(nodes):
        if at and _apart(nodes[at - 1], node):
            yield ""
        yield from _block(node)


def _apart(before: SyntaxTreeNode, node: SyntaxTreeNode) -> bool:
    """Whether the template has a blank line between two blocks (a list's own map may include that line)."""
    last = max((part.map[1] for part in before.walk() if part.type == "inline" and part.map), default=0)
    end = last or (before.map[1] if before.map else 0)
    return bool(node.map and node.map[0] > end)


def _block(node: SyntaxTreeNode) -> Iterator[str]:
    match node.type:
        case "bullet_list" | "ordered_list":
            start = int(node.attrs.get("start", 1))
            for number, item in enumerate(node.children, start):
                yield from _hung("• " if node.type == "bullet_list" else f"{number}. ", item.children)
        case "blockquote":
            yield from _hung("  ", node.children)
        case "fence":
            yield from node.content.removesuffix("\n").split("\n")
        case _:
            yield from _lines(node.children[0].children)


def _hung(mark: str, nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    indent = " " * len(mark)
    for number, line in enumerate("\n".join(_blocks(nodes)).split("\n")):
        yield f"{indent if number else mark}{line}" if line or not number else ""


def _lines(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    line: list[SyntaxTreeNode] = []
    for node in nodes:
        if node.type in {"softbreak", "hardbreak"}:
            yield _line(line)
            line = []
        else:
            line.append(node)
    yield _line(line)


def _line(nodes: Sequence[SyntaxTreeNode]) -> str:
    spoken = [node for node in nodes if node.type != "text" or node.content]
    if [node.type for node in spoken] == ["code_inline"]:
        return spoken[0].content
    return "".join(_inline(node) for node in spoken)


def _inline(node: SyntaxTreeNode) -> str:
    if node.type == "code_inline":
        return f"{node.meta['opening']}{node.content}”"
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    if not node.children:
        return node.content
    words = "".join(_inline(child) for child in node.children)
    target = str(node.attrs.get("href", ""))
    bare = not target or target.startswith(MATRIX_TO) or unquote(target) == unquote(words)
    return words if bare else f"{words} ({target})"
