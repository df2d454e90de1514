"""Due items end to end: said once, at their moment, where and to whom process 3.0.7 says, and late ones say so."""

import asyncio
from dataclasses import replace
from datetime import date, time
from types import MappingProxyType

import pytest

from care import closing, meetings, plans, questions
from care.case import Author
from care.ladder import StepTaken
from care.meetings import Answer
from care.messages import acknowledge
from care.people import Directory, Member
from care.profile import load
from reminders.timer import Timer
from store import journal
from store.database import Database, Transaction
from store.tables import due
from store.tables import journal as entries
from tests.builders import ANNA, BIST, DIRECTORY, EVA, HSV, HT, MED, NOOR, SIRI, ULLA, VC, at, kallelse, user
from tests.reminders.world import VAULT, Heard, World, begin, of

LATE = "försenat"
Spoken = tuple[str, str, tuple[str, ...]]


async def ask(world: World, case: str, until: str, unit: str = HSV, *, read: Author | None = None) -> None:
    """Let Anna ask a unit, which reads the question at once if somebody is given."""
    await world.act(case, ANNA, questions.ask(await world.case(case), ANNA, unit, "Vem möter Ester?", at(until), world.now))
    if read:
        await world.act(case, read, acknowledge(await world.case(case), read, ()))


async def call(world: World, case: str, start: str, *units: str) -> None:
    await world.act(case, ANNA, meetings.call(await world.case(case), kallelse(at(start), *units), world.now))


def steps(messages: list[Heard]) -> list[Spoken]:
    """Return object, matter and step of each due message, where it was said, and who was rung."""
    return [(":".join(message.key.split(":")[2:5]), message.where, message.rings) for message in of(messages, "due:")]


def without(*names: str) -> Directory:
    gone = {user(name) for name in names}
    return replace(DIRECTORY, members=tuple(member for member in DIRECTORY.members if member.user not in gone))


