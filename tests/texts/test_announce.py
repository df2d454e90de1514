"""What is said of what happened: who is rung, what a locked phone shows, and that it is always the same."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from care.case import Case, Entry
from care.effects import Attach, Mail, PlaceKind, Remove, Revise, Say
from care.events import evolve
from care.expected import Rules
from care.ladder import Step, StepTaken
from care.language import Language, Spoken
from care.meetings import MeetingCalled
from care.people import Profession
from tests.builders import ANNA, BIST, ESTER, EVA, HSV, HT, NOOR, VC, user
from tests.texts.story import DISA, ORGANIZER, RULES, Taken, story
from texts.announce import announce
from texts.professions import TITLES, post

STEPS = story().steps
OBJECT = re.compile(r"((A|F|K|P|S|Ä)[0-9]+|SÄ-2026-00042 \w+ \w+) · ")
PERSON = (*ESTER.name.split(), ESTER.number, ESTER.number[2:], ESTER.display, ESTER.display[2:])
STAFF = tuple({member.name for member in RULES.directory.members} | {"Demo"})


def kinds(step: Taken) -> str:
    return " ".join(f"{entry.seq}:{entry.event.kind}" for entry in step.entries)


def says(step: Taken) -> list[Say]:
    return [effect for effect in step.effects if isinstance(effect, Say) and effect.about != "overview"]


def of_kind(kind: str) -> list[Taken]:
    return [step for step in STEPS if any(entry.event.kind == kind for entry in step.entries)]


def the_only(kind: str) -> Taken:
    (step,) = of_kind(kind)
    return step


RINGING = [say for step in STEPS for say in says(step) if say.rings]


@pytest.mark.parametrize("say", RINGING, ids=lambda say: say.key)
def test_what_rings_names_nobody(say: Say) -> None:
    shown = say.words.body + say.words.html

    assert [name for name in (*PERSON, *STAFF) if re.search(rf"\b{re.escape(name)}s?\b", shown, re.IGNORECASE)] == []


def test_the_lagesbild_does_name_the_person() -> None:
    overviews = [effect for step in STEPS for effect in step.effects if isinstance(effect, Revise)]

    assert overviews
    assert all(ESTER.name in each.words.body and ESTER.display in each.words.body for each in overviews)


def test_nothing_is_said_in_a_room_that_nobody_has_joined() -> None:
    there = [effect for effect in STEPS[0].effects if effect.place.kind is PlaceKind.CASE]

    assert there
    assert not [effect for effect in there if isinstance(effect, Say)]


@pytest.mark.parametrize("say", RINGING, ids=lambda say: say.key)
def test_what_rings_begins_with_what_it_concerns(say: Say) -> None:
    assert OBJECT.match(say.words.body)
    assert say.words.html.startswith("<p><strong>")


@pytest.mark.parametrize("say", [say for say in RINGING if say.place.kind is not PlaceKind.CASE], ids=lambda say: say.key)
def test_what_rings_outside_the_room_of_the_case_names_the_case(say: Say) -> None:
    assert "SÄ-2026-00042 " in say.words.body


@pytest.mark.parametrize("step", STEPS, ids=kinds)
def test_a_step_leads_to_the_same_effects_whenever_it_is_announced(step: Taken) -> None:
    assert step.again() == step.effects


@pytest.mark.parametrize("step", STEPS, ids=kinds)
def test_a_step_says_for_which_unit_it_was_done(step: Taken) -> None:
    own = step.entries[0].author.unit
    if said := says(step):
        name = RULES.directory.units[own].name if own else ""
        assert any(name in say.words.body for say in said)


def test_each_effect_has_a_key_of_its_own_but_the_root_of_the_plan() -> None:
    keys = [effect.key for step in STEPS for effect in step.effects]
    twice = {key for key in keys if keys.count(key) > 1}

    assert twice == {"c-1:object:P1"}


def test_the_lagesbild_is_revised_after_every_step() -> None:
    assert all(isinstance(step.effects[-1], Revise) for step in STEPS[1:])
    assert len({step.effects[-1].key for step in STEPS[1:]}) == len(STEPS) - 1


def test_a_question_rings_the_asked_unit_and_its_answer_the_asking_one() -> None:
    (asked,) = says(the_only("question.asked"))
    (answered,) = says(the_only("question.answered"))

    assert set(asked.rings) == set(RULES.directory.receivers(BIST))
    assert set(answered.rings) <= {NOOR.user, DISA.user, user("tage")}
    assert answered.thread is not None
    assert answered.thread.key == asked.key


def test_a_kallelse_rings_the_called_units_but_not_the_one_that_called() -> None:
    said = says(of_kind("meeting.called")[0])[0]

    assert not set(said.rings) & {member.user for member in RULES.directory.members_of(VC)}
    assert {RULES.directory.memberships(who)[0].unit for who in said.rings} == {BIST, HSV}


def test_a_tapped_no_asks_the_unit_why_and_a_reasoned_one_rings_the_leader() -> None:
    tapped, reasoned = (says(step)[0] for step in of_kind("meeting.answered")[1:3])

    assert "skriver nu varför" in tapped.words.body
    assert set(tapped.rings) == set(RULES.directory.receivers(BIST))
    assert reasoned.rings == (ANNA.user,)


def test_a_substitute_is_named_in_the_lagesbild_and_not_where_it_rings() -> None:
    step = of_kind("meeting.answered")[2]
    revised = step.effects[-1]

    assert isinstance(revised, Revise)
    assert "ersättare: Gunnar Demo" in revised.words.body
    assert "Gunnar" not in says(step)[0].words.body


def test_a_missed_acceptance_rings_the_inbox_and_tells_the_room_silently() -> None:
    missed = says(of_kind("ladder.step")[0])

    assert [(str(say.place), bool(say.rings)) for say in missed] == [(f"inbox:{BIST}", True), ("case:c-1", False)]


def test_the_chief_is_told_in_the_direct_room() -> None:
    chiefs = {str(say.place) for step in of_kind("ladder.step") for say in says(step) if say.place.kind is PlaceKind.DIRECT}

    assert chiefs == {f"direct:{user}" for unit in (BIST, HSV) for user in RULES.directory.answerable(unit)}


def test_only_what_comes_late_says_so_and_when_it_should_have_come_unless_that_is_the_missed_time_itself() -> None:
    steps = [(entry.event, says(step)) for step in of_kind("ladder.step") for entry in step.entries]
    late = {event.late for event, _ in steps if isinstance(event, StepTaken)}

    assert late == {True, False}
    for event, said in steps:
        assert isinstance(event, StepTaken)
        mark = "(det här meddelandet är försenat)" if event.step is Step.MISSED else "(försenat: skulle ha kommit"
        assert {mark in say.words.body for say in said} == {event.late}


def test_who_no_longer_takes_part_leaves_the_room() -> None:
    declined = {effect.user for effect in the_only("actor.declined").effects if isinstance(effect, Remove)}
    reopened = {effect.user for effect in the_only("case.reopened").effects if isinstance(effect, Remove)}

    assert declined == set(RULES.directory.receivers(HT)) >= {EVA.user}
    assert DISA.user in reopened
    assert not reopened & {NOOR.user, *RULES.directory.receivers(VC), *RULES.directory.receivers(BIST)}


def test_mail_and_calendar_tell_nothing_of_the_person_or_the_case() -> None:
    mails = [effect for step in STEPS for effect in step.effects if isinstance(effect, Mail)]
    files = [effect.data for step in STEPS for effect in step.effects if isinstance(effect, Attach) and effect.mime == "text/calendar"]
    sent = [mail.subject + mail.words.body + mail.invitation.decode() for mail in mails] + [data.decode() for data in files]

    assert len(mails) == 4
    assert not [name for text in sent for name in (*PERSON, *STAFF, "SÄ-2026", "tranan", "Planera hjälpen") if name in text]
    assert [mail.method for mail in mails] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]


def test_a_recalled_meeting_tells_the_same_hour_that_was_called() -> None:
    called, recalled = (says(step)[0].words.body for step in (of_kind("meeting.called")[1], the_only("meeting.recalled")))

    assert "tisdag 22 september kl. 10:00" in called
    assert "tisdag 22 september kl. 10:00 är inställt" in recalled


def test_sequences_of_one_invitation_only_grow() -> None:
    files = [
        effect.data.decode() for step in STEPS for effect in step.effects if isinstance(effect, Attach) and "UID:c-1-S1" in str(effect.data)
    ]
    numbers = [int(line.removeprefix("SEQUENCE:")) for data in files for line in data.split("\r\n") if line.startswith("SEQUENCE:")]

    assert len(numbers) == 2
    assert all(a < b for a, b in pairwise(numbers))


def test_staff_are_told_by_unit_and_profession_each_of_which_has_a_word() -> None:
    assert post(RULES.directory, ANNA.user, VC, Language.SV) == "Norrgårdens vårdcentral (vårdsamordnare)"
    assert post(RULES.directory, DISA.user, HSV, Language.SV) == "Almfors kommun, hemsjukvården centrum"
    assert post(RULES.directory, ANNA.user, "k-okand", Language.SV) == "k-okand"
    assert all(title.isalpha() for title in TITLES.values())
    assert set(TITLES) == set(Profession)


def test_mail_and_calendar_speak_the_language_of_the_installation() -> None:
    rules = Rules(RULES.profile, replace(RULES.directory, spoken=Spoken(Language.EN)))
    before, after, called = _first_call()

    effects = announce((called,), before, after, rules, generation=1, organizer=ORGANIZER)

    (mail,) = [effect for effect in effects if isinstance(effect, Mail)]
    assert mail.subject == "Coordinated individual planning (SIP): summons"
    assert b"SUMMARY:Coordinated individual planning (SIP)" in mail.invitation
    assert b"Samordnad" not in mail.invitation
    assert mail.words.body.startswith("Hello!")


def _first_call() -> tuple[Case | None, Case, Entry]:
    """Return the case before and after its first kallelse, and the entry of that."""
    before: Case | None = None
    after: Case | None = None
    for entry in (entry for taken in story().steps for entry in taken.entries):
        before, after = after, evolve(after, entry)
        if isinstance(entry.event, MeetingCalled):
            return before, after, entry
    raise AssertionError("no meeting is called in the story")
