"""One event of each kind, in today's shape: what the golden journals of all releases lead to."""

from datetime import UTC, date, datetime

from care import actors, closing, ladder, meetings, messages, opening, plans, questions, rooms
from care.case import Event
from care.consent import Consent, Form
from care.kallelse import Call, Relatives, Venue
from tests.store.builders import ANNA, BIST, ESTER, HSV, NOOR, VC

AT = datetime(2026, 9, 3, 11, 0, tzinfo=UTC)
END = datetime(2026, 9, 3, 12, 30, tzinfo=UTC)
DAY = date(2026, 10, 1)
CONSENT = Consent(Form.SKRIFTLIGT, VC, ANNA, AT, frozenset({VC}), DAY)
CALL = Call(
    "Trygg hemgång",
    AT,
    END,
    Venue.SJUKHUS,
    (VC, HSV),
    ANNA,
    Relatives.AVBOJER,
    "https://video.almfors.example/1",
    "knappval 1",
    "kan inte flyttas",
    ("anhorig@almfors.example",),
)

EXAMPLES: tuple[Event, ...] = (
    opening.CaseOpened(
        "SÄ-2026-00001", "Blå tranan", "demo@1", ESTER, (opening.Perspective.OMSORG, opening.Perspective.HALSOFRAMJANDE), "Hemgång", CONSENT
    ),
    actors.ActorAdded("A2", HSV, (NOOR,)),
    actors.ActorAccepted(HSV, NOOR),
    actors.ActorDeclined(BIST, "känner inte personen"),
    actors.ActorRemoved(BIST, "klart"),
    actors.ColleagueEntered(NOOR, HSV, "vikarie"),
    messages.MessagePosted("K1", "Nycklar finns"),
    messages.Acknowledged("K1", HSV),
    questions.QuestionAsked("F1", HSV, "När kan ni komma?", AT),
    questions.QuestionAnswered("F1", "På måndag.", late=True),
    questions.CounterAsked("F1", "Vilken måndag?"),
    meetings.MeetingCalled("S1", CALL),
    meetings.MeetingMoved("S1", AT, END, "förhinder"),
    meetings.MeetingRecalled("S1", "sjukdom"),
    meetings.CallAnswered("S1", HSV, meetings.Answer.NEJ, "semester", "Tage"),
    meetings.AnswerTakenBack("S1", HSV),
    meetings.MeetingHeld("S1", (VC, HSV), person=True),
    plans.GoalSet("M1", "Bo hemma"),
    plans.MeasureSet(plans.Measure("I1", "Tillsyn varje kväll", "M1", HSV)),
    plans.CoordinatorSet(HSV),
    plans.FollowUpSet(DAY),
    plans.PlanEstablished(1),
    plans.FollowedUp(DAY, plans.Outcome.DELVIS, "på väg"),
    closing.ClosingProposed(closing.Reason.MALEN_UPPFYLLDA, 1),
    closing.ClosingAgreed(HSV),
    closing.ClosingOpposed(HSV, "inte än"),
    closing.ClosingWithdrawn(),
    closing.CaseClosed(closing.Reason.ATERTAGET_SAMTYCKE),
    closing.CaseReopened("A4", "ny oro", "Rosa ugglan", CONSENT),
    ladder.StepTaken("F1", "ANSWER", HSV, ladder.Step.CHIEF, AT, END, late=True),
    rooms.RoomLost(rooms.Fate.REPLACED),
    rooms.RoomMoved(),
    rooms.RoomWeakened(("m.room.power_levels", "m.room.join_rules"), restored=True),
    rooms.StrangerRemoved("@okand:almfors.test"),
    rooms.PersonLeft(NOOR),
    rooms.PersonWithdrawn(NOOR),
)
