"""Making an outcome happen, and telling the writer. Everything in the transaction of the message."""

import secrets
from uuid import uuid4

from care.actors import ActorAdded
from care.case import Case, Event, Person
from care.clock import local
from care.codenames import codename
from care.consent import Consent
from care.effects import Trust, Verify, case_room
from care.language import Language
from care.messages import acknowledge
from care.opening import CaseOpened
from care.refusal import Refused
from commands import snoozing
from commands.desk import CaseDesk, Desk, ListDesk, OpeningDesk
from commands.outcome import Chosen, Compared, Decided, Duty, Opened, Outcome, Rows, Snoozing, Told, Trusting
from commands.session import Session
from store import changed_identities, dialogues, directory, index, people, preferences, reviews, rooms
from store.keys import case_scope, transit_scope
from store.steps import judge, load
from texts.announce.overview import overview
from texts.announce.stage import Stage, overview_key


async def perform(session: Session, desk: Desk, outcome: Outcome, origin: str) -> None:
    """Make an outcome happen; raise Refused before anything has changed.

    `origin` is the event of the command message, so that its object can be found from it.
    """
    match outcome:
        case Told():
            await _told(session, outcome, desk)
        case Decided():
            assert isinstance(desk, CaseDesk)
            await decided(session, desk, outcome, origin)
        case Opened():
            assert isinstance(desk, OpeningDesk)
            await _opened(session, desk, outcome, origin)
        case Duty() | Chosen() | Snoozing():
            await _own(session, outcome)
        case Rows():
            await _rows(session, outcome)
        case Trusting():
            await _trusted(session, outcome)
        case Compared():
            verify = Verify(f"verify:{session.message.event}", session.place, urgent=True, number=outcome.number, agrees=outcome.agrees)
            await session.enqueue((verify,), scope=transit_scope(session.machine))


async def _told(session: Session, answer: Told, desk: Desk) -> None:
    """Answer the writer; what shows a case is noted in the access log and sealed with the case."""
    for shown in answer.shows:
        await session.note_look(shown, _looking_for(desk, shown), answer.template)
    case = desk.case if isinstance(desk, CaseDesk) else None
    scope = session.case_scope(case)
    if answer.template == "overview":
        assert case is not None
        stage = Stage(case, session.rules_of(case), session.now, overview_key(case.id, 1), session.setting.organizer)
        await session.tell(overview(stage, session.language), scope=scope, case=case.id)
        return
    await session.tell(session.words(answer.template, **answer.values), scope=scope, case=case.id if case else "")


def _looking_for(desk: Desk, shown: str) -> str:
    """Return for which unit a case is looked at."""
    if isinstance(desk, CaseDesk):
        return desk.author.unit
    cases = desk.cases if isinstance(desk, ListDesk) else ()
    return next(unit for case in cases if case.id == shown for unit in case.actors if unit in desk.units)


async def decided(session: Session, desk: CaseDesk, outcome: Decided, origin: str) -> None:
    """Journal what was decided, and say the receipt where the room shows nothing by itself."""
    step = judge(desk.case, outcome.events, desk.author, session.moment, desk.case.id)
    await session.record(step)
    if await rooms.origin(session.tx, origin) is None:
        made = next((name for event in outcome.events if (name := getattr(event, "object", ""))), "")
        await rooms.note_origin(session.tx, origin, desk.case.id, made)
    await _close_forms(session, step.before or step.after, step.after)
    if outcome.receipt:
        await _told(session, outcome.receipt, desk)


async def _close_forms(session: Session, before: Case, after: Case) -> None:
    """End the forms of those who left the room, and of all when it was closed: nobody could answer them any more."""
    staying = after.participants if after.open else ()
    for user in before.participants:
        if user in staying:
            continue
        while form := await dialogues.latest(session.tx, session.vault, user, str(case_room(after.id))):
            await dialogues.end(session.tx, session.vault, form.id, session.machine)
            session.forget = True


async def _opened(session: Session, desk: OpeningDesk, outcome: Opened, origin: str) -> None:
    """Open the case: number, codename, consent, actors and room, in one step."""
    author, identity = desk.author, outcome.identity
    case = uuid4().hex
    covers = frozenset({author.unit, *outcome.units})
    begun = CaseOpened(
        number=await index.take_number(session.tx, local(session.now).year),
        codename=codename(secrets.randbelow, await index.codenames_taken(session.tx)),
        profile=str(session.setting.profile),
        person=Person(identity.number, identity.display, outcome.name, identity.born, identity.issuer),
        perspectives=outcome.perspectives,
        purpose=outcome.purpose,
        consent=Consent(outcome.form, author.unit, author.user, session.now, covers),
    )
    added: list[Event] = [ActorAdded(f"A{number}", unit, session.directory.receivers(unit)) for number, unit in enumerate(outcome.units, 2)]
    step = judge(None, (begun, *added), author, session.moment, case)
    person = await people.person_of(session.tx, session.vault, identity.number, identity.issuer, session.now)
    await session.record(step, person=person)
    await rooms.note_origin(session.tx, origin, case, "")
    await session.say("receipts/opened", scope=case_scope(case), case=step.after, unit=author.unit, added=outcome.units)


async def _own(session: Session, outcome: Duty | Chosen | Snoozing) -> None:
    """Change what is the writer's own alone."""
    match outcome:
        case Duty():
            for unit in outcome.units:
                await directory.set_duty(session.tx, session.user, unit, on=outcome.on)
            await session.say("receipts/duty", on=outcome.on, units=outcome.units)
        case Chosen():
            await _chosen(session, outcome.language)
        case Snoozing():
            await snoozing.typed(session, outcome)


async def _chosen(session: Session, language: Language) -> None:
    """Speak to the writer in another language, from this answer on."""
    await preferences.choose(session.tx, session.user, language, session.now)
    session.language = language
    await session.say("receipts/language")


async def _rows(session: Session, outcome: Rows) -> None:
    """Acknowledge rows of the unit's latest digest, each in its case; without numbers, all that can be acknowledged."""
    unit = session.place.id
    review = await reviews.latest(session.tx, unit)
    if review is None:
        raise Refused("reviews/none")
    wanted = outcome.numbers or tuple(range(1, len(review.rows) + 1))
    if unknown := [number for number in wanted if not 1 <= number <= len(review.rows)]:
        raise Refused("reviews/no-such-row", number=unknown[0], most=len(review.rows))
    done, left = list[int](), list[int]()
    for number in wanted:
        case, name, *_ = review.rows[number - 1]
        (done if await _acknowledged(session, case, name, unit) else left).append(number)
    await session.say("receipts/rows", done=tuple(done), left=tuple(left), unit=unit)


async def _acknowledged(session: Session, case_id: str, name: str, unit: str) -> bool:
    """Acknowledge one object for the unit if it waits for that; return whether it did."""
    case = await load(session.tx, session.vault, case_id)
    author = session.author(unit)
    if not case.open or name not in case.notices or unit not in case.notices[name].waiting:
        return False
    await session.record(judge(case, acknowledge(case, author, (name,)), author, session.moment, case_id))
    return True


async def _trusted(session: Session, outcome: Trusting) -> None:
    """Let the edge accept the identity that was told; the receipt comes after it, in the same place."""
    await changed_identities.settle(session.tx, outcome.user)
    accept = Trust(f"trust:{session.message.event}", session.place, urgent=True, user=outcome.user, identity=outcome.identity)
    await session.enqueue((accept,), scope=transit_scope(session.machine))
    await session.say("receipts/trusted", user=outcome.user, by=session.user)
