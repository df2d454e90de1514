"""From the case to the plan that the person holds in the hand."""

from datetime import datetime

from care.case import Case
from care.clock import local
from care.expected import Rules
from care.meetings import Meeting, Phase
from care.people import Directory
from care.plans import plan_of
from texts.document import Goal, Measure, Participant, PlanDocument, plan_pdf
from texts.languages import said
from texts.phrases import written_day
from texts.professions import title

CONSENT = "{form} samtycke lämnat {day} till {unit}"


def plan_document(case: Case, rules: Rules, printed: datetime) -> bytes:
    """Return the plan of a case, as it was last written, as PDF."""
    return plan_pdf(_document(case, rules.directory, printed), rules.directory.spoken.rooms)


def _document(case: Case, directory: Directory, printed: datetime) -> PlanDocument:
    plan, language = plan_of(case), directory.spoken.rooms
    given = case.consent
    version = plan.versions[-1] if plan.versions else None
    return PlanDocument(
        case=case.number,
        codename=case.codename,
        version=len(plan.versions) or 1,
        established=local(version.at).date() if version else None,
        printed=printed,
        person_name=case.person.name,
        person_number=case.person.display,
        purpose=case.purpose,
        goals=tuple(Goal(name, text) for name, text in plan.goals.items()),
        measures=tuple(
            Measure(each.object, each.text, directory.units[each.unit].name, _huvudman(directory, each.unit), each.goal)
            for each in plan.measures.values()
        ),
        coordinator=directory.units[plan.coordinator].name if plan.coordinator else "",
        coordinator_contact=directory.units[plan.coordinator].phone if plan.coordinator else "",
        follow_up=plan.follow_up,
        participants=_participants(case, directory),
        consent=said(CONSENT, language).format(
            form=said(given.form, language).capitalize(),
            day=written_day(given.given, language=language),
            unit=directory.units[given.unit].name,
        ),
    )


def _huvudman(directory: Directory, unit: str) -> str:
    return directory.huvudman[directory.units[unit].huvudman].name


def _participants(case: Case, directory: Directory) -> tuple[Participant, ...]:
    """Return who was at the latest meeting that was held, else who takes part in the case: for each unit whoever handles the case there."""
    held: list[Meeting] = [meeting for meeting in case.meetings.values() if meeting.phase is Phase.HELD]
    units = tuple(unit for unit in held[-1].call.units if unit in held[-1].attended) if held else tuple(case.actors)
    return tuple(_participant(case, directory, unit) for unit in units)


def _participant(case: Case, directory: Directory, unit: str) -> Participant:
    handler = case.actors[unit].handler if unit in case.actors else ""
    profession = directory.profession(handler, unit) if handler else None
    name = directory.name_of(handler) if handler else ""
    return Participant(name or "–", title(profession, directory.spoken.rooms) if profession else "", directory.units[unit].name)
