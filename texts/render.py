"""The voice: each message is one Markdown template, rendered to plain text and HTML together (architecture 7).

Swedish templates are the source; English ones have the same names in a folder of their own, and include only each other.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from markdown_it import MarkdownIt

from care.effects import Words
from care.language import Language
from texts import phrases
from texts.languages import spoken
from texts.markup import Markdown, carry, plain, settle

FOLDERS = {Language.SV: "templates", Language.EN: "english"}
OPENINGS = {Language.SV: "”", Language.EN: "“"}
"""The mark that a quotation begins with."""
FILTERS = (
    "brief",
    "clock",
    "day",
    "join_and",
    "link",
    "moment",
    "mono",
    "numbered",
    "pill",
    "plural",
    "said",
    "span",
    "term",
    "unit",
    "until",
)


def _shown(language: Language) -> Callable[[object], Markdown]:
    """Return how a value is shown: carried past the Markdown parser, the word of an enumeration in the language."""

    def shown(value: object) -> Markdown:
        if isinstance(value, Undefined):
            str(value)  # raises UndefinedError, which names what is missing
        return carry(spoken(value, language))

    return shown


@cache
def environment(language: Language = Language.SV) -> Environment:
    """Return the templates of a language: strict about missing values, blocks leave no blank lines behind."""
    made = Environment(  # noqa: S701 - values are carried past the Markdown parser; HTML escapes would show in plain bodies
        loader=PackageLoader("texts", FOLDERS[language]),
        undefined=StrictUndefined,
        finalize=_shown(language),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update({name: getattr(phrases, name) for name in FILTERS})
    made.globals["language"] = cast("Any", language)
    return made


@cache
def _markdown() -> MarkdownIt:
    """Return CommonMark with a line break where the template has one, and without what a chat message does not need."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return parser.disable(["autolink", "code", "hr", "html_block", "html_inline", "image", "lheading", "reference"])


def render(name: str, /, *, language: Language = Language.SV, **values: object) -> Words:
    """Return the words of the message `<noun>/<message>` in a language.

    `now` (UTC instant) and `directory` among the values serve the filters for dates and units. Raise jinja2.TemplateNotFound
    for an unknown message, jinja2.UndefinedError for a missing value and TypeError for a value that needs a filter.
    """
    source = environment(language).get_template(f"{name}.md.j2").render(values)
    return words(source, language)


def words(source: str, language: Language = Language.SV) -> Words:
    """Return the two forms of Markdown in which every value is carried."""
    parser = _markdown()
    tokens = parser.parse(source)
    settle(tokens)
    return Words(plain(tokens, OPENINGS[language]), str(parser.renderer.render(tokens, parser.options, {})).strip())
