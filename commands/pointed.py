"""What a message points at without saying it: the object of the message that it replies to, or in whose thread it stands (commands 3)."""

from dataclasses import replace

from care.case import Case
from care.questions import open_to
from care.refusal import Refused
from commands.declare import Kind, ObjectRef
from commands.reading import Invocation
from commands.serve import acting, case_here, needs_of
from commands.session import Session
from store import sayings


async def objects(session: Session, case: Case) -> tuple[str, ...]:
    """Return the objects of the case that the message points at, the one that it replies to first."""
    said = [await sayings.spoken(session.tx, event) for event in (session.message.reply_to, session.message.thread) if event]
    return tuple(dict.fromkeys(each.about for each in said if each and each.case == case.id and each.about))


async def completed(session: Session, invocation: Invocation) -> Invocation:
    """Return the command with the number that its reply or thread tells, if it has none; raise Refused where a bare number says otherwise.

    In the thread of F2, "!svar 3 dagar till" may mean F3 as well as three days: nobody can know.
    """
    letter, case = needs_of(invocation.command).pointed, await case_here(session)
    if not letter or case is None:
        return invocation
    told = next((name for name in await objects(session, case) if name[0] == letter), "")
    number = next(p for p in invocation.command.parameters if p.kind is Kind.OBJECT)
    given = str(invocation.values.get(number.name, ""))
    if told and not given:
        values = {**invocation.values, number.name: ObjectRef(told)}
        return replace(invocation, values=values, raw=f"{invocation.raw} {number.word}={told}")
    if told and given.isdecimal() and f"{letter}{given}" != told and f"{letter}{given}" in case.questions:
        raise Refused("questions/which", open=tuple(q for unit in acting(session, case) for q in open_to(case, unit)))
    return invocation
