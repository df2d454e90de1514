"""What everybody uses: help, overview, questions and acknowledgements, looking things up."""

from commands import directory, help, language, questions  # noqa: A004 - the noun of the module
from commands.catalogue.places import CASE, EVERYWHERE, INBOX, ON_CASE, PRIVATE
from commands.declare import Command, declare
from commands.desk import Lay, Needs

EVERYDAY: tuple[Command, ...] = (
    declare(
        help.help_here,
        noun="hjälp",
        en=("help", None),
        where=EVERYWHERE,
        says="Vad du kan göra här och nu",
        examples=("!hjälp", "!hjälp fråga"),
    ),
    declare(
        help.overview,
        noun="översikt",
        en=("overview", None),
        where=PRIVATE,
        says="Dina enheters öppna ärenden, det som brådskar först",
        examples=("!översikt",),
        needs=Needs(Lay.LIST),
    ),
    declare(
        questions.ask,
        noun="fråga",
        en=("ask", None),
        where=CASE,
        says="Fråga en enhet i ärendet",
        examples=("!fråga hemsjukvården Kan ni ta blodprov på torsdag? senast=onsdag 13:00",),
        needs=Needs(Lay.CASE, offers=("senast",), mends={"questions/own-unit": "enhet", "questions/past": "senast"}),
    ),
    declare(
        questions.answer,
        noun="svar",
        en=("answer", None),
        where=CASE,
        says="Svara på en fråga till din enhet",
        examples=("!svar F3 Ja, vi kommer kl. 10",),
        needs=ON_CASE,
    ),
    declare(
        questions.acknowledge,
        noun="kvittera",
        en=("ack", None),
        where=CASE,
        says="Bekräfta att din enhet har läst",
        examples=("!kvittera", "!kvittera F3"),
        needs=ON_CASE,
    ),
    declare(
        questions.acknowledge_rows,
        noun="kvittera",
        en=("ack", None),
        where=INBOX,
        says="Kvittera rader i genomgången",
        examples=("!kvittera 1 3",),
        needs=Needs(Lay.REVIEW),
    ),
    declare(
        questions.notify,
        noun="meddelande",
        en=("notify", None),
        where=CASE,
        says="Meddelande som alla enheter ska kvittera",
        examples=("!meddelande Nytt telefonnummer till hemtjänsten",),
        needs=ON_CASE,
    ),
    declare(
        directory.units,
        noun="enheter",
        en=("units", None),
        where=EVERYWHERE,
        says="Sök enheter: telefon, tider, jour",
        examples=("!enheter hemsjukvård",),
    ),
    declare(directory.term, noun="begrepp", en=("term", None), where=EVERYWHERE, says="Förklara ett begrepp", examples=("!begrepp SIP",)),
    declare(
        directory.duty,
        noun="tjänst",
        en=("duty", None),
        where=PRIVATE,
        says="Gå på eller av tjänst: vem som rings",
        examples=("!tjänst på",),
    ),
    declare(
        language.choose,
        noun="språk",
        en=("language", None),
        where=PRIVATE,
        says="Välj språk för svaren till dig: svenska eller engelska",
        examples=("!språk engelska", "!language swedish"),
    ),
)
