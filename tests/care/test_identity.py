import traceback
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.identity import Identity, IdentityKind, find_numbers, parse, reserve, spellings
from care.refusal import Refused

TODAY = date(2026, 9, 1)
ESTER = "19351217-2382"
HUNDRED = "19031204-9802"
COORDINATION = "20260161-2381"
NO_MONTH = "19150072-2390"
NO_DAY = "19171160-2399"
PERSONS = (
    ESTER,
    "19380205-2393",
    "19391115-2381",
    "19420827-2395",
    "19450120-2388",
    "19530328-2387",
    "19630304-2391",
    "19841231-2392",
    "19950104-2387",
    "20050101-2389",
    "20130702-2390",
    "20130702-2382",
    HUNDRED,
)
COORDINATIONS = (COORDINATION, "19140168-2396", NO_MONTH, NO_DAY)
LISTED = PERSONS + COORDINATIONS
ESTER_PLUS = f"{ESTER[2:8]}+{ESTER[9:]}"
WRONG = "19351217-2383"


def refusal(text: str, today: date = TODAY) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(text, today)
    return caught.value


def changed(number: str, start: int, part: str) -> str:
    return number[:start] + part + number[start + len(part) :]


@pytest.mark.parametrize("number", PERSONS)
def test_a_personnummer_gives_its_birth_date(number: str) -> None:
    identity = parse(number, TODAY)

    assert identity.kind is IdentityKind.PERSONNUMMER
    assert identity.number == number.replace("-", "")
    assert identity.born_on == date.fromisoformat(number[:8])
    assert identity.born == int(number[:4])
    assert identity.display == number
    assert identity.unique == identity.number


@pytest.mark.parametrize(("number", "born_on"), [(COORDINATION, date(2026, 1, 1)), ("19140168-2396", date(1914, 1, 8))])
def test_a_samordningsnummer_has_sixty_added_to_its_day(number: str, born_on: date) -> None:
    identity = parse(number, TODAY)

    assert identity.kind is IdentityKind.SAMORDNINGSNUMMER
    assert identity.born_on == born_on
    assert identity.display == number


@pytest.mark.parametrize(("number", "born"), [(NO_MONTH, 1915), (NO_DAY, 1917)])
def test_a_samordningsnummer_with_unknown_date_gives_the_year_alone(number: str, born: int) -> None:
    identity = parse(number, TODAY)

    assert identity.kind is IdentityKind.SAMORDNINGSNUMMER
    assert (identity.born, identity.born_on) == (born, None)


@pytest.mark.parametrize(
    "typed",
    [
        "193512172382",
        "351217-2382",
        "3512172382",
        " 19351217 - 2382 ",
        "19351217–2382",
        "19351217—2382",
        "19351217\u20112382",
        "19351217\u22122382",
        "19351217\u00a02382",
        "19351217\u202f2382",
        "1935-12-17-2382",
        "1935 12 17 2382",
        "19351217\u200b-2382",
        "１９３５１２１７-2382",
        "19351217+2382",
    ],
)
def test_all_that_people_type_is_understood(typed: str) -> None:
    assert parse(typed, TODAY).display == ESTER


def test_a_plus_sign_makes_a_person_a_century_older() -> None:
    assert parse("031204+9802", TODAY).display == HUNDRED
    assert parse(HUNDRED[2:], TODAY).born == 2003


@pytest.mark.parametrize(
    ("typed", "today", "born"),
    [
        ("351217-2382", date(2034, 12, 31), 1935),
        ("351217-2382", date(2035, 12, 16), 1935),
        (ESTER_PLUS, date(2035, 12, 16), 1935),
        ("351217-2382", date(2035, 12, 17), 2035),
        (ESTER_PLUS, date(2035, 12, 17), 1935),
        (ESTER_PLUS, date(2036, 1, 1), 1935),
        ("260161-2381", date(2026, 1, 1), 2026),
        ("260161-2381", date(2025, 12, 31), 1926),
    ],
)
def test_without_century_the_birth_date_is_the_latest_that_can_be(typed: str, today: date, born: int) -> None:
    assert parse(typed, today).born == born


