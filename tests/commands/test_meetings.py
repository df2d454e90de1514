"""SIP meetings in the chat: called, answered, moved, recalled, held."""

import pytest

from care.effects import Attach, Mail
from care.meetings import Answer, Phase
from tests.commands.driver import BIST, HSV, HT, VC, Chat, at, user

CALL = (
    f'!sip kalla syfte="Planera hemgång" tid="torsdag 13:00" slut=14:00 plats=hem enheter={BIST},{HSV} ledare={user("anna")} '
    "närstående=nej telefon=031-3900600 epost=dotter@almfors.test"
)


async def called(chat: Chat, line: str = CALL) -> str:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, line)
    return room


async def test_a_kallelse_shows_first_what_it_starts(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    summary = (await chat.say("anna", room, CALL)).replies

    assert "torsdag 10 september kl. 13:00–14:00" in summary
    assert "Almfors kommun, biståndsenheten och Almfors kommun, hemsjukvården centrum" in summary
    assert "Påminnelse: onsdag 9 september kl. 14:00" in summary
    assert "Påminnelse: torsdag 10 september kl. 12:00" in summary
    assert "dotter@almfors.test" in summary
    assert (await chat.case()).meetings == {}


async def test_a_kallelse_rings_the_called_and_hands_out_the_invitation(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.confirmed("anna", room, CALL)

    kallelse = heard.about("S1").effect
    assert set(kallelse.rings) == {user("ulla"), user("noor"), user("tage")}  # type: ignore[attr-defined]
    assert [effect.mime for effect in heard.effects(Attach)] == ["text/calendar"]
    assert [effect.to for effect in heard.effects(Mail)] == [("dotter@almfors.test",)]


@pytest.mark.parametrize(
    ("when", "said"), [("2026-09-12 13:00", "inte en arbetsdag"), ("2026-12-24 10:00", "Julafton"), ("2026-12-25 10:00", "Juldagen")]
)
async def test_a_day_off_is_pointed_out(chat: Chat, when: str, said: str) -> None:
    room = await chat.opened("noor", "ulla")
    line = CALL.replace("torsdag 13:00", when).replace("slut=14:00", "slut=15:00").replace(" epost=dotter@almfors.test", "")
    heard = await chat.say("anna", room, line)

    assert "Obs: dagen är" in heard.replies
    assert said.casefold() in heard.replies.casefold()
    assert "Ingen e-post" in heard.replies


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (("telefon=031-3900600 ", ""), "videolänk"),
        (("plats=hem", "plats=sjukhus"), "sjukhus"),
        (("slut=14:00", "slut=12:00"), "Sluttiden"),
        (("telefon=031-3900600", "länk=http://x"), "https://"),
        (("epost=dotter@almfors.test", "epost=dotter"), "e-postadress"),
        ((user("anna"), user("eva")), "leda mötet"),
        ((f"{BIST},{HSV}", f"{BIST},{HT}"), "inte med i ärendet"),
    ],
)
async def test_what_a_kallelse_may_not_lack_is_told(chat: Chat, instead: tuple[str, str], said: str) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.say("anna", room, CALL.replace(*instead))

    assert said in heard.replies
    assert (await chat.case()).meetings == {}


async def test_units_answer_by_command(chat: Chat) -> None:
    room = await called(chat)
    await chat.say("noor", room, "!sip svar ja digitalt")
    refused = await chat.say("ulla", room, "!sip svar nej")
    await chat.say("ulla", room, '!sip svar nej "sjukdom" ersättare="Gunnar"')

    replies = (await chat.case()).meetings["S1"].replies
    assert "Ingenting har ändrats" in refused.replies or "skäl" in refused.replies
    assert (replies[HSV].answer, replies[BIST].answer, replies[BIST].substitute) == (Answer.DIGITALT, Answer.NEJ, "Gunnar")


