"""Opening, showing, closing and reopening a case."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from care import actors, closing, identity, opening
from care.closing import Reason
from care.consent import Consent, Form
from care.deadlines import closing_answer_due
from care.identity import Identity
from care.meetings import coming
from care.messages import require_text
from care.opening import Perspective
from care.people import Unit
from commands.declare import Arg, CaseRef
from commands.desk import CaseDesk, OpeningDesk
from commands.outcome import Decided, Opened, Outcome, Told

CONSENT = {"muntligt": "muntligt", "skriftligt": "skriftligt", "nej": "nej"}
NO_CONSENT = "nej"
NUMBERS = "Tolv siffror. Bara ett reservnummer? Skriv avbryt, och sedan !ärende starta skyddad=nej född=ÅÅÅÅ"
MENDS = MappingProxyType(
    {
        **{
            f"identity/{reason}": "personnummer"
            for reason in ("characters", "length", "not-a-date", "check-digit", "future", "reserve-form", "reserve-is-national")
        },
        "opening/too-few-units": "enheter",
        "actors/nobody-there": "enheter",
    }
)
"""Which answer a refusal is about; the others of an opening end it."""


def start(
    desk: OpeningDesk,
    personnummer: Annotated[
        str,
        Arg(
            ask="Vilket personnummer eller samordningsnummer?",
            why="Tolv siffror. Bara ett reservnummer? Skriv avbryt och sedan !ärende starta skyddad=nej född=ÅÅÅÅ",
            en="number",
            example="ÅÅÅÅMMDD-NNNN",
        ),
    ],
    *,
    skyddad: Annotated[
        bool,
        Arg(
            ask="Har personen skyddade personuppgifter?",
            why="Skyddade personuppgifter får inte hanteras här, oavsett grad.",
            en="protected",
        ),
    ],
    samtycke: Annotated[
        str,
        Arg(
            ask="Har personen samtyckt, muntligt eller skriftligt?",
            why="Utan samtycke startas inget ärende.",
            en="consent",
            choices=CONSENT,
        ),
    ],
    namn: Annotated[str, Arg(ask="Vad heter personen?", en="name", limit=200)],
    samråd: Annotated[bool, Arg(ask="Har ni talat med personen om vilka som ska vara med?", en="consulted")],  # noqa: PLC2401 - the users' word
    perspektiv: Annotated[tuple[Perspective, ...], Arg(ask="Ur vilka perspektiv ser ni behovet?", en="perspectives")],
    syfte: Annotated[
        str, Arg(ask="Vad är syftet med samordningen?", why="Alla enheter ser det överst i lägesbilden.", en="purpose", limit=1000)
    ],
    enheter: Annotated[
        tuple[Unit, ...],
        Arg(
            ask="Vilka fler enheter ska vara med?",
            why="Minst en till, helst från en annan huvudman. Skriv komma mellan flera.",
            en="units",
            outside=True,
        ),
    ],
    född: Annotated[int | None, Arg(ask="Vilket år är personen född? (bara för reservnummer)", en="born")] = None,  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Open a case: every check in the order of process 3.1."""
    given: dict[str, object] = {
        "skyddad": skyddad,
        "samtycke": samtycke,
        "personnummer": personnummer,
        "född": född,
        "samråd": samråd,
    }
    rehearse(desk, given)
    others = opening.require_units(desk.author.unit, tuple(unit.id for unit in enheter), desk.directory)
    return Opened(
        identity=identified(desk, given),
        name=namn,
        form=Form(samtycke),
        perspectives=perspektiv,
        purpose=syfte,
        units=others,
        single=opening.single_huvudman(desk.author.unit, others, desk.directory),
    )


def identified(desk: OpeningDesk, given: Mapping[str, object]) -> Identity:
    """Return the person's identity: a national number, or with a birth year the reservnummer of one's own huvudman."""
    number, born = str(given["personnummer"]), given.get("född")
    if isinstance(born, int):
        return identity.reserve(number, desk.directory.units[desk.author.unit].huvudman, born, desk.today)
    return identity.parse(number, desk.today)


def rehearse(desk: OpeningDesk, given: Mapping[str, object]) -> None:
    """Refuse as early as the answers given so far allow (process 3.1: fail fast)."""
    opening.may_start(desk.author, desk.directory)
    if "skyddad" in given:
        opening.require_unprotected(protected=bool(given["skyddad"]))
    if "samtycke" in given:
        opening.require_consent(given=given["samtycke"] != NO_CONSENT)
    if "personnummer" in given:
        identified(desk, given)
        opening.require_unique(taken=desk.taken)
    if "samråd" in given:
        opening.require_consulted(consulted=bool(given["samråd"]))


