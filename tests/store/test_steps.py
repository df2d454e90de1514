from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from care.actors import ActorAccepted
from care.case import Source
from care.effects import Say, Words, case_room
from care.expected import due_items
from care.ladder import Step
from care.messages import MessagePosted, acknowledge
from care.refusal import Refused
from store import backlog, index, journal, outbox, steps
from store.database import Database
from store.keys import Vault
from store.people import person_of
from store.tables import cases, due
from store.tables import journal as entries
from tests.store.builders import AUTHORS, BIST, ESTER, HSV, MONDAY, NOOR, RULES, TIMER, VC, author, opened
from tests.store.telling import GATHER, MACHINE, keep, moment, rows

LATER = MONDAY + timedelta(hours=1)


async def test_an_unknown_case_is_a_lookup_error(database: Database, vault: Vault) -> None:
    async with database.read() as tx:
        with pytest.raises(LookupError):
            await steps.load(tx, vault, "nobody")


def test_a_step_is_judged_event_by_event_each_on_the_case_before_it() -> None:
    case = opened().now
    events = (ActorAccepted(HSV, NOOR), *acknowledge(case, AUTHORS[HSV], ("A3",)))

    step = steps.judge(case, events, AUTHORS[HSV], moment(LATER), "c1")

    assert step.before is case
    assert [entry.seq for entry in step.entries] == [case.seq + 1, case.seq + 2]
    assert step.after.seq == case.seq + 2
    assert all((entry.author, entry.decided) == (AUTHORS[HSV], LATER) for entry in step.entries)


@pytest.mark.parametrize("source", [Source.REACTION, Source.TYPED])
def test_what_is_not_allowed_is_refused_whole(source: Source) -> None:
    case = opened().now
    by = author(NOOR, HSV, source)

    with pytest.raises(Refused):
        steps.judge(case, (ActorAccepted(HSV, NOOR), ActorAccepted(BIST, NOOR)), by, moment(LATER), "c1")


def test_a_step_in_no_case_without_events_is_a_bug() -> None:
    with pytest.raises(ValueError, match="opens a case"):
        steps.judge(None, (), AUTHORS[VC], moment(LATER), "c1")


async def test_a_recorded_step_stands_in_journal_indexes_and_outbox(database: Database, vault: Vault) -> None:
    story = opened()
    step = steps.judge(None, [entry.event for entry in story.steps[0]], AUTHORS[VC], moment(MONDAY), "c1")
    said = Say("c1:1", case_room("c1"), words=Words("Öppnat", "Öppnat"))

    async with database.write() as tx:
        person = await person_of(tx, vault, ESTER.number, "", MONDAY)
        await steps.record(tx, vault, RULES, step, [said], moment(MONDAY), person=person)

    async with database.write() as tx:
        assert await steps.load(tx, vault, "c1") == step.after
        assert await index.open_case_of(tx, person) == "c1"
        assert len(await rows(tx, due)) == len(due_items(step.after, RULES))
        (claimed,) = await outbox.claim(tx, vault, MACHINE, GATHER, 1)
    assert (claimed.effect, claimed.case) == (said, "c1")


async def test_a_step_without_events_leaves_nothing_behind(database: Database, vault: Vault) -> None:
    story = opened()
    await keep(database, vault, story)
    said = Say("c1:nothing", case_room("c1"), words=Words("x", "x"))

    async with database.write() as tx:
        step = steps.judge(story.now, (), AUTHORS[VC], moment(LATER), "c1")
        await steps.record(tx, vault, RULES, step, [said], moment(LATER))

        assert len(await rows(tx, entries)) == story.now.seq
        assert await backlog.figures(tx) == backlog.Backlog(0, 0, None)


async def test_two_writers_of_one_case_meet_at_the_number_and_the_second_leaves_nothing(database: Database, vault: Vault) -> None:
    story = opened()
    await keep(database, vault, story)
    first = steps.judge(story.now, (MessagePosted("K1", "först"),), AUTHORS[VC], moment(LATER), "c1")
    second = steps.judge(story.now, (MessagePosted("K1", "sedan"),), AUTHORS[HSV], moment(LATER), "c1")
    async with database.write() as tx:
        await steps.record(tx, vault, RULES, first, (), moment(LATER))

    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await steps.record(tx, vault, RULES, second, (), moment(LATER))

    async with database.read() as tx:
        assert await steps.load(tx, vault, "c1") == first.after
        assert await journal.verify(tx) == ()


async def test_a_second_open_case_of_a_person_leaves_nothing(database: Database, vault: Vault) -> None:
    await keep(database, vault, opened())

    with pytest.raises(IntegrityError):
        await keep(database, vault, opened(case_id="c2"))

    async with database.read() as tx:
        assert [row["id"] for row in await rows(tx, cases)] == ["c1"]
        assert await journal.cases(tx) == ("c1",)


async def test_what_the_timer_brings_up_is_said_in_the_same_step_and_once(database: Database, vault: Vault) -> None:
    story = opened()
    await keep(database, vault, story)
    item = next(each for each in due_items(story.now, RULES) if each.step is Step.MISSED)
    taken = item.taken(item.at)
    async with database.write() as tx:
        step = steps.judge(story.now, (taken,), TIMER, moment(item.at), "c1")
        await steps.record(tx, vault, RULES, step, (), moment(item.at))

        found = {row["key"]: (row["state"], row["settled"]) for row in await rows(tx, due)}
        assert found[item.key("c1")] == ("said", item.at)
        assert item.key("c1") not in {row.key for row in await index.fallen_due(tx, item.at)}
        assert list(found.values()).count(("said", item.at)) == 1
