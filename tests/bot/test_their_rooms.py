"""What clients are told of the commands in the direct rooms that people make themselves, on a real homeserver."""

import asyncio
import json
import signal
from typing import cast

import pytest

from commands.descriptions import DESCRIPTION
from demo.client import Client, Clients
from tests.bot.test_running import PASSWORD, SECONDS, Installation, commands_in, installed, place, rooms_of

__all__ = ["installed", "place"]

pytestmark = pytest.mark.homeserver


async def made(installed: Installation, anna: Client, *, trusting: bool) -> str:
    """Let a person make a direct room with the bot, which enters it and leaves its own; with trust it gets the power that she has."""
    async with installed.running():
        await rooms_of(anna, "Samrum")
        await installed.health()
        room = await anna.create_room(invite=(installed.user,), direct=trusting)
        await anna.wait_room(lambda state: state.name == "" and installed.user in state.joined, timeout=SECONDS)
        await anna.wait_room(lambda state: state.name == "Samrum" and installed.user not in state.joined, timeout=SECONDS)
        await installed.health()
    return room


async def life(installed: Installation, anna: Client, room: str) -> tuple[list[str], object]:
    """Let the bot start, answer and stop; return what its log says of descriptions, and how many rows were given up."""
    async with installed.running() as process:
        asked = await anna.say(room, "!begrepp SIP")
        await anna.wait(room, lambda event: event.sender == installed.user and "SIP" in event.body, timeout=SECONDS, after=asked)
        health = await installed.health()
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    lines = [json.loads(line) for line in said.decode().splitlines() if line.startswith("{")]
    told = [str(each["event"]) for each in lines if each["event"] == "outbox.not_described" or each.get("kind") == "Describe"]
    return told, cast("dict[str, object]", health["outbox"])["failed"]


async def test_a_room_whose_maker_gave_the_bot_power_is_told_of_the_commands_at_the_next_start(
    installed: Installation, clients: Clients
) -> None:
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    room = await made(installed, anna, trusting=True)

    second, third = await life(installed, anna, room), await life(installed, anna, room)
    described = commands_in(await anna.state(room), installed.user)

    assert described >= {"hjälp", "begrepp", "ärende starta"}
    assert (second, third) == ((["outbox.done"], 0), ([], 0))


async def test_a_room_whose_maker_gave_the_bot_no_power_is_tried_once_and_works_without(installed: Installation, clients: Clients) -> None:
    anna = await clients.login(installed.anna, PASSWORD, cross_sign=True)
    room = await made(installed, anna, trusting=False)

    second, third = await life(installed, anna, room), await life(installed, anna, room)
    described = [key for key in (await anna.state(room)).contents if key[0] == DESCRIPTION]

    assert described == []
    assert (second, third) == ((["outbox.not_described", "outbox.done"], 0), ([], 0))
