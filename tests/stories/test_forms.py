"""A client that knows the commands sends one with an argument missing; the bot asks, a number is tapped, and it is done."""

from typing import cast

import pytest

from bot.matrix.invocations import COMMAND
from demo.client import Event
from demo.story.theatre import Theatre
from tests.stage import ANSWERED, BARBRO, accepted, opened

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

LABEL = "Barbro"


async def test_an_invocation_without_its_unit_is_asked_about_and_a_tapped_number_is_the_answer(theatre: Theatre) -> None:
    await opened(theatre, BARBRO, "k-alm-bist,k-alm-hsv", LABEL)
    await accepted(theatre, ("ulla", "k-alm-bist"), ("noor", "k-alm-hsv"))
    anna, room = theatre.people["anna"], theatre.rooms[LABEL]
    given = {"text": "Går trappan bra?", "senast": "imorgon 13:00"}
    sent = await anna.send(
        room,
        "m.room.message",
        {
            "msgtype": "m.text",
            "body": "/fråga Går trappan bra? imorgon 13:00",
            "m.mentions": {"user_ids": [theatre.bot]},
            COMMAND: {"command": "fråga", "arguments": given},
        },
    )
    question = await anna.wait(room, lambda each: _bots(theatre, each) and "Vilken enhet frågar du?" in each.text, ANSWERED, after=sent)
    cap = next(f"{number}\ufe0f\u20e3" for number in range(1, 10) if f"{number}. Almfors kommun, hemsjukvården" in question.text)
    await anna.wait(room, lambda each: _caps(theatre, each, question) == cap, ANSWERED, after=sent)
    await theatre.people["noor"].react(room, question.id, "1\ufe0f\u20e3")
    await theatre.tap("anna", LABEL, question, cap)

    asked = await anna.wait(room, lambda each: _bots(theatre, each) and each.text.startswith("F1"), ANSWERED, after=sent)
    assert "till Almfors kommun, hemsjukvården" in asked.text
    assert "Går trappan bra?" in asked.text
    told = [each.text for each in await anna.timeline(room) if _bots(theatre, each)]
    assert sum(text.startswith("F1 ·") for text in told) == 1, "asked once, whatever others tapped"


def _bots(theatre: Theatre, each: Event) -> bool:
    return each.sender == theatre.bot and each.type == "m.room.message"


def _caps(theatre: Theatre, each: Event, question: Event) -> str:
    """Return the reaction that the bot put on the question, "" for another event."""
    relation = cast("dict[str, str]", each.content.get("m.relates_to", {}))
    ours = each.sender == theatre.bot and each.type == "m.reaction" and relation.get("event_id") == question.id
    return relation.get("key", "") if ours else ""
