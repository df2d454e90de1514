"""Reviews at 08:00 and 14:00: one digest per unit and slot, its rows, its edits and its ladder (process 3.0.5, 3.0.7, commands 6)."""

from dataclasses import replace
from datetime import time
from types import MappingProxyType

import pytest
from sqlalchemy import func, select

from care import meetings, questions
from care.effects import case_room
from care.meetings import Answer
from care.messages import acknowledge, post
from care.people import Directory, Member, Role
from store import directory, reviews, rooms
from store.database import Database
from store.tables import outbox
from tests.builders import ANNA, BIST, DIRECTORY, HSV, NOOR, ULLA, VC, at, kallelse, user
from tests.reminders.world import VAULT, Heard, World, begin, of

LATE = "(försena"
NUDGE, CHIEF = ":3:", ":4:"


async def ask(world: World, case: str, until: str = "2026-09-09 12:00") -> None:
    await world.act(case, ANNA, questions.ask(await world.case(case), ANNA, HSV, "Vem möter Ester?", at(until), world.now))


async def answer(world: World, case: str, name: str | None = None) -> None:
    await world.act(case, NOOR, questions.answer(await world.case(case), NOOR, name, "Tage", world.now))


async def review(world: World, slot: str, name: str = "noor", unit: str = HSV) -> None:
    """Tap ✅ on a digest, as commands/taps.py does."""
    async with world.database.write() as tx:
        found = await reviews.find(tx, unit, at(slot))
        assert found is not None
        await reviews.mark_reviewed(tx, found, user(name), world.now)


def to(messages: list[Heard], unit: str = HSV) -> list[Heard]:
    """Return what a unit got in its inbox about reviews."""
    return [message for message in messages if message.where == f"inbox:{unit}" and message.key.startswith(("review:", "line:"))]


def kinds(messages: list[Heard]) -> list[str]:
    """Return slot and step of the messages about reviews that are not edits: "14:00:1"."""
    return [":".join(m.key.split(":")[3:6]) for m in of(messages, "review:") if not m.edits]


async def test_the_digest_comes_at_the_slots_of_working_days_only_and_rings_who_is_on_duty(world: World) -> None:
    await ask(world, await world.open(HSV))
    said: list[tuple[str, tuple[str, ...]]] = []

    for wall in ("07 13:59", "07 14:00", "07 14:01", "08 07:59", "08 08:00", "08 14:00", "09 08:00"):
        said += [(wall, message.rings) for message in to(await world.until(f"2026-09-{wall}")) if message.key.endswith(f":1:{HSV}")]

    assert said == [(wall, (NOOR.user,)) for wall in ("07 14:00", "08 08:00", "08 14:00", "09 08:00")]
    async with world.database.write() as tx:
        await directory.set_duty(tx, user("tage"), HSV, on=True)
    assert [m.rings for m in to(await world.until("2026-09-09 14:00")) if ":14:00:1:" in m.key] == [(user("tage"),)]


async def test_there_is_no_review_on_a_holiday_weekend_unless_the_day_is_staffed(database: Database) -> None:
    world = await begin(database, VAULT, "2026-04-02 15:00")
    await ask(world, await world.open(HSV), "2026-04-10 12:00")

    for wall in ("2026-04-03 08:00", "2026-04-04 08:00", "2026-04-06 14:00"):
        assert to(await world.until(wall)) == []
    world.restart(world.keeper.profile.with_staffed(frozenset({at("2026-04-06 12:00").date()})))
    assert kinds(to(await world.until("2026-04-06 14:00"))) == ["14:00:1"]


async def test_the_digest_numbers_its_rows_through_all_sections_and_names_nobody(world: World) -> None:
    first, second = await world.open(HSV), await world.open(HSV)
    await ask(world, first, "2026-09-08 10:00")
    await world.act(second, ANNA, post(await world.case(second), "Ester kommer hem"))
    await world.open(HSV)
    await world.act(first, ANNA, meetings.call(await world.case(first), kallelse(at("2026-09-08 13:00"), VC, HSV), world.now))
    await world.act(first, NOOR, meetings.reply(await world.case(first), NOOR, None, Answer.JA))
    async with world.database.write() as tx:
        await rooms.settle(tx, case_room(first), "!rum:almfors.test", world.now)

    (digest,) = to(await world.until("2026-09-07 14:00"))

    lines = digest.body.splitlines()
    order = [lines.index(next(line for line in lines if text in line)) for text in ("F1", "K1", "SIP-möte S1")]
    assert order == sorted(order)
    assert [f"{n}." in lines[at_line] for n, at_line in enumerate(order, 1)] == [True] * 3
    assert "SIP-möte S1 tisdag 8 september kl. 13:00" in digest.body
    assert "https://matrix.to/#/" in digest.html
    assert "1 öppet ärende" in digest.body
    assert "Ester" not in digest.body
    assert LATE not in digest.body


