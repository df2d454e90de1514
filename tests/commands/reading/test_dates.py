"""The decided list of dates.toml (decision 0026), and what holds for every date that can be typed."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.calendar import holiday_name
from care.clock import STOCKHOLM, local
from commands.declare import Kind
from commands.reading import Invocation, Misread, Reason, read
from commands.reading.feasts import FEASTS
from commands.reading.meaning import Frame, candidates
from commands.reading.moments import read_all
from commands.reading.walls import When, written
from commands.reading.words import split
from tests.commands.region import COMMANDS, NOW, UNITS, scene
from texts.phrases import SWEDISH, clock, written_day

LIST = tomllib.loads(Path(__file__).with_name("dates.toml").read_text())
KINDS = {
    "moments": (Kind.MOMENT, Frame(NOW)),
    "latest": (Kind.MOMENT, Frame(NOW, clock=time(16))),
    "days": (Kind.DAY, Frame(NOW)),
    "clocks": (Kind.CLOCK, Frame(NOW)),
}
MOMENTS = st.integers(min_value=1, max_value=13_000_000).map(lambda minutes: NOW + timedelta(minutes=minutes))
NOWS = st.integers(min_value=0, max_value=40_000_000).map(lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def listed(part: str) -> Iterator[tuple[str, str, object]]:
    """Yield what the list says: the kind of argument, what it stands under, and what it holds."""
    for kind in KINDS:
        yield from ((kind, key, value) for key, value in cast("Mapping[str, object]", LIST[kind][part]).items())


def many(part: str) -> list[tuple[str, str, str]]:
    """Return each phrase that stands with others: its kind, what they stand under, and the phrase."""
    return [(kind, key, phrase) for kind, key, phrases in listed(part) for phrase in cast("Sequence[str]", phrases)]


TAKEN, REFUSED = many("taken"), many("refused")
ASKED = [(kind, typed, cast("Sequence[str]", answer)) for kind, typed, answer in listed("asked")]
PHRASES = sorted({p for _, _, p in TAKEN} | {p for _, p, _ in ASKED} | {p.replace("^", "") for _, _, p in REFUSED})


def meant(kind: str, typed: str) -> When | Misread:
    argument, frame = KINDS[kind]
    return read_all(argument, split(typed), frame)


@pytest.mark.parametrize(("kind", "instant", "typed"), TAKEN)
def test_what_is_clear_is_taken(kind: str, instant: str, typed: str) -> None:
    found = meant(kind, typed)

    assert not isinstance(found, Misread), found
    assert written(found) == instant


@pytest.mark.parametrize(("kind", "typed", "answer"), ASKED)
def test_what_only_the_writer_knows_is_asked(kind: str, typed: str, answer: Sequence[str]) -> None:
    found = meant(kind, typed)

    assert isinstance(found, Misread)
    assert [found.reason.value, *candidates(found)] == answer


@pytest.mark.parametrize(("kind", "reason", "typed"), REFUSED)
def test_what_must_not_be_guessed_is_refused_at_its_place(kind: str, reason: str, typed: str) -> None:
    found = meant(kind, typed.replace("^", ""))

    assert isinstance(found, Misread)
    assert (found.reason.value, found.at, candidates(found)) == (reason, typed.index("^"), ())


def test_the_list_holds_two_hundred_phrases_of_a_day_and_an_hour_and_a_hundred_refusals() -> None:
    assert len({typed for kind, _, typed in TAKEN if kind == "moments"}) >= 200
    assert len({typed for _, _, typed in REFUSED}) >= 100


def test_a_phrase_stands_once_in_the_list() -> None:
    for kind in KINDS:
        taken, refused = ([p.replace("^", "") for k, _, p in part if k == kind] for part in (TAKEN, REFUSED))
        all_of_it = [*taken, *refused, *(typed for k, typed, _ in ASKED if k == kind)]
        assert len(all_of_it) == len(set(all_of_it))


@settings(deadline=None)
@given(MOMENTS)
def test_an_instant_is_read_back_as_it_is_written_to_be_typed(instant: datetime) -> None:
    assert read_all(Kind.MOMENT, split(written(instant)), Frame(NOW)) == instant


@settings(deadline=None)
@given(st.dates(date(2026, 11, 23), date(2099, 12, 31)))
def test_a_day_is_read_back_as_it_is_written_to_be_typed(day: date) -> None:
    assert read_all(Kind.DAY, split(written(day)), Frame(NOW)) == day


@settings(deadline=None)
@given(st.dates(date(2026, 11, 24), date(2099, 12, 31)))
def test_a_day_is_read_back_as_it_is_told_in_a_sentence(day: date) -> None:
    assert read_all(Kind.DAY, split(written_day(day, NOW)), Frame(NOW)) == day


PROSE = (
    "{day} kl. {clock}",
    "{long} kl. {clock}",
    "senast {day} kl. {clock}",
    "{clock}, {day}",
    "{Day} kl. {clock}.",
    "{english} at {clock}",
    "by {english} at {clock}",
)
"""How instants stand in messages, invitations and the plan, Swedish and English; "senast" and "by" only before a latest time."""


@settings(max_examples=400, deadline=None)
@given(MOMENTS, st.sampled_from(PROSE))
def test_an_instant_is_read_back_as_it_is_told_in_a_sentence(instant: datetime, prose: str) -> None:
    day, long = written_day(instant, NOW), f"{written_day(instant)} {local(instant).year}"
    english = f"{local(instant):%A} {local(instant).day} {local(instant):%B %Y}"
    typed = prose.format(day=day, Day=day.capitalize(), long=long, clock=clock(instant), english=english)

    found = read_all(Kind.MOMENT, split(typed), Frame(NOW, clock=time(16)))

    assert found == instant or (isinstance(found, Misread) and written(instant) in candidates(found) and "tid" in written(instant))


@settings(deadline=None)
@given(st.times())
def test_a_wall_time_is_read_back_as_it_is_told(hour: time) -> None:
    minute = hour.replace(second=0, microsecond=0)

    assert read_all(Kind.CLOCK, split(clock(minute)), Frame(NOW)) == minute


@settings(deadline=None)
@given(st.sampled_from(sorted(FEASTS)), st.integers(min_value=2027, max_value=2098))
def test_a_named_day_is_the_one_of_the_calendar(name: tuple[str, ...], year: int) -> None:
    day = FEASTS[name](year)
    unnamed = {"skartorsdag", "skartorsdagen", "maundy", "valborgsmassoafton", "luciadagen", "paskafton", "pingstafton", "trettondagsafton"}

    assert holiday_name(day) or name[0] in unnamed or name[0].startswith("trettonde")
    assert read_all(Kind.DAY, split(f"{' '.join(name)} {year}"), Frame(NOW)) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [("julafton", "2030-12-24"), ("påskdagen", "2030-04-21"), ("midsommarafton", "2030-06-21"), ("alla helgons dag", "2030-11-02")],
)
def test_a_named_day_with_a_year_is_found(name: str, day: str) -> None:
    assert read_all(Kind.DAY, split(f"{name} 2030"), Frame(NOW)) == date.fromisoformat(day)


WORDS = sorted({word for phrase in PHRASES for word in phrase.split()})
STRANGE = st.sampled_from(["ca", "prick", "kanske", "eller", "Hur?", "natt", "personer", "bitti?", "snarast", "100", "xyz", "32/13"])


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(TAKEN), STRANGE, st.integers(min_value=0, max_value=12))
def test_a_strange_word_anywhere_in_a_date_is_never_passed_over(taken: tuple[str, str, str], strange: str, at: int) -> None:
    kind, _, typed = taken
    words = typed.split()
    typed = " ".join([*words[:at], strange, *words[at:]])

    found = meant(kind, typed)

    assert isinstance(found, Misread)
    assert 0 <= found.at <= len(typed)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), NOWS, st.sampled_from(sorted(KINDS)))
def test_any_mixture_of_date_words_is_a_coming_time_or_refused_within_the_text(typed: str, now: datetime, kind: str) -> None:
    argument, frame = KINDS[kind]

    found = read_all(argument, split(typed), Frame(now, clock=frame.clock))

    if isinstance(found, Misread):
        assert 0 <= found.at <= len(typed)
    elif isinstance(found, datetime):
        assert found > now
        assert found.tzinfo is UTC
    elif isinstance(found, date):
        assert found >= local(now).date()


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.sampled_from(PHRASES), NOWS, st.sampled_from(sorted(KINDS)))
def test_every_answer_that_is_offered_is_taken_when_it_is_typed(typed: str, now: datetime, kind: str) -> None:
    argument, frame = KINDS[kind]
    frame = Frame(now, clock=frame.clock)
    found = read_all(argument, split(typed), frame)
    offers = candidates(found)

    assert offers or isinstance(found, Misread)
    for offer in offers:
        again = read_all(argument, split(offer), frame)
        assert not isinstance(again, Misread), (offer, again)
        assert written(again) == offer


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="0123456789.,:/-–haklTtZ+ \u200b", max_size=20), st.sampled_from(sorted(KINDS)))
def test_random_text_never_raises(typed: str, kind: str) -> None:
    found = meant(kind, typed)

    assert not isinstance(found, Misread) or 0 <= found.at <= len(typed)


SAID: Mapping[str, Callable[[datetime, Mapping[str, int], datetime], bool]] = {
    "{name} {h:02}:{m:02}": lambda wall, say, _: wall.weekday() == say["w"],
    "på {name} kl {h:02}.{m:02}": lambda wall, say, _: wall.weekday() == say["w"],
    "nästa {name} {h:02}:{m:02}": lambda wall, say, _: wall.weekday() == say["w"],
    "{name} om {n} veckor {h:02}:{m:02}": lambda wall, say, _: wall.weekday() == say["w"],
    "{name} vecka {n} {h:02}:{m:02}": lambda wall, say, _: wall.isocalendar()[1:] == (say["n"], say["w"] + 1),
    "{name} den {n}:e {h:02}:{m:02}": lambda wall, say, _: (wall.weekday(), wall.day) == (say["w"], say["n"]),
    "den {n} kl {h:02}:{m:02}": lambda wall, say, _: wall.day == say["n"],
    "{n}/{mo} {h:02}:{m:02}": lambda wall, say, _: (wall.day, wall.month) == (say["n"], say["mo"]),
    "{n}.{mo} kl {h:02}:{m:02}": lambda wall, say, _: (wall.day, wall.month) == (say["n"], say["mo"]),
    "om {n} dagar {h:02}:{m:02}": lambda wall, say, now: wall.date() == local(now).date() + timedelta(days=say["n"]),
    "imorgon {h:02}:{m:02}": lambda wall, _, now: wall.date() == local(now).date() + timedelta(days=1),
}
"""Ways of saying a day and an hour, and what is then true of the wall time."""


@settings(max_examples=600, deadline=None)
@given(NOWS, st.sampled_from(sorted(SAID)), st.datetimes(datetime(2020, 1, 1), datetime(2020, 12, 31)))  # noqa: DTZ001 - only its parts are used
def test_whatever_is_taken_or_offered_has_the_day_and_the_hour_that_were_said(now: datetime, shape: str, parts: datetime) -> None:
    say = {"w": parts.weekday(), "n": parts.day, "mo": parts.month, "h": parts.hour, "m": parts.minute}
    found = read_all(Kind.MOMENT, split(shape.format(name=SWEDISH.weekdays[parts.weekday()], **say)), Frame(now))

    for offer in candidates(found):
        again = read_all(Kind.MOMENT, split(offer), Frame(now))
        assert isinstance(again, datetime)
        wall = local(again)
        assert now < again < now + timedelta(days=2 * 366)
        assert (wall.hour, wall.minute) == (parts.hour, parts.minute)
        assert SAID[shape](wall, say, now)


DAYS_WITH_A_GAP = [date(2027, 3, 28), date(2028, 3, 26), date(2029, 3, 25)]
DAYS_WITH_A_FOLD = [date(2027, 10, 31), date(2028, 10, 29), date(2029, 10, 28)]


@settings(deadline=None)
@given(st.sampled_from(DAYS_WITH_A_GAP), st.integers(min_value=0, max_value=59), st.sampled_from(["{d} 02:{m:02}", "kl 02.{m:02} {d}"]))
def test_an_hour_that_summer_time_skips_is_told(day: date, minute: int, shape: str) -> None:
    found = meant("moments", shape.format(d=day.isoformat(), m=minute))

    assert isinstance(found, Misread)
    assert found.reason is Reason.CLOCK_SKIPPED


@settings(deadline=None)
@given(st.sampled_from(DAYS_WITH_A_FOLD), st.integers(min_value=0, max_value=59))
def test_an_hour_that_comes_twice_is_told_with_both_of_its_instants(day: date, minute: int) -> None:
    found = meant("moments", f"{day.isoformat()} 02:{minute:02}")

    assert isinstance(found, Misread)
    assert found.reason is Reason.CLOCK_TWICE
    summer, winter = (meant("moments", offer) for offer in candidates(found))
    assert isinstance(summer, datetime)
    assert isinstance(winter, datetime)
    assert winter - summer == timedelta(hours=1)
    assert {local(summer).replace(fold=0), local(winter).replace(fold=0)} == {datetime.combine(day, time(2, minute), STOCKHOLM)}


TEXTS = st.lists(
    st.sampled_from(["Kan", "ni", "komma", '"hej"', '"', "'", "«", "på", "till", "senast", "Ring", "3", "?", "x=1"]), max_size=5
)
ENDS = st.sampled_from([*PHRASES, *chain.from_iterable(("1 juni", "idag kl 9") for _ in range(20))])


@settings(max_examples=600, deadline=None)
@given(TEXTS, ENDS)
def test_every_answer_offered_for_a_question_with_a_date_is_taken_when_it_is_typed(words: Sequence[str], end: str) -> None:
    result = read(f"!fråga hsv {' '.join(words)} {end}", COMMANDS, scene())

    if isinstance(result, Misread) and result.reason in {Reason.DATE_OR_TEXT, Reason.WORDS_AFTER_DATE}:
        for offer in candidates(result):
            again = read(f"!fråga hsv {offer}", COMMANDS, scene())
            assert isinstance(again, Invocation), (offer, again)
            assert ("due" in again.values) == (offer in cast("Sequence[str]", result.values["dates"]))


AFTER = {
    "senast=torsdag ca 13": "ca 13",
    "senast=imorgon bitti": "",
    "senast=torsdag prick": "prick",
    "senast=torsdag 13-14": "torsdag",
    "senast=torsdag 13 personer": "personer",
    "senast=torsdag då?": "då?",
    "senast=lördag på rummet": "på rummet",
    'senast="torsdag" 13:00': "13:00",
    'senast=torsdag "13:00"': '13:00"',
    'senast="torsdag" 13': "13",
    'senast="torsdag" på eftermiddagen': "på",
}


@pytest.mark.parametrize(("typed", "place"), AFTER.items())
def test_words_after_a_named_date_never_slip_into_the_text(typed: str, place: str) -> None:
    line = f"!fråga hsv Hur? {typed}"

    result = read(line, COMMANDS, scene())

    assert isinstance(result, Misread), result
    assert line[result.at :].startswith(place)
    assert result.name == "due"


@pytest.mark.parametrize("typed", ["senast=torsdag då?", "senast=lördag på rummet", "senast=vecka 49 någon gång", "senast=1/6 hemma"])
def test_each_date_that_is_offered_for_words_after_one_is_taken_with_them_as_text(typed: str) -> None:
    result = read(f"!fråga hsv Hur? {typed}", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.reason is Reason.WORDS_AFTER_DATE
    words = typed[typed.index(str(result.values["text"])) :]
    for offer in candidates(result):
        again = read(f"!fråga hsv Hur? {offer} {words}", COMMANDS, scene())
        assert isinstance(again, Invocation), again
        assert again.values["text"] == f"Hur? {words}"


def test_nothing_is_offered_for_words_after_a_date_where_no_text_is_asked_for() -> None:
    result = read("!sip flytta tid=torsdag 13:00 tack", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert (result.reason, candidates(result)) == (Reason.WORDS_AFTER_DATE, ())


@pytest.mark.parametrize(
    "text",
    [
        "Hon har 38,5",
        "P-glukos 5,10",
        "blodtryck 130/80",
        "blodtryck 13/14",
        "Hon bor på avd 3:e",
        "Hon fick besök 8-10",
        "syrgas 16h",
        "v 32",
    ],
)
def test_figures_of_care_at_the_end_of_a_text_are_no_dates(text: str) -> None:
    result = read(f"!fråga hsv {text}", COMMANDS, scene())

    assert isinstance(result, Invocation), result
    assert result.values == {"unit": UNITS["k-alm-hsv"], "text": text}


def test_a_quoted_date_and_a_quoted_text_need_no_guess() -> None:
    for line in ('!fråga hsv senast="torsdag" Hur går det', '!fråga hsv senast=torsdag "Hur går det"'):
        result = read(line, COMMANDS, scene())

        assert isinstance(result, Invocation)
        assert result.values["text"] == "Hur går det"
        assert written(cast("datetime", result.values["due"])) == "2026-11-26 16:00"


@pytest.mark.parametrize("past", ["igår", "sedan i förrgår", "idag kl 9", "1 juni", "2026-11-20", "den 1/11 kl 13", "i tisdags", "kl 8-10"])
def test_a_time_that_has_been_is_text_and_never_asked_about(past: str) -> None:
    result = read(f"!fråga hsv Hon har ont {past}", COMMANDS, scene())

    assert isinstance(result, Invocation), result
    assert result.values["text"] == f"Hon har ont {past}"
    assert "due" not in result.values


@pytest.mark.parametrize(
    ("end", "offered"),
    [
        ("senast fredag", ('Ring senast="2026-11-27 16:00"',)),
        ("till fredag 13", ('Ring senast="2026-11-27 13:00"',)),
        ("halv tre", ('Ring senast="2026-11-23 14:30"', 'Ring senast="2026-11-24 14:30"')),
        ("imorgon bitti", ()),
        ("31 februari", ()),
    ],
)
def test_a_text_that_ends_like_a_date_is_offered_with_each_date_that_can_be_meant(end: str, offered: tuple[str, ...]) -> None:
    result = read(f"!fråga hsv Ring {end}", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert candidates(result) == (*offered, f"”Ring {end}”")


@pytest.mark.parametrize(
    ("typed", "reason", "place"),
    [
        ('torsdag 13:00 "så bra"', Reason.TRAILING_TEXT, '"så bra"'),
        ('torsdag ca 13 "så bra"', Reason.NOT_A_DATE, "ca"),
        ('på tisdag 13 personer "så bra"', Reason.NOT_A_DATE, "personer"),
        ('torsdag "13:00"', Reason.HOUR_MISSING, ' "13:00"'),
        ('snart "så bra"', Reason.NOT_A_DATE, "snart"),
    ],
)
def test_a_date_in_its_place_is_read_up_to_a_quotation(typed: str, reason: Reason, place: str) -> None:
    line = f"!sip flytta {typed}"

    result = read(line, COMMANDS, scene())

    assert isinstance(result, Misread)
    assert (result.reason, line[result.at :]) == (reason, line[line.index(place) :])


def test_a_meeting_does_not_begin_at_the_latest() -> None:
    result = read("!sip flytta senast torsdag 13:00", COMMANDS, scene())

    assert isinstance(result, Misread)
    assert result.reason is Reason.NOT_A_DATE
