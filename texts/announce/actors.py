"""Opening, actors and colleagues, as people see them."""

from collections.abc import Iterator

from care.actors import ActorAccepted, ActorAdded, ActorDeclined, ActorRemoved, ColleagueEntered, Standing, standing
from care.case import Case, Entry
from care.deadlines import acknowledgement_missed
from care.effects import Effect, Group, Invite, OpenRoom, Remove, Say
from care.opening import CaseOpened
from texts.announce.stage import ACK, Stage, object_key


def opened(stage: Stage, entry: Entry, event: CaseOpened) -> Iterator[Effect]:
    """Make the room, invite the person who opened, and show it in the unit's space; the lägesbild comes when somebody has joined."""
    yield OpenRoom(f"{entry.case}:room", stage.room, name=f"{event.number} {event.codename}")
    yield Invite(f"{entry.case}:invite:{entry.author.user}:{entry.seq}", stage.room, user=entry.author.user)
    yield grouped(stage, entry, entry.author.unit)


def added(stage: Stage, entry: Entry, event: ActorAdded) -> Iterator[Effect]:
    """Invite the unit's mottagare, say in the room who was added, and ring the unit in its inbox."""
    for user in event.invited:
        yield Invite(f"{entry.case}:invite:{user}:{entry.seq}", stage.room, user=user)
    until = acknowledgement_missed(entry.decided, stage.rules.profile)
    yield Say(
        object_key(entry.case, event.object),
        stage.room,
        words=stage.words("actors/added", entry=entry, event=event, until=until),
        about=event.object,
        reactions=(ACK,),
    )
    yield stage.to_inbox(entry, event.unit, "actors/added_inbox", event.object, event=event, until=until)


def accepted(stage: Stage, entry: Entry, event: ActorAccepted) -> Iterator[Effect]:
    """Invite who handles the case, show the room in the unit's space, and tell the room."""
    yield Invite(f"{entry.case}:invite:{event.handler}:{entry.seq}", stage.room, user=event.handler)
    yield grouped(stage, entry, event.unit)
    yield stage.notice(entry, "actors/accepted", event=event, handler=stage.rules.directory.name_of(event.handler))


def declined(stage: Stage, entry: Entry, event: ActorDeclined, before: Case) -> Iterator[Effect]:
    """Tell the initiating unit why, and let the unit's people leave."""
    words = stage.words("actors/declined", entry=entry, event=event, object=before.actors[event.unit].object)
    yield Say(stage.key(entry, "declined"), stage.room, words=words, rings=stage.rung(stage.case.initiator))
    yield from leave(stage, entry, before)


def removed(stage: Stage, entry: Entry, event: ActorRemoved, before: Case) -> Iterator[Effect]:
    """Tell the room and the unit's inbox, let the unit's people leave, and take the room out of its space."""
    name = before.actors[event.unit].object
    yield stage.notice(entry, "actors/removed", event=event, object=name)
    yield stage.to_inbox(entry, event.unit, "actors/removed_inbox", event=event, object=name)
    yield from leave(stage, entry, before)
    yield grouped(stage, entry, event.unit)


def leave(stage: Stage, entry: Entry, before: Case) -> Iterator[Effect]:
    """Let those leave the room who took part before the step and do not after it."""
    for user in before.participants:
        if user not in stage.case.participants:
            yield Remove(f"{entry.case}:remove:{user}:{entry.seq}", stage.room, user=user)


def regrouped(stage: Stage, entry: Entry) -> Iterator[Effect]:
    """Bring the spaces of all units in step that take part."""
    for unit, where in standing(stage.case).items():
        if where is Standing.DELTAR:
            yield grouped(stage, entry, unit)


def grouped(stage: Stage, entry: Entry, unit: str) -> Group:
    """Return what brings the space of a unit in step: while the unit takes part in the open case, it shows its room."""
    return Group(f"{entry.case}:space:{unit}:{entry.seq}", stage.room, unit=unit)


def entered(stage: Stage, entry: Entry, event: ColleagueEntered) -> Iterator[Effect]:
    """Invite the colleague, and tell the room who came and why."""
    yield Invite(f"{entry.case}:invite:{event.user}:{entry.seq}", stage.room, user=event.user)
    yield stage.notice(entry, "actors/entered", event=event, colleague=stage.rules.directory.name_of(event.user))
