from datetime import date, timedelta
from pathlib import Path

import pytest

from care.profile import SHIPPED, Figure, Measure, Origin, load, names

SHIPPED_NAMES = ("demo", "halland", "jonkoping", "lag", "ostergotland")
HEAD = 'title = "Prov"\nversion = 2\nvalid_from = 2026-01-01\n'
OTHER = HEAD + 'extends = ["lag"]\n'


def folder(tmp_path: Path, **profiles: str) -> Path:
    (tmp_path / "lag.toml").write_text((SHIPPED / "lag.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in profiles.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "README").write_text("not a profile", encoding="utf-8")
    return tmp_path


def figure(value: object = 60, measure: str = "minutes", origin: str = "lokal rutin", rest: str = "") -> str:
    return f'{{ value = {value}, measure = "{measure}", origin = "{origin}", source = "prov"{rest} }}'


def test_the_shipped_profiles_are_these() -> None:
    assert names() == SHIPPED_NAMES


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_every_shipped_profile_loads_and_is_cited_by_name_and_version(name: str) -> None:
    profile = load(name)

    assert str(profile) == f"{name}@1"
    assert profile.title
    assert profile.staffed == frozenset()


def test_the_figures_that_no_source_decides_are_the_proposed_ones() -> None:
    rules = load("lag")

    assert rules.review_grace == Figure(60, Measure.MINUTES, Origin.FORESLAGEN, "process 3.0.5")
    assert rules.warning_lead.length == timedelta(hours=24)
    assert rules.warning_lead_short.length == timedelta(hours=2)
    assert rules.chief_after.value == 1
    assert rules.closing_silence.value == 5
    assert (rules.follow_up_early.value, rules.follow_up_late.value) == (10, 2)
    assert rules.meeting_just_before.length == timedelta(minutes=60)
    assert rules.dialogue_expiry.length == timedelta(hours=8)


def test_a_figure_can_be_cited_in_a_sentence() -> None:
    grace = load("lag").review_grace

    assert f"{grace.value} min ({grace.origin})" == "60 min (föreslagen)"


def test_working_days_are_not_elapsed_time() -> None:
    with pytest.raises(KeyError):
        _ = load("lag").closing_silence.length


def test_the_law_gives_no_window_for_the_sip_meeting() -> None:
    rules = load("lag")

    assert rules.sip_first_day is None
    assert rules.sip_last_day is None


@pytest.mark.parametrize(("name", "first", "last"), [("halland", 1, 5), ("jonkoping", 0, 3), ("demo", 1, 5)])
def test_the_window_of_the_sip_meeting_is_agreed(name: str, first: int, last: int) -> None:
    rules = load(name)

    assert rules.sip_first_day is not None
    assert rules.sip_last_day is not None
    assert (rules.sip_first_day.value, rules.sip_last_day.value) == (first, last)
    assert rules.sip_last_day.origin is Origin.OVERENSKOMMELSE


def test_the_demo_follows_ostergotland_with_the_tracks_of_halland() -> None:
    rules = load("demo")

    assert rules.acknowledge_within == load("ostergotland").acknowledge_within
    assert rules.acknowledge_within.origin is Origin.OVERENSKOMMELSE
    assert rules.sip_last_day == load("halland").sip_last_day


def test_a_profile_gives_only_what_differs(tmp_path: Path) -> None:
    rules = load("prov", folder(tmp_path, prov=f"{OTHER}[figures]\nreview_grace = {figure(30)}\n"))

    assert (rules.name, rules.title, rules.version, rules.valid_from) == ("prov", "Prov", 2, date(2026, 1, 1))
    assert rules.review_grace == Figure(30, Measure.MINUTES, Origin.LOKAL_RUTIN, "prov")
    assert rules.closing_silence == load("lag").closing_silence


def test_the_later_of_two_extended_profiles_stands_over_the_earlier(tmp_path: Path) -> None:
    place = folder(
        tmp_path,
        one=f"{OTHER}[figures]\nreview_grace = {figure(30)}\nwarning_lead = {figure(12, 'hours')}\n",
        two=f"{OTHER}[figures]\nreview_grace = {figure(45)}\n",
        both=f'{HEAD}extends = ["one", "two"]\n',
    )

    rules = load("both", place)

    assert rules.review_grace.value == 45
    assert rules.warning_lead.value == 12


def test_staffed_days_of_all_profiles_and_of_administrators_add_up(tmp_path: Path) -> None:
    place = folder(
        tmp_path,
        one=f"{OTHER}staffed = [2026-04-05]\n",
        two=f'{HEAD}extends = ["one"]\nstaffed = [2026-12-26]\n',
    )

    rules = load("two", place).with_staffed(frozenset({date(2027, 1, 1)}))

    assert rules.staffed == {date(2026, 4, 5), date(2026, 12, 26), date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OTHER + "colour = 1\n", "profile prov: does not know colour"),
        (f"{OTHER}[figures]\nreveiw_grace = {figure()}\n", "profile prov: does not know reveiw_grace"),
        (f"{OTHER}[figures]\nreview_grace = {figure(rest=', note = 1')}\n", "prov, review_grace: does not know note"),
        (f"{OTHER}[figures]\nreview_grace = 60\n", "profile prov: review_grace must be given as dict"),
        (f"{OTHER}figures = 60\n", "profile prov: figures must be given as dict"),
        (f"{OTHER}[figures]\nreview_grace = {figure('1.5')}\n", "prov, review_grace: value must be given as int"),
        (f"{OTHER}[figures]\nreview_grace = {figure('true')}\n", "prov, review_grace: value must be given as int"),
        (f"{OTHER}[figures]\nreview_grace = {figure(-1)}\n", "prov, review_grace: cannot be -1 minutes"),
        (f"{OTHER}[figures]\nreview_grace = {figure(1, 'slots')}\n", "prov, review_grace: cannot be 1 slots"),
        (f"{OTHER}[figures]\nchief_after = {figure(0, 'slots')}\n", "prov, chief_after: cannot be 0 slots"),
        (f"{OTHER}[figures]\nreview_grace = {figure(1, 'weeks')}\n", "prov, review_grace: measure cannot be weeks"),
        (f"{OTHER}[figures]\nreview_grace = {figure(origin='praxis')}\n", "prov, review_grace: origin cannot be praxis"),
        (HEAD, "profile prov: without acknowledge_within, answer_within"),
        ('version = 1\nvalid_from = 2026-01-01\nextends = ["lag"]\n', "profile prov: title must be given as str"),
        (OTHER.replace("2026-01-01", "2026-01-01T00:00:00"), "profile prov: valid_from must be given as date"),
        (OTHER + 'staffed = ["2026-04-05"]\n', "profile prov: staffed must be given as date"),
        (HEAD + 'extends = "lag"\n', "profile prov: extends must be given as list"),
        (HEAD + 'extends = ["prov"]\n', "profile prov: extends itself"),
        (HEAD + 'extends = ["nowhere"]\n', "profile nowhere: unknown"),
    ],
)
def test_a_wrong_profile_is_refused_and_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load("prov", folder(tmp_path, prov=text))


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    folder(tmp_path)

    with pytest.raises(ValueError, match="unknown"):
        load("../lag", inner)
