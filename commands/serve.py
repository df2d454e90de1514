"""Serving a command: laying its desk, and letting its handler decide. Nothing happens here yet.

With several units of one's own in a case, the one that the person is in the room for goes first; a unit for which the rules say no is
passed over when another may do the step (architecture 5).
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from care.actors import Standing
from care.case import Case
from care.clock import local
from care.codenames import codename
from care.effects import PlaceKind
from care.refusal import Refused
from commands.cases import identified
from commands.declare import Command, Kind
from commands.desk import CaseDesk, Desk, IdentityDesk, Lay, ListDesk, Needs, OpeningDesk
from commands.folding import squeeze
from commands.outcome import Decided, Outcome
from commands.reading import Invocation
from commands.session import Session
from store import changed_identities, index, people, reviews
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
            desk: Desk = await _opening_desk(session, invocation.values)
        case Lay.LIST:
            desk = await _case_here_desk(session) or await _list_desk(session)
        case Lay.IDENTITIES:
            desk = await _identity_desk(session)
        case _:
            desk = await _case_here_desk(session) or session.desk()
    return desk, handler(desk, **invocation.values)


async def _case_here_desk(session: Session) -> CaseDesk | None:
    """Return a desk with the case of the room on it, for the first of the person's units; None elsewhere."""
    case = await case_here(session)
    units = acting(session, case) if case else ()
    return case_desk(session, case, units[0]) if case and units else None


async def rehearse(session: Session, invocation: Invocation) -> None:
    """Refuse as early as what was given so far allows; raise Refused."""
    needs = needs_of(invocation.command)
    named = any(p.kind is Kind.CASE and p.name in invocation.missing for p in invocation.command.parameters)
    if needs.rehearse is None or named:
        return
    if needs.lay is Lay.OPENING:
        desk: Desk = await _opening_desk(session, invocation.values)
    else:
        case = await _case_of(session, invocation, needs)
        desk = case_desk(session, case, _some(session, acting(session, case, closed=needs.closed))[0])
    needs.rehearse(desk, invocation.values)


async def _opening_desk(session: Session, values: Mapping[str, object]) -> OpeningDesk:
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
    return replace(desk, taken=await _has_case(session, identity.number, identity.issuer))


async def _has_case(session: Session, number: str, issuer: str) -> bool:
    person = await people.person_of(session.tx, session.vault, number, issuer, session.now)
    return await index.open_case_of(session.tx, person) is not None


async def _list_desk(session: Session) -> ListDesk:
    plain = session.desk()
    rows = await index.cases_of_units(session.tx, plain.units)
    cases = tuple([await load(session.tx, session.vault, row.id) for row in rows])
    review = await reviews.latest(session.tx, session.place.id) if session.place.kind is PlaceKind.INBOX else None
    reviewed = tuple((row[0], row[1]) for row in review.rows) if review else ()
    return ListDesk(plain.user, plain.place, plain.now, plain.rules, plain.prefix, plain.commands, cases, reviewed)


async def _identity_desk(session: Session) -> IdentityDesk:
    plain = session.desk()
    changed = await changed_identities.changed(session.tx)
    return IdentityDesk(plain.user, plain.place, plain.now, plain.rules, plain.prefix, plain.commands, changed)


def case_desk(session: Session, case: Case, unit: str) -> CaseDesk:
    """Return a desk with a case on it, for one of the person's units."""
    desk = session.desk()
    return CaseDesk(desk.user, desk.place, desk.now, session.rules_of(case), desk.prefix, desk.commands, case, session.author(unit))


def acting(session: Session, case: Case, *, closed: bool = False) -> tuple[str, ...]:
    """Return the person's units in the case, the one that they are in the room for first."""
    mine = session.desk().units
    present = [unit for unit in (*case.actors, *sorted(case.former if closed else ())) if unit in mine]
    own = case.participants.get(session.user)
    return tuple(sorted(dict.fromkeys(present), key=lambda unit: unit != own))


def _some(session: Session, units: Sequence[str]) -> Sequence[str]:
    if not units:
        mine = sorted(session.desk().units)
        raise Refused("permissions/not-an-actor", unit=mine[0]) if mine else Refused("permissions/no-unit")
    return units


async def _on_case(session: Session, case: Case, handler: Handler, values: Mapping[str, object], needs: Needs) -> tuple[Desk, Outcome]:
    """Let the handler decide for the first of the person's units that may do the step; raise the first refusal if none may."""
    refusals: list[Refused] = []
    for unit in _some(session, acting(session, case, closed=needs.closed)):
        desk = case_desk(session, case, unit)
        if needs.closed:
            desk = await _reopening(session, desk)
        try:
            outcome = handler(desk, **values)
            if isinstance(outcome, Decided):
                judge(case, outcome.events, desk.author, session.moment, case.id)
        except Refused as refused:
            refusals.append(refused)
        else:
            return desk, outcome
    raise refusals[0]


async def _reopening(session: Session, desk: CaseDesk) -> CaseDesk:
    """Return the desk for reopening: a name that another case has taken meanwhile is replaced (commands 5)."""
    person, names = desk.case.person, await index.codenames_taken(session.tx)
    name = codename(secrets.randbelow, names) if desk.case.codename in names else desk.case.codename
    return replace(desk, codename=name, taken=await _has_case(session, person.number, person.issuer))


async def _case_of(session: Session, invocation: Invocation, needs: Needs) -> Case:
    """Return the case that is meant: the named one, the room's, or else the only one that it can be."""
    named = next((p.name for p in invocation.command.parameters if p.kind is Kind.CASE), None)
    name = invocation.values.get(named) if named else None
    if name is None and (here := await case_here(session)):
        return here
    row = await (_only(session, needs) if name is None else _named(session, str(name), needs))
    return await load(session.tx, session.vault, row.id)


async def _named(session: Session, name: str, needs: Needs) -> CaseRow:
    """Return the newest case of the person's units that is called so; a short number is that of any year."""
    rows = await index.cases_of_units(session.tx, session.desk().units, closed=needs.closed)
    short = int(name) if name.isdecimal() else None
    called = {name, f"SÄ-{local(session.now).year}-{short:05d}" if short is not None else name}
    found = [row for row in rows if row.number in called or squeeze(row.codename) == squeeze(name)]
    found = found or [row for row in rows if short is not None and int(row.number.rpartition("-")[2]) == short]
    if not found:
        raise Refused("cases/unknown", name=name)
    return found[-1]


async def _only(session: Session, needs: Needs) -> CaseRow:
    """Return the only open case of the person's units, or the only one that waits for a word; raise Refused if that is not one."""
    units = session.desk().units
    rows = await index.cases_of_units(session.tx, units)
    if needs.waiting:
        rows = tuple([row for row in rows if _waits(await load(session.tx, session.vault, row.id), units)])
    if len(rows) != 1:
        if rows:
            raise Refused("cases/which", cases=tuple(f"{row.number} {row.codename}" for row in rows), example=rows[0].number)
        raise Refused("cases/none-waits" if needs.waiting else "cases/none")
    return rows[0]


def _waits(case: Case, units: frozenset[str]) -> bool:
    return any(case.actors[unit].standing is Standing.TILLAGD for unit in units & case.actors.keys())