def test_a_wrong_check_digit_is_refused_with_the_kind() -> None:
    refused = refusal(WRONG)

    assert refused.reason == "identity/check-digit"
    assert refused.values == {"kind": IdentityKind.PERSONNUMMER}
    assert refusal(changed(COORDINATION, 12, "2")).values == {"kind": IdentityKind.SAMORDNINGSNUMMER}


@pytest.mark.parametrize(("typed", "digits"), [(ESTER[:-1], 11), (ESTER + "1", 13), ("", 0), ("2382", 4), ("217+2382", 7)])
def test_a_wrong_length_is_refused_with_the_number_of_digits(typed: str, digits: int) -> None:
    refused = refusal(typed)

    assert refused.reason == "identity/length"
    assert refused.values == {"digits": digits}


@pytest.mark.parametrize("typed", ["Ester", ESTER + "x", "1935+12172382", "19351217++2382", "193512172382+", "351217/2382"])
def test_other_characters_are_refused(typed: str) -> None:
    assert refusal(typed).reason == "identity/characters"


@pytest.mark.parametrize(
    "typed",
    [
        changed(ESTER, 4, "13"),
        changed(ESTER, 4, "00"),
        changed(ESTER, 6, "00"),
        changed(ESTER, 6, "32"),
        changed(ESTER, 6, "59"),
        changed(ESTER, 6, "92"),
        changed(NO_DAY, 4, "13"),
        changed(NO_MONTH, 6, "92"),
        changed(ESTER, 0, "1735"),
        changed(ESTER, 0, "0000"),
    ],
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    assert refusal(typed).reason == "identity/not-a-date"


@pytest.mark.parametrize(
    ("number", "today"),
    [
        (COORDINATION, date(2025, 12, 31)),
        ("20130702-2390", date(2013, 7, 1)),
        (NO_DAY, date(1916, 12, 31)),
    ],
)
def test_a_birth_in_the_future_is_refused(number: str, today: date) -> None:
    assert refusal(number, today).reason == "identity/future"


def test_a_birth_today_is_not_in_the_future() -> None:
    assert parse("20130702-2390", date(2013, 7, 2)).born_on == date(2013, 7, 2)
    assert parse(NO_DAY, date(1917, 1, 1)).born == 1917


@pytest.mark.parametrize("typed", [WRONG, changed(ESTER, 4, "13"), ESTER + "1", ESTER + "x"])
def test_no_refusal_holds_the_number(typed: str) -> None:
    refused = refusal(typed)

    told = "".join(traceback.format_exception_only(refused)) + repr(refused) + repr(refused.values)
    assert "1217" not in told
    assert "238" not in told
    assert refused.__cause__ is None


def test_an_identity_does_not_show_its_number_when_it_is_logged() -> None:
    assert repr(parse(ESTER, TODAY)) == "Identity(kind=<IdentityKind.PERSONNUMMER: 'personnummer'>, issuer='')"


def test_a_reservnummer_is_kept_as_text_with_its_issuer() -> None:
    identity = reserve(" 1960 ab–17c ", "region-almfors", 1960, TODAY)

    assert identity == Identity(IdentityKind.RESERVNUMMER, "1960AB-17C", 1960, None, "region-almfors")
    assert identity.display == "1960AB-17C"


def test_the_same_reservnummer_of_two_issuers_is_two_persons() -> None:
    one = reserve("R1234", "region-almfors", 1960, TODAY)
    other = reserve("R1234", "almfors-kommun", 1960, TODAY)

    assert one.unique != other.unique


@pytest.mark.parametrize("text", ["", "R12", "R" * 21, "R1234;", "R_1234"])
def test_what_cannot_be_a_reservnummer_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        reserve(text, "region-almfors", 1960, TODAY)

    assert caught.value.reason == "identity/reserve-form"


def test_a_national_number_is_not_taken_for_a_reservnummer() -> None:
    with pytest.raises(Refused) as caught:
        reserve(ESTER, "region-almfors", 1935, TODAY)

    assert caught.value.reason == "identity/reserve-is-national"
    assert caught.value.values == {"kind": IdentityKind.PERSONNUMMER}


@pytest.mark.parametrize("born", [1799, 2027])
def test_a_birth_year_that_cannot_be_is_refused(born: int) -> None:
    with pytest.raises(Refused) as caught:
        reserve("R1234", "region-almfors", born, TODAY)

    assert caught.value.reason == "identity/birth-year"
    assert caught.value.values == {"earliest": 1800, "latest": 2026}


def test_a_birth_year_at_the_edge_is_accepted() -> None:
    assert reserve("R1234", "region-almfors", 2026, TODAY).born == 2026
    assert reserve("R1234", "region-almfors", 1800, TODAY).born == 1800


def test_numbers_are_found_in_free_text_in_order_and_once() -> None:
    text = f"Rum 12 {ESTER}, (380205–2393)\noch 3512172382; nr:193802052393. Fel: {WRONG}."

    assert [each.display for each in find_numbers(text, TODAY)] == [ESTER, "19380205-2393"]


@pytest.mark.parametrize(
    "text",
    [
        "Mötet är 2026-09-03 kl 13:00, ring 070-123 45 67.",
        f"1{ESTER}",
        f"{ESTER}1",
        WRONG,
        "SÄ-2026-00042 Blå tranan",
        "",
    ],
)
def test_dates_telephones_case_numbers_and_wrong_numbers_are_not_found(text: str) -> None:
    assert find_numbers(text, TODAY) == ()


def test_numbers_with_unknown_date_and_plus_sign_are_found() -> None:
    found = find_numbers(f"{NO_MONTH} {NO_DAY} 031204+9802", TODAY)

    assert [each.display for each in found] == [NO_MONTH, NO_DAY, HUNDRED]


def test_a_reservnummer_is_spelled_in_both_cases() -> None:
    assert spellings(reserve("R1234", "region-almfors", 1960, TODAY)) == ("R1234", "r1234")
    assert spellings(reserve("1234567", "region-almfors", 1960, TODAY)) == ("1234567",)


@pytest.mark.parametrize("spelling", [ESTER, "193512172382", "351217-2382", "3512172382", ESTER_PLUS, "19351217 2382"])
def test_the_spellings_of_a_number_hold_what_people_write(spelling: str) -> None:
    assert spelling in spellings(parse(ESTER, TODAY))


@given(st.sampled_from(LISTED), st.integers(0, 100))
def test_every_spelling_with_century_is_read_back_and_found(number: str, which: int) -> None:
    identity = parse(number, TODAY)
    with_century = [each for each in spellings(identity) if each.startswith(number[:4])]
    spelling = with_century[which % len(with_century)]

    assert parse(spelling, TODAY) == identity
    assert find_numbers(f"Hon heter {spelling}!", TODAY) == (identity,)


@given(st.sampled_from([each for each in LISTED if int(each[:4]) >= 1927]), st.integers(0, 100))
def test_every_spelling_without_century_is_read_back_unless_it_says_a_hundred_years(number: str, which: int) -> None:
    identity = parse(number, TODAY)
    short = [each for each in spellings(identity) if len(each) <= 11 and "+" not in each]

    assert parse(short[which % len(short)], TODAY) == identity


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        identity = parse(text, TODAY)
    except Refused as refused:
        assert refused.reason.startswith("identity/")  # noqa: PT017 - either outcome is right, and each has its claim
    else:
        assert len(identity.number) == 12


@given(st.sampled_from(PERSONS), st.integers(0, 9))
def test_no_number_with_another_check_digit_is_accepted(number: str, digit: int) -> None:
    typed = number[:-1] + str(digit)

    accepted = find_numbers(typed, TODAY)

    assert bool(accepted) is (typed == number)


@given(st.sampled_from(PERSONS), st.integers(0, 200 * 365))
def test_a_number_without_century_never_means_a_birth_in_the_future(number: str, days: int) -> None:
    today = date(1990, 1, 1) + timedelta(days=days)

    for identity in find_numbers(number[2:], today):
        assert identity.born_on is not None
        assert identity.born_on <= today
