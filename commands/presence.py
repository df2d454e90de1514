"""Who comes into a case room gets what matters: a fresh lägesbild and a recap, since older messages cannot be read (commands 5)."""

from care.case import Case
from care.effects import PlaceKind, Say, case_room
from care.meetings import coming
from commands.serve import case_here
from commands.session import Session
from store import sayings
from store.keys import case_scope
from texts.announce import fresh_overview


async def changed(session: Session) -> None:
    """Welcome a participant who joined the room of an open case; joins within the gathering time share one welcome."""
    if session.message.membership != "join" or session.place.kind is not PlaceKind.CASE:
        return
    case = await case_here(session)
    if case is None or not case.open or session.message.subject not in case.participants:
        return
    await session.note_look(case.id, case.participants[session.message.subject], "recap")
    if not await sayings.held(session.tx, case.id, session.machine):
        await _welcome(session, case)


async def _welcome(session: Session, case: Case) -> None:
    generation = await sayings.times_said(session.tx, case.id, "overview") + 1
    rules = session.rules_of(case)
    effects = fresh_overview(case, rules, session.now, generation=generation, organizer=session.setting.organizer)
    open_questions = tuple(question for question in case.questions.values() if question.open)
    values = {"case": case, "questions": open_questions, "meetings": coming(case), "plan": case.plan}
    words = session.words_in(session.directory.spoken.rooms, "overview/recap", **values)
    hold = session.setting.joins if generation > 1 else session.setting.gather
    recap = Say(f"{case.id}:recap:{generation}", case_room(case.id), words=words)
    await session.enqueue((recap, *effects), scope=case_scope(case.id), case=case.id, hold=hold)
