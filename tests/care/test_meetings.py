from dataclasses import replace
from datetime import timedelta

import pytest

from care import meetings
from care.kallelse import Call, Venue
from care.meetings import Answer, AnswerTakenBack, CallAnswered, MeetingCalled, MeetingHeld, MeetingMoved, MeetingRecalled, Phase, Reply
from care.refusal import Refused
from tests.builders import ANNA, BIST, EVA, HSV, MED, MONDAY, NOOR, ULLA, VC, at, kallelse, running, step, tapped

START = at("2026-09-10 13:00")
LATER = at("2026-09-08 10:00")
CASE = running(HSV, BIST)
CALL = kallelse(START, VC, HSV, BIST)
CALLED = step(CASE, ANNA, meetings.call(CASE, CALL, MONDAY), MONDAY)
TWO = step(CALLED, ANNA, meetings.call(CALLED, kallelse(START - timedelta(days=1), HSV), MONDAY), MONDAY)


def test_the_calling_unit_comes_and_the_others_are_awaited() -> None:
    meeting = CALLED.meetings["S1"]

    assert (meeting.caller, meeting.posted, meeting.sequence, meeting.phase) == (VC, MONDAY, 0, Phase.CALLED)
    assert meeting.replies == {VC: Reply(Answer.JA, MONDAY)}
    assert meeting.awaited == (HSV, BIST)
    assert CALLED.notices["S1"].waiting == {HSV, BIST}
    assert MeetingCalled("S1", CALL).facts() == {"venue": "HEM"}


def test_a_unit_may_call_others_without_being_called_itself() -> None:
    case = step(CASE, ANNA, meetings.call(CASE, kallelse(START, HSV), MONDAY), MONDAY)

    assert case.meetings["S1"].replies == {}
    assert case.notices["S1"].waiting == {HSV}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": MONDAY}, "meetings/past"),
        ({"end": START}, "meetings/end"),
        ({"end": START + timedelta(hours=8, minutes=1)}, "meetings/end"),
        ({"purpose": " "}, "meetings/purpose"),
        ({"purpose": "å" * 4001}, "messages/too-long"),
        ({"phone": " ", "link": ""}, "meetings/no-way-in"),
        ({"venue": Venue.SJUKHUS}, "meetings/hospital-reason"),
        ({"venue": Venue.SJUKHUS, "venue_reason": " "}, "meetings/hospital-reason"),
        ({"units": ()}, "meetings/nobody-called"),
        ({"units": (HSV, MED)}, "meetings/not-an-actor"),
        ({"leader": EVA.user}, "meetings/leader-outside"),
    ],
)
def test_a_kallelse_may_not_lack_what_makes_it_one(change: dict[str, object], reason: str) -> None:
    with pytest.raises(Refused, match=f"^{reason}$"):
        meetings.call(CASE, replace(CALL, **change), MONDAY)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "change",
    [
        {"end": START + timedelta(hours=8)},
        {"start": MONDAY + timedelta(minutes=1), "end": MONDAY + timedelta(minutes=2)},
        {"phone": "", "link": "https://video.almfors.test/1"},
        {"venue": Venue.SJUKHUS, "venue_reason": "Ligger kvar på avdelningen"},
    ],
)
def test_a_kallelse_with_all_it_needs_is_sent(change: dict[str, object]) -> None:
    wanted: Call = replace(CALL, **change)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    assert meetings.call(CASE, wanted, MONDAY) == (MeetingCalled("S1", wanted),)


def test_a_unit_named_twice_is_called_once() -> None:
    (event,) = meetings.call(CASE, replace(CALL, units=(HSV, BIST, HSV)), MONDAY)

    assert isinstance(event, MeetingCalled)
    assert event.call.units == (HSV, BIST)


def test_an_answer_acknowledges_the_kallelse_and_makes_good_what_was_missed() -> None:
    case = replace(CALLED, missed=frozenset({f"S1:{HSV}", f"S1:{BIST}"}))

    case = step(case, NOOR, meetings.reply(case, NOOR, None, Answer.DIGITALT), LATER)

    assert case.meetings["S1"].replies[HSV] == Reply(Answer.DIGITALT, LATER)
    assert case.meetings["S1"].awaited == (BIST,)
    assert case.notices["S1"].done == {HSV: LATER}
    assert case.missed == {f"S1:{BIST}"}
    assert CallAnswered("S1", HSV, Answer.DIGITALT).facts() == {"answer": "DIGITALT"}


