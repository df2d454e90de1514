"""Kallelse, changes and answers, as people and calendars see them. A kallelse is the root of its meeting's thread."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from care.case import Entry
from care.deadlines import acknowledgement_missed, kallelse_unanswered
from care.effects import Anchor, Attach, Effect, Mail, Say
from care.kallelse import Venue
from care.meetings import Answer, AnswerTakenBack, CallAnswered, Meeting, MeetingCalled, MeetingHeld, MeetingMoved, MeetingRecalled
from texts.announce.stage import ACK, CALL_REACTIONS, SNOOZE, Stage, object_key
from texts.invitation import SUMMARY, Invitation, cancel, request
from texts.languages import said
from texts.professions import post

FILE = "kallelse-sip.ics"
VENUES = {
    Venue.HEM: "I hemmet",
    Venue.MOTTAGNING: "På mottagningen",
    Venue.SJUKHUS: "På sjukhuset",
    Venue.DIGITALT: "Digitalt",
    Venue.TELEFON: "På telefon",
}
"""The place as a calendar shows it: the same file goes to the person and to staff."""
NEWS = NEW, MOVED, CANCELLED = "kallelse", "ny tid", "inställt"
"""What the subject of a mail says of the meeting."""


def called(stage: Stage, entry: Entry, event: MeetingCalled) -> Iterator[Effect]:
    """Ring the called units, and hand out the invitation as file and e-mail."""
    meeting = stage.case.meetings[event.object]
    yield Say(
        object_key(entry.case, event.object),
        stage.room,
        words=stage.words(
            "meetings/called", entry=entry, meeting=meeting, leader=_leader(stage, meeting), until=_answer_by(stage, meeting)
        ),
        rings=_rung(stage, entry, meeting),
        about=event.object,
        reactions=CALL_REACTIONS,
    )
    yield from _handed_out(stage, entry, meeting, cancelled=False)


def moved(stage: Stage, entry: Entry, event: MeetingMoved) -> Iterator[Effect]:
    """Ring the called units with the new time; every unit answers anew."""
    meeting = stage.case.meetings[event.object]
    yield _in_thread(stage, entry, meeting, "meetings/moved", CALL_REACTIONS, event=event, until=_answer_by(stage, meeting))
    yield from _handed_out(stage, entry, meeting, cancelled=False)


def recalled(stage: Stage, entry: Entry, event: MeetingRecalled) -> Iterator[Effect]:
    """Ring the called units: the meeting will not be held."""
    meeting = stage.case.meetings[event.object]
    until = acknowledgement_missed(meeting.posted, stage.rules.profile)
    yield _in_thread(stage, entry, meeting, "meetings/recalled", (ACK, SNOOZE), event=event, until=until)
    yield from _handed_out(stage, entry, meeting, cancelled=True)


def replied(stage: Stage, entry: Entry, event: CallAnswered) -> Iterator[Effect]:
    """Tell the room; a nej rings the leader, and the unit that has still to say why and who comes instead (S2-117)."""
    meeting = stage.case.meetings[event.object]
    thread = object_key(entry.case, event.object)
    if event.answer is not Answer.NEJ:
        yield stage.notice(entry, "meetings/replied", thread, event=event, meeting=meeting)
        return
    open_end = not event.reason
    rings = stage.rung(event.unit) if open_end else (meeting.call.leader,)
    words = stage.words("meetings/declined", entry=entry, event=event, meeting=meeting, open_end=open_end)
    yield Say(stage.key(entry, "declined"), stage.room, words=words, rings=rings, thread=Anchor(key=thread), about=event.object)


def taken_back(stage: Stage, entry: Entry, event: AnswerTakenBack) -> Iterator[Effect]:
    """Tell the room that the unit has to answer again."""
    until = _answer_by(stage, stage.case.meetings[event.object])
    yield stage.notice(entry, "meetings/taken_back", object_key(entry.case, event.object), event=event, until=until)


def held(stage: Stage, entry: Entry, event: MeetingHeld) -> Iterator[Effect]:
    """Tell the room who was there, and what comes next."""
    meeting = stage.case.meetings[event.object]
    yield stage.notice(entry, "meetings/held", object_key(entry.case, event.object), event=event, meeting=meeting)


def _leader(stage: Stage, meeting: Meeting) -> str:
    """Return who leads by unit and profession: a kallelse rings, so it names nobody."""
    return post(
        stage.rules.directory, meeting.call.leader, stage.case.participants.get(meeting.call.leader, meeting.caller), stage.spoken.rooms
    )


def _answer_by(stage: Stage, meeting: Meeting) -> datetime:
    """Return until when the called units answer: at the second review, at the latest when the meeting begins (process 3.0.7)."""
    return min(kallelse_unanswered(meeting.posted, stage.rules.profile), meeting.call.start)


def _rung(stage: Stage, entry: Entry, meeting: Meeting) -> tuple[str, ...]:
    return stage.rung(*(unit for unit in meeting.call.units if unit != entry.author.unit))


def _in_thread(stage: Stage, entry: Entry, meeting: Meeting, template: str, reactions: tuple[str, ...], **values: object) -> Say:
    return Say(
        stage.key(entry, template),
        stage.room,
        words=stage.words(template, entry=entry, meeting=meeting, **values),
        rings=_rung(stage, entry, meeting),
        thread=Anchor(key=object_key(entry.case, meeting.object)),
        about=meeting.object,
        reactions=reactions,
    )


def _handed_out(stage: Stage, entry: Entry, meeting: Meeting, *, cancelled: bool) -> Iterator[Effect]:
    """Hand out the invitation, its move or its cancellation: the same UID with a growing SEQUENCE."""
    invitation = _invitation(stage, entry, meeting)
    before = replace(invitation, sequence=max(meeting.sequence - 1, 0))
    data = cancel(before, entry.decided) if cancelled else request(invitation, entry.decided)
    thread = Anchor(key=object_key(entry.case, meeting.object))
    key = stage.key(entry, "invitation")
    yield Attach(key, stage.room, name=FILE, mime="text/calendar", data=data, thread=thread, about=meeting.object)
    if meeting.call.mails:
        language = stage.spoken.rooms
        news = said(CANCELLED if cancelled else MOVED if meeting.sequence else NEW, language)
        yield Mail(
            stage.key(entry, "mail"),
            stage.room,
            to=meeting.call.mails,
            subject=f"{said(SUMMARY, language)}: {news}",
            words=stage.words("meetings/mail", meeting=meeting, cancelled=cancelled),
            invitation=data,
            method="CANCEL" if cancelled else "REQUEST",
        )


def _invitation(stage: Stage, entry: Entry, meeting: Meeting) -> Invitation:
    call = meeting.call
    return Invitation(
        uid=f"{entry.case}-{meeting.object}@{stage.mail_domain}",
        sequence=meeting.sequence,
        start=call.start,
        end=call.end,
        description=stage.words("meetings/invitation", meeting=meeting).body,
        summary=said(SUMMARY, stage.spoken.rooms),
        location=said(VENUES[call.venue], stage.spoken.rooms),
        organizer_mail=stage.organizer,
        attendees=call.mails,
        url=call.link,
    )
