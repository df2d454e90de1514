"""Closing and reopening, as people see them."""

from collections.abc import Iterator

from care.case import Case, Entry
from care.closing import CaseClosed, CaseReopened, ClosingAgreed, ClosingOpposed, ClosingProposed, ClosingWithdrawn, silent
from care.deadlines import closing_answer_due
from care.effects import Effect, Invite, Rename, Say, Seal
from texts.announce.actors import grouped, leave, regrouped
from texts.announce.stage import SNOOZE, Stage, object_key

CLOSING = "Ä1"
"""The object name of a proposal to close."""


def proposal_key(case: str, number: int) -> str:
    """Return the outbox key of the message that shows a proposal."""
    return f"{object_key(case, CLOSING)}:{number}"


def proposed(stage: Stage, entry: Entry, event: ClosingProposed) -> Iterator[Effect]:
    """Ask every other unit for its word, typed."""
    until = closing_answer_due(entry.decided, stage.rules.profile)
    yield Say(
        proposal_key(entry.case, event.round),
        stage.room,
        words=stage.words("closing/proposed", entry=entry, event=event, until=until),
        rings=stage.rung(*stage.others(entry.author.unit)),
        about=CLOSING,
        reactions=(SNOOZE,),
    )


def agreed(stage: Stage, entry: Entry, event: ClosingAgreed) -> Iterator[Effect]:
    """Tell the room whose word is still awaited."""
    yield stage.notice(entry, "closing/agreed", event=event, silent=silent(stage.case))


def opposed(stage: Stage, entry: Entry, event: ClosingOpposed) -> Iterator[Effect]:
    """Ring the initiating unit: the case goes on."""
    words = stage.words("closing/opposed", entry=entry, event=event)
    yield Say(stage.key(entry, "opposed"), stage.room, words=words, rings=stage.rung(stage.case.initiator))


def withdrawn(stage: Stage, entry: Entry, event: ClosingWithdrawn) -> Iterator[Effect]:  # noqa: ARG001 - the signature of every announcement
    """Tell the room that the case goes on."""
    yield stage.notice(entry, "closing/withdrawn")


def closed(stage: Stage, entry: Entry, event: CaseClosed) -> Iterator[Effect]:
    """Tell the room, make it read-only, and take it out of the units' spaces."""
    yield stage.notice(entry, "closing/closed", event=event)
    yield Seal(stage.key(entry, "seal"), stage.room, closed=True)
    yield from regrouped(stage, entry)


def reopened(stage: Stage, entry: Entry, event: CaseReopened, before: Case) -> Iterator[Effect]:
    """Open the room again under the name in force; whoever is not asked in anew leaves, because consent was given anew (process 3.11)."""
    yield from leave(stage, entry, before)
    yield Seal(stage.key(entry, "unseal"), stage.room, closed=False)
    yield Rename(stage.key(entry, "name"), stage.room, name=stage.case.name)
    yield grouped(stage, entry, entry.author.unit)
    yield Invite(f"{entry.case}:invite:{entry.author.user}:{entry.seq}", stage.room, user=entry.author.user)
    yield stage.notice(entry, "closing/reopened", event=event)