def show(desk: CaseDesk, ärende: Annotated[CaseRef | None, Arg(ask="Vilket ärende?", en="case")] = None) -> Outcome:  # noqa: ARG001, PLC2401 - read by whoever serves the desk; the users' word
    """Show the lägesbild to the writer."""
    return Told("overview", shows=(desk.case.id,))


CLOSING = {**{str(reason): str(reason) for reason in Reason}, "ja": "ja", "nej": "nej", "dra tillbaka": "dra tillbaka"}
"""A reason proposes; the other words are about a proposal that was made."""


def close(
    desk: CaseDesk,
    svar: Annotated[
        str,
        Arg(
            ask="Av vilket skäl avslutas ärendet?",
            why="Är avslut redan föreslaget svarar ni ja eller nej på det.",
            en="reason",
            choices=CLOSING,
        ),
    ],
    skäl: Annotated[str, Arg(ask="Varför säger ni nej?", why="Den som föreslog avslutet behöver veta det.", en="why", rest=True)] = "",  # noqa: PLC2401 - the users' word
) -> Outcome:
    """Propose to close, give one's word on a proposal, or withdraw it."""
    match svar:
        case "ja":
            return Decided(closing.agree(desk.case, desk.author))
        case "nej":
            return Decided(closing.oppose(desk.case, desk.author, skäl))
        case "dra tillbaka":
            return Decided(closing.withdraw(desk.case))
        case _:
            reason = Reason(svar)
            events = closing.propose(desk.case, desk.author, reason)
            at_once = any(isinstance(event, closing.CaseClosed) for event in events)
            others = tuple(unit for unit in desk.case.actors if unit != desk.author.unit)
            values = {"reason": reason, "others": others, "until": closing_answer_due(desk.now, desk.rules.profile)}
            starts = Told("confirm/case_close", {**values, "at_once": at_once, "meetings": coming(desk.case)})
            return Decided(events, starts=starts)


def reopening(_desk: CaseDesk, given: Mapping[str, object]) -> None:
    """Refuse to reopen as early as the answers given so far allow."""
    if "skyddad" in given:
        opening.require_unprotected(protected=bool(given["skyddad"]))
    if "samtycke" in given:
        opening.require_consent(given=given["samtycke"] != NO_CONSENT)


def reopen(
    desk: CaseDesk,
    ärende: Annotated[CaseRef, Arg(ask="Vilket ärende?", en="case", example="SÄ-2026-00042")],  # noqa: ARG001, PLC2401 - read by whoever serves the desk; the users' word
    skäl: Annotated[str, Arg(ask="Varför återöppnas ärendet?", en="reason")],  # noqa: PLC2401 - the users' word
    *,
    skyddad: Annotated[bool, Arg(ask="Har personen skyddade personuppgifter?", why="Frågan ställs på nytt.", en="protected")],
    samtycke: Annotated[
        str,
        Arg(
            ask="Har personen samtyckt på nytt, muntligt eller skriftligt?",
            why="Det gamla samtycket gäller inte längre.",
            en="consent",
            choices=CONSENT,
        ),
    ],
) -> Outcome:
    """Reopen a closed case as a former actor; all former actors are asked anew."""
    reopening(desk, {"skyddad": skyddad, "samtycke": samtycke})
    opening.require_unique(taken=desk.taken)
    require_text(skäl)
    case, unit = desk.case, desk.author.unit
    units = tuple(each for each in (*case.actors, *sorted(case.former)) if each != unit and desk.directory.receivers(each))
    given = Consent(Form(samtycke), unit, desk.user, desk.now, frozenset({unit, *units}))
    opened = closing.CaseReopened(case.next("A"), skäl, desk.codename, given)
    added = (
        actors.ActorAdded(case.next("A", ahead), each, desk.directory.receivers(each)) for ahead, each in enumerate(dict.fromkeys(units), 1)
    )
    receipt = Told("receipts/reopened", {"name": f"{case.number} {desk.codename}", "unit": unit, "units": units})
    return Decided((opened, *added), receipt, Told("confirm/case_reopen", {"units": units, "reason": skäl}))