async def test_a_question_is_warned_about_missed_and_raised_each_once_at_its_moment(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    room, chief = f"case:{case}", f"direct:{user('helge')}"

    assert steps(await world.until("2026-09-07 09:59:59")) == []
    assert steps(await world.until("2026-09-07 10:00")) == [("F1:ANSWER.1:2", room, (NOOR.user,))]
    assert steps(await world.until("2026-09-08 09:59:59")) == []
    missed = await world.until("2026-09-08 10:00")
    assert steps(missed) == [("F1:ANSWER.1:3", room, (NOOR.user,))]
    assert steps(await world.until("2026-09-08 13:59:59")) == []
    raised = await world.until("2026-09-08 14:00")
    assert steps(raised) == [("F1:ANSWER.1:4", chief, (user("helge"),))]
    assert steps(await world.until("2026-09-30 14:00")) == []

    said = of([*missed, *raised], "due:")
    assert "Missad tidsgräns" in said[0].body
    assert all("Ester" not in message.body and LATE not in message.body for message in said)
    assert f"F1:{HSV}" in (await world.case(case)).missed
    assert await world.overdue() == []


async def test_a_step_is_taken_once_however_often_and_by_whomever_the_timer_is_asked(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    world.clocks.instant = at("2026-09-08 10:00")
    other = Timer(world.keeper)

    await asyncio.gather(*(timer.tick() for timer in (world.timer, other, world.timer, other)))

    async with world.database.read() as tx:
        taken = [e.event.step for e in await journal.read(tx, world.vault, case) if isinstance(e.event, StepTaken)]
    assert taken == [2, 3]
    assert len(steps(await world.heard())) == 2


async def test_the_timer_says_when_it_must_look_again(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)

    assert await world.timer.tick() == at("2026-09-07 10:00")
    await world.until("2026-09-07 10:00")
    assert await world.timer.tick() == at("2026-09-07 14:00")


async def test_an_answer_just_before_its_time_cancels_all_that_was_to_come(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00")
    await world.until("2026-09-07 10:00")
    world.clocks.instant = at("2026-09-07 14:59:59")
    await world.act(case, NOOR, questions.answer(await world.case(case), NOOR, None, "Tage", world.now))

    assert steps(await world.until("2026-09-09 14:00")) == []
    assert {state for _, state in (await world.marks()).values()} == {"said", "cancelled"}


async def test_after_days_without_the_bot_all_is_said_in_order_and_marked_late(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00")

    messages = await world.until("2026-09-10 10:00")

    assert [step for step, _, _ in steps(messages)] == [
        "F1:ANSWER.1:2",
        "F1:ACKNOWLEDGE.1:3",
        "F1:ACKNOWLEDGE.1:4",
        "F1:ANSWER.1:3",
        "F1:ANSWER.1:4",
    ]
    assert all(LATE in message.body for message in of(messages, "due:"))
    assert await world.overdue() == []


async def test_a_warning_that_comes_after_the_deadline_does_not_ring_beside_the_miss(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)

    warned, missed = of(await world.until("2026-09-08 10:30"), "due:")

    assert (warned.rings, missed.rings) == ((), (NOOR.user,))


@pytest.mark.parametrize(("wall", "late"), [("2026-09-08 10:05", False), ("2026-09-08 10:05:01", True)])
async def test_five_minutes_are_not_late(world: World, wall: str, late: bool) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    await world.until("2026-09-08 09:00")

    (missed,) = of(await world.until(wall), "due:")

    assert (LATE in missed.body) is late


async def test_a_unit_that_has_not_said_yes_is_reached_in_its_inbox_and_the_room_is_told(world: World) -> None:
    case = await world.open(HSV, accepted=False)

    missed = await world.until("2026-09-07 15:00")

    assert steps(missed) == [("A2:ACCEPT.1:3", f"inbox:{HSV}", (NOOR.user,)), ("A2:ACCEPT.1:3", f"case:{case}", ())]
    assert case_number(missed[0]) == "SÄ-2026-00001"


def case_number(message: Heard) -> str:
    return next(word for word in message.body.split() if word.startswith("SÄ-"))


async def test_a_unit_without_enhetschef_has_its_enhetsadmin_told_then_the_contact_unit_then_the_administrators(world: World) -> None:
    case = await world.open(HT)
    await ask(world, case, "2026-09-07 12:00", HT, read=EVA)
    await world.save(without("sten"))
    assert steps(await world.until("2026-09-07 14:00"))[-1] == ("F1:ANSWER.1:4", f"direct:{user('bertil')}", (user("bertil"),))

    await ask(world, case, "2026-09-07 16:00", HT, read=EVA)
    await world.save(without("sten", "bertil"))

    raised = steps(await world.until("2026-09-08 08:00"))
    assert ("F2:ANSWER.1:4", "admin:", ()) in raised


@pytest.mark.parametrize(
    ("asked", "missed_at", "chief"),
    [
        pytest.param("2026-04-02 10:00", "2026-04-04 12:00", "2026-04-07 08:00", id="påskafton"),
        pytest.param("2026-06-18 10:00", "2026-06-19 12:00", "2026-06-22 08:00", id="midsommarafton"),
        pytest.param("2026-09-07 10:00", "2026-09-11 22:30", "2026-09-14 08:00", id="fredag kväll"),
    ],
)
async def test_what_is_missed_when_nobody_is_there_is_said_at_once_without_ringing_and_rings_at_the_next_review(
    database: Database, asked: str, missed_at: str, chief: str
) -> None:
    world = await begin(database, VAULT, asked)
    case = await world.open(HSV)
    await ask(world, case, missed_at, read=NOOR)
    missed = [m for m in await world.until(missed_at) if ":ANSWER.1:3:" in m.key]

    assert [m.rings for m in missed] == [()]
    morning = await world.until(chief)
    (digest,) = [m for m in of(morning, "review:") if m.where == f"inbox:{HSV}"]
    assert digest.rings == (NOOR.user,)
    assert "Försenat" in digest.body
    assert [(m.where, m.rings) for m in of(morning, "due:")] == [(f"direct:{user('helge')}", (user("helge"),))]


async def test_a_ward_is_open_round_the_clock_and_rung_whenever_it_misses(world: World) -> None:
    case = await world.open(MED)
    await ask(world, case, "2026-09-12 23:00", MED, read=SIRI)

    messages = await world.until("2026-09-12 23:00")

    assert ("F1:ANSWER.1:3", f"case:{case}", (SIRI.user,)) in steps(messages)


async def test_a_bot_that_comes_back_at_night_wakes_nobody_and_rings_the_chief_in_the_morning_once(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)

    night = await world.until("2026-09-09 02:00")
    assert {step for step, _, _ in steps(night)} == {"F1:ANSWER.1:2", "F1:ANSWER.1:3", "F1:ANSWER.1:4"}
    assert all(message.rings == () for message in night)
    world.restart()
    assert of(await world.until("2026-09-09 06:59"), "again:") == []
    morning = await world.until("2026-09-09 08:00")
    (again,) = of(morning, "again:")
    assert (again.where, again.rings) == (f"direct:{user('helge')}", (user("helge"),))
    assert LATE in again.body
    world.restart()
    assert of(await world.until("2026-09-09 14:00"), "again:") == []


async def test_a_chief_who_was_told_at_night_is_not_rung_when_the_answer_has_come(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    await world.until("2026-09-09 02:00")
    await world.act(case, NOOR, questions.answer(await world.case(case), NOOR, None, "Tage", world.now))

    assert of(await world.until("2026-09-09 08:00"), "again:") == []


async def test_the_chief_of_a_ward_is_rung_in_office_hours_only(world: World) -> None:
    await world.save(replace(DIRECTORY, members=(*DIRECTORY.members, chief_of_ward())))
    case = await world.open(MED)
    await ask(world, case, "2026-09-08 10:00", MED, read=SIRI)

    night = await world.until("2026-09-09 02:00")

    assert [m.rings for m in of(night, "due:") if m.where.startswith("direct:")] == [()]
    assert [m.rings for m in of(night, "due:") if m.key.endswith(f":3:{MED}:{MED}")] == [(SIRI.user,)]
    assert [m.rings for m in of(await world.until("2026-09-09 08:00"), "again:")] == [(user("kent"),)]


def chief_of_ward() -> Member:
    return replace(DIRECTORY.members[1], user=user("kent"), unit=MED)


async def test_a_meeting_is_reminded_of_on_the_last_working_day_and_an_hour_before(world: World) -> None:
    case = await world.open(HSV, BIST)
    await call(world, case, "2026-09-14 07:30", VC, HSV, BIST)
    for by in (NOOR, ULLA):
        await world.act(case, by, meetings.reply(await world.case(case), by, None, Answer.JA))

    assert steps(await world.until("2026-09-11 13:59:59")) == []
    (day,) = of(await world.until("2026-09-11 14:00"), "due:")
    assert (day.where, set(day.rings)) == (f"case:{case}", {ANNA.user, NOOR.user, ULLA.user})
    (hour,) = of(await world.until("2026-09-14 06:30"), "due:")
    assert hour.rings == ()


async def test_the_last_reminder_of_a_meeting_rings_only_units_that_are_open(world: World) -> None:
    case = await world.open(HSV, BIST)
    await call(world, case, "2026-09-14 17:30", VC, HSV, BIST)
    for by in (NOOR, ULLA):
        await world.act(case, by, meetings.reply(await world.case(case), by, None, Answer.JA))
    await world.until("2026-09-11 14:00")

    (hour,) = of(await world.until("2026-09-14 16:30"), "due:")

    assert set(hour.rings) == {ANNA.user, NOOR.user}


async def test_a_reminder_of_a_meeting_that_has_begun_is_silent(world: World) -> None:
    case = await world.open(HSV)
    await call(world, case, "2026-09-10 10:00", VC, HSV)
    await world.act(case, NOOR, meetings.reply(await world.case(case), NOOR, None, Answer.JA))

    messages = of(await world.until("2026-09-10 10:15"), "due:")

    assert [(m.rings, LATE in m.body) for m in messages] == [((), True), ((), True)]


async def test_a_moved_meeting_reminds_of_its_new_time_only(world: World) -> None:
    case = await world.open(HSV)
    await call(world, case, "2026-09-14 13:00", VC, HSV)
    await world.act(case, ANNA, meetings.move(await world.case(case), None, at("2026-09-16 13:00"), None, "Krock", world.now))
    await world.act(case, NOOR, meetings.reply(await world.case(case), NOOR, None, Answer.JA))

    assert steps(await world.until("2026-09-15 13:59")) == []
    assert [step for step, _, _ in steps(await world.until("2026-09-16 12:00"))] == ["S1:MEETING_DAY.1:0", "S1:MEETING_HOUR.1:0"]


async def plan(world: World, case: str, day: date) -> None:
    goal, measure = plans.GoalSet("M1", "Gå"), plans.MeasureSet(plans.Measure("I1", "Gångträning", "M1", HSV))
    rows = [goal, measure, plans.CoordinatorSet(HSV), plans.FollowUpSet(day), plans.PlanEstablished(1)]
    await world.act(case, ANNA, rows)


async def test_a_follow_up_reminds_three_times_is_missed_silently_at_the_end_of_its_day_and_climbs_in_the_morning(world: World) -> None:
    case = await world.open(HSV)
    await plan(world, case, date(2026, 10, 2))

    for wall in ("2026-09-18 08:00", "2026-09-30 08:00", "2026-10-02 08:00"):
        (reminder,) = of(await world.until(wall), "due:")
        assert (reminder.where, reminder.rings) == (f"case:{case}", (NOOR.user,))
    assert of(await world.until("2026-10-02 23:58"), "due:") == []
    assert steps(await world.until("2026-10-02 23:59")) == [("P1:FOLLOW_UP.2026-10-02:3", f"case:{case}", ())]
    assert [rings for _, _, rings in steps(await world.until("2026-10-05 08:00"))] == [(user("helge"),)]


async def test_who_is_silent_about_closing_is_shown_to_the_initiating_unit_once(world: World) -> None:
    case = await world.open(HSV, BIST)
    await world.act(case, ANNA, closing.propose(await world.case(case), ANNA, closing.Reason.ALLA_OVERENS))
    await world.act(case, NOOR, closing.agree(await world.case(case), NOOR))

    assert steps(await world.until("2026-09-14 23:59")) == []
    (shown,) = of(await world.until("2026-09-15 08:00"), "due:")
    assert shown.rings == (ANNA.user,)
    assert "biståndsenheten" in shown.body
    assert "hemsjukvården" not in shown.body
    assert steps(await world.until("2026-09-30 08:00")) == []


async def test_a_closed_case_brings_nothing_up(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00")
    await world.act(case, ANNA, closing.propose(await world.case(case), ANNA, closing.Reason.ATERTAGET_SAMTYCKE))

    assert steps(await world.until("2026-09-30 08:00")) == []


async def test_what_falls_due_follows_staffed_days_that_are_new_since_the_last_start(database: Database) -> None:
    world = await begin(database, VAULT, "2026-04-02 15:00")
    case = await world.open(HSV)
    await world.act(case, ANNA, closing.propose(await world.case(case), ANNA, closing.Reason.ALLA_OVERENS))
    item = f"{case}:Ä1:CLOSE.1:0:{VC}"
    assert (await world.marks())[item] == (at("2026-04-14 08:00"), "open")
    world.restart(load("demo").with_staffed(frozenset({date(2026, 4, 5)})))

    await world.until("2026-04-03 08:00")

    assert (await world.marks())[item] == (at("2026-04-13 08:00"), "open")


async def test_a_warning_follows_the_hours_of_its_unit(world: World) -> None:
    short = replace(DIRECTORY.units[HT], hours=(time(9), time(15)))
    await world.save(replace(DIRECTORY, units=MappingProxyType({**DIRECTORY.units, HT: short})))
    case = await world.open(HT)
    await ask(world, case, "2026-09-10 18:00", HT, read=EVA)
    assert (await world.marks())[f"{case}:F1:ANSWER.1:2:{HT}"][0] == at("2026-09-09 14:00")
    await world.save(DIRECTORY)

    assert steps(await world.until("2026-09-09 14:00")) == []
    assert [step for step, _, _ in steps(await world.until("2026-09-09 18:00"))] == ["F1:ANSWER.1:2"]


async def test_an_item_that_stands_too_early_in_the_index_waits_for_its_time(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    async with world.database.write() as tx:
        await tx.execute(due.update().where(due.c.step == 3).values(due=at("2026-09-07 09:00")))

    assert steps(await world.until("2026-09-07 09:30")) == []
    assert (await world.marks())[f"{case}:F1:ANSWER.1:3:{HSV}"] == (at("2026-09-08 10:00"), "open")


async def test_an_item_that_is_no_longer_expected_is_cancelled_not_said(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-08 10:00", read=NOOR)
    async with world.database.write() as tx:
        await forge(tx, case, "F9")

    assert [step for step, _, _ in steps(await world.until("2026-09-07 10:00"))] == ["F1:ANSWER.1:2"]
    assert (await world.marks())[f"{case}:F9"][1] == "cancelled"


async def forge(tx: Transaction, case: str, name: str) -> None:
    values = {"key": f"{case}:{name}", "case_id": case, "unit": HSV, "object": name, "matter": "ANSWER", "step": 3}
    await tx.execute(due.insert().values(**values, due=at("2026-09-07 09:00"), state="open"))


async def test_a_case_that_cannot_be_read_does_not_silence_the_others_and_is_told_of(world: World) -> None:
    broken, well = await world.open(HSV), await world.open(HSV)
    for case in (broken, well):
        await ask(world, case, "2026-09-08 10:00", read=NOOR)
    async with world.database.write() as tx:
        await tx.execute(entries.update().where(entries.c.case_id == broken).values(body=b"\x01" * 40, hash="0"))
    world.clocks.instant = at("2026-09-08 10:00")

    with pytest.raises(ExceptionGroup, match="not everything"):
        await world.timer.tick()

    messages = await world.heard()
    assert {where for _, where, _ in steps(messages)} == {f"case:{well}"}
    assert [m.where for m in of(messages, "review:") if m.where == f"inbox:{HSV}"] == [f"inbox:{HSV}"]