async def test_nothing_to_do_is_one_pinned_line_that_is_edited_and_counts_as_reviewed(world: World) -> None:
    first = to(await world.until("2026-09-07 14:00"))
    second = to(await world.until("2026-09-08 08:00"))

    assert [(m.key, m.edits, m.rings) for m in first] == [(f"line:{HSV}", "", ())]
    assert [m.edits for m in second] == [f"line:{HSV}"]
    assert "08:00" in second[0].body
    async with world.database.read() as tx:
        assert await tx.scalar(select(func.count()).where(outbox.c.key == f"line:{HSV}:pin")) == 1
    assert [state for _, state, _ in await world.slots(HSV)] == ["folded", "empty", "empty"]
    assert all(seen for _, state, seen in await world.slots(HSV) if state == "empty")
    assert kinds(await world.until("2026-09-08 09:00")) == []


async def test_a_bot_that_was_down_over_a_slot_says_one_digest_late(world: World) -> None:
    await ask(world, await world.open(HSV))
    await world.until("2026-09-07 14:00")

    messages = to(await world.until("2026-09-08 08:20"))

    assert [key for key in kinds(messages) if key.endswith(":1")] == ["08:00:1"]
    assert [LATE in m.body for m in messages if m.key.endswith(f":1:{HSV}")] == [True]
    assert kinds(to(await world.until("2026-09-08 08:40"))) == []


async def test_slots_that_nobody_could_see_are_folded_into_the_latest_which_names_them(world: World) -> None:
    await ask(world, await world.open(HSV))

    (digest,) = [m for m in to(await world.until("2026-09-09 14:02")) if m.key.endswith(f":1:{HSV}")]

    assert ":14:00:1:" in digest.key
    for slot in ("måndag 7 september kl. 14:00", "tisdag 8 september kl. 08:00", "onsdag 9 september kl. 08:00"):
        assert slot in digest.body
    assert LATE not in digest.body
    assert [state for _, state, _ in await world.slots(HSV)] == ["folded"] * 5 + ["said"]
    assert [kind for kind in kinds(await world.until("2026-09-09 14:30")) if NUDGE in f"{kind}:"] == []


async def test_a_digest_that_comes_after_its_grace_is_its_own_nudge_and_the_chief_is_told_at_the_next_slot(world: World) -> None:
    await ask(world, await world.open(HSV))
    await world.until("2026-09-07 14:00")
    await review(world, "2026-09-07 14:00")

    assert kinds(await world.until("2026-09-08 09:30")) == ["08:00:1"]
    assert "08:00:4" in kinds(await world.until("2026-09-08 14:00"))


