"""The words of coordinated care planning, each with one definition (`glossary.toml`): what `!begrepp` answers."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import chain, takewhile
from types import MappingProxyType
from typing import Any

SUGGESTIONS = 3
_PART = 4
_LOST = frozenset({"", "a", "e"})
"""What a word loses at its end when it gets another."""
ENDING = re.compile(
    "(?:a|ad|ade|ades|an|ande|ar|are|aren|arna|as|at|ats|d|de|des|e|en|ens|er|erna|ernas|es|et|ets|n|na|ns|or|orna|r|s|t|ts)?"
)
"""What Swedish words end in, in letters without accents."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word: `text` defines it, `also` are synonyms, `not_same` what it is often mistaken for.

    `regional` are the names that it has in certain regions, the same in every language.
    `en` is the word in English; `en_text`, `en_also` and `en_not_same` are the other three.
    """

    word: str
    en: str
    text: str
    en_text: str
    also: tuple[str, ...] = ()
    not_same: tuple[str, ...] = ()
    en_also: tuple[str, ...] = ()
    en_not_same: tuple[str, ...] = ()
    regional: tuple[tuple[str, tuple[str, ...]], ...] = ()


def folded(word: str) -> str:
    """Return the letters and digits of a word alone, without case and accents: as people type on a phone."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms, in the order of the file."""
    rows = tomllib.loads((files("texts") / "glossary.toml").read_text("utf-8"))["term"]
    return tuple(_term(row) for row in rows)


def _term(row: Mapping[str, Any]) -> Term:
    also, not_same, en_also, en_not_same = (tuple(row.get(key, ())) for key in ("also", "not_same", "en_also", "en_not_same"))
    regional = tuple((name, tuple(regions)) for name, regions in row.get("regional", {}).items())
    return Term(row["word"], row["en"], row["text"], row["en_text"], also, not_same, en_also, en_not_same, regional)


@cache
def _index() -> Mapping[str, Term]:
    """Return the terms by folded word; a term's own word goes before its synonyms, those before English words and synonyms."""
    ranks = (
        ((term.word, term) for term in terms()),
        ((name, term) for term in terms() for name in (*term.also, *(name for name, _ in term.regional))),
        ((term.en, term) for term in terms()),
        ((name, term) for term in terms() for name in term.en_also),
    )
    found: dict[str, Term] = {}
    for name, term in chain.from_iterable(ranks):
        found.setdefault(folded(name), term)
    return MappingProxyType(found)


def look_up(word: str) -> Term | None:
    """Return the term of a word, a synonym or an English name, however it is spelled on a phone; None if there is no such word."""
    return _index().get(folded(word))


def look_up_inflected(word: str) -> Term | None:
    """Return the term of a Swedish word in any of its forms ("aktörernas", "samtyckt"); None where no term has such a form."""
    typed = folded(word)
    return look_up(word) or next((term for name, term in _index().items() if _same_word(typed, name)), None)


def _same_word(typed: str, name: str) -> bool:
    """Whether what was typed is the word of that name with another ending."""
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(typed, name, strict=False)))
    return common >= _PART and name[common:] in _LOST and bool(ENDING.fullmatch(typed[common:]))


def nearest(word: str) -> tuple[Term, ...]:
    """Return up to three terms that may be meant: those that hold the word or are held in it, then those spelled nearly so."""
    typed = folded(word)
    holding = [name for name in _index() if len(typed) >= _PART and typed in name]
    held = [name for name in _index() if len(name) >= _PART and name in typed]
    near = get_close_matches(typed, _index(), n=SUGGESTIONS, cutoff=0.7)
    found = dict.fromkeys(_index()[name] for name in (*holding, *held, *near))
    return tuple(found)[:SUGGESTIONS]
