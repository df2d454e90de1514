"""Putting off a mention of one's own until the next review slot (commands 4): the person is reminded, and nothing else is moved.

What is put off is kept beside the journal: it is the person's, not the case's. Deadlines, reviews and the ladder do not know it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from care.case import Case
from care.clock import local
from care.effects import Place, PlaceKind
from care.expected import Expected, Matter, Rules, expectations
from care.people import Directory
from care.reviews import label, slot_after
from care.ringing import staff_may_be_rung

LOOKED_AT = 20
"""Slots among which one within a unit's hours is looked for: ten working days."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person wants to be mentioned anew in a place `at` a slot (UTC), of an object of a case, or of the review of `slot`.

    `message` is the event that the reminder answers; `tap` the reaction that asked for it, "" where it was typed.
    """

    user: str
    place: Place
    at: datetime
    message: str
    case: str = ""
    object: str = ""
    slot: datetime | None = None
    tap: str = ""

    @property
    def subject(self) -> str:
        """Return what the person is reminded of, of which there is one reminder: `{case}:{object}` or `review:{unit}:{date}:{slot}`."""
        if self.slot is None:
            return f"{self.case}:{self.object}"
        return f"review:{self.place.id}:{local(self.slot).date()}:{label(self.slot)}"

    @property
    def key(self) -> str:
        """Return what makes the reminder happen once: `snooze:{subject}:{slot}:{user}`."""
        return f"snooze:{self.subject}:{self.at.isoformat()}:{self.user}"


def wake(unit: str, now: datetime, rules: Rules) -> datetime:
    """Return the next slot at which a unit may be rung; for a unit whose hours hold none, simply the next one."""
    slots = tuple(islice(_slots(now, rules), LOOKED_AT))
    return next((slot for slot in slots if staff_may_be_rung(unit, slot, rules)), slots[0])


def _slots(now: datetime, rules: Rules) -> Iterator[datetime]:
    while True:
        now = slot_after(now, rules.profile.staffed)
        yield now


def waiting(case: Case, user: str, place: Place, rules: Rules) -> Mapping[str, Expected]:
    """Return, by object, what a case waits for from the units that a person stands for in a place.

    What has to be answered stands for its acknowledgement too; an object that waits for two of the units is that of the earlier deadline.
    """
    found: dict[str, Expected] = {}
    for each in expectations(case, rules):
        known = found.get(each.object)
        stands = known is not None and (known.matter is not Matter.ACKNOWLEDGE or each.matter is Matter.ACKNOWLEDGE)
        if not stands and _concerns(case, each.unit, user, place, rules.directory):
            found[each.object] = each
    return found


def _concerns(case: Case, unit: str, user: str, place: Place, directory: Directory) -> bool:
    """Whether a person is there for a unit: in the case room, in the unit's inbox, or alone with the bot, as its chief too."""
    match place.kind:
        case PlaceKind.CASE:
            return place.id == case.id and user in case.participants and directory.stands_for(user, unit)
        case PlaceKind.INBOX:
            return place.id == unit and unit in directory.units_of(user)
        case PlaceKind.DIRECT:
            return place.id == user and (unit in directory.units_of(user) or user in directory.answerable(unit))
        case _:
            return False
