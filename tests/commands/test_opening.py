"""Opening a case: the order of the checks, and that nothing is left of what was refused."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from care.effects import Invite, OpenRoom
from care.people import Role
from store import sealing
from tests.commands.driver import ALVA, BIST, ESTER, GUN, HSV, MONDAY, OPENING, VC, Chat, member, user, words

ASKED = ("skyddade personuppgifter?", "samtyckt", "personnummer", "heter personen", "talat med personen", "perspektiv", "syftet", "enheter")
STEPS = ("nej", "muntligt", ESTER, "Ester Demoson", "ja", "1 2", "Klara sig hemma", f"{BIST}, {HSV}")


def spelled(number: str) -> tuple[str, ...]:
    return number, number.replace("-", ""), number.replace("-", "")[2:]


async def left(chat: Chat, *secrets: str) -> list[str]:
    """Return which secrets can still be read: in any file as they are, or in any sealed row whose key is still there."""
    files = b"".join(file.read_bytes() for file in chat.path.parent.iterdir())
    found = [secret for secret in secrets if secret.encode() in files]
    async with chat.database.read() as tx:
        keys = [await chat.vault.key(tx, str(row["scope"])) for row in await chat.rows("keys") if row["wrapped"]]
    for table, column, name in (("inbox", "payload", "event"), ("outbox", "payload", "id"), ("dialogues", "state", "id")):
        for row in await chat.rows(table):
            sealed, identity = row[column], sealing.row(table, column, row[name])
            for key in keys if isinstance(sealed, bytes) else ():
                try:
                    plain = sealing.unseal(key, identity, sealed if isinstance(sealed, bytes) else b"")
                except sealing.Unopened:
                    continue
                found += [secret for secret in secrets if secret.encode() in plain]
    return found


async def test_the_form_asks_in_the_order_of_the_checks(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!ärende starta", *STEPS)

    assert [question for question, each in zip(ASKED, heard, strict=False) if question not in each.replies] == []
    assert heard[-1].replies.startswith("Ester Demoson, född 1935")


async def test_a_confirmed_form_opens_the_case_and_invites_the_units(chat: Chat) -> None:
    await chat.form("anna", "direkt", "!ärende starta", *STEPS)
    opened = await chat.say("anna", "direkt", "ja 1935")

    case = await chat.case()
    assert case.name in opened.replies
    assert case.perspectives == ("omsorg", "omvårdnad")
    assert case.person.number == ESTER.replace("-", "")
    assert [effect.name for effect in opened.effects(OpenRoom)] == [case.name]
    assert [effect.user for effect in opened.effects(Invite)] == [user(name) for name in ("anna", "ulla", "noor", "tage")]
    assert "Ester" not in "".join(each.body for each in opened.said if each.about != "overview")


async def test_one_line_opens_after_its_summary_was_confirmed(chat: Chat) -> None:
    asked = await chat.say("anna", "direkt", OPENING)
    assert (await chat.cases(), "ja 1935" in asked.replies) == (0, True)

    await chat.say("anna", "direkt", "Ja, 1935!")
    assert await chat.cases() == 1


async def test_a_bare_yes_is_answered_with_what_to_type(chat: Chat) -> None:
    await chat.say("anna", "direkt", OPENING)
    heard = [await chat.say("anna", "direkt", line) for line in ("ja", "ja 1936", "ja tranan")]

    assert [each.replies.count("ja 1935") for each in heard] == [1, 1, 1]
    assert await chat.cases() == 0


@pytest.mark.parametrize(
    ("answers", "said", "count"),
    [
        (("ja",), "skyddade personuppgifter", "opening.protected"),
        (("nej", "nej"), "inte samtyckt", "opening.no-consent"),
    ],
)
async def test_a_stop_leaves_nothing_but_a_count(chat: Chat, answers: tuple[str, ...], said: str, count: str) -> None:
    await chat.say("anna", "direkt", f'!ärende starta {ALVA} namn="Alva Övning"')
    heard = [await chat.say("anna", "direkt", answer) for answer in answers]

    assert said in heard[-1].replies
    assert [(row["what"], row["number"]) for row in await chat.rows("counts")] == [(count, 1)]
    assert await left(chat, *spelled(ALVA), "Alva", "Övning") == []
    assert await chat.rows("dialogues") == []
    assert not [row for row in await chat.rows("keys") if str(row["scope"]).startswith(("dialogue:", "person-hash", "case:"))]
    assert heard[-1].log == 0


async def test_a_refusal_after_the_name_leaves_no_number_hash_or_name(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!ärende starta", "nej", "muntligt", GUN, "Gun Låtsas", "nej")
    assert "Ingenting har sparats" in heard[-1].replies

    async with chat.database.write() as tx:
        key = await chat.vault.obtain(tx, sealing.PERSON_HASH, MONDAY)
    hashed = hmac.digest(key.secret, GUN.replace("-", "").encode(), hashlib.sha256).hex()
    assert await left(chat, *spelled(GUN), "Gun", "Låtsas", hashed) == []


async def test_the_search_for_what_is_left_finds_what_is_there(chat: Chat) -> None:
    await chat.form("anna", "direkt", "!ärende starta", "nej", "muntligt", ESTER, "Ester Demoson")

    assert "Ester Demoson" in await left(chat, "Ester Demoson")

    await chat.say("anna", "direkt", "avbryt")
    assert await left(chat, "Ester Demoson", *spelled(ESTER)) == []


@pytest.mark.parametrize(
    "line",
    [
        f'!ärende starta {ALVA} namn="Alva Övning"',
        f'!ärende starta {ALVA} skyddad=ja namn="Alva Övning"',
        f'!ärende starta {ALVA} skyddad=kanske namn="Alva Övning"',
        f'!ärende starta namn="Alva Övning" skyddad=nej enheter=påhittade {ALVA}',
        f'!ärende starta {ALVA} "Alva Övning',
        f"/ärende starta {ALVA} skyddad=nej skyddad=nej Alva Övning",
    ],
)
async def test_a_line_without_a_clear_no_is_forgotten_and_the_form_begins(chat: Chat, line: str) -> None:
    heard = await chat.say("anna", "direkt", line)

    assert "Har personen skyddade personuppgifter?" in heard.replies
    assert not [part for part in (*spelled(ALVA), "Alva", "Övning", "2013") if part in heard.text]
    assert await left(chat, *spelled(ALVA), "Alva", "Övning") == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("direkt", f"!ärende {ALVA} Alva Övning"),
        ("direkt", f"!ärende strta {ALVA} Alva Övning"),
        ("direkt", f"!arendet starta {ALVA} Alva"),
        ("fall", f"!ärende starta {ALVA} Alva Övning"),
    ],
)
async def test_a_line_that_may_have_been_an_opening_is_not_repeated(chat: Chat, room: str, line: str) -> None:
    place = await chat.opened() if room == "fall" else room
    heard = await chat.say("anna", place, line)

    assert "^" in heard.replies
    assert not [part for part in (*spelled(ALVA), "Alva", "2013") if part in heard.replies]
    assert await left(chat, *spelled(ALVA), "Alva") == []


async def test_a_wrong_number_is_asked_for_again_and_not_repeated(chat: Chat) -> None:
    wrong = "19351217-2383"
    heard = await chat.form("anna", "direkt", "!ärende starta", "nej", "muntligt", wrong, "193512172", ESTER)

    assert "Numret stämmer inte" in heard[3].replies
    assert "Numret har 9 siffror" in heard[4].replies
    assert "Vad heter personen" in heard[5].replies
    assert "1935" not in words(heard)


async def test_a_number_typed_too_early_is_not_repeated(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!ärende starta", ESTER)

    assert "ja eller nej" in heard[-1].replies
    assert "1935" not in heard[-1].replies


async def test_a_wrong_number_in_one_line_ends_it(chat: Chat) -> None:
    heard = await chat.say("anna", "direkt", OPENING.replace("2382", "2383"))

    assert "Numret stämmer inte" in heard.replies
    assert await chat.rows("dialogues") == []
    assert await left(chat, "Ester", "19351217") == []


async def test_a_second_case_is_refused_and_tells_nothing_more(chat: Chat) -> None:
    await chat.opened()
    heard = await chat.form("ture", "direkt", "!ärende starta", "nej", "skriftligt", ESTER)

    case = await chat.case()
    assert "redan ett öppet ärende" in heard[-1].replies
    assert not [part for part in (case.number, case.codename, "Norrgård", "Ester") if part in heard[-1].replies]
    assert "".join(str(row["id"]) for row in await chat.rows("dialogues")) == ""


async def test_without_consent_nobody_learns_whether_there_is_a_case(chat: Chat) -> None:
    await chat.opened()
    heard = await chat.say("ture", "direkt", f"!ärende starta {ESTER} skyddad=nej samtycke=nej")

    assert "inte samtyckt" in heard.replies
    assert "öppet ärende" not in heard.replies


async def test_a_case_of_one_unit_is_asked_about_again(chat: Chat) -> None:
    heard = await chat.form("anna", "direkt", "!ärende starta", *STEPS[:-1], VC, f"{BIST}")

    assert "minst två enheter" in heard[-2].replies
    assert "ja 1935" in heard[-1].replies


async def test_a_reservnummer_is_taken_with_its_birth_year(chat: Chat) -> None:
    await chat.form("anna", "direkt", OPENING.replace(ESTER, "R-77A1 född=1935"), "ja 1935")

    person = (await chat.case()).person
    assert (person.number, person.issuer, person.born) == ("R-77A1", "region-almfors", 1935)


async def test_a_revisor_may_not_start(chat: Chat) -> None:
    heard = await chat.say("vera", "direkt", "!ärende starta")

    assert "Din roll får inte" in heard.replies
    assert await chat.rows("dialogues") == []


async def test_one_who_works_in_two_units_starts_in_an_inbox(chat: Chat) -> None:
    await chat.employ(member("sam", VC, Role.MEDARBETARE))

    asked = await chat.say("sam", "direkt", "!ärende starta")
    assert "Du arbetar på flera enheter" in asked.replies

    started = await chat.say("sam", f"inbox:{VC}", OPENING)
    assert "Norrgårdens vårdcentral (ni)" in started.replies
    await chat.say("sam", f"inbox:{VC}", "ja 1935", thread=started.event)
    assert (await chat.case()).initiator == VC


async def test_a_form_that_waited_too_long_is_over(chat: Chat) -> None:
    await chat.say("anna", "direkt", OPENING)
    chat.later(timedelta(hours=8))
    heard = await chat.say("anna", "direkt", "ja 1935")

    assert "Tiden för formuläret är ute" in heard.replies
    assert await chat.cases() == 0
    assert await left(chat, "Ester Demoson", *spelled(ESTER)) == []


async def test_a_new_line_replaces_the_form_in_a_direct_room(chat: Chat) -> None:
    await chat.say("anna", "direkt", "!ärende starta")
    await chat.say("anna", "direkt", OPENING)

    assert len(await chat.rows("dialogues")) == 1
    assert "öppnat" in await chat.say("anna", "direkt", "ja 1935")


async def test_a_long_number_is_hidden_in_what_is_repeated(chat: Chat) -> None:
    room = await chat.opened()
    heard = await chat.say("anna", room, f"!fråga hemsjukvrd {ESTER} 2026-12-01 13:00")

    assert "•••••••••••••" not in heard.replies
    assert "••••••••-••••" in heard.replies