def test_a_typed_no_needs_its_reason_and_a_tapped_one_is_asked_for_it_later() -> None:
    with pytest.raises(Refused, match=r"^meetings/reason$") as no:
        meetings.reply(CALLED, NOOR, "S1", Answer.NEJ, " ")
    assert no.value.values == {"object": "S1"}

    assert meetings.reply(CALLED, tapped(NOOR), "S1", Answer.NEJ) == (CallAnswered("S1", HSV, Answer.NEJ),)
    given = meetings.reply(CALLED, NOOR, "S1", Answer.NEJ, "Utbildning", "Tage")
    assert given == (CallAnswered("S1", HSV, Answer.NEJ, "Utbildning", "Tage"),)


def test_a_tapped_no_is_completed_by_its_reason_but_the_same_answer_is_given_once() -> None:
    case = step(CALLED, tapped(NOOR), meetings.reply(CALLED, tapped(NOOR), "S1", Answer.NEJ), LATER)

    with pytest.raises(Refused, match=r"^meetings/answered-already$") as no:
        meetings.reply(case, tapped(NOOR), "S1", Answer.NEJ)
    assert no.value.values == {"object": "S1", "answer": Answer.NEJ}
    case = step(case, NOOR, meetings.reply(case, NOOR, "S1", Answer.NEJ, "Utbildning"), LATER)
    assert case.meetings["S1"].replies[HSV] == Reply(Answer.NEJ, LATER, "Utbildning")


def test_a_unit_that_is_not_called_cannot_answer() -> None:
    with pytest.raises(Refused, match=r"^meetings/not-called$"):
        meetings.reply(TWO, ULLA, "S2", Answer.JA)


def test_a_taken_back_answer_is_awaited_again() -> None:
    case = step(CALLED, NOOR, meetings.reply(CALLED, NOOR, "S1", Answer.JA), LATER)

    events = meetings.take_back(case, tapped(NOOR), "S1")
    case = step(case, tapped(NOOR), events, LATER + timedelta(hours=1))

    assert events == (AnswerTakenBack("S1", HSV),)
    assert case.meetings["S1"].awaited == (HSV, BIST)
    assert case.meetings["S1"].taken_back == {HSV: (LATER + timedelta(hours=1),)}
    assert case.notices["S1"].done == {HSV: LATER}


def test_there_is_nothing_to_take_back_of_an_unknown_unanswered_or_past_meeting() -> None:
    recalled = step(CALLED, ANNA, meetings.recall(CALLED, None, "Ester är sjuk"), LATER)

    assert meetings.take_back(CALLED, NOOR, "S9") == ()
    assert meetings.take_back(CALLED, NOOR, "S1") == ()
    assert meetings.take_back(recalled, ANNA, "S1") == ()


def test_a_moved_meeting_is_answered_anew_by_all_but_the_mover() -> None:
    case = step(CALLED, NOOR, meetings.reply(CALLED, NOOR, "S1", Answer.JA), LATER)
    case = step(case, ULLA, meetings.reply(case, ULLA, "S1", Answer.JA), LATER)
    case = step(case, ULLA, meetings.take_back(case, ULLA, "S1"), LATER)
    case = replace(case, missed=frozenset({f"S1:{BIST}", f"S10:{BIST}"}))
    moved_to = at("2026-09-11 09:00")

    events = meetings.move(case, None, moved_to, None, "Läkaren kan inte", LATER)
    case = step(case, NOOR, events, LATER)

    meeting = case.meetings["S1"]
    assert events == (MeetingMoved("S1", moved_to, moved_to + timedelta(hours=1), "Läkaren kan inte"),)
    assert (meeting.call.start, meeting.call.end) == (moved_to, moved_to + timedelta(hours=1))
    assert (meeting.sequence, meeting.posted, meeting.taken_back) == (1, LATER, {})
    assert meeting.replies == {HSV: Reply(Answer.JA, LATER)}
    assert case.notices["S1"].waiting == {VC, BIST}
    assert case.notices["S1"].revision == 2
    assert case.missed == {f"S10:{BIST}"}


