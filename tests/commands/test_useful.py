"""Help offers what is done when it is typed, and leaves out what would be refused."""

import pytest

from commands.useful import LOOKING, WHEN
from store import reviews
from tests.commands.driver import HSV, Chat, at, user

TYPED = {
    "fråga": "!fråga hemsjukvården Hur går det?",
    "svar": "!svar F1 Ja.",
    "kvittera": "!kvittera",
    "påminn": "!påminn",
    "aktör tacka ja": "!aktör tacka ja",
    "aktör tacka nej": "!aktör tacka nej inte hos oss",
    "ärende avsluta": "!ärende avsluta målen uppfyllda",
    "sip svar": "!sip svar ja",
    "sip flytta": '!sip flytta "fredag 10:00" skäl="personen orkar bättre då"',
    "sip ställ in": "!sip ställ in personen är sämre",
    "sip klar": "!sip klar deltog=k-alm-hsv personen=ja",
    "plan upprätta": "!plan upprätta",
    "plan följ upp": "!plan följ upp uppnått",
}
"""One way to type each command that the state of a case has a say in."""
CALL = f'!sip kalla syfte=x tid="imorgon 13:00" slut=14:00 plats=hem enheter={HSV} ledare={user("anna")} närstående=nej telefon=0123-4567'
REFUSED = ("Ingenting har ändrats", "inget möte", "Regel:")
STATES: dict[str, tuple[tuple[str, str], ...]] = {
    "begun": (),
    "going on": (("anna", "!fråga hemsjukvården Kan ni komma?"), ("ulla", "!meddelande Hej på er."), ("anna", "!plan mål Gå ut.")),
    "called": (("anna", CALL), ("anna", "ja")),
    "replied": (("anna", CALL), ("anna", "ja"), ("noor", "!sip svar ja")),
    "met": (("anna", CALL), ("anna", "ja"), ("", "2026-09-08 14:30")),
    "recalled": (("anna", CALL), ("anna", "ja"), ("anna", "!sip ställ in personen är sämre"), ("anna", "ja")),
    "proposed": (("ulla", "!aktör tacka ja"), ("anna", "!ärende avsluta målen uppfyllda"), ("anna", "ja")),
    "closed": (("anna", "!ärende avsluta återtaget samtycke"), ("anna", "ja")),
}
"""What was typed in the room of the case since Noor accepted; a "ja" confirms what stands before it, without a name the clock is set."""
OTHERWISE = {
    ("replied", "noor", "sip svar"): "!sip svar digitalt",
    ("proposed", "anna", "ärende avsluta"): "!ärende avsluta dra tillbaka",
    ("proposed", "noor", "ärende avsluta"): "!ärende avsluta ja",
    ("proposed", "ulla", "ärende avsluta"): "!ärende avsluta ja",
}
"""What is typed where the state lets the command be done in another way alone."""


async def offered(chat: Chat, name: str, room: str) -> str:
    """Return all that help offers somebody in a room."""
    return "".join([(await chat.say(name, room, f"!hjälp mer {page}")).replies for page in (2, 3, 4)])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["anna", "noor", "ulla"])
@pytest.mark.parametrize("command", [name for name in TYPED if name not in {"fråga", "plan upprätta", "påminn"}])
async def test_what_help_leaves_out_is_refused_and_what_it_offers_is_not(chat: Chat, state: str, name: str, command: str) -> None:
    room = await chat.opened("noor")
    begun = ""
    for who, line in STATES[state]:
        if not who:
            chat.clocks.civil = at(line)
            continue
        heard = await chat.say(who, room, f"ja {await chat.noun()}" if line == "ja" else line, thread=begun if line == "ja" else "")
        begun = heard.event

    told = await offered(chat, name, room)
    heard = await chat.say(name, room, OTHERWISE.get((state, name, command), TYPED[command]))

    assert (f"!{command}”" in told) is not any(word in heard.replies for word in REFUSED), heard.text


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["anna", "noor", "ulla"])
async def test_help_offers_to_remind_of_what_waits_and_of_nothing_else(chat: Chat, state: str, name: str) -> None:
    room = await chat.opened("noor")
    for who, line in STATES[state]:
        await chat.say(who, room, line)

    told = await offered(chat, name, room)
    heard = await chat.say(name, room, TYPED["påminn"])

    assert ("!påminn”" in told) is ("Här väntar inget" not in heard.replies), heard.text


def test_every_command_with_a_condition_is_tried() -> None:
    assert set(TYPED) == set(WHEN)


@pytest.mark.parametrize("read", [False, True])
async def test_rows_are_acknowledged_in_the_inbox_of_a_unit_that_has_not_read_them_and_offered_only_then(chat: Chat, *, read: bool) -> None:
    """The digest's rows are kept as it says them: case, object, matter, section, until, name of the case, whose turn."""
    room = await chat.opened("noor", "ulla")
    told = await offered(chat, "noor", "inbox:k-alm-hsv")
    assert "!kvittera”" not in told
    assert "Regel:" in (early := await chat.say("noor", "inbox:k-alm-hsv", "!kvittera")).replies or "Ingenting har ändrats" in early.replies
    await chat.say("anna", room, "!meddelande Hej på er.")
    case = await chat.case()
    row = (case.id, "K1", "ACKNOWLEDGE", "new", chat.clocks.civil.isoformat(), case.name, HSV)
    async with chat.database.write() as tx:
        await reviews.write(tx, reviews.Review(HSV, chat.clocks.civil, "said", (row,), "review:k-alm-hsv:1"))
    if read:
        await chat.say("noor", room, "!kvittera")

    told = await offered(chat, "noor", "inbox:k-alm-hsv")
    heard = await chat.say("noor", "inbox:k-alm-hsv", "!kvittera 1")

    assert ("!kvittera”" in told) is not read
    assert ("Kvitterat för" in heard.replies) is not read


async def test_who_may_not_answer_is_not_offered_to(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!fråga hemsjukvården Kan ni komma?")

    assert "!svar" in await offered(chat, "noor", room)
    assert "!svar" not in await offered(chat, "ulla", room)
    assert "!ärende avsluta" in await offered(chat, "anna", room)
    assert "!ärende avsluta" not in await offered(chat, "noor", room)


async def test_in_the_room_of_a_closed_case_only_looking_is_offered(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, "!ärende avsluta återtaget samtycke")

    told = await offered(chat, "noor", room)

    assert all(f"!{name}”" in told for name in LOOKING)
    assert "!fråga" not in told
    assert "!sip" not in told


async def test_accepting_is_offered_in_the_inbox_while_a_case_waits_for_it(chat: Chat) -> None:
    await chat.opened("noor")

    assert "!aktör tacka ja" in await offered(chat, "ulla", "inbox:k-alm-bist")
    assert "!aktör tacka ja" not in await offered(chat, "noor", "inbox:k-alm-hsv")
