"""The gallery: everything that the bot says, as a phone shows it, Swedish beside English, on one page without scripts.

`python -m tests.texts.examples --write` writes it to `docs/gallery.html`; `python -m tests.texts.gallery --check` tells whether it has to.
"""

import sys
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from care.language import Language
from tests import databases
from tests.texts.collection import MESSAGES, samples
from tests.texts.samples import Sample

FILE = Path(__file__).parents[2] / "docs" / "gallery.html"
NAMES = {Language.SV: "Svenska", Language.EN: "English"}
PLAIN = {Language.SV: "som ren text", Language.EN: "as plain text"}
STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #17191c; --bubble: #f0f2f5; --code: #dfe3e8; --faint: #5c6470; --line: #c9ced6; }
@media (prefers-color-scheme: dark) {
  :root { --page: #101317; --ink: #ebeef2; --bubble: #21262c; --code: #323a43; --faint: #a9b2bc; --line: #4a525c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 1400px; background: var(--page); color: var(--ink); }
body { font: 15px/1.45 system-ui, sans-serif; }
h2 { margin: 48px 0 0; border-bottom: 1px solid var(--line); }
h3 { margin: 32px 0 0; font-size: 17px; overflow-wrap: anywhere; }
h4 { margin: 16px 0 4px; font-weight: 400; color: var(--faint); overflow-wrap: anywhere; }
nav a { display: inline-block; margin: 0 16px 0 0; padding: 8px 0; }
.said { display: grid; gap: 12px; grid-template-columns: repeat(4, minmax(0, 1fr)); align-items: start; }
@media (max-width: 1000px) { .said { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 640px) { .said { grid-template-columns: minmax(0, 1fr); } }
.said + .said { margin-top: 16px; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--faint); font-size: 13px; }
.bubble { padding: 8px 12px; border-radius: 12px; background: var(--bubble); overflow-wrap: anywhere; }
.bubble > :first-child, .bubble li > :first-child { margin-top: 0; }
.bubble > :last-child, .bubble li > :last-child { margin-bottom: 0; }
.bubble p, .bubble ul, .bubble ol, .bubble pre, .bubble blockquote { margin: 8px 0; }
.bubble ul, .bubble ol { padding-left: 24px; }
.bubble blockquote { padding-left: 12px; border-left: 3px solid var(--line); }
code { padding: 1px 4px; border-radius: 4px; background: var(--code); font: 13px/1.4 ui-monospace, monospace; }
.bubble pre { padding: 8px; border-radius: 4px; background: var(--code); overflow-x: auto; }
.bubble pre code { padding: 0; }
.plain { margin: 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 12px; }
.plain { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
"""
HEAD = f"""<!doctype html>
<html lang="sv">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Allt som Samrum säger</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Allt som Samrum säger</h1>
"""


def page() -> str:
    """Return the page."""
    return "".join((HEAD, *_lines(), "</body>\n</html>\n"))


def _lines() -> Iterator[str]:
    folders = [(folder, tuple(messages)) for folder, messages in groupby(MESSAGES, key=lambda message: message.partition("/")[0])]
    wordings = sum(map(len, samples().values()))
    yield f"<p>{len(MESSAGES)} meddelanden, {wordings} lydelser, på svenska och engelska. Personerna är påhittade.</p>\n"
    yield f"<p>Först som en telefon visar det, sedan {PLAIN[Language.SV]}. Ovanför, i grått: vad som skrevs, eller när.</p>\n"
    links = " ".join(f'<a href="#{folder}">{folder}</a>' for folder, _ in folders)
    yield f"<nav>{links}</nav>\n"
    for folder, messages in folders:
        yield f'<h2 id="{folder}">{folder}</h2>\n'
        for message in messages:
            yield f'<h3 id="{message}">{message}</h3>\n'
            yield from map(_shown, samples()[message])


def _shown(each: Sample) -> str:
    what = f"<h4>{escape(each.what)}</h4>\n" if each.what else ""
    return f'{what}<div class="said">\n{"".join(_figures(each, language) for language in Language)}</div>\n'


def _figures(each: Sample, language: Language) -> str:
    words = each.words[language]
    return (
        f'<figure lang="{language}"><figcaption>{NAMES[language]}</figcaption><div class="bubble">{words.html}</div></figure>\n'
        f'<figure lang="{language}"><figcaption>{NAMES[language]}, {PLAIN[language]}</figcaption>'
        f'<pre class="plain">{escape(words.body)}</pre></figure>\n'
    )


def main() -> None:
    """Check the page; exit with what to do if it is not as it has to be."""
    if sys.argv[1:] != ["--check"]:
        raise SystemExit("python -m tests.texts.gallery --check")
    try:
        fresh = page() == FILE.read_text("utf-8")
    finally:
        databases.end()
    if not fresh:
        raise SystemExit("docs/gallery.html is not what the bot says: python -m tests.texts.examples --write")


if __name__ == "__main__":
    main()
