"""The SIP meeting: called for the person's home, moved over a holiday and a weekend, held."""

from demo.story.beginning import noun
from demo.story.theatre import Theatre

CALL = (
    '!sip kalla syfte="Komma överens om hjälpen hemma" tid="2026-04-30 13:00" slut=14:00 plats=hem '
    "enheter=vc-norrgard,k-alm-bist,k-alm-hsv ledare={leader} närstående=ja telefon=031-3900600 epost=ester@hem.example"
)


async def called(theatre: Theatre) -> None:
    """Anna calls; the units answer by taps; the person gets an invitation by e-mail."""
    await theatre.until("2026-04-28 09:00")
    await theatre.heading("kallelse till SIP hemma hos Ester")
    await theatre.say("anna", "Ärendet", CALL.format(leader=theatre.people["anna"].user))
    await theatre.expect("Före kallelsen visas vad den startar", "anna", "Ärendet", r"Ester Demoson.*1935.*SÄ-2026-00001")
    await theatre.say("anna", "Ärendet", f"ja {noun(theatre)}")
    call = await theatre.expect("Kallelsen har syfte, tid, plats och enheter", "ulla", "Ärendet", r"S1.*30 april.*13:00", rings="ulla")
    assert call is not None
    await theatre.tap("ulla", "Ärendet", call, "✅")
    await theatre.tap("noor", "Ärendet", call, "💻")
    await theatre.expect("Svar med ett tryck räknas", "anna", "Ärendet", r"digitalt")
    theatre.tick("Inbjudan har gått med e-post", _mails(theatre) == 1)
    files = [e for e in await theatre.people["ulla"].timeline(theatre.rooms["Ärendet"]) if e.msgtype == "m.file" and e.encrypted]
    data = await theatre.people["ulla"].download(files[-1]) if files else b""
    theatre.tick("Kalenderfilen ligger krypterad i rummet", data.startswith(b"BEGIN:VCALENDAR") and b"METHOD:REQUEST" in data)


def _mails(theatre: Theatre) -> int:
    return len(list(theatre.demo.world.mailbox.folder.glob("*.eml")))


async def moved(theatre: Theatre) -> None:
    """The meeting is moved once; everybody answers anew."""
    await theatre.until("2026-04-29 10:00")
    await theatre.heading("mötet flyttas")
    await theatre.say("anna", "Ärendet", '!sip flytta "2026-05-05 10:00" skäl="Dottern kan vara med då"')
    await theatre.say("anna", "Ärendet", f"ja {noun(theatre)}")
    move = await theatre.expect("Flytten ringer de kallade", "noor", "Ärendet", r"S1.*5 maj.*10:00", rings="noor")
    assert move is not None
    await theatre.tap("noor", "Ärendet", move, "✅")
    await theatre.say("ulla", "Ärendet", "!sip svar ja")
    theatre.tick("Flytten har gått med e-post", _mails(theatre) == 2)  # noqa: PLR2004 - the invitation and its move


async def weekend(theatre: Theatre) -> None:
    """The first of May is a Friday: no review on it, nor on the weekend."""
    await theatre.until("2026-05-03 20:00")
    room = theatre.rooms["Inkorg Hemsjukvården"]
    events = await theatre.people["noor"].timeline(room)
    days = {theatre.civil(e.time).date().isoformat() for e in events if e.sender == theatre.bot and e.type == "m.room.message"}
    theatre.tick("Ingen genomgång på första maj och helgen", not days & {"2026-05-01", "2026-05-02", "2026-05-03"})
    await theatre.until("2026-05-04 14:00")
    await theatre.heading("dagen före mötet")
    await theatre.expect("Påminnelse klockan 14 arbetsdagen före mötet", "ulla", "Ärendet", r"S1.*(imorgon|i morgon|5 maj)", rings="ulla")


async def held(theatre: Theatre) -> None:
    """An hour before comes the last reminder; then the meeting is held."""
    await theatre.until("2026-05-05 09:00")
    await theatre.expect("Påminnelse en timme före mötet", "noor", "Ärendet", r"S1.*börjar kl", rings="noor")
    await theatre.until("2026-05-05 11:00")
    await theatre.heading("mötet är genomfört")
    await theatre.say("anna", "Ärendet", "!sip klar deltog=vc-norrgard,k-alm-bist,k-alm-hsv personen=ja")
    await theatre.expect("Mötet är antecknat som genomfört", "ulla", "Ärendet", r"S1.*genomför")
