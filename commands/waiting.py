"""All that waits in a case: what the lägesbild has no room for."""

from dataclasses import dataclass

from care.expected import Expected, Matter, expectations
from commands.desk import CaseDesk
from commands.outcome import Outcome, Told
from commands.pages import PageNumber, page

PAGE = 8
"""What is waited for on a page: with the words of its question, each takes a phone two lines or three."""


@dataclass(frozen=True, slots=True)
class Waited:
    """Something that is waited for, with the words of the question that is to be answered."""

    expected: Expected
    text: str
    late: bool


def waiting(desk: CaseDesk, sida: PageNumber = 1) -> Outcome:
    """List what the case waits for, of whom and until when, the earliest deadline first."""
    asked = desk.case.questions
    rows = [
        Waited(each, asked[each.object].text if each.matter is Matter.ANSWER else "", each.deadline <= desk.now)
        for each in expectations(desk.case, desk.rules)
    ]
    shown = page(rows, max(1, sida), PAGE)
    values = {"case": desk.case, "rows": shown.rows, "total": len(rows), "following": shown.following, "left": shown.left}
    return Told("overview/waiting", values, shows=(desk.case.id,))
