"""The plan in the chat: written row by row, established, followed up."""

import pytest

from care.effects import Attach
from tests.commands.driver import BIST, HSV, Chat, at

PHONE = 12
"""Lines that a phone shows at once."""


async def written(chat: Chat) -> str:
    room = await chat.opened("noor", "ulla")
    for line in ("mål Gå till brevlådan själv", "insats Gångträning ansvar=hemsjukvården", f"ansvar {BIST}", "uppföljning 2026-10-05"):
        await chat.say("anna", room, f"!plan {line}")
    return room


async def test_the_plan_is_written_row_by_row_and_shown(chat: Chat) -> None:
    room = await written(chat)
    heard = await chat.say("noor", room, "!plan visa")

    assert "M1 Gå till brevlådan själv" in heard.replies
    assert "I1 Gångträning – Almfors kommun, hemsjukvården centrum" in heard.replies
    assert "Samordnar: Almfors kommun, biståndsenheten" in heard.replies
    assert ("plans/show", HSV) in [(row["what"], row["unit"]) for row in await chat.rows("access")]


async def test_an_empty_plan_says_what_it_lacks(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert "Inga mål än" in (await chat.say("noor", room, "!plan visa")).replies
    assert "minst ett mål" in (await chat.say("noor", room, "!plan upprätta")).replies


async def test_a_long_plan_comes_in_pages_that_begin_with_their_goal(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    await chat.say("anna", room, "!plan mål Gå ut\nLaga mat")
    for number in range(6):
        await chat.say("anna", room, f"!plan insats Gångträning {number} mål=M1 ansvar={HSV}")
    first, second, last = [await chat.say("noor", room, f"!plan visa{page}") for page in ("", " mer", " 9")]

    assert "3 rader till: ”!plan visa mer”" in first.replies
    assert "en enhet som samordnar" in first.replies
    assert [line.strip() for line in second.replies.splitlines()[1:]] == [
        "• M1 (fortsättning)",
        "• I5 Gångträning 4 – Almfors kommun, hemsjukvården centrum",
        "• I6 Gångträning 5 – Almfors kommun, hemsjukvården centrum",
        "• M2 Laga mat",
    ]
    assert last.replies == second.replies
    assert len([line for line in first.replies.splitlines() if line]) <= PHONE
    assert len([row for row in await chat.rows("access") if row["what"] == "plans/show"]) == 3


async def test_establishing_shows_first_what_it_starts(chat: Chat) -> None:
    room = await written(chat)
    heard = await chat.form("anna", room, "!plan upprätta", f"ja {await chat.noun()}")

    assert "version 1" in heard[0].replies
    assert "Följs upp: måndag 5 oktober" in heard[0].replies
    assert heard[0].replies.count("Påminnelse:") == 3
    assert [effect.mime for effect in heard[1].effects(Attach)] == ["application/pdf"]
    plan = (await chat.case()).plan
    assert plan
    assert len(plan.versions) == 1


async def test_a_follow_up_is_recorded_with_the_next_day(chat: Chat) -> None:
    room = await written(chat)
    early = await chat.say("anna", room, "!plan följ upp")
    await chat.confirmed("anna", room, "!plan upprätta")
    chat.later(at("2026-10-05 09:00") - chat.clocks.civil)
    asked = await chat.form("anna", room, "!plan följ upp", "2", "igår", "2026-12-01")

    assert "Ingenting har ändrats" in early.replies
    assert "nästa uppföljning" in asked[1].replies
    assert "har redan varit" in asked[2].replies
    plan = (await chat.case()).plan
    assert plan
    assert plan.follow_up == at("2026-12-01 12:00").date()
    assert plan.follow_ups[0].outcome == "delvis"


async def test_with_several_goals_the_goal_is_asked_for(chat: Chat) -> None:
    room = await chat.opened("noor", "ulla")
    for goal in ("Gå ut", "Sova"):
        await chat.say("anna", room, f"!plan mål {goal}")
    heard = await chat.form("anna", room, "!plan insats", "Promenader", "3", "2")
    direct = await chat.say("anna", room, f"!plan insats Kvällssamtal ansvar={HSV} mål=2")

    plan = (await chat.case()).plan
    assert plan
    assert "Vilket mål hör den till?" in heard[2].replies
    assert [(m.goal, m.unit) for m in plan.measures.values()] == [("M2", HSV), ("M2", HSV)]
    assert "I2" in direct


@pytest.mark.parametrize(
    ("typed", "goals"),
    [
        ("Gå själv till brevlådan", ["Gå själv till brevlådan"]),
        ("- Gå själv\n- Sova gott\n\n• Äta middag med barnen", ["Gå själv", "Sova gott", "Äta middag med barnen"]),
        ("1. Gå själv\n2) Sova gott", ["Gå själv", "Sova gott"]),
        ("2 promenader om dagen\n5-10 minuter varje gång", ["2 promenader om dagen", "5-10 minuter varje gång"]),
    ],
)
async def test_each_line_of_an_answer_is_a_goal(chat: Chat, typed: str, goals: list[str]) -> None:
    room = await chat.opened("noor")
    asked, done = await chat.form("anna", room, "!plan mål", typed)

    plan = (await chat.case()).plan
    assert plan
    assert "Ett mål per rad" in asked.replies
    assert list(plan.goals.items()) == [(f"M{number}", goal) for number, goal in enumerate(goals, 1)]
    assert all(f"{name} · Mål" in done for name in plan.goals)


async def test_a_goal_without_words_is_refused_in_one_line(chat: Chat) -> None:
    room = await chat.opened("noor")

    assert "Texten är tom" in (await chat.say("anna", room, '!plan mål "- "')).replies
