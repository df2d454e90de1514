"""⏰ from the tap to the reminder, through the dispatcher and the timer: said once, to the person alone, if it still waits."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from care import profile
from care.effects import Anchor, Say, inbox
from care.language import Language
from care.people import Role
from reminders.keeper import Keeper
from reminders.timer import Timer
from store import directory, preferences, seats
from store.directory import Roster
from store.seats import Seat
from store.tables import snoozes
from tests.commands import driver
from tests.commands.driver import BIST, HSV, OPENING, SERVER, Chat, Sent, at, member, user

ASK = "!fråga hemsjukvården Kan ni ta blodprov? senast=fredag 13:00"
INBOX = f"inbox:{HSV}"
TAPPED = "⏰"


@dataclass
class Ward:
    """A chat whose timer looks when the test moves the time."""

    chat: Chat
    timer: Timer

    async def until(self, wall: str) -> list[Sent]:
        """Move time on, let the timer look twice, and return the reminders that came."""
        self.chat.later(at(wall) - self.chat.clocks.civil)
        await self.timer.tick()
        await self.timer.tick()
        return [each async for each in self.chat.delivered() if each.key.startswith("snooze:")]

    def restart(self) -> None:
        self.timer = _timer(self.chat)

    async def asked(self) -> tuple[str, str]:
        """Let Anna ask a question; return the room of the case and the event of the question."""
        room = await self.chat.opened("noor", "ulla")
        return room, (await self.chat.say("anna", room, ASK)).about("F1").event

    async def digest(self, wall: str = "2026-09-07 14:00") -> str:
        """Let the digest come, with a question in it; return its event."""
        await self.asked()
        self.chat.later(at(wall) - self.chat.clocks.civil)
        await self.timer.tick()
        return next(each.event for each in [s async for s in self.chat.delivered()] if each.key.startswith(f"review:{HSV}:"))


def _timer(chat: Chat) -> Timer:
    roster = Roster(chat.vault)
    mail = f"samrum@{SERVER}"
    return Timer(Keeper(chat.database, chat.vault, roster, profile.load("demo"), chat.clocks, chat.clocks, mail, timedelta()))


@pytest_asyncio.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with driver.chat(tmp_path) as chat:
        made = Ward(chat, _timer(chat))
        await made.timer.tick()
        yield made


def shape(sent: Sent) -> tuple[str, tuple[str, ...], Anchor | None, str]:
    """Return where a reminder came, whom it mentions, in which thread, and what it is about."""
    assert isinstance(sent.effect, Say)
    return str(sent.effect.place), sent.effect.rings, sent.effect.thread, sent.about


async def test_who_taps_is_told_when_and_is_mentioned_alone_in_the_thread_at_the_next_review(ward: Ward) -> None:
    room, question = await ward.asked()
    told = await ward.chat.tap("noor", room, question, TAPPED)
    case = (await ward.chat.case()).id
    (reminder,) = await ward.until("2026-09-07 14:00")

    assert "Du påminns om F1 måndag 7 september kl. 14:00" in told.replies
    assert isinstance(told.said[0].effect, Say)
    assert (told.said[0].effect.rings, told.said[0].effect.thread) == ((), Anchor(event=question))
    assert shape(reminder) == (room, (user("noor"),), Anchor(key=f"{case}:object:F1"), "F1")
    assert "har inte svarat på frågan F1" in reminder.body
    assert "senast fredag 11 september kl. 13:00" in reminder.body
    assert not any(name in reminder.body for name in ("Noor", "Ester", "Anna", "@"))
    assert await ward.chat.rows("snoozes") == []


async def test_it_is_said_once_after_a_restart_too(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    ward.restart()

    assert len(await ward.until("2026-09-07 14:00")) == 1
    ward.restart()
    assert await ward.until("2026-09-07 14:01") == []
    assert await ward.until("2026-09-08 08:00") == []


async def test_the_timer_wakes_for_it(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)

    assert await ward.timer.tick() == at("2026-09-07 14:00")


async def test_two_taps_on_two_messages_of_one_thing_are_one_reminder_and_the_second_is_met_with_silence(ward: Ward) -> None:
    room, question = await ward.asked()
    asking = await ward.chat.say("anna", room, "!fråga hemsjukvården Och på lördag? senast=fredag 13:00")
    first = await ward.chat.tap("noor", room, question, TAPPED)
    second = await ward.chat.tap("noor", room, question, f"{TAPPED}\ufe0f")
    other = await ward.chat.tap("noor", room, asking.event, TAPPED)

    assert (first.said != (), second.sent, other.said != ()) == (True, (), True)
    assert [each.about for each in await ward.until("2026-09-07 14:00")] == ["F1", "F2"]


async def test_removing_the_tap_takes_the_reminder_back_and_says_so(ward: Ward) -> None:
    room, question = await ward.asked()
    tap = await ward.chat.tap("noor", room, question, TAPPED)
    gone = await ward.chat.redact("noor", room, tap.event)
    again = await ward.chat.redact("noor", room, tap.event)

    assert "Du påminns inte längre om F1" in gone.replies
    assert again.sent == ()
    assert await ward.until("2026-09-07 14:00") == []


async def test_nobody_else_takes_it_back(ward: Ward) -> None:
    room, question = await ward.asked()
    tap = await ward.chat.tap("noor", room, question, TAPPED)

    assert (await ward.chat.redact("anna", room, tap.event)).sent == ()
    assert "ingen sådan påminnelse" in (await ward.chat.say("anna", room, "!påminn av F1")).replies
    assert len(await ward.until("2026-09-07 14:00")) == 1


async def test_removing_the_tap_after_the_reminder_says_nothing(ward: Ward) -> None:
    room, question = await ward.asked()
    tap = await ward.chat.tap("noor", room, question, TAPPED)
    await ward.until("2026-09-07 14:00")

    assert (await ward.chat.redact("noor", room, tap.event)).sent == ()


async def test_the_reminder_itself_can_be_put_off_and_answered(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    (reminder,) = await ward.until("2026-09-07 14:00")
    told = await ward.chat.tap("noor", room, reminder.event, TAPPED)
    assert isinstance(reminder.effect, Say)

    assert reminder.effect.reactions == (TAPPED,)
    assert "tisdag 8 september kl. 08:00" in told.replies
    assert await ward.until("2026-09-07 15:00") == []
    assert len(await ward.until("2026-09-08 08:00")) == 1
    await ward.chat.say("noor", room, "Ja, på torsdag.", reply_to=reminder.event)
    assert not (await ward.chat.case()).questions["F1"].open


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("noor", "!svar Ja, på torsdag."),
        ("anna", "!ärende avsluta återtaget samtycke"),
        ("anna", "!aktör ta bort hemsjukvården insatsen är avslutad"),
    ],
)
async def test_nothing_is_said_of_what_no_longer_waits(ward: Ward, name: str, typed: str) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    await (ward.chat.say(name, room, typed) if typed.startswith("!svar") else ward.chat.confirmed(name, room, typed))

    assert await ward.until("2026-09-07 14:00") == []
    assert await ward.chat.rows("snoozes") == []


async def test_what_is_acknowledged_is_not_brought_up_again(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    posted = await ward.chat.say("anna", room, "!meddelande Nytt nummer")
    await ward.chat.tap("noor", room, posted.about("K1").event, TAPPED)
    await ward.chat.tap("ulla", room, posted.about("K1").event, TAPPED)
    await ward.chat.tap("noor", room, posted.about("K1").event, "✅")

    assert [shape(each)[1] for each in await ward.until("2026-09-07 14:00")] == [(user("ulla"),)]


async def test_nothing_is_said_to_one_who_has_left_the_unit(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    async with ward.chat.database.write() as tx:
        people = await Roster(ward.chat.vault).read(tx)
        staying = tuple(each for each in people.members if each.user != user("noor"))
        await directory.save(tx, ward.chat.vault, type(people)(people.huvudman, people.units, staying), ward.chat.clocks.civil)

    assert await ward.until("2026-09-07 14:00") == []
    assert await ward.chat.rows("snoozes") == []


@pytest.mark.parametrize("name", ["anna", "ulla", "disa"])
async def test_the_tap_of_one_whom_it_does_not_wait_for_is_met_with_silence(ward: Ward, name: str) -> None:
    room, question = await ward.asked()

    assert (await ward.chat.tap(name, room, question, TAPPED)).sent == ()
    assert await ward.chat.rows("snoozes") == []


async def test_a_tap_on_talk_on_the_lagesbild_or_from_another_room_means_nothing(ward: Ward) -> None:
    room, question = await ward.asked()
    talk = await ward.chat.say("anna", room, "Hej")
    joined = await ward.chat.join("noor", room)
    asking = await ward.chat.say("anna", room, "!fråga")

    for target in (talk.event, joined.about("overview").event, asking.said[0].event, "$okänt"):
        assert (await ward.chat.tap("noor", room, target, TAPPED)).sent == ()
    assert (await ward.chat.tap("noor", INBOX, question, TAPPED)).sent == ()
    assert (await ward.chat.tap("noor", "direkt", question, TAPPED)).sent == ()


async def test_a_tap_on_the_command_counts_for_what_it_made_in_its_own_room(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    command = await ward.chat.say("anna", room, ASK)

    assert (await ward.chat.tap("noor", INBOX, command.event, TAPPED)).sent == ()
    assert "Du påminns om F1" in (await ward.chat.tap("noor", room, command.event, TAPPED)).replies


async def test_a_tap_journals_nothing_and_moves_neither_deadline_nor_ladder(ward: Ward) -> None:
    room, question = await ward.asked()
    before = await ward.chat.rows("journal"), await ward.chat.rows("due"), await ward.chat.case()
    await ward.chat.tap("noor", room, question, TAPPED)
    await ward.chat.say("noor", room, "!påminn F1")

    assert (await ward.chat.rows("journal"), await ward.chat.rows("due"), await ward.chat.case()) == before


async def test_what_the_ladder_says_to_the_same_person_there_at_that_moment_is_the_reminder(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    question = (await ward.chat.say("anna", room, "!fråga hemsjukvården Kan ni?")).about("F1").event
    ward.chat.later(at("2026-09-07 15:00") - ward.chat.clocks.civil)
    await ward.chat.tap("noor", room, question, TAPPED)
    ward.chat.later(at("2026-09-08 08:00") - ward.chat.clocks.civil)
    await ward.timer.tick()
    rung = [each for each in [s async for s in ward.chat.delivered()] if each.about == "F1" and shape(each)[0] == room]

    assert [(each.key.partition(":")[0], shape(each)[1]) for each in rung if "ANSWER.1:3" in each.key] == [
        ("due", (user("noor"), user("tage")))
    ]
    assert [each for each in rung if each.key.startswith("snooze:")] == []
    assert await ward.chat.rows("snoozes") == []


async def test_a_message_of_the_ladder_can_be_put_off(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    await ward.chat.say("anna", room, "!fråga hemsjukvården Kan ni?")
    ward.chat.later(at("2026-09-08 08:00") - ward.chat.clocks.civil)
    await ward.timer.tick()
    missed = next(each for each in [s async for s in ward.chat.delivered()] if "ANSWER.1:3" in each.key)
    await ward.chat.tap("noor", room, missed.event, TAPPED)
    (reminder,) = await ward.until("2026-09-08 14:00")

    assert isinstance(missed.effect, Say)
    assert missed.effect.reactions == (TAPPED,)
    assert "Tiden gick ut tisdag 8 september kl. 08:00" in reminder.body


async def test_the_chief_who_was_told_alone_is_reminded_alone_in_the_own_language(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    await ward.chat.say("anna", room, "!fråga hemsjukvården Kan ni?")
    ward.chat.later(at("2026-09-08 14:00") - ward.chat.clocks.civil)
    await ward.timer.tick()
    told = next(each for each in [s async for s in ward.chat.delivered()] if "ANSWER.1:4" in each.key)
    async with ward.chat.database.write() as tx:
        await preferences.choose(tx, user("disa"), Language.EN, ward.chat.clocks.civil)
    receipt = await ward.chat.tap("disa", "direkt", told.event, TAPPED)
    (reminder,) = await ward.until("2026-09-09 08:00")

    assert "You will be reminded of F1 on Wednesday 9 September at 08:00" in receipt.replies
    assert shape(reminder) == (f"direct:{user('disa')}", (user("disa"),), None, "F1")
    assert "has not answered question F1" in reminder.body


async def test_one_that_comes_late_says_so(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    (reminder,) = await ward.until("2026-09-07 14:20")

    assert "försenat: skulle ha kommit måndag 7 september kl. 14:00" in reminder.body


async def test_one_that_would_come_late_at_night_waits_for_the_hours_of_the_unit(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)

    assert await ward.until("2026-09-07 23:00") == []
    assert len(await ward.until("2026-09-08 08:00")) == 1
    assert await ward.until("2026-09-08 08:01") == []


async def test_being_added_is_put_off_in_the_inbox(ward: Ward) -> None:
    heard = await ward.chat.form("anna", "direkt", OPENING, "ja 1935")
    added = next(each for each in heard[-1].said if each.about == "A3" and shape(each)[0] == INBOX)
    told = await ward.chat.say("tage", INBOX, "!påminn", reply_to=added.event)
    (reminder,) = await ward.until("2026-09-07 14:00")

    assert isinstance(added.effect, Say)
    assert added.effect.reactions == ("✅", TAPPED)
    assert "Du påminns om A3" in told.replies
    assert shape(reminder) == (INBOX, (user("tage"),), None, "A3")
    assert isinstance(reminder.effect, Say)
    assert reminder.effect.reply == Anchor(event=added.event)
    assert (await ward.chat.case()).name in reminder.body


async def test_nothing_is_said_to_one_who_has_left_the_inbox(ward: Ward) -> None:
    heard = await ward.chat.form("anna", "direkt", OPENING, "ja 1935")
    added = next(each for each in heard[-1].said if each.about == "A3" and shape(each)[0] == INBOX)
    for name in ("noor", "tage"):
        await ward.chat.tap(name, INBOX, added.event, TAPPED)
    async with ward.chat.database.write() as tx:
        await seats.put(tx, [Seat(inbox(HSV), user(name), invited=True, turn=1) for name in ("noor", "tage")])
        await seats.give_up(tx, inbox(HSV), user("noor"))

    assert [shape(each)[1] for each in await ward.until("2026-09-07 14:00")] == [(user("tage"),)]


async def test_the_next_digest_is_the_reminder_of_whom_it_rings(ward: Ward) -> None:
    told = await ward.chat.tap("noor", INBOX, await ward.digest(), TAPPED)

    assert "om genomgången 14:00, måndag 7 september" in told.replies
    assert await ward.until("2026-09-08 08:00") == []
    assert await ward.chat.rows("snoozes") == []


async def test_one_whom_the_next_digest_does_not_ring_is_reminded_of_the_review_beside_it(ward: Ward) -> None:
    await ward.chat.tap("disa", INBOX, await ward.digest(), TAPPED)
    (reminder,) = await ward.until("2026-09-08 08:00")

    assert shape(reminder) == (INBOX, (user("disa"),), None, "")
    assert isinstance(reminder.effect, Say)
    assert reminder.effect.reply == Anchor(key=f"review:{HSV}:2026-09-08:08:00:1:{HSV}")
    assert "genomgången 14:00, måndag 7 september, är inte gjord" in reminder.body


async def test_a_review_that_was_done_is_not_brought_up_and_cannot_be_put_off(ward: Ward) -> None:
    digest = await ward.digest()
    await ward.chat.tap("disa", INBOX, digest, TAPPED)
    await ward.chat.tap("noor", INBOX, digest, "✅")

    assert await ward.until("2026-09-08 07:00") == []
    assert (await ward.chat.tap("tage", INBOX, digest, TAPPED)).sent == ()
    assert "Här väntar inget på er enhet" in (await ward.chat.say("tage", INBOX, "!påminn", reply_to=digest)).replies
    assert await ward.until("2026-09-08 08:00") == []


async def test_the_mention_of_a_missed_review_can_be_put_off_as_the_digest_itself(ward: Ward) -> None:
    await ward.digest()
    ward.chat.later(timedelta(hours=1))
    await ward.timer.tick()
    nudge = next(each for each in [s async for s in ward.chat.delivered()] if each.key == f"review:{HSV}:2026-09-07:14:00:3:{HSV}")
    await ward.chat.tap("disa", INBOX, nudge.event, TAPPED)
    typed = await ward.chat.say("disa", INBOX, "!påminn")
    (reminder,) = await ward.until("2026-09-08 08:00")

    assert "tisdag 8 september kl. 08:00" in typed.replies
    assert "genomgången 14:00" in reminder.body


async def test_another_unit_cannot_put_off_a_digest(ward: Ward) -> None:
    digest = await ward.digest()
    await ward.chat.employ(member("ulla", BIST, Role.MOTTAGARE))

    assert (await ward.chat.tap("ulla", INBOX, digest, TAPPED)).sent == ()
    assert (await ward.chat.tap("ulla", f"inbox:{BIST}", digest, TAPPED)).sent == ()


async def test_it_is_typed_by_number_by_reply_in_the_thread_or_as_the_only_thing_that_waits(ward: Ward) -> None:
    room, question = await ward.asked()
    for said in (
        await ward.chat.say("noor", room, "!påminn F1"),
        await ward.chat.say("noor", room, "!remind 1"),
        await ward.chat.say("noor", room, "!påminn", reply_to=question),
        await ward.chat.say("noor", room, "!påminn", thread=question),
        await ward.chat.say("noor", room, "!påminn"),
    ):
        assert "Du påminns om F1 måndag 7 september kl. 14:00" in said.replies
    assert len(await ward.until("2026-09-07 14:00")) == 1


async def test_what_is_typed_is_taken_back_by_what_is_typed(ward: Ward) -> None:
    room, question = await ward.asked()
    for line, thread in (("!påminn av F1", ""), ("!remind off", ""), ("!påminn av", question)):
        await ward.chat.say("noor", room, "!påminn F1")
        assert "Du påminns inte längre om F1" in (await ward.chat.say("noor", room, line, thread=thread)).replies
    assert "ingen sådan påminnelse" in (await ward.chat.say("noor", room, "!påminn av")).replies
    assert await ward.until("2026-09-07 14:00") == []


async def test_what_cannot_be_put_off_is_refused_when_it_is_typed(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.say("anna", room, "!meddelande Nytt nummer")
    refusals = {
        ("anna", room, "!påminn F1"): "F1 väntar inte på er enhet",
        ("anna", room, "!påminn"): "Här väntar inget på er enhet",
        ("noor", room, "!påminn"): "Det här väntar på er: F1 och K1",
        ("noor", INBOX, "!påminn"): "Här väntar inget på er enhet",
        ("noor", "direkt", "!påminn"): "Här syns inte vad du menar",
    }
    for (name, where, line), said in refusals.items():
        assert said in (await ward.chat.say(name, where, line)).replies
    assert "F1 väntar inte" in (await ward.chat.say("ulla", room, "!påminn", reply_to=question)).replies
    assert await ward.chat.rows("snoozes") == []


async def test_a_reminder_of_a_case_that_is_gone_is_forgotten(ward: Ward) -> None:
    room, question = await ward.asked()
    await ward.chat.tap("noor", room, question, TAPPED)
    async with ward.chat.database.write() as tx:
        await tx.execute(snoozes.update().values(case_id="gone", subject="gone:F1"))

    assert await ward.until("2026-09-07 14:00") == []
    assert await ward.chat.rows("snoozes") == []


async def test_every_message_that_asks_for_something_and_has_at_most_one_other_reaction_carries_it(ward: Ward) -> None:
    room = await ward.chat.opened("noor", "ulla")
    asked = await ward.chat.say("anna", room, ASK)
    posted = await ward.chat.say("anna", room, "!meddelande Nytt nummer")
    proposed = await ward.chat.confirmed("anna", room, "!ärende avsluta målen uppfyllda")
    shown = [each.effect.reactions for each in (*asked.said, *posted.said, *proposed.said) if isinstance(each.effect, Say)]

    assert [each for each in shown if each] == [("✅", TAPPED), ("✅", TAPPED), (TAPPED,)]
