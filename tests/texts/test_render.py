"""The voice: values stay literal, plain text and HTML come from one source, phrases are good Swedish."""

from datetime import UTC, date, datetime, time
from html.parser import HTMLParser
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError, nodes

from care.effects import Words
from care.expected import Matter
from care.language import Language
from care.people import Directory, Unit, UnitType
from texts.markup import literal
from texts.render import environment, render, words

HOSTILE = (
    "*fet* _kursiv_ `kod` <b>stor</b> &amp; [här](https://almfors.test) @room",
    "1. ett\n- två\n# tre\n> fyra\n\n    fem\n```\nsex",
    "slut\n---\n===\n",
    "\u202eegnarts \u2067x\u2069",
    "https://almfors.test <https://almfors.test> ![x](y)",
    "\ue00041\ue001 {{ now }} {% raw %}",
    "rad ett\r\nrad två\\\nrad tre  \n",
    "",
)
UNIT = Unit("k-alm-hsv", "Almfors kommun, hemsjukvården centrum", UnitType.KOMMUN_HSV, "almfors")


class Reader(HTMLParser):
    """Reads HTML as a client does: the text, and which tags made it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value or "" for name, value in attrs if name == "href")

    def handle_data(self, data: str) -> None:
        self.text += data


def say(source: str, **values: object) -> Words:
    return words(environment().from_string(source).render(values))


def say_in_english(source: str, **values: object) -> Words:
    return words(environment(Language.EN).from_string(source).render(values), Language.EN)


@given(st.text(st.characters(codec="utf-8")))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
@example(HOSTILE[3])
@example(HOSTILE[4])
@example(HOSTILE[5])
@example(HOSTILE[6])
@example("")
def test_a_value_is_literal_text_in_both_forms(value: str) -> None:
    said = say("**Fråga** från {{ who }}:\n\n{{ value }}\n\nSlut.", value=value, who="Ulla")

    read = Reader(said.html)
    assert said.body == f"Fråga från Ulla:\n\n{literal(value)}\n\nSlut."
    assert f"\n{literal(value)}\n" in read.text
    assert [tag for tag in read.tags if tag != "br"] == ["p", "strong", "p", "p"]


@given(st.text(st.characters(codec="utf-8")))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[5])
def test_a_value_stays_one_list_item_one_command_one_mention(value: str) -> None:
    said = say("- {{ v }}\n- {{ v | mono }}\n- {{ v | pill }}\n- {{ [v, 'b'] | join_and }}", v=value)

    read = Reader(said.html)
    assert [tag for tag in read.tags if tag != "br"] == ["ul", "li", "li", "code", "li", "a", "li"]
    assert read.text.count(literal(value)) >= 4
    assert all(link.startswith("https://matrix.to/#/") for link in read.links)


@given(st.text(st.characters(codec="utf-8")), st.text())
def test_a_link_leads_to_the_web_or_nowhere(url: str, label: str) -> None:
    read = Reader(say("{{ url | link(label) }} {{ ('https://' ~ url) | link }}", url=url, label=label).html)

    assert all(link.startswith(("https://", "http://")) for link in read.links)
    assert set(read.tags) <= {"p", "a", "br"}


@given(st.text())
def test_any_text_at_all_can_be_sent(value: str) -> None:
    said = say("{{ v }}{{ v | mono }}{{ v | pill(v) }}", v=value)

    assert (said.body + said.html).encode()
    assert "\x00" not in said.body + said.html


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc"])))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[4])
@example(HOSTILE[5])
def test_left_to_right_text_is_said_letter_by_letter(value: str) -> None:
    assert say("{{ v }}", v=value).body == value


def test_what_no_client_can_show_becomes_a_replacement_character() -> None:
    assert literal("a\x00b\x1bc\td\ud800") == "a\ufffdb\ufffdc\td\ufffd"


def test_right_to_left_text_is_isolated_from_what_follows() -> None:
    assert say("{{ who }} 3 frågor", who="שרה").body == "\u2068שרה\u2069 3 frågor"
    assert say("{{ who }} 3 frågor", who="Sara").body == "Sara 3 frågor"


def test_the_plain_text_reads_like_the_html() -> None:
    said = say(
        "### Kallelse\n"
        "**Bollen ligger hos {{ unit | unit }}.**\n"
        "Skriv {{ '!sip svar ja' | mono }} eller:\n"
        "{{ '!sip svar nej' | mono }}\n"
        "\n"
        "Det här väntar:\n"
        "{% for row in rows %}\n"
        "1. {{ row }}\n"
        "{% endfor %}\n"
        "\n"
        "> {{ quoted }}\n"
        "\n"
        "- ett\n"
        "  - *inre*\n"
        "- två",
        unit=UNIT,
        rows=("F3 – svar", "rad\nbruten"),
        quoted="Hur är det\nhemma?",
    )

    assert said.body == (
        "Kallelse\n"
        "Bollen ligger hos Almfors kommun, hemsjukvården centrum.\n"
        "Skriv ”!sip svar ja” eller:\n"
        "!sip svar nej\n"
        "\n"
        "Det här väntar:\n"
        "1. F3 – svar\n"
        "2. rad\n"
        "   bruten\n"
        "\n"
        "  Hur är det\n"
        "  hemma?\n"
        "\n"
        "• ett\n"
        "  • inre\n"
        "• två"
    )
    assert "<h3>Kallelse</h3>" in said.html
    assert "<code>!sip svar ja</code>" in said.html
    assert "<li>rad<br />\nbruten</li>" in said.html


def test_a_command_block_can_be_copied_line_by_line() -> None:
    said = say("```\n{{ a }}\n!klar U4\n```", a="!svar F3 <ja>")

    assert said.body == "!svar F3 <ja>\n!klar U4"
    assert said.html == "<pre><code>!svar F3 &lt;ja&gt;\n!klar U4\n</code></pre>"


def test_a_mention_is_a_link_in_html_and_a_name_in_plain_text() -> None:
    said = say("{{ '@ulla.demo:almfors.test' | pill('Ulla Demo') }}, {{ '@x/y (z):almfors.test' | pill }}")

    assert said.body == "Ulla Demo, @x/y (z):almfors.test"
    assert '<a href="https://matrix.to/#/@ulla.demo:almfors.test">Ulla Demo</a>' in said.html
    assert '<a href="https://matrix.to/#/@x%2Fy%20%28z%29:almfors.test">' in said.html


def test_a_link_shows_its_address_once_in_plain_text() -> None:
    said = say("{{ u | link }} / {{ u | link('Videomötet') }} / {{ 'javascript:x' | link('Bus') }}", u="https://almfors.test/å?a=(1)")

    assert said.body == ("https://almfors.test/å?a=(1) / Videomötet (https://almfors.test/%C3%A5?a=%281%29) / Bus (javascript:x)")
    assert said.html.count("<a href=") == 2


@pytest.mark.parametrize("value", [None, True, 1.5, date(2026, 9, 3), ["a"], b"a"])
def test_a_value_that_needs_a_filter_is_a_bug(value: object) -> None:
    with pytest.raises(TypeError, match="use a filter"):
        say("{{ v }}", v=value)


def test_a_missing_value_is_a_bug_that_names_it() -> None:
    with pytest.raises(UndefinedError, match="purpose"):
        say("{{ purpose }}")


def test_an_unknown_message_is_a_bug() -> None:
    with pytest.raises(TemplateNotFound):
        render("refusals/does_not_exist")


SUMMER = datetime(2026, 9, 3, 11, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ t | moment }}", "torsdag 3 september kl. 13:00"),
        ("{{ t | day }}", "torsdag 3 september"),
        ("{{ t | clock }}", "13:00"),
        ("{{ wall | clock }}", "08:05"),
        ("{{ t | until }}", "senast torsdag 3 september kl. 13:00"),
        ("{{ d | until }}", "senast torsdag 3 september"),
        ("{{ d | day }}", "torsdag 3 september"),
        ("{{ t | span(t2) }}", "torsdag 3 september kl. 13:00–14:30"),
        ("{{ t | span(late) }}", "torsdag 3 september kl. 13:00 till fredag 1 januari kl. 00:30"),
        ("{{ 1 | plural('fråga', 'frågor') }}", "1 fråga"),
        ("{{ 0 | plural('fråga', 'frågor') }}, {{ 3 | plural('fråga', 'frågor') }}", "0 frågor, 3 frågor"),
        ("{{ [] | join_and }}{{ ['a'] | join_and }}", "a"),
        ("{{ ['a', 'b'] | join_and }}; {{ ['a', 'b', 'c'] | join_and }}", "a och b; a, b och c"),
        ("{{ ['a, b', 'c'] | join_and }}; {{ ['a, b', 'c', 'd'] | join_and }}", "a, b och c; a, b; c och d"),
        ("{{ ['!a', '!b'] | map('mono') | join_and }}", "”!a” och ”!b”"),
        ("{{ 'k-alm-hsv' | unit }}", "Almfors kommun, hemsjukvården centrum"),
        ("{{ 'k-okand' | unit }}", "k-okand"),
    ],
)
def test_phrases(source: str, expected: str) -> None:
    said = say(
        source,
        t=SUMMER,
        t2=datetime(2026, 9, 3, 12, 30, tzinfo=UTC),
        late=NEW_YEAR,
        d=date(2026, 9, 3),
        wall=time(8, 5),
        directory=Directory(units=MappingProxyType({UNIT.id: UNIT})),
    )

    assert said.body == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ t | moment }}", "Thursday 3 September at 13:00"),
        ("{{ t | day }}", "Thursday 3 September"),
        ("{{ t | clock }}", "13:00"),
        ("{{ t | until }}", "by Thursday 3 September at 13:00"),
        ("{{ d | until }}", "by Thursday 3 September"),
        ("{{ t | span(t2) }}", "Thursday 3 September, 13:00–14:30"),
        ("{{ t | span(late) }}", "Thursday 3 September at 13:00 to Friday 1 January at 00:30"),
        ("{{ ['a', 'b', 'c'] | join_and }}", "a, b and c"),
        ("{{ matter }}; {{ [matter, 'kvittera'] | join_and }}", "acknowledge; acknowledge and kvittera"),
        ("{{ matter | said }}, {{ 'kvittera' | said }}", "acknowledge, acknowledge"),
        ("{{ 'huvudman' | term }}", "principal"),
        ("Type {{ '!sip call' | mono }}.", "Type “!sip call”."),
        ("{{ 'ej' if matter == 'kvittera' else '' }}", "ej"),
    ],
)
def test_phrases_are_english_in_english(source: str, expected: str) -> None:
    late, end = NEW_YEAR, datetime(2026, 9, 3, 12, 30, tzinfo=UTC)

    said = say_in_english(source, t=SUMMER, t2=end, late=late, d=date(2026, 9, 3), matter=Matter.ACKNOWLEDGE)

    assert said.body == expected


def test_the_source_says_the_words_as_they_are() -> None:
    said = say("{{ matter }}, {{ matter | said }}, {{ 'huvudman' | term }}", matter=Matter.ACKNOWLEDGE)

    assert said.body == "kvittera, kvittera, huvudman"


def test_a_text_without_translation_and_a_word_that_is_no_term_are_bugs() -> None:
    for source in ("{{ 'något annat' | said }}", "{{ 'sipp' | term }}"):
        with pytest.raises(KeyError):
            say_in_english(source)


def test_a_command_begins_as_the_person_began_theirs() -> None:
    source = "{{ '!klar U4' | mono }}"

    assert say(source).body == "!klar U4"
    assert say(source, prefix="/").body == "/klar U4"
    assert say(source, prefix="").body == "klar U4"
    assert say("{{ 'ja tranan' | mono }}", prefix="/").body == "ja tranan"


def test_the_year_is_said_when_it_is_another_in_stockholm() -> None:
    assert say("{{ t | moment }}", t=NEW_YEAR, now=SUMMER).body == "fredag 1 januari 2027 kl. 00:30"
    assert say("{{ t | day }}", t=SUMMER, now=SUMMER).body == "torsdag 3 september"
    assert say("{{ t | until }}", t=SUMMER, now=NEW_YEAR).body == "senast torsdag 3 september 2026 kl. 13:00"


def test_a_moment_without_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        say("{{ t | moment }}", t=SUMMER.replace(tzinfo=None))


@pytest.mark.parametrize("name", environment().list_templates())
def test_templates_hold_no_construct_that_would_lose_a_value(name: str) -> None:
    source = (environment().loader or pytest.fail("no loader")).get_source(environment(), name)[0]
    tree = environment().parse(source)

    assert "\ue000" not in source
    assert not list(tree.find_all((nodes.Macro, nodes.AssignBlock, nodes.CallBlock, nodes.FilterBlock, nodes.MarkSafe)))
