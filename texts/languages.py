"""Short texts in both languages: what is no template of its own, from the questions of forms to the words of enumerations.

Swedish is the source and needs no catalogue. `english/words.toml` holds the English of each Swedish text; one that is missing is a bug.
"""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from care.language import Language
from texts.glossary import look_up

NUMBER = re.compile(r"[0-9]+")


class Phrase(str):
    """A short text of ours, in Swedish, that a template says in its language when it shows it; until then it compares as it is."""

    __slots__ = ()


@cache
def sections() -> Mapping[str, Mapping[str, str]]:
    """Return the English of each Swedish text, by section of the file."""
    found: dict[str, dict[str, str]] = tomllib.loads((files("texts") / "english" / "words.toml").read_text("utf-8"))
    return MappingProxyType({name: MappingProxyType(rows) for name, rows in found.items()})


@cache
def english() -> Mapping[str, str]:
    """Return the English of each Swedish text; raise ValueError for one that stands there with two meanings."""
    found: dict[str, str] = {}
    for swedish, meant in ((swedish, meant) for rows in sections().values() for swedish, meant in rows.items()):
        if found.setdefault(swedish, meant) != meant:
            raise ValueError(f"{swedish} means {found[swedish]} and {meant}")
    return MappingProxyType(found)


def said(words: str, language: Language) -> str:
    """Return a short text of ours in a language; raise KeyError for one without English.

    A text with a number in it is found with # in its place.
    """
    if language is Language.SV or not words:
        return words
    known = english()
    if words in known:
        return known[words]
    number = NUMBER.search(words)
    if number is None:
        raise KeyError(f"no English for {words}")
    return known[NUMBER.sub("#", words)].replace("#", number[0])


def spoken(value: object, language: Language) -> object:
    """Return a value as a message shows it: a phrase or the word of an enumeration in the language, anything else as it is."""
    return said(str(value), language) if isinstance(value, StrEnum | Phrase) else value


def term(word: str, language: Language) -> str:
    """Return a term of the field in a language; raise KeyError for a word that is not in the glossary."""
    found = look_up(word)
    if found is None:
        raise KeyError(f"{word} is not in the glossary")
    return word if language is Language.SV else found.en
