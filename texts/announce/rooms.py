"""What happened to a case's room, as people see it: lost, moved, weakened, and people who leave it.

These messages ring in inboxes, so they name units and case numbers, never a person.
"""

from collections.abc import Iterator

from care.case import Case, Entry, Event
from care.effects import Effect, Invite, OpenRoom, Say
from care.rooms import PersonLeft, PersonWithdrawn, RoomLost, RoomMoved, RoomWeakened, StrangerRemoved, emptied
from texts.announce.actors import leave, regrouped
from texts.announce.stage import Stage


def lost(stage: Stage, entry: Entry, event: RoomLost) -> Iterator[Effect]:
    """Make a new room, invite those who took part, and tell each unit; for a closed case the initiating unit is told, and that is all."""
    case = stage.case
    if not case.open:
        yield _told(stage, entry, case.initiator, "rooms/lost", event=event)
        return
    yield OpenRoom(f"{entry.case}:room:{entry.seq}", stage.room, name=case.name)
    yield from _invitations(stage, entry)
    yield from regrouped(stage, entry)
    for unit in case.actors:
        yield _told(stage, entry, unit, "rooms/lost", event=event)
    yield stage.notice(entry, "rooms/anew", event=event)


def moved(stage: Stage, entry: Entry, event: RoomMoved) -> Iterator[Effect]:
    """Invite those who took part to the successor, and tell them there; the initiating unit is told in its inbox."""
    yield from _invitations(stage, entry)
    yield from regrouped(stage, entry)
    yield _told(stage, entry, stage.case.initiator, "rooms/moved", event=event)
    yield stage.notice(entry, "rooms/anew", event=event)


def weakened(stage: Stage, entry: Entry, event: RoomWeakened) -> Iterator[Effect]:
    """Tell the initiating unit what was changed, and whether it is as it was."""
    yield _told(stage, entry, stage.case.initiator, "rooms/weakened", event=event)


def stranger(stage: Stage, entry: Entry, event: StrangerRemoved) -> Iterator[Effect]:
    """Tell the initiating unit that somebody was in the room; removing goes by the outbox of the edge itself, at once."""
    yield _told(stage, entry, stage.case.initiator, "rooms/stranger", event=event)


def left(stage: Stage, entry: Entry, event: PersonLeft, before: Case) -> Iterator[Effect]:
    """Tell the unit if it has nobody in the room any more."""
    yield from _emptied(stage, entry, event, before)


def withdrawn(stage: Stage, entry: Entry, event: PersonWithdrawn, before: Case) -> Iterator[Effect]:
    """Remove the person or withdraw the invitation, and tell the unit if it has nobody in the room any more."""
    yield from leave(stage, entry, before)
    yield from _emptied(stage, entry, event, before)


def _emptied(stage: Stage, entry: Entry, event: PersonLeft | PersonWithdrawn, before: Case) -> Iterator[Effect]:
    if stage.case.open:
        for unit in emptied(before, stage.case):
            yield _told(stage, entry, unit, "rooms/empty", event=event, empty=unit)


def _invitations(stage: Stage, entry: Entry) -> Iterator[Effect]:
    for user in stage.case.participants:
        yield Invite(f"{entry.case}:invite:{user}:{entry.seq}", stage.room, user=user)


def _told(stage: Stage, entry: Entry, unit: str, name: str, *, event: Event, **values: object) -> Say:
    """Return a message to a unit's inbox, and to the initiating unit's for one that has nobody who could be rung."""
    reached = unit if stage.rules.directory.ringing(unit) else stage.case.initiator
    return stage.to_inbox(entry, reached, name, "", event=event, **values)
