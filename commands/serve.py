"""Serving a command: laying its desk, and letting its handler decide. Nothing happens here yet.

With several units of one's own in a case, the one that the person is in the room for goes first; a unit for which the rules say no is
passed over when another may do the step (architecture 5).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from care.actors import Standing
from care.case import Case
from care.clock import local
from care.effects import PlaceKind
from care.refusal import Refused
from commands.cases import identified
from commands.declare import Command, Kind
from commands.desk import CaseDesk, Desk, Lay, ListDesk, Needs, OpeningDesk
from commands.outcome import Decided, Outcome
from commands.reading.outcome import Invocation
from commands.session import Session
from store import index, outbox, people
from store.index import CaseRow
from store.steps import judge, load

Handler = Callable[..., Outcome]


def needs_of(command: Command) -> Needs:
    """Return what a command needs on its desk."""
    return cast("Needs", command.needs) if command.needs else Needs()


async def case_here(session: Session) -> Case | None:
    """Return the case of the room, None elsewhere."""
    return await load(session.tx, session.vault, session.place.id) if session.place.kind is PlaceKind.CASE else None


async def serve(session: Session, invocation: Invocation) -> tuple[Desk, Outcome]:
    """Return the desk and what the handler decided; raise Refused."""
    needs = needs_of(invocation.command)
    handler = cast("Handler", invocation.command.handler)
    match needs.lay:
        case Lay.CASE:
            return await _on_case(session, await _case_of(session, invocation, needs), handler, invocation.values, needs)
        case Lay.OPENING:
            desk: Desk = await opening_desk(session, invocation.values)
        case Lay.LIST:
            desk = await _list_desk(session)
        case _:
            desk = session.desk()
            if (case := await case_here(session)) and (units := _acting(session, case)):
                desk = _case_desk(session, case, units[0])
    return desk, handler(desk, **invocation.values)


async def opening_desk(session: Session, values: Mapping[str, object]) -> OpeningDesk:
    """Return the desk for an opening; whether the person has a case is looked up only once consent was given (process 3.1)."""
    plain = session.desk()
    units = sorted(plain.units)
    if not units:
        raise Refused("permissions/no-unit")
    if len(units) > 1:
        raise Refused("opening/which-unit", units=tuple(units))
    desk = OpeningDesk(plain.user, plain.place, plain.now, plain.rules, plain.prefix, plain.commands, session.author(units[0]))
    if "personnummer" not in values or values.get("skyddad") is not False or values.get("samtycke", "nej") == "nej":
        return desk
    identity = identified(desk, values)
    person = await people.person_of(session.tx, session.vault, identity.number, identity.issuer, session.now)
    return replace(desk, taken=await index.open_case_of(session.tx, person) is not None)


async def _list_desk(session: Session) -> ListDesk:
    plain = session.desk()
    rows = await index.cases_of_units(session.tx, plain.units)
    cases = tuple([await load(session.tx, session.vault, row.id) for row in rows])
    return ListDesk(plain.user, plain.place, plain.now, plain.rules, plain.prefix, plain.commands, cases)


def _case_desk(session: Session, case: Case, unit: str, proposals: int = 0) -> CaseDesk:
    desk = session.desk()
    return CaseDesk(
        desk.user, desk.place, desk.now, session.rules_of(case), desk.prefix, desk.commands, case, session.author(unit), proposals
    )


def _acting(session: Session, case: Case, *, closed: bool = False) -> tuple[str, ...]:
    """Return the person's units in the case, the one that they are in the room for first."""
    mine = session.desk().units
    present = [unit for unit in (*case.actors, *sorted(case.former if closed else ())) if unit in mine]
    own = case.participants.get(session.user)
    return tuple(sorted(dict.fromkeys(present), key=lambda unit: unit != own))


async def _on_case(session: Session, case: Case, handler: Handler, values: Mapping[str, object], needs: Needs) -> tuple[Desk, Outcome]:
    """Let the handler decide for the first of the person's units that may do the step; raise the first refusal if none may."""
    units = _acting(session, case, closed=needs.closed)
    if not units:
        raise Refused("permissions/not-an-actor", unit=next(iter(sorted(session.desk().units)), ""))
    proposals = await outbox.times_said(session.tx, case.id, "Ä1")
    first: Refused | None = None
    for unit in units:
        desk = _case_desk(session, case, unit, proposals)
        try:
            outcome = handler(desk, **values)
            if isinstance(outcome, Decided):
                judge(case, outcome.events, desk.author, session.moment, case.id)
        except Refused as refused:
            first = first or refused
        else:
            return desk, outcome
    assert first is not None
    raise first


async def _case_of(session: Session, invocation: Invocation, needs: Needs) -> Case:
    """Return the case that is meant: the named one, the room's, or the only one whose being added waits for the unit's word."""
    named = next((p.name for p in invocation.command.parameters if p.kind is Kind.CASE), None)
    name = invocation.values.get(named) if named else None
    if name is not None:
        row = await _named(session, str(name), needs)
    elif here := await case_here(session):
        return here
    else:
        row = await _waiting(session)
    return await load(session.tx, session.vault, row.id)


async def _named(session: Session, name: str, needs: Needs) -> CaseRow:
    full = f"SÄ-{local(session.now).year}-{int(name):05d}" if name.isdigit() else name
    mine = {row.id for row in await index.cases_of_units(session.tx, session.desk().units, closed=needs.closed)}
    for row in await index.named(session.tx, full):
        if row.id in mine:
            return row
    raise Refused("cases/unknown", name=name)


async def _waiting(session: Session) -> CaseRow:
    units = session.desk().units
    rows = await index.cases_of_units(session.tx, units)
    waiting: list[CaseRow] = []
    for row in rows:
        case = await load(session.tx, session.vault, row.id)
        if any(case.actors[unit].standing is Standing.TILLAGD for unit in units & case.actors.keys()):
            waiting.append(row)
    if len(waiting) != 1:
        raise Refused("cases/which" if waiting else "cases/none-waits", cases=tuple(f"{row.number} {row.codename}" for row in waiting))
    return waiting[0]
