"""Monday morning: two openings that must not happen, one that does, and the units that come in."""

import re

from care.effects import direct, inbox
from demo.story.theatre import Theatre

ESTER = "19351217-2382"
GUN = "19530328-2387"
ALVA = "20130702-2382"


async def rooms(theatre: Theatre) -> None:
    """Find the rooms that the bot has made for the people and units of the story."""
    for name in ("anna", "disa"):
        theatre.watch(f"Direkt {name}", theatre.demo.ledger.room(direct(theatre.people[name].user)), name)
    for unit, label, name in (
        ("vc-norrgard", "Inkorg Norrgården", "anna"),
        ("k-alm-bist", "Inkorg Biståndet", "ulla"),
        ("k-alm-hsv", "Inkorg Hemsjukvården", "noor"),
    ):
        theatre.watch(label, theatre.demo.ledger.room(inbox(unit)), name)


async def refusals(theatre: Theatre) -> None:
    """Protected identity, then no consent: nothing may remain of either."""
    await rooms(theatre)
    await theatre.heading("två ärenden som inte får startas")
    await theatre.say("anna", "Direkt anna", "!ärende starta")
    await theatre.say("anna", "Direkt anna", "ja")
    await theatre.expect("Skyddade personuppgifter: ärendet startas inte", "anna", "Direkt anna", "skydda")
    await theatre.say("anna", "Direkt anna", f'!ärende starta {GUN} skyddad=nej samtycke=nej namn="Gun Låtsas"')
    await theatre.expect("Utan samtycke: ärendet startas inte", "anna", "Direkt anna", "samtyck")
    theatre.tick("Efter vägran finns inget ärende och ingen person i databasen", theatre.demo.ledger.traces() == 0)


async def opening(theatre: Theatre) -> None:
    """Anna has seen a need; the form asks one thing at a time."""
    await theatre.until("2026-04-27 08:05")
    await theatre.heading("ett behov har setts, Anna startar ett ärende")
    for words in (
        "!ärende starta",
        "nej",
        "muntligt",
        ESTER,
        "Ester Demoson",
        "ja",
        "omvårdnad, rehabilitering",
        "Trygg hemgång efter vårdcentralens bedömning: hjälp hemma och träning",
        "k-alm-bist, k-alm-hsv",
    ):
        await theatre.say("anna", "Direkt anna", words)
    await theatre.expect("Sammanfattning med namn och födelseår före öppnandet", "anna", "Direkt anna", r"Ester Demoson.*1935")
    await theatre.say("anna", "Direkt anna", "ja 1935")
    opened = await theatre.expect("Ärendet är öppnat, med nummer och kodnamn", "anna", "Direkt anna", r"SÄ-2026-00001")
    assert opened is not None
    name = re.search(r"SÄ-2026-00001 (\S+ \S+?)[\s.,*”]", opened.text + " ")
    assert name is not None
    room = await theatre.people["anna"].wait_room(lambda state: state.name.startswith("SÄ-2026-00001"))
    theatre.watch("Ärendet", room, "anna")
    state = await theatre.people["anna"].state(room)
    theatre.tick("Ärenderummet är krypterat, och namnet säger inget om personen", state.encrypted and "Ester" not in state.name, state.name)
    await theatre.settle()


async def actors(theatre: Theatre) -> None:
    """The added units are rung in their inboxes, and accept."""
    await theatre.heading("tre enheter från två huvudmän")
    await theatre.expect("Hemsjukvården rings i sin inkorg", "noor", "Inkorg Hemsjukvården", "SÄ-2026-00001", rings="noor")
    await theatre.say("noor", "Inkorg Hemsjukvården", "!aktör tacka ja")
    await theatre.say("ulla", "Inkorg Biståndet", "!aktör tacka ja")
    await theatre.expect("Enheterna har tackat ja", "anna", "Ärendet", r"(biståndsenheten|hemsjukvården).*deltar|tackat ja")
    overview = await theatre.expect("Lägesbilden börjar med vem som har bollen", "anna", "Ärendet", r"^Bollen ligger hos", edits=True)
    room = theatre.rooms["Ärendet"]
    pinned = (await theatre.people["anna"].state(room)).pinned
    theatre.tick("Lägesbilden är fäst", overview is not None and bool(pinned))
    await theatre.say("anna", "Ärendet", "!hjälp")


def noun(theatre: Theatre) -> str:
    """Return the noun of the codename, which confirms a step of weight."""
    return theatre.people["anna"].seen.state(theatre.rooms["Ärendet"]).name.split()[-1]
