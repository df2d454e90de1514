"""Closing and reopening in the chat."""

from sqlalchemy import update

from care.case import Status
from care.effects import Remove, Rename, Seal
from store.tables import cases
from tests.commands.driver import BIST, ESTER, HSV, OPENING, VC, Chat, user


async def closed(chat: Chat) -> str:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    for name in ("noor", "ulla"):
        await chat.say(name, room, "!ärende avsluta ja")
    return room


async def test_closing_is_proposed_and_every_unit_gives_its_word(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.form("anna", room, "!ärende avsluta", "målen uppfyllda", f"ja {await chat.noun()}")
    assert "Almfors kommun, hemsjukvården centrum" in heard[1].replies
    assert "måndag 14 september" in heard[1].replies

    first = await chat.say("noor", room, "!ärende avsluta ja")
    last = await chat.say("ulla", room, "!ärende avsluta ja")
    assert first.effects(Seal) == ()
    assert [effect.closed for effect in last.effects(Seal)] == [True]
    assert (await chat.case()).status is Status.AVSLUTAT


async def test_one_no_keeps_the_case_going(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    empty = await chat.say("noor", room, "!ärende avsluta nej")
    await chat.say("noor", room, "!ärende avsluta nej vi är inte klara")

    assert "Texten är tom" in empty.replies
    assert (await chat.case()).status is Status.AKTIVT


async def test_a_proposal_is_withdrawn(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    heard = await chat.say("anna", room, "!ärende avsluta dra tillbaka")

    assert "fortsätter" in heard
    assert (await chat.case()).proposal is None


async def test_only_the_unit_that_began_closes(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")

    assert "Norrgårdens vårdcentral" in (await chat.say("noor", room, "!ärende avsluta målen uppfyllda")).replies


async def test_withdrawn_consent_closes_at_once_and_recalls_what_was_called(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    line = f'!sip kalla syfte=x tid="imorgon 13:00" slut=14:00 plats=hem enheter={HSV} ledare={user("anna")} närstående=nej telefon=1'
    await chat.confirmed("anna", room, line)
    await chat.say("noor", room, "!meddelande")
    heard = await chat.form("anna", room, "!ärende avsluta återtaget samtycke", f"ja {await chat.noun()}")

    assert "avslutas nu" in heard[0].replies
    assert "1 möte in: S1" in heard[0].replies
    assert not (await chat.case()).open
    assert await chat.rows("dialogues") == [], "nobody could answer a form there any more"


async def test_removing_the_last_who_is_silent_closes(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    await chat.say("noor", room, "!ärende avsluta ja")
    heard = await chat.form("anna", room, f"!aktör ta bort {BIST} svarar inte", f"ja {await chat.noun()}")

    assert "avslutas i samma stund" in heard[0].replies
    assert not (await chat.case()).open


async def test_a_closed_case_is_only_read(chat: Chat) -> None:
    room = await closed(chat)
    case = await chat.case()

    assert "avslutat" in (await chat.say("anna", room, "!meddelande Hej")).replies
    assert (await chat.join("anna", room)).sent == ()
    assert case.name not in (await chat.say("anna", "direkt", "!översikt")).replies


async def test_a_former_actor_reopens_with_consent_anew(chat: Chat) -> None:
    await closed(chat)
    case = await chat.case()
    heard = await chat.form(
        "noor", f"inbox:{HSV}", f"!ärende återöppna {case.number}", "nej", "muntligt", "nytt behov", f"ja {await chat.noun()}"
    )

    assert "skyddade personuppgifter" in heard[0].replies
    assert "samtyckt på nytt" in heard[1].replies
    assert "Varför återöppnas" in heard[2].replies
    assert heard[3].replies.startswith("Ester Demoson")
    assert [effect.closed for effect in heard[4].effects(Seal)] == [False]
    again = await chat.case()
    assert (again.open, again.initiator, again.codename) == (True, HSV, case.codename)
    assert set(again.actors) == {HSV, VC, BIST}


async def test_reopening_stops_at_protected_identity_and_without_consent(chat: Chat) -> None:
    await closed(chat)
    number = (await chat.case()).number
    protected = await chat.form("noor", f"inbox:{HSV}", f"!ärende återöppna {number}", "ja")
    refused = await chat.form("noor", f"inbox:{HSV}", f"!ärende återöppna {number} skyddad=nej", "nej")

    assert "skyddade personuppgifter" in protected[-1].replies
    assert "inte samtyckt" in refused[-1].replies
    assert not (await chat.case()).open
    assert {row["what"] for row in await chat.rows("counts")} == {"opening.protected", "opening.no-consent"}


async def test_a_case_is_not_reopened_beside_another_of_the_same_person(chat: Chat) -> None:
    await closed(chat)
    first = await chat.case()
    await chat.form("anna", "direkt", OPENING, "ja 1935")
    heard = await chat.say("noor", f"inbox:{HSV}", f'!ärende återöppna {first.number} skäl="behov" skyddad=nej samtycke=muntligt')

    assert "redan ett öppet ärende" in heard.replies


async def test_a_name_that_was_taken_meanwhile_is_replaced(chat: Chat) -> None:
    await closed(chat)
    first = await chat.case()
    await chat.form("anna", "direkt", OPENING.replace(ESTER, "19380205-2393"), "ja 1938")
    async with chat.database.write() as tx:
        await tx.execute(update(cases).where(cases.c.open).values(codename=first.codename))
    line = f'!ärende återöppna {first.number} skäl="behov" skyddad=nej samtycke=muntligt'
    heard = await chat.form("noor", f"inbox:{HSV}", line, f"ja {first.codename.split()[-1]}")

    renamed = heard[1].effects(Rename)[0].name
    assert renamed.startswith(first.number)
    assert first.codename not in renamed
    assert renamed in heard[1].replies


async def test_an_open_case_and_anothers_case_cannot_be_reopened(chat: Chat) -> None:
    await chat.opened("noor", "ulla")
    number = (await chat.case()).number
    line = f'!ärende återöppna {number} skäl="behov" skyddad=nej samtycke=muntligt'

    assert "inget sådant ärende" in (await chat.say("noor", f"inbox:{HSV}", line)).replies
    assert "inget sådant ärende" in (await chat.say("siri", "direkt", line)).replies


async def test_who_leaves_with_the_old_consent_is_removed(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    heard = await chat.confirmed("anna", room, f"!aktör ta bort {BIST} behövs inte")

    assert [effect.user for effect in heard.effects(Remove)] == [user("ulla")]