async def test_a_missed_review_rings_those_on_duty_after_the_grace_and_the_chief_at_the_next_slot_each_once(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")

    assert kinds(await world.until("2026-09-07 14:59")) == []
    nudge = of(await world.until("2026-09-07 15:00"), "review:")
    assert [(m.where, m.rings) for m in nudge] == [(f"inbox:{HSV}", (NOOR.user,))]
    world.restart()
    assert kinds(await world.until("2026-09-07 16:00")) == []
    raised = [m for m in of(await world.until("2026-09-08 08:00"), "review:") if CHIEF in m.key]
    assert [(m.where, m.rings) for m in raised] == [(f"direct:{user('helge')}", (user("helge"),))]
    assert not [m for m in of(await world.until("2026-09-08 08:30"), "review:") if CHIEF in m.key]


async def test_a_review_in_time_ends_its_ladder(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")
    world.clocks.instant = at("2026-09-07 14:40")
    await review(world, "2026-09-07 14:00")

    later = [*await world.until("2026-09-07 15:00"), *await world.until("2026-09-08 08:00")]

    assert kinds(later) == ["08:00:1"]


async def test_a_later_review_spares_the_chief_the_earlier_one(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")
    await world.until("2026-09-07 15:00")
    async with world.database.write() as tx:
        await reviews.write(tx, reviews.Review(HSV, at("2026-09-08 07:00"), "said", (), "later", world.now, user("noor")))

    assert not [m for m in await world.until("2026-09-08 08:00") if CHIEF in m.key and m.key.startswith("review:")]


async def test_a_unit_that_has_done_all_rows_is_not_nudged_for_a_tap(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case)
    await world.until("2026-09-07 14:00")
    world.clocks.instant = at("2026-09-07 14:30")
    await answer(world, case)

    assert kinds(await world.until("2026-09-07 15:00")) == []
    assert not [kind for kind in kinds(await world.until("2026-09-08 08:00")) if kind.endswith("4")]


async def test_a_bot_that_was_down_over_the_ladder_takes_both_steps_late_before_the_new_digest(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")

    messages = await world.until("2026-09-08 08:20")

    assert kinds(messages) == ["14:00:3", "14:00:4", "08:00:1"]
    assert [LATE in m.body for m in of(messages, "review:") if not m.edits] == [True, True, True]


async def test_the_chief_of_a_review_that_was_missed_at_night_is_rung_in_the_morning_if_it_is_still_undone(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")

    night = await world.until("2026-09-09 02:00")
    assert {m.rings for m in night} == {()}
    again = of(await world.until("2026-09-09 08:00"), "again:review:")
    assert [(m.where, m.rings) for m in again] == [(f"direct:{user('helge')}", (user("helge"),))]
    world.restart()
    assert of(await world.until("2026-09-09 09:00"), "again:") == []


async def test_the_chief_is_not_rung_in_the_morning_for_a_review_that_was_done_at_night(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")
    await world.until("2026-09-09 02:00")
    await review(world, "2026-09-08 14:00")

    assert of(await world.until("2026-09-09 08:00"), "again:review:") == []


async def test_a_unit_without_chief_of_its_own_or_in_its_place_has_the_administrators_told(world: World) -> None:
    gone = {user("helge"), user("bertil")}
    await world.save(replace(DIRECTORY, members=tuple(m for m in DIRECTORY.members if m.user not in gone)))
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")

    raised = [m for m in of(await world.until("2026-09-08 08:00"), "review:") if CHIEF in m.key]

    assert [m.where for m in raised] == ["admin:"]


def opening_late(unit: str, opens: time) -> Directory:
    changed = replace(DIRECTORY.units[unit], hours=(opens, time(17)))
    return replace(DIRECTORY, units=MappingProxyType({**DIRECTORY.units, unit: changed}))


async def test_a_unit_that_opens_later_gets_its_digest_silently_and_is_rung_by_the_nudge(world: World) -> None:
    await world.save(opening_late(HSV, time(8, 30)))
    await ask(world, await world.open(HSV), "2026-09-30 12:00")
    await world.until("2026-09-07 14:00")
    await review(world, "2026-09-07 14:00")

    (digest,) = [m for m in to(await world.until("2026-09-08 08:00")) if not m.edits]
    (nudge,) = [m for m in to(await world.until("2026-09-08 09:00")) if NUDGE in m.key]

    assert (digest.rings, nudge.rings) == ((), (NOOR.user,))


async def test_a_closed_unit_has_no_reviews(world: World) -> None:
    await ask(world, await world.open(HSV))
    shut = replace(DIRECTORY.units[HSV], open=False)
    await world.save(replace(DIRECTORY, units=MappingProxyType({**DIRECTORY.units, HSV: shut})))

    assert to(await world.until("2026-09-07 14:00")) == []


async def test_a_unit_without_people_has_no_inbox_and_gets_no_line(world: World) -> None:
    empty = replace(DIRECTORY.units[HSV], id="k-tom")
    await world.save(replace(DIRECTORY, units=MappingProxyType({**DIRECTORY.units, "k-tom": empty})))

    assert to(await world.until("2026-09-08 14:00"), "k-tom") == []


async def test_a_unit_that_is_new_begins_with_the_next_slot(world: World) -> None:
    more = replace(DIRECTORY.units[HSV], id="k-ny")
    units = MappingProxyType({**DIRECTORY.units, "k-ny": more})
    staff = Member("@ny.demo:almfors.test", "k-ny", frozenset({Role.MOTTAGARE}))
    await world.save(replace(DIRECTORY, units=units, members=(*DIRECTORY.members, staff)))

    assert to(await world.until("2026-09-07 15:00"), "k-ny") == []
    assert len(to(await world.until("2026-09-08 08:00"), "k-ny")) == 1


async def test_rows_are_marked_as_they_get_done_and_unmarked_when_an_answer_is_taken_back(world: World) -> None:
    case = await world.open(HSV)
    await world.act(case, ANNA, meetings.call(await world.case(case), kallelse(at("2026-09-21 13:00"), VC, HSV), world.now))
    await ask(world, case)
    await world.until("2026-09-07 14:00")
    assert to(await world.until("2026-09-07 14:05")) == []

    await world.act(case, NOOR, meetings.reply(await world.case(case), NOOR, None, Answer.JA))
    (done,) = to(await world.until("2026-09-07 14:10"))
    await world.act(case, NOOR, meetings.take_back(await world.case(case), NOOR, "S1"))
    (undone,) = to(await world.until("2026-09-07 14:20"))
    await world.act(case, NOOR, meetings.reply(await world.case(case), NOOR, None, Answer.JA))
    (again,) = to(await world.until("2026-09-07 14:30"))

    assert ["klar ·" in m.body for m in (done, undone, again)] == [True, False, True]
    assert {m.edits for m in (done, undone, again)} == {f"review:{HSV}:2026-09-07:14:00:1:{HSV}"}
    assert again.body == done.body


async def test_what_changes_nothing_in_a_digest_does_not_edit_it(world: World) -> None:
    case = await world.open(HSV, BIST)
    await ask(world, case)
    await world.until("2026-09-07 14:00")
    await world.act(case, ULLA, questions.ask(await world.case(case), ULLA, VC, "Och du?", at("2026-09-09 10:00"), world.now))

    assert to(await world.until("2026-09-07 14:10")) == []


async def test_a_digest_shows_who_reviewed_it_when_and_stays_late_and_folded(world: World) -> None:
    await ask(world, await world.open(HSV))
    await world.until("2026-09-08 08:20")
    await review(world, "2026-09-08 08:00")

    (edited,) = to(await world.until("2026-09-08 08:30"))

    assert "Noor tisdag 8 september kl. 08:20" in edited.body
    assert LATE in edited.body
    assert "måndag 7 september kl. 14:00" in edited.body
    assert to(await world.until("2026-09-08 08:40")) == []


@pytest.mark.parametrize("edited", [True, False], ids=["edited before", "never edited"])
async def test_a_restart_edits_what_was_missed_while_the_bot_was_away(world: World, edited: bool) -> None:
    case = await world.open(HSV)
    await world.act(case, ANNA, meetings.call(await world.case(case), kallelse(at("2026-09-21 13:00"), VC, HSV), world.now))
    await world.until("2026-09-07 14:00")
    if edited:
        await world.act(case, NOOR, meetings.reply(await world.case(case), NOOR, None, Answer.JA))
        await world.until("2026-09-07 14:10")
        await world.act(case, NOOR, meetings.take_back(await world.case(case), NOOR, "S1"))
    world.restart()

    messages = to(await world.until("2026-09-07 14:20"))

    assert ["klar ·" in m.body for m in messages] == ([False] if edited else [])


async def test_fridays_digest_is_edited_on_monday_before_the_next(world: World) -> None:
    case = await world.open(HSV)
    await ask(world, case, "2026-09-30 12:00")
    await world.until("2026-09-11 14:00")
    world.clocks.instant = at("2026-09-14 07:30")
    await answer(world, case)

    assert ["klar ·" in m.body for m in to(await world.until("2026-09-14 07:40"))] == [True]


async def test_acknowledging_in_the_inbox_does_the_row(world: World) -> None:
    case = await world.open(HSV)
    await world.act(case, ANNA, post(await world.case(case), "Ester kommer hem"))
    await world.until("2026-09-07 14:00")
    await world.act(case, NOOR, acknowledge(await world.case(case), NOOR, ("K1",)))

    assert ["klar ·" in m.body for m in to(await world.until("2026-09-07 14:10"))] == [True]


async def test_what_is_decided_for_a_unit_may_leave_before_the_next_ones_turn(world: World) -> None:
    told = list[None]()
    await world.until("2026-09-14 07:59")
    world.keeper = replace(world.keeper, decided=lambda: told.append(None))
    world.restart()
    await world.timer.tick()
    told.clear()

    await world.until("2026-09-14 08:00")

    units = [unit.id for unit in world.rules.directory.units.values() if any(m.acting for m in world.rules.directory.members_of(unit.id))]
    assert len(told) >= len(units) > 1