async def test_a_meeting_is_moved_and_answered_anew(chat: Chat) -> None:
    room = await called(chat)
    await chat.say("noor", room, "!sip svar ja")
    heard = await chat.form("anna", room, '!sip flytta "fredag 10:00" skäl="orkar bättre då"', f"ja {await chat.noun()}")

    assert "från torsdag 10 september kl. 13:00 till fredag 11 september kl. 10:00–11:00" in heard[0].replies
    meeting = (await chat.case()).meetings["S1"]
    assert (meeting.call.start, meeting.sequence, dict(meeting.replies)) == (at("2026-09-11 10:00"), 1, {})
    assert "!sip svar nås" in heard[1]


async def test_a_meeting_is_moved_to_another_end(chat: Chat) -> None:
    room = await called(chat)
    await chat.confirmed("anna", room, '!sip flytta "fredag 10:00" slut=12:30 skäl="orkar bättre då" nr=1')

    assert (await chat.case()).meetings["S1"].call.end == at("2026-09-11 12:30")


async def test_a_meeting_is_recalled(chat: Chat) -> None:
    room = await called(chat)
    heard = await chat.form("anna", room, "!sip ställ in personen har blivit sämre", f"ja {await chat.noun()}")

    assert "dotter@almfors.test" in heard[0].replies
    assert (await chat.case()).meetings["S1"].phase is Phase.RECALLED


async def test_a_meeting_is_held(chat: Chat) -> None:
    room = await called(chat)
    early = await chat.say("anna", room, f"!sip klar deltog={BIST} personen=ja")
    chat.later(at("2026-09-10 14:30") - chat.clocks.civil)
    heard = await chat.say("anna", room, f"!sip klar deltog={BIST},{HSV} personen=ja nr=S1")

    assert "inte börjat" in early.replies
    assert "genomfört" in heard
    assert (await chat.case()).meetings["S1"].attended == {BIST, HSV}


@pytest.mark.parametrize("line", ["!sip flytta", "!sip ställ in", "!sip svar", "!sip klar"])
async def test_without_a_meeting_nothing_is_asked(chat: Chat, line: str) -> None:
    room = await chat.opened("noor")
    heard = await chat.say("anna", room, line)

    assert "Inget möte är på väg" in heard.replies
    assert await chat.rows("dialogues") == []


async def test_of_several_meetings_one_is_asked_for(chat: Chat) -> None:
    room = await called(chat)
    await chat.confirmed("anna", room, CALL.replace("torsdag", "fredag"))
    asked = await chat.say("anna", room, "!sip ställ in")
    assert "S1" in asked.replies
    assert "S2" in asked.replies
    await chat.say("anna", room, "S2", thread=asked.event)
    await chat.say("anna", room, "dubbelbokat", thread=asked.event)
    await chat.say("anna", room, f"ja {await chat.noun()}", thread=asked.event)

    meetings = (await chat.case()).meetings
    assert (meetings["S1"].phase, meetings["S2"].phase) == (Phase.CALLED, Phase.RECALLED)


async def test_one_line_without_a_number_is_told_which_there_are(chat: Chat) -> None:
    room = await called(chat)
    await chat.confirmed("anna", room, CALL.replace("torsdag", "fredag"))

    assert "nr=S1" in (await chat.say("noor", room, "!sip svar ja")).replies


async def test_a_unit_that_is_not_called_need_not_answer(chat: Chat) -> None:
    room = await called(chat, CALL.replace(f"{BIST},{HSV}", HSV))

    assert "inte kallad" in (await chat.say("ulla", room, "!sip svar ja")).replies
    assert (await chat.case()).meetings["S1"].caller == VC


async def test_a_reply_to_the_kallelse_tells_which_meeting_is_meant(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    first = await chat.confirmed("anna", room, CALL)
    await chat.confirmed("anna", room, CALL.replace("torsdag", "fredag"))
    await chat.say("noor", room, "!sip svar ja", reply_to=first.about("S1").event)

    assert [HSV in meeting.replies for meeting in (await chat.case()).meetings.values()] == [True, False]
