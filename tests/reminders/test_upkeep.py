"""What passes with time: forms, transit keys and the daily head; all at most once, nothing forgotten after a failure."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from care.effects import Say, Words, direct
from care.expected import due_items
from reminders.timer import Timer
from store import dialogues, heads, outbox
from store.database import Database
from store.dialogues import Dialogue
from store.keys import dialogue_scope, transit_scope
from store.tables import keys
from store.tables import outbox as rows
from tests.builders import ANNA, BIST, HSV, RULES, VC, at
from tests.reminders.world import VAULT, World, of

FORM = Dialogue("d-1", ANNA.user, str(direct(ANNA.user)), "$rot", "case.start", b"19351217-2382", at("2026-09-07 16:05"))


async def fill_in(world: World, form: Dialogue = FORM) -> None:
    """Begin a form, with a question that is on its way."""
    asked = Say(f"question:{form.id}", direct(ANNA.user), words=Words("Vem?", "Vem?"))
    async with world.database.write() as tx:
        await dialogues.begin(tx, world.vault, form, world.now)
        await outbox.enqueue(tx, world.vault, (asked,), outbox.Envelope("", form.scope, world.now, timedelta()))


async def test_a_form_ends_when_its_time_is_over_with_a_word_in_its_thread(world: World) -> None:
    await fill_in(world)
    assert of(await world.until("2026-09-07 16:04:59"), "expired:") == []
    assert await world.timer.tick() == FORM.expires

    (word,) = of(await world.until("2026-09-07 16:05"), "expired:")

    assert (word.where, word.rings) == (f"direct:{ANNA.user}", ())
    assert of(await world.until("2026-09-07 16:06"), "expired:") == []


async def test_what_was_typed_in_a_form_that_ended_is_gone_from_the_files(world: World, database: Database, tmp_path: Path) -> None:
    await fill_in(world)
    await world.until("2026-09-07 16:05")

    async with database.read() as tx:
        assert await tx.scalar(select(func.count()).where(keys.c.scope == dialogue_scope("d-1"))) == 0
        assert await dialogues.find(tx, VAULT, ANNA.user, FORM.place, FORM.root) is None
        assert await tx.scalar(select(rows.c.state).where(rows.c.key == "question:d-1")) == "cancelled"
    if database.sqlite:
        assert (tmp_path / "samrum.db-wal").stat().st_size == 0


async def test_only_the_form_whose_time_is_over_ends(world: World) -> None:
    await fill_in(world)
    await fill_in(world, replace(FORM, id="d-2", root="", expires=at("2026-09-07 17:00")))

    assert [m.key for m in of(await world.until("2026-09-07 16:30"), "expired:")] == ["expired:d-1"]
    assert [m.key for m in of(await world.until("2026-09-07 17:00"), "expired:")] == ["expired:d-2"]


class BusyOnce(Database):
    """A database whose log somebody is reading the first time it is to be emptied."""

    tries = 0

    async def forget(self) -> None:
        self.tries += 1
        if self.tries == 1:
            raise TimeoutError
        await super().forget()


async def test_a_log_that_could_not_be_emptied_is_emptied_at_the_next_look(world: World, url: str) -> None:
    busy = BusyOnce(url)
    timer = Timer(replace(world.keeper, database=busy))
    await fill_in(world)
    world.clocks.instant = FORM.expires

    with pytest.raises(ExceptionGroup):
        await timer.tick()
    await timer.tick()
    await timer.tick()
    await busy.close()

    assert busy.tries == 2


async def test_transit_keys_are_destroyed_after_seven_days_but_not_before_their_last_row_is_done(world: World) -> None:
    old = transit_scope(world.now)
    await world.until("2026-09-15 10:00")
    async with world.database.write() as tx:
        assert old not in await world.vault.destroyed(tx)
        await tx.execute(rows.update().where(rows.c.scope == old).values(state="done"))

    await world.until("2026-09-15 10:59")
    async with world.database.read() as tx:
        assert old not in await world.vault.destroyed(tx)
    await world.until("2026-09-15 11:00")
    async with world.database.read() as tx:
        assert await world.vault.destroyed(tx) == {old}


async def test_the_head_of_the_day_is_posted_once_from_eight_to_the_administrators_and_the_contact_units(world: World) -> None:
    assert of(await world.until("2026-09-08 07:59"), "head:") == []

    posted = of(await world.until("2026-09-08 08:00"), "head:")

    assert {(m.where, m.rings) for m in posted} == {("admin:", ()), (f"inbox:{VC}", ()), (f"inbox:{BIST}", ())}
    world.restart()
    assert of(await world.until("2026-09-08 14:00"), "head:") == []
    assert len(of(await world.until("2026-09-12 08:00"), "head:")) == 3


async def test_a_posted_head_proves_the_journal(world: World) -> None:
    await world.open(HSV)
    posted = of(await world.until("2026-09-08 08:00"), "head:")
    case = await world.open(HSV)

    async with world.database.read() as tx:
        assert await heads.verify(tx, [heads.read_receipt(message.body) for message in posted]) == ()
    assert due_items(await world.case(case), RULES) == ()
