"""The plan as a document that the person can hold in their hand: accessible PDF, plain Swedish, large type (process 3.5).

The layout is `typst/plan.typ`. Everything that people wrote is handed over as JSON strings, so no value can become Typst markup;
the fonts are those inside the typst package, and nothing is fetched.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import cast

import typst

from care.language import Language
from texts.languages import sections
from texts.markup import literal
from texts.phrases import written_day, written_moment

_STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
BEFORE = datetime(1, 1, 2, tzinfo=UTC)
"""A year that no plan is of: on paper every date has its year."""
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal; `number` as in the chat (M1), `sign` is how it will be noticed."""

    number: str
    text: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """Who does what until when; `goal` is the number of the goal it serves, `until` None means until further notice."""

    number: str
    text: str
    unit: str
    huvudman: str
    goal: str = ""
    until: date | None = None
    contact: str = ""


@dataclass(frozen=True, slots=True)
class OtherMeasure:
    """What somebody other than region and kommun does: next of kin, school, Försäkringskassan (statutory, law 2017:612 4:2)."""

    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who was there when the plan was made; `part` is a profession or relation, `unit` "" for the person's own people."""

    name: str
    part: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What stands in the document (fields of process 3.5); texts may hold line breaks.

    `established` is the day the plan was agreed, None for a draft. `printed` (UTC) is the only time in the file, so that the same
    value always gives the same bytes. `overall` is the huvudman with the overall responsibility.
    """

    case: str
    codename: str
    version: int
    established: date | None
    printed: datetime
    person_name: str
    person_number: str
    purpose: str
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...]
    coordinator: str
    follow_up: date | None
    participants: tuple[Participant, ...]
    consent: str
    important: str = ""
    own_part: str = ""
    others: tuple[OtherMeasure, ...] = ()
    coordinator_contact: str = ""
    overall: str = ""
    worsening: str = ""
    follow_up_form: str = ""


def plan_pdf(plan: PlanDocument, language: Language = Language.SV) -> bytes:
    """Return the plan in a language, as tagged PDF (PDF/UA-1 and PDF/A-2a).

    Where a value holds a sign that the fonts lack (an emoji, a script), the two standards forbid the document; it is then made
    without their promise, the sign shown as a box. Raise typst.TypstError for a broken layout, which is a bug.
    """
    try:
        return _compiled(plan, language, _STANDARDS)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return _compiled(plan, language, [])


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _compiled(plan: PlanDocument, language: Language, standards: "list[typst.PDFStandard]") -> bytes:
    with as_file(files("texts") / "typst") as folder:
        compiler = typst.Compiler(folder / "plan.typ", root=folder, font_paths=_fonts())
        labels = dict(sections()["document"]) if language is Language.EN else {}
        inputs = {"plan": json.dumps(_readable(asdict(plan), language)), "english": json.dumps(labels), "language": str(language)}
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=standards, timestamp=plan.printed)
    assert isinstance(made, bytes)
    return made


def _readable(value: object, language: Language) -> object:
    """Return the JSON value for the layout, with every leaf as it is read."""
    match value:
        case dict():
            return {key: _readable(part, language) for key, part in cast("dict[str, object]", value).items()}
        case list() | tuple():
            return [_readable(part, language) for part in cast("Sequence[object]", value)]
        case _:
            return _told(value, language)


def _told(value: object, language: Language) -> object:
    """Return instants and dates in words, texts without blank lines, None as "", numbers as they are."""
    if isinstance(value, datetime):
        return written_moment(value, BEFORE, language)
    if isinstance(value, date):
        return written_day(value, BEFORE, language)
    if isinstance(value, str):
        return _BLANK_LINES.sub("\n", literal(value).strip())
    return "" if value is None else value
