"""Whom the bot speaks to unasked decides in which language: a person's direct room in their own, rooms of several in the installation's."""

from dataclasses import replace

from care.language import Language
from reminders.timer import Timer
from store import preferences
from store.directory import Roster
from tests.builders import ANNA, HSV, NOOR, user
from tests.reminders.test_due import ask
from tests.reminders.test_upkeep import fill_in
from tests.reminders.world import World, of
from texts.render import render

HELGE = user("helge")


async def choose(world: World, who: str, language: Language) -> None:
    async with world.database.write() as tx:
        await preferences.choose(tx, who, language, world.now)


def install(world: World, language: Language) -> None:
    world.keeper = replace(world.keeper, roster=Roster(world.vault, language))
    world.timer = Timer(world.keeper)


async def ask_noor(world: World) -> None:
    await ask(world, await world.open(HSV), "2026-09-08 10:00")


async def test_a_chief_is_told_in_the_language_that_the_chief_chose_and_the_room_in_that_of_the_installation(world: World) -> None:
    await ask_noor(world)
    await choose(world, HELGE, Language.EN)
    await choose(world, NOOR.user, Language.EN)

    missed = of(await world.until("2026-09-08 10:00"), "due:")
    raised = of(await world.until("2026-09-08 14:00"), "due:")

    assert {"tisdag 8 september kl. 10:00" in m.body for m in missed if "ANSWER" in m.key} == {True}
    assert [(m.where, "Tuesday 8 September at 10:00" in m.body) for m in raised if "ANSWER" in m.key] == [(f"direct:{HELGE}", True)]


async def test_the_chief_of_a_review_is_told_in_the_language_that_the_chief_chose(world: World) -> None:
    await ask_noor(world)
    await choose(world, HELGE, Language.EN)

    digest = of(await world.until("2026-09-07 14:00"), "review:")
    nudge = of(await world.until("2026-09-07 15:00"), "review:")
    chief = [m for m in of(await world.until("2026-09-08 08:00"), "review:") if m.where == f"direct:{HELGE}"]

    assert all("måndag 7 september" in message.body for message in [*digest, *nudge])
    assert ["Monday 7 September" in message.body for message in chief] == [True]


async def test_an_installation_in_english_speaks_english_in_rooms_of_several_and_to_who_chose_nothing(world: World) -> None:
    install(world, Language.EN)
    await choose(world, HELGE, Language.SV)
    await ask_noor(world)

    digest = [m for m in of(await world.until("2026-09-07 14:00"), "review:") if m.where == f"inbox:{HSV}"]
    raised = of(await world.until("2026-09-08 14:00"), "due:")

    assert all("Monday 7 September" in message.body and "answer question F1" in message.body for message in digest)
    assert digest
    assert {m.where: "Tuesday 8 September" in m.body for m in raised} == {"case:c-1": True, f"direct:{HELGE}": False}


async def test_a_form_that_is_over_ends_with_a_word_in_the_language_of_who_began_it(world: World) -> None:
    await choose(world, ANNA.user, Language.EN)
    await fill_in(world)

    (word,) = of(await world.until("2026-09-07 16:05"), "expired:")

    assert word.body == render("form/expired", language=Language.EN, now=world.now, prefix="!").body
    assert word.body != render("form/expired", language=Language.SV, now=world.now, prefix="!").body
