"""The demo region and a set of commands, declared as the real ones are, for tests of reading."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated

from care.effects import PlaceKind
from care.people import Directory, Unit, UnitType
from commands.declare import Arg, CaseRef, Command, ObjectRef, UserRef, Weight, declare
from commands.reading import Scene

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Stockholm."""
CASE, INBOX, DIRECT = PlaceKind.CASE, PlaceKind.INBOX, PlaceKind.DIRECT
EVERYWHERE = frozenset({CASE, INBOX, DIRECT, PlaceKind.ADMIN})


def unit(unit_id: str, name: str, kind: UnitType, *aliases: str, is_open: bool = True) -> Unit:
    return Unit(unit_id, name, kind, "almfors", aliases=aliases, open=is_open)


UNITS = {
    u.id: u
    for u in (
        unit("vc-norrgard", "Norrgårdens vårdcentral", UnitType.VARDCENTRAL),
        unit("vc-ekhamn", "Ekhamns vårdcentral", UnitType.VARDCENTRAL),
        unit("las-med2", "Almfors lasarett, medicinavdelning 2", UnitType.SLUTENVARD_SOMATIK, "medicin två"),
        unit("mob", "Mobila närvårdsteamet", UnitType.MOBILT_TEAM),
        unit("k-alm-bist", "Almfors kommun, biståndsenheten", UnitType.KOMMUN_BISTAND, "bistånd centrum"),
        unit("k-alm-hsv", "Almfors kommun, hemsjukvården centrum", UnitType.KOMMUN_HSV),
        unit("k-alm-ht", "Almfors kommun, hemtjänst Söder", UnitType.KOMMUN_HEMTJANST),
        unit("k-eh-bist", "Ekhamns kommun, biståndsenheten", UnitType.KOMMUN_BISTAND),
        unit("k-eh-hsv", "Ekhamns kommun, hemsjukvården", UnitType.KOMMUN_HSV),
        unit("k-eh-dag", "Ekhamns kommun, dagverksamheten", UnitType.KOMMUN_LSS, is_open=False),
    )
}
ACTORS = ("vc-norrgard", "k-alm-bist", "k-alm-hsv", "k-alm-ht")


class Reason(StrEnum):
    GONE = "behovet_finns_inte"
    GOALS = "malen_uppfyllda"


SPOKEN = {"behovet finns inte": "behovet_finns_inte"}


async def help_(desk: object, topic: Annotated[str, Arg(sv="ämne", en="topic")] = "") -> None: ...
async def start(
    desk: object,
    nummer: Annotated[str, Arg(en="number")],
    *,
    skyddad: Annotated[bool, Arg(en="protected")],
    samtycke: Annotated[str, Arg(en="consent", choices=("muntligt", "skriftligt"))],
    namn: Annotated[str, Arg(en="name", limit=60)],
    enheter: Annotated[tuple[Unit, ...], Arg(en="units", outside=True)],
) -> None: ...
async def show(desk: object, case: Annotated[CaseRef | None, Arg(sv="ärende", en="case")] = None) -> None: ...
async def close(desk: object, reason: Annotated[Reason, Arg(sv="skäl", en="reason", choices=SPOKEN)]) -> None: ...
async def agree(desk: object) -> None: ...
async def ask(
    desk: object,
    unit: Annotated[Unit, Arg(sv="enhet", en="unit", example="hemsjukvården")],
    text: Annotated[str, Arg(en="question")],
    *,
    due: Annotated[datetime | None, Arg(sv="senast", en="due", clock=time(16))] = None,
) -> None: ...
async def answer(desk: object, nr: Annotated[ObjectRef | None, Arg(en="no")] = None, text: Annotated[str, Arg()] = "") -> None: ...
async def acknowledge(desk: object, nr: Annotated[tuple[ObjectRef, ...], Arg(en="no")] = ()) -> None: ...
async def add(desk: object, unit: Annotated[Unit, Arg(sv="enhet", en="unit", outside=True)]) -> None: ...
async def accept(desk: object, person: Annotated[UserRef | None, Arg(en="person")] = None) -> None: ...
async def decline(desk: object, why: Annotated[str, Arg(sv="skäl", en="reason")]) -> None: ...
async def actors(desk: object) -> None: ...
async def call(
    desk: object,
    *,
    syfte: Annotated[str, Arg(en="purpose")],
    tid: Annotated[datetime, Arg(en="time")],
    slut: Annotated[time, Arg(en="end")],
    enheter: Annotated[tuple[Unit, ...], Arg(en="units")],
    ledare: Annotated[UserRef, Arg(en="chair")],
    epost: Annotated[tuple[str, ...], Arg(en="mail")] = (),
) -> None: ...
async def move(desk: object, tid: Annotated[datetime, Arg(en="time")]) -> None: ...
async def recall(desk: object, why: Annotated[str, Arg(sv="skäl", en="reason")]) -> None: ...
async def begin(desk: object) -> None: ...
async def reply(
    desk: object,
    answer: Annotated[str, Arg(sv="svar", en="answer", choices=("ja", "digitalt", "nej"))],
    why: Annotated[str, Arg(sv="skäl")] = "",
) -> None: ...
async def goal(desk: object, text: Annotated[str, Arg()]) -> None: ...
async def follow_up(desk: object, datum: Annotated[date, Arg(en="date")]) -> None: ...
async def show_plan(desk: object) -> None: ...
async def enter(
    desk: object, case: Annotated[CaseRef, Arg(sv="ärende", en="case")], why: Annotated[str, Arg(sv="skäl", en="reason")]
) -> None: ...
async def note(desk: object, to: Annotated[str, Arg(sv="till")], text: Annotated[str, Arg()]) -> None: ...
async def page(desk: object, nummer: Annotated[int, Arg(en="number", page=True)]) -> None: ...