def test_a_unit_that_is_not_called_may_move_without_coming() -> None:
    case = step(TWO, ULLA, meetings.move(TWO, "S2", START, None, "Krock", LATER), LATER)

    assert case.meetings["S2"].replies == {}
    assert case.notices["S2"].waiting == {HSV}


def test_a_meeting_is_not_moved_to_the_past_nor_to_where_it_is() -> None:
    with pytest.raises(Refused, match=r"^meetings/same-time$"):
        meetings.move(CALLED, "S1", START, None, "Krock", LATER)
    with pytest.raises(Refused, match=r"^meetings/past$"):
        meetings.move(CALLED, "S1", LATER, None, "Krock", LATER)
    longer = START + timedelta(hours=2)
    assert meetings.move(CALLED, "S1", START, longer, "Mer tid", LATER) == (MeetingMoved("S1", START, longer, "Mer tid"),)


def test_a_recalled_meeting_is_read_by_all_and_answered_by_none() -> None:
    case = replace(CALLED, missed=frozenset({f"S1:{BIST}", f"F1:{BIST}"}))

    events = meetings.recall(case, None, "Ester är sjuk")
    case = step(case, NOOR, events, LATER)

    assert events == (MeetingRecalled("S1", "Ester är sjuk"),)
    assert (case.meetings["S1"].phase, case.meetings["S1"].sequence, case.meetings["S1"].posted) == (Phase.RECALLED, 1, LATER)
    assert case.meetings["S1"].awaited == ()
    assert case.notices["S1"].waiting == {VC, BIST}
    assert case.missed == {f"F1:{BIST}"}
    assert meetings.coming(case) == ()
    assert case.meetings["S1"].without(BIST) == case.meetings["S1"]


def test_a_recall_needs_a_reason() -> None:
    with pytest.raises(Refused, match=r"^messages/empty$"):
        meetings.recall(CALLED, None, "")


def test_a_held_meeting_expects_nothing_more() -> None:
    case = replace(CALLED, missed=frozenset({f"S1:{BIST}", f"F1:{BIST}"}))

    events = meetings.hold(case, None, (VC, HSV, VC), person=True, now=START)
    case = step(case, ANNA, events, START)

    assert events == (MeetingHeld("S1", (VC, HSV), person=True),)
    assert case.meetings["S1"].phase is Phase.HELD
    assert case.meetings["S1"].attended == {VC, HSV}
    assert case.notices["S1"].waiting == frozenset()
    assert case.missed == {f"F1:{BIST}"}


@pytest.mark.parametrize(("person", "fact"), [(True, "yes"), (False, "no")])
def test_statistics_tell_whether_the_person_took_part(person: bool, fact: str) -> None:
    assert MeetingHeld("S1", (VC, HSV), person=person).facts() == {"person": fact, "units": "2"}


def test_a_meeting_is_not_held_before_it_begins_nor_by_outsiders() -> None:
    with pytest.raises(Refused, match=r"^meetings/not-yet$"):
        meetings.hold(CALLED, None, (VC,), person=True, now=START - timedelta(seconds=1))
    with pytest.raises(Refused, match=r"^meetings/not-an-actor$"):
        meetings.hold(CALLED, None, (MED,), person=True, now=START)


def test_a_meeting_is_meant_by_its_name_or_when_it_is_the_only_one() -> None:
    recalled = step(CALLED, ANNA, meetings.recall(CALLED, None, "Ester är sjuk"), LATER)

    assert meetings.choose(CALLED, None).object == "S1"
    assert [meeting.object for meeting in meetings.coming(TWO)] == ["S2", "S1"]
    for case, name, reason in (
        (TWO, None, "meetings/which"),
        (recalled, None, "meetings/none"),
        (TWO, "S9", "meetings/unknown"),
        (recalled, "S1", "meetings/over"),
    ):
        with pytest.raises(Refused, match=f"^{reason}$"):
            meetings.choose(case, name)


def test_a_unit_that_left_is_not_called_any_more() -> None:
    meeting = step(CALLED, NOOR, meetings.reply(CALLED, NOOR, "S1", Answer.JA), LATER).meetings["S1"]

    assert meeting.without(HSV).call.units == (VC, BIST)
    assert HSV not in meeting.without(HSV).replies
    assert meeting.without(MED) is meeting
