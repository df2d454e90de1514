"""Every message, in both languages, can be read by everybody: aloud, on a phone, without colours, and without markup."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from care.effects import Words
from care.language import Language
from commands.reading import Reason
from tests.texts.collection import samples

LONGEST_AVERAGE = 20
"""Words in a sentence, on average, that somebody in a hurry still reads in one go."""
BARE = ("p", "br", "strong", "em", "ul", "li", "blockquote", "code", "pre")
TAGS = {"a": {"href"}, "ol": {"start"}, **{tag: set[str]() for tag in BARE}}
"""What every client shows, and their attributes: no tables, pictures, sizes or colours."""
MARKUP = re.compile(r"[\ue000\ue001`]|\*\*|__|\]\(|</?[a-z]|&[a-z]+;|&#|^ *(?:[-*+>]|#+) |[0-9a-f]{14,}", re.MULTILINE)
EMOJI = re.compile("[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
SWALLOWED = re.compile(r"^ *• .*\n {2,}(?![ •])(.*)", re.MULTILINE)
"""A line that CommonMark takes into the row above it, because no blank line parts them."""
CARET = re.compile(r"^ *\^$", re.MULTILINE)
PLACED = {
    Language.SV: re.compile(r"(ordet ”[^”\n]+”|slutet av raden) \(\^\)"),
    Language.EN: re.compile(r"(the word “[^”\n]+”|the end of the line) \(\^\)"),
}
"""How a message says in words where the caret stands."""

in_both = pytest.mark.parametrize("language", Language)


def said(language: Language) -> Iterator[tuple[str, Words]]:
    """Return all that is said in a language, by message."""
    return ((message, each.words[language]) for message, found in samples().items() for each in found)


class Heard(HTMLParser):
    """HTML as a screen reader comes through it: its tags, and its words in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, set[str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self._numbers: list[int] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name for name, _ in attrs}))
        if tag != "br":
            self.open.append(tag)
        if tag in {"ol", "ul"}:
            self._numbers.append(int(dict(attrs).get("start") or 1) if tag == "ol" else 0)
        if tag == "li" and self._numbers[-1]:
            self.text.append(f"{self._numbers[-1]}. ")
            self._numbers[-1] += 1
        if tag in {"br", "p", "li", "pre", "blockquote"}:
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "br":
            return
        assert self.open.pop() == tag
        if tag in {"ol", "ul"}:
            self._numbers.pop()
        if tag in {"p", "li", "pre", "blockquote"}:
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def spoken(text: str) -> list[str]:
    """Return the words of a text, without the marks and addresses that only the plain text has."""
    return re.sub(r"[”“]|^ *•| \(https?:[^)]*\)", "", text, flags=re.MULTILINE).split()


@in_both
def test_sentences_are_short(language: Language) -> None:
    lengths: dict[str, list[int]] = {}
    for message, words in said(language):
        lengths.setdefault(message, []).extend(_lengths(words))

    assert [message for message, found in lengths.items() if sum(found) / len(found) > LONGEST_AVERAGE] == []


def _lengths(words: Words) -> Iterator[int]:
    return (len(part.split()) for part in re.split(r"[.!?:]\s|\n", words.body) if len(part.split()) > 1)


@in_both
def test_no_markup_and_no_carried_value_is_left_in_the_plain_text(language: Language) -> None:
    assert [(message, found.group()) for message, words in said(language) for found in MARKUP.finditer(words.body)] == []


@in_both
def test_html_is_what_every_client_shows_and_carries_nothing_by_colour_or_table(language: Language) -> None:
    heard = [(message, Heard(words.html)) for message, words in said(language)]

    assert [message for message, html in heard if html.open] == []
    assert [(message, tag) for message, html in heard for tag, attributes in html.tags if not _everywhere(tag, attributes)] == []


def _everywhere(tag: str, attributes: set[str]) -> bool:
    return tag in TAGS and attributes <= TAGS[tag]


@in_both
def test_both_forms_say_the_same_words_in_the_same_order(language: Language) -> None:
    assert [message for message, words in said(language) if spoken("".join(Heard(words.html).text)) != spoken(words.body)] == []


@in_both
def test_a_message_begins_with_words(language: Language) -> None:
    assert [message for message, words in said(language) if not re.match(r"(• )?[”“]?[!\w@]", words.body)] == []


@in_both
def test_what_follows_a_list_is_no_part_of_its_last_row(language: Language) -> None:
    swallowed = [(message, found.group(1)) for message, words in said(language) for found in SWALLOWED.finditer(words.body)]

    assert swallowed == []


@in_both
def test_nothing_is_said_by_emoji_alone(language: Language) -> None:
    lines = [(message, line) for message, words in said(language) for line in words.body.split("\n") if EMOJI.search(line)]

    assert lines
    assert [(message, line) for message, line in lines if not re.search(r"\w\w", EMOJI.sub("", line))] == []


@in_both
def test_where_a_caret_stands_is_also_said_in_words(language: Language) -> None:
    marked = [(message, words.body) for message, words in said(language) if CARET.search(words.body)]

    assert len(marked) >= len(Reason)
    assert [message for message, body in marked if len(PLACED[language].findall(body)) != 1] == []