def in_case(handler: object, noun: str, verb: str | None, en: tuple[str, str | None], *also: str) -> Command:
    assert callable(handler)
    return declare(handler, noun=noun, verb=verb, en=en, also=also, where=frozenset({CASE}), says="…", examples=(f"!{noun}",))


COMMANDS = (
    declare(help_, noun="hjälp", en=("help", None), where=EVERYWHERE, says="vad du kan göra"),
    declare(
        start, noun="ärende", verb="starta", en=("case", "start"), where=frozenset({INBOX, DIRECT}), weight=Weight.HEAVY, says="öppnar"
    ),
    declare(show, noun="ärende", verb="visa", en=("case", "show"), where=EVERYWHERE, says="visar"),
    in_case(close, "ärende", "avsluta", ("case", "close")),
    in_case(agree, "ärende", "avsluta ja", ("case", "close yes")),
    in_case(ask, "fråga", None, ("ask", None), "undra"),
    in_case(answer, "svar", None, ("answer", None)),
    declare(acknowledge, noun="kvittera", en=("ack", None), where=frozenset({CASE, INBOX}), says="kvitterar"),
    in_case(add, "aktör", "lägg till", ("actor", "add")),
    in_case(accept, "aktör", "tacka ja", ("actor", "accept")),
    in_case(decline, "aktör", "tacka nej", ("actor", "decline")),
    in_case(actors, "aktörer", None, ("actors", None)),
    in_case(call, "sip", "kalla", ("sip", "call")),
    in_case(move, "sip", "flytta", ("sip", "move")),
    in_case(recall, "sip", "ställ in", ("sip", "recall")),
    in_case(begin, "sip", "starta", ("sip", "start"), "sip igång"),
    in_case(reply, "sip", "svar", ("sip", "reply")),
    in_case(show_plan, "plan", None, ("plan", None)),
    in_case(goal, "plan", "mål", ("plan", "goal")),
    in_case(follow_up, "plan", "uppföljning", ("plan", "followup")),
    declare(enter, noun="delta", en=("enter", None), where=frozenset({INBOX, DIRECT}), says="går in", examples=("!delta 42 jour",)),
    in_case(note, "notis", None, ("note", None)),
    declare(page, noun="sida", en=("page", None), where=EVERYWHERE, says="bläddrar"),
)


def scene(place: PlaceKind = CASE, html: str = "", now: datetime = NOW) -> Scene:
    actors_here = ACTORS if place is CASE else ()
    return Scene(place, now, Directory(units=UNITS), actors_here, "@samrum:almfors.test", "Samrum", html)
