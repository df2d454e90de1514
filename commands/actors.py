"""Actors: adding, accepting, declining, removing; colleagues who come in."""

from typing import Annotated

from care import actors, closing, consent, opening
from care.deadlines import acknowledgement_missed
from care.effects import PlaceKind
from care.messages import require_text
from care.people import Unit
from care.questions import open_to
from care.refusal import Refused
from commands.declare import Arg, CaseRef, UserRef
from commands.desk import CaseDesk
from commands.outcome import Decided, Outcome, Told
from commands.pages import PageNumber, page

PAGE = 6
"""Actors on a page: with unit, handler and telephone, each takes a phone three lines."""


def add(
    desk: CaseDesk,
    enhet: Annotated[Unit, Arg(ask="Vilken enhet ska läggas till?", en="unit", outside=True)],
    samtycke: Annotated[
        bool,
        Arg(
            ask="Omfattar personens samtycke den här enheten?",
            why="Samtycket gäller de enheter som personen har sagt ja till.",
            en="consent",
        ),
    ],
) -> Outcome:
    """Add a unit that the person has agreed to."""
    consent.require_covered(covered=samtycke, unit_name=enhet.name)
    if not enhet.open or not desk.directory.receivers(enhet.id):
        raise Refused("actors/nobody-there", unit=enhet.id)
    invited = desk.directory.receivers(enhet.id)
    single = opening.single_huvudman(enhet.id, tuple(desk.case.actors), desk.directory)
    until = acknowledgement_missed(desk.now, desk.rules.profile)
    starts = Told("confirm/actor_add", {"unit": enhet.id, "invited": len(invited), "single": single, "until": until})
    return Decided(actors.add(desk.case, enhet.id, invited), starts=starts)


def accept(
    desk: CaseDesk,
    ärende: Annotated[CaseRef | None, Arg(ask="Vilket ärende?", en="case")] = None,  # noqa: ARG001, PLC2401 - read by whoever serves the desk; the users' word
    handläggare: Annotated[UserRef | None, Arg(ask="Vem handlägger?", en="handler")] = None,  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Accept for the unit; whoever accepts handles the case, or names a colleague."""
    handler = str(handläggare) if handläggare else desk.user
    if desk.author.unit not in desk.directory.units_of(handler):
        raise Refused("actors/handler-outside", unit=desk.author.unit)
    values = {"unit": desk.author.unit, "case": desk.case, "handler": desk.directory.name_of(handler)}
    receipt = None if desk.place.kind is PlaceKind.CASE else Told("receipts/accepted", values)
    return Decided(actors.accept(desk.case, desk.author, handler), receipt)


def decline(
    desk: CaseDesk,
    skäl: Annotated[str, Arg(ask="Varför deltar ni inte?", why="Den som startade ärendet behöver veta det.", en="reason", rest=True)],  # noqa: PLC2401 - the users' word
    *,
    ärende: Annotated[CaseRef | None, Arg(ask="Vilket ärende?", en="case")] = None,  # noqa: ARG001, PLC2401 - read by whoever serves the desk; the users' word
) -> Outcome:
    """Decline for the unit, with a reason."""
    starts = Told("confirm/actor_decline", {"unit": desk.author.unit, "reason": skäl})
    values = {"unit": desk.author.unit, "name": desk.case.name}
    receipt = None if desk.place.kind is PlaceKind.CASE else Told("receipts/declined", values)
    return Decided(actors.decline(desk.case, desk.author, skäl), receipt, starts)


def remove(
    desk: CaseDesk,
    enhet: Annotated[Unit, Arg(ask="Vilken enhet ska tas bort?", en="unit")],
    skäl: Annotated[str, Arg(ask="Varför?", why="Enheten får veta skälet.", en="reason", rest=True)],  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Take a unit out of the case."""
    events = closing.take_out(desk.case, desk.author, enhet.id, skäl)
    require_text(skäl)
    lapsing = tuple(question.object for question in open_to(desk.case, enhet.id))
    values = {"unit": enhet.id, "people": len(desk.case.users_of(enhet.id)), "lapsing": lapsing, "closes": len(events) > 1}
    return Decided(events, starts=Told("confirm/actor_remove", {**values, "reason": skäl}))


def show(desk: CaseDesk, sida: PageNumber = 1) -> Outcome:
    """Show the actors and where each stands."""
    shown = page(tuple(desk.case.actors.values()), max(1, sida), PAGE)
    return Told("actors/list", {"case": desk.case, "page": shown}, shows=(desk.case.id,))


def enter(
    desk: CaseDesk,
    ärende: Annotated[CaseRef, Arg(ask="Vilket ärende?", en="case", example="SÄ-2026-00042")],  # noqa: ARG001, PLC2401 - read by whoever serves the desk; the users' word
    skäl: Annotated[  # noqa: PLC2401 - the users' word
        str, Arg(ask="Varför behöver du vara med?", why="Skälet loggas (patientdatalagen 4 kap. 3 §).", en="reason", rest=True)
    ],
) -> Outcome:
    """Come into a case of one's own unit, with a reason that is logged."""
    receipt = Told("receipts/entered", {"name": desk.case.name, "unit": desk.author.unit}, shows=(desk.case.id,))
    return Decided(actors.enter(desk.case, desk.author, skäl), receipt)
