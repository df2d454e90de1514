"""A question that is answered late: digests, the missed deadline, and the ladder."""

from demo.story.theatre import Theatre


async def asked(theatre: Theatre) -> None:
    """Anna asks home care, where Noor wants to be reminded of it at the next review; ordinary talk is met with silence."""
    await theatre.until("2026-04-27 08:30")
    await theatre.heading("en fråga till hemsjukvården")
    await theatre.say("anna", "Ärendet", "!fråga hemsjukvården Klarar Ester trappan själv? senast=2026-04-27 14:30")
    await theatre.expect("Frågan ringer den som är mottagare", "noor", "Ärendet", r"F1.*trappan", rings="noor")
    question = await theatre.find("noor", "Ärendet", r"^F1 · Fråga")
    assert question is not None
    await theatre.tap("noor", "Ärendet", question, "⏰")
    await theatre.expect("Den som trycker ⏰ får veta när påminnelsen kommer", "noor", "Ärendet", r"Du påminns om F1 .*14:00")
    talk = await theatre.say("ulla", "Ärendet", "God morgon allihop!")
    theatre.tick("Vanligt prat i ärenderummet möts med tystnad", await theatre.find("ulla", "Ärendet", ".", after=talk) is None)


async def digests(theatre: Theatre) -> None:
    """At 14:00 Noor is reminded in the case, and home care's digest holds the question; nobody reviews it."""
    await theatre.until("2026-04-27 14:00")
    await theatre.heading("genomgången klockan 14")
    await theatre.expect("Genomgången 14:00 visar frågan", "noor", "Inkorg Hemsjukvården", r"14:00.*F1", rings="noor")
    reminder = await theatre.expect("Noor påminns om frågan i dess tråd", "noor", "Ärendet", "^F1 · Påminnelse", rings="noor")
    alone = reminder is not None and reminder.thread != "" and reminder.mentions == (theatre.people["noor"].user,)
    theatre.tick("Påminnelsen ringer ingen annan", alone)


async def missed(theatre: Theatre) -> None:
    """The question is missed at 14:30, the review at 15:00; on Tuesday morning the chief is told of both."""
    await theatre.until("2026-04-27 15:00")
    await theatre.heading("tiden har gått ut")
    await theatre.expect("Missad tidsgräns sägs i ärendet, neutralt", "anna", "Ärendet", r"missad.*F1|F1.*missad")
    await theatre.expect("Missad genomgång påminns efter en timme", "noor", "Inkorg Hemsjukvården", r"genomgång", rings="noor")
    await theatre.until("2026-04-28 08:00")
    await theatre.heading("nästa morgon")
    await theatre.expect("Enhetschefen får veta, i sitt direktrum", "disa", "Direkt disa", r"F1", rings="disa")
    await theatre.expect("Enhetschefen får veta om den missade genomgången", "disa", "Direkt disa", "genomgång", rings="disa")
    await theatre.expect("Genomgången 08:00 visar det försenade", "noor", "Inkorg Hemsjukvården", r"08:00.*F1", rings="noor")


async def answered(theatre: Theatre) -> None:
    """Noor answers in the question's thread, and marks the review as done with a tap."""
    await theatre.until("2026-04-28 08:20")
    await theatre.heading("svaret kommer, sent")
    digest = await theatre.find("noor", "Inkorg Hemsjukvården", "genomgång 08:00|08:00.*F1")
    assert digest is not None
    await theatre.tap("noor", "Inkorg Hemsjukvården", digest, "✅")
    question = await theatre.find("noor", "Ärendet", r"^F1")
    assert question is not None
    await theatre.say("noor", "Ärendet", "Ja, med räcke och en person bredvid.", thread=question.id)
    await theatre.expect("Svaret når den som frågade, och sägs vara sent", "anna", "Ärendet", r"F1.*räcke.*", rings="anna")
    await theatre.expect("Genomgången visar vem som har gått igenom den", "noor", "Inkorg Hemsjukvården", "Noor Demo", edits=True)
