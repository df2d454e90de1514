"""A message as it is seen by its readers, in both languages: the golden files, the gallery and the tests of wording are made of these.

Most samples come by themselves: from the story of a case (`told`), from what people type (`typed`), from refusals and misread messages.
What none of these reaches is given here by hand, in one module for each folder of templates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from care.effects import Words
from care.expected import Rules
from care.language import Language, Spoken
from care.profile import load
from commands.translation import in_language
from demo import region
from tests.builders import MONDAY
from texts.render import render


@dataclass(frozen=True, slots=True)
class Sample:
    """One wording of a message; `what` tells when it is said."""

    message: str
    what: str
    words: Mapping[Language, Words]


@cache
def rules(language: Language = Language.SV) -> Rules:
    """Return the rules of an installation that speaks a language, to rooms and to people."""
    directory = region.load("almfors.test")
    return Rules(load("demo"), replace(directory, spoken=Spoken(language)))


def sample(message: str, what: str = "", /, **values: object) -> Sample:
    """Return a sample with these values; a function among them is given the language."""
    return spoken(message, what, lambda language: worded(message, language, values))


def spoken(message: str, what: str, say: Callable[[Language], Words]) -> Sample:
    """Return a sample that is said in each language by a function."""
    return Sample(message, what, MappingProxyType({language: say(language) for language in Language}))


def worded(message: str, language: Language, values: Mapping[str, object]) -> Words:
    """Return the words of a message with the values that every answer has, and these."""
    directory = rules(language).directory
    own = {name: value(language) if callable(value) else value for name, value in values.items()}
    common = {"directory": directory, "now": MONDAY, "prefix": "!", "place": "case"}
    return render(message, language=language, **in_language(message, common | own, language))


def paired(said: Mapping[Language, Sequence[tuple[str, str, Words]]]) -> Iterable[Sample]:
    """Return samples from (message, what, words) noted in each language; raise ValueError where the languages part ways."""
    for swedish, english in zip(*(said[language] for language in Language), strict=True):
        if swedish[:2] != english[:2]:
            raise ValueError(f"{swedish[:2]} in Swedish is {english[:2]} in English")
        yield Sample(swedish[0], swedish[1], MappingProxyType({Language.SV: swedish[2], Language.EN: english[2]}))
