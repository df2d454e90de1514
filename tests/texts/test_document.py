"""The plan on paper."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typst

from care.language import Language
from tests.texts.reading import pdf_pages, pdf_words
from texts.document import Goal, Measure, OtherMeasure, Participant, PlanDocument, plan_pdf

PLAN = PlanDocument(
    case="SÄ-2026-00042",
    codename="Blå tranan",
    version=1,
    established=date(2026, 9, 3),
    printed=datetime(2026, 9, 3, 12, 15, tzinfo=UTC),
    person_name="Ester Demoson",
    person_number="19351217-2382",
    purpose="Ester ska kunna bo kvar hemma och känna sig trygg med sina mediciner och med att gå i trappan.",
    important="Att få vara i köket på morgonen.\nAtt samma personer kommer hem till mig.",
    own_part="Jag går till brevlådan varje dag när det inte är halt.",
    goals=(
        Goal("M1", "Ester tar sina mediciner på rätt tid varje dag.", "Dosetten är tom på söndag kväll."),
        Goal("M2", "Ester går i trappan utan att vara rädd för att ramla."),
    ),
    measures=(
        Measure(
            "I3",
            "Delar dosett varje måndag och följer upp hur det fungerar.",
            "Almfors kommun, hemsjukvården centrum",
            "Almfors kommun",
            "M1",
            date(2026, 12, 1),
            "Noor Demo",
        ),
        Measure(
            "I4",
            "Går igenom läkemedelslistan med Ester.",
            "Norrgårdens vårdcentral",
            "Region Almfors",
            "M1",
            date(2026, 9, 17),
        ),
        Measure("I5", "Monterar ledstång och provar ut rollator.", "Almfors kommun, biståndsenheten", "Almfors kommun", "M2"),
    ),
    others=(OtherMeasure("Handlar mat på lördagar.", "Dottern Karin"),),
    coordinator="Norrgårdens vårdcentral, vårdsamordnare Anna Demo",
    coordinator_contact="Vardagar 08–17.",
    overall="Region Almfors",
    worsening="Ring hemsjukvården om du blir yr, faller eller missar mediciner två dagar i rad.\nPå natten ringer du nattsköterskan.",
    follow_up=date(2026, 12, 1),
    follow_up_form="Vi ses hemma hos Ester. Vårdcentralen kallar.",
    participants=(
        Participant("Ester Demoson"),
        Participant("Karin", "dotter"),
        Participant("Anna Demo", "vårdsamordnare", "Norrgårdens vårdcentral"),
        Participant("Ulla Demo", "biståndshandläggare", "Almfors kommun, biståndsenheten"),
        Participant("Noor Demo", "sjuksköterska", "Almfors kommun, hemsjukvården centrum"),
    ),
    consent="Ester har sagt ja till planen och till att enheterna delar uppgifter (muntligt, 31 augusti 2026).",
)

BARE = replace(
    PLAN, established=None, goals=(), measures=(), others=(), participants=(), follow_up=None, coordinator="", worsening="",
    important="", own_part="", coordinator_contact="", overall="", follow_up_form="",
)  # fmt: skip


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_everything_that_was_agreed_stands_in_the_document() -> None:
    words = pdf_words(plan_pdf(PLAN))

    for text in (
        "SÄ-2026-00042 Blå tranan · version 1",
        "Ester Demoson Personnummer 19351217-2382",
        "Planen gäller från torsdag 3 september 2026",
        PLAN.purpose,
        PLAN.important,
        PLAN.own_part,
        "M2 Ester går i trappan utan att vara rädd för att ramla.",
        "Så märker vi det: Dosetten är tom på söndag kväll.",
        "I3 Delar dosett varje måndag och följer upp hur det fungerar.",
        "Ansvarig Almfors kommun, hemsjukvården centrum Huvudman Almfors kommun Kontakt Noor Demo",
        "När Senast tisdag 1 december 2026 För mål M1",
        "Ansvarig Almfors kommun, biståndsenheten Huvudman Almfors kommun När Tills vidare För mål M2",
        "Handlar mat på lördagar. (Dottern Karin)",
        PLAN.coordinator,
        "Huvudman med övergripande ansvar: Region Almfors",
        PLAN.worsening,
        "Vi följer upp planen tisdag 1 december 2026. Vi ses hemma hos Ester. Vårdcentralen kallar.",
        "Ulla Demo biståndshandläggare Almfors kommun, biståndsenheten",
        PLAN.consent,
        "Utskriven torsdag 3 september 2026 kl. 14:15.",
    ):
        assert squeezed(text) in words


def test_a_draft_says_that_it_is_one_and_what_is_missing() -> None:
    words = pdf_words(plan_pdf(BARE))

    assert words.startswith("Utkasttillsamordnadindividuellplan")
    assert squeezed("Planen är inte upprättad än.") in words
    assert squeezed("Ingen är utsedd än.") in words
    assert squeezed("Ingen dag är bestämd än.") in words
    assert words.count(squeezed("Inget är skrivet här.")) == 5
    assert squeezed("Det här gör andra") not in words


def test_the_document_is_tagged_swedish_and_made_for_screen_readers_and_archives() -> None:
    pdf = plan_pdf(PLAN)

    assert b"<pdfuaid:part>1<" in pdf
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A<" in pdf
    assert b"/Lang(sv-SE)" in pdf
    assert b"/MarkInfo<</Marked true" in pdf


def test_the_same_plan_gives_the_same_bytes_and_another_moment_others() -> None:
    later = replace(PLAN, printed=datetime(2026, 9, 3, 12, 16, tzinfo=UTC))

    assert plan_pdf(PLAN) == plan_pdf(PLAN)
    assert plan_pdf(PLAN) != plan_pdf(later)


def test_no_value_becomes_typst_markup() -> None:
    hostile = '#panic("x") *fet* _kursiv_ = rubrik $x$ <a> @b `kod` // slut \\ "citat" #sys.inputs'

    words = pdf_words(plan_pdf(replace(PLAN, purpose=hostile, person_name=hostile)))

    assert words.count(squeezed(hostile)) == 2


@pytest.mark.parametrize("sign", ["😀", "\u0e01", "\ud800", "\x00", "\u2028", "\ufeff"])
def test_a_sign_that_the_fonts_lack_does_not_cost_the_person_the_plan(sign: str) -> None:
    words = pdf_words(plan_pdf(replace(PLAN, person_name=f"Ester {sign} Demoson")))

    assert "Ester" in words
    assert squeezed(PLAN.consent) in words


def test_a_long_plan_loses_nothing_at_the_page_breaks() -> None:
    text = "\n".join(f"Rad {number} av många." for number in range(90))
    many = tuple(Participant(f"Deltagare {number}", "sjuksköterska", "Enheten") for number in range(80))
    measure = replace(PLAN.measures[0], text=text)

    pdf = plan_pdf(replace(PLAN, worsening=text, important=text, measures=(measure,), participants=many))

    words = pdf_words(pdf)
    assert pdf_pages(pdf) >= 10
    assert all(words.count(squeezed(f"Rad {number} av många.")) == 3 for number in range(90))
    assert all(squeezed(one.name + one.part) in words for one in many)
    assert squeezed(PLAN.consent) in words


def test_a_broken_layout_is_a_bug_and_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def elsewhere(_package: str) -> Path:
        return tmp_path

    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "plan.typ").write_text("#panic()")
    monkeypatch.setattr("texts.document.files", elsewhere)

    with pytest.raises(typst.TypstError):
        plan_pdf(PLAN)


def test_an_installation_in_english_prints_the_plan_in_english() -> None:
    text = pdf_words(plan_pdf(PLAN, Language.EN))

    for words in ("Coordinated individual plan", "Thursday 3 September 2026", "By Tuesday 1 December 2026", "Who does what", "Page 1 of"):
        assert words.replace(" ", "") in text
    for words in ("Samordnad", "september", "Huvudman", "Sida", "Samtycke"):
        assert words not in text
