"""One case from a need on a Monday morning to its plan, its closing and its reopening, as a chat."""

from care.actors import Standing
from care.case import Status
from store import journal
from tests.commands.driver import BIST, HSV, HT, VC, Chat, at, user


async def test_a_whole_case(chat: Chat) -> None:
    await chat.form(
        "anna",
        f"inbox:{VC}",
        "!ärende starta",
        *("nej", "muntligt", "19351217-2382", "Ester Demoson", "ja", "2 4", "Klara sig hemma", "hemsjukvården centrum, k-alm-bist"),
        "ja 1935",
    )
    room, case = await chat.room(), await chat.case()
    noun = case.codename.split()[-1]
    await chat.say("noor", f"inbox:{HSV}", "!aktör tacka ja")
    await chat.say("ulla", room, "!aktör tacka ja")
    assert {actor.standing for actor in (await chat.case()).actors.values()} == {Standing.DELTAR}

    question = (await chat.say("anna", room, "!fråga hemsjukvården Kan ni ta blodprov? senast=idag 15:30")).about("F1").event
    chat.later(at("2026-09-07 16:00") - chat.clocks.civil)
    late = await chat.say("tage", room, "Ja, imorgon klockan tio", thread=question)
    assert "försenat" in late

    await chat.confirmed("ulla", room, "!aktör lägg till hemtjänst samtycke=ja")
    await chat.say("eva", room, "!aktör tacka ja")
    await chat.form(
        "anna", room, "!sip kalla", "Planera hjälpen", "torsdag 13:00", "14:00", "1", "2 3 4", "jag", "1", "hoppa över", "031-3900600"
    )
    begun = next(str(row["root"]) for row in await chat.rows("dialogues"))
    await chat.say("anna", room, "hoppa över", thread=begun)
    called = await chat.say("anna", room, f"ja {noun}", thread=begun)
    for name, key in (("noor", "✅"), ("ulla", "💻"), ("eva", "☎️")):
        await chat.tap(name, room, called.about("S1").event, key)
    await chat.confirmed("anna", room, '!sip flytta "fredag 10:00" skäl="personen orkar bättre då"')
    for name in ("noor", "ulla", "eva"):
        await chat.say(name, room, "!sip svar ja")
    chat.later(at("2026-09-11 11:05") - chat.clocks.civil)
    await chat.say("anna", room, f"!sip klar deltog={HSV},{BIST},{HT} personen=ja")

    await chat.say("noor", room, "!plan mål Gå till brevlådan själv")
    await chat.say("noor", room, "!plan insats Gångträning ansvar=hemsjukvården")
    await chat.say("ulla", room, "!plan ansvar biståndsenheten")
    await chat.say("ulla", room, "!plan uppföljning 2026-10-05")
    await chat.confirmed("ulla", room, "!plan upprätta")
    chat.later(at("2026-10-05 10:00") - chat.clocks.civil)
    await chat.say("ulla", room, "!plan följ upp uppnått Går själv till brevlådan")

    await chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    for name in ("noor", "ulla", "eva"):
        await chat.say(name, room, "!ärende avsluta ja")
    assert (await chat.case()).status is Status.AVSLUTAT

    line = f'!ärende återöppna {case.number} skäl="ramlat igen" skyddad=nej samtycke=skriftligt'
    await chat.form("noor", f"inbox:{HSV}", line, f"ja {noun}")
    again = await chat.case()
    assert (again.status, again.initiator, again.id) == (Status.AKTIVT, HSV, case.id)
    assert again.users_of(HSV) == (user("noor"),)
    async with chat.database.read() as tx:
        assert await journal.verify(tx) == ()
    assert await chat.rows("dialogues") == []
