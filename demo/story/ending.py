"""The plan, its follow-up, the closing, and the search for what must not be found."""

from datetime import date

from demo.leaks import person, places, search
from demo.story.beginning import ALVA, ESTER, GUN, noun
from demo.story.theatre import Theatre


async def plan(theatre: Theatre) -> None:
    """The plan is written row by row, refused while it lacks something, and established."""
    await theatre.heading("planen skrivs")
    await theatre.say("anna", "Ärendet", "!plan mål Ester kan gå till brevlådan och tillbaka själv")
    await theatre.say("anna", "Ärendet", "!plan insats Gångträning hemma två gånger i veckan ansvar=k-alm-hsv")
    await theatre.say("ulla", "Ärendet", "!plan insats Hjälp med dusch tisdagar och fredagar ansvar=k-alm-bist")
    await theatre.say("anna", "Ärendet", "!plan upprätta")
    await theatre.expect("En plan som saknar något upprättas inte", "anna", "Ärendet", r"saknas|saknar|fattas")
    await theatre.say("anna", "Ärendet", "!plan ansvar vc-norrgard")
    await theatre.say("anna", "Ärendet", "!plan uppföljning 2026-05-26")
    await theatre.say("anna", "Ärendet", "!plan upprätta")
    await theatre.say("anna", "Ärendet", f"ja {noun(theatre)}")
    await theatre.expect("Planen är upprättad", "noor", "Ärendet", r"version 1", rings="noor")
    files = [e for e in await theatre.people["noor"].timeline(theatre.rooms["Ärendet"]) if e.body.endswith(".pdf")]
    data = await theatre.people["noor"].download(files[-1]) if files else b""
    theatre.tick("Planen finns som PDF i rummet", data.startswith(b"%PDF"))
    (theatre.demo.world.data / "plan.pdf").write_bytes(data)


async def followed_up(theatre: Theatre) -> None:
    """Reminders come before the follow-up; it is recorded on its day."""
    await theatre.until("2026-05-26 09:00")
    await theatre.heading("uppföljningen")
    await theatre.expect("Påminnelse om uppföljningen", "anna", "Ärendet", r"följ", rings="anna")
    await theatre.say("anna", "Ärendet", "!plan följ upp uppnått Ester går till brevlådan varje dag")
    await theatre.expect("Uppföljningen är antecknad", "ulla", "Ärendet", r"brevlådan varje dag")


async def closed(theatre: Theatre) -> None:
    """The initiating unit proposes, every actor gives its word, and the room becomes read-only."""
    await theatre.until("2026-05-27 09:00")
    await theatre.heading("ärendet avslutas")
    await theatre.say("anna", "Ärendet", "!ärende avsluta målen uppfyllda")
    await theatre.say("anna", "Ärendet", f"ja {noun(theatre)}")
    await theatre.say("ulla", "Ärendet", "!ärende avsluta ja")
    await theatre.say("noor", "Ärendet", "!ärende avsluta ja")
    await theatre.expect("Ärendet är avslutat när alla har sagt ja", "anna", "Ärendet", r"avslutat")
    room = theatre.rooms["Ärendet"]
    levels = (await theatre.people["anna"].state(room)).power_levels
    theatre.tick("Rummet är skrivskyddat", levels.get("events_default") == 100)  # noqa: PLR2004 - the power level of the bot
    events = await theatre.people["anna"].timeline(room)
    clear = {e.wire_type for e in events if not e.encrypted and e.state_key is None}
    theatre.tick("Allt utom reaktioner och borttagningar är krypterat på tråden", clear <= {"m.reaction", "m.room.redaction"})
    unread = [e for e in events if e.failure]
    theatre.tick("Annas klient kan läsa allt", not unread)


async def nothing_leaked(theatre: Theatre) -> None:
    """Search the files of bot and homeserver for names and numbers of the persons, in all spellings and encodings."""
    await theatre.heading("sökning efter det som inte får finnas")
    people = (("Ester Demoson", ESTER), ("Gun Låtsas", GUN), ("Alva Övning", ALVA))
    secrets = [person(name, number, date(2026, 4, 27)) for name, number in people]
    found = search(places(theatre.demo.world.data), secrets)
    seen = ", ".join(sorted({f"{leak.label} i {leak.file} ({leak.form})" for leak in found}))
    theatre.tick("Inga namn och nummer i databaser, media och loggar", not found, seen)
