"""SIP meetings."""

from commands import meetings
from commands.catalogue.places import CASE
from commands.declare import Command, Weight, declare
from commands.desk import Lay, Needs

ON_MEETING = Needs(Lay.CASE, rehearse=meetings.known, mends=meetings.MENDS, pointed="S")

MEETINGS: tuple[Command, ...] = (
    declare(
        meetings.call,
        noun="sip",
        verb="kalla",
        en=("sip", "call"),
        like=(
            "boka",
            "boka möte",
            "boka sip",
            "möte",
            "nytt möte",
            "kallelse",
            "kalla möte",
            "kalla till möte",
            "kalla till sip",
            "book",
            "meeting",
            "book meeting",
        ),
        where=CASE,
        weight=Weight.HEAVY,
        says="Kalla till SIP-möte",
        examples=(
            (
                '!sip kalla syfte="planera hemgång" tid="torsdag 13:00" slut=14:00 plats=hem enheter=k-alm-hsv,k-alm-bist '
                "ledare=@anna.demo:almfors.test närstående=nej telefon=031-3900600"
            ),
        ),
        needs=Needs(Lay.CASE, rehearse=meetings.planned, offers=("länk", "telefon", "epost"), mends=meetings.MENDS),
    ),
    declare(
        meetings.reply,
        noun="sip",
        verb="svar",
        en=("sip", "reply"),
        like=("vi kommer", "svara kallelse", "svara på kallelse", "svara sip"),
        where=CASE,
        says="Svara på en kallelse för din enhet",
        examples=("!sip svar ja", '!sip svar nej "sjukdom" ersättare="Tage"'),
        needs=ON_MEETING,
    ),
    declare(
        meetings.move,
        noun="sip",
        verb="flytta",
        en=("sip", "move"),
        like=("omboka", "boka om", "ny tid", "ändra tid", "flytta möte", "flytta mötet", "reschedule"),
        where=CASE,
        weight=Weight.HEAVY,
        says="Flytta ett SIP-möte",
        examples=('!sip flytta "fredag 10:00" skäl="personen orkar bättre då"',),
        needs=ON_MEETING,
    ),
    declare(
        meetings.recall,
        noun="sip",
        verb="ställ in",
        en=("sip", "recall"),
        like=(
            "avboka",
            "boka av",
            "inställd",
            "inställt",
            "ställ in möte",
            "ställ in mötet",
            "avboka möte",
            "avboka sip",
            "cancel meeting",
        ),
        where=CASE,
        weight=Weight.HEAVY,
        says="Ställ in ett SIP-möte",
        examples=("!sip ställ in personen har blivit sämre",),
        needs=ON_MEETING,
    ),
    declare(
        meetings.done,
        noun="sip",
        verb="klar",
        en=("sip", "done"),
        like=("genomförd", "genomfört", "möte klart", "mötet klart"),
        where=CASE,
        says="Anteckna att mötet är genomfört",
        examples=("!sip klar deltog=k-alm-hsv,k-alm-bist personen=ja",),
        needs=ON_MEETING,
    ),
)
