"""A push gateway, and what a phone does with what it gets: it fetches the event, decrypts it, and asks the push rules again (matrix 7)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web
from synapse.synapse_rust.push import FilteredPushRules, PushRuleEvaluator, PushRules

from demo.client import Client, Event
from tests.bot.matrix.bots import SECONDS

SOUND = {"set_tweak": "sound", "value": "default"}


@dataclass
class Gateway:
    """What was pushed, in order: the pusher's key and the notification."""

    url: str = ""
    pushed: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as a gateway does that reached all devices."""
        notification = cast("dict[str, Any]", (await request.json())["notification"])
        self.pushed += [(device["pushkey"], notification) for device in notification["devices"]]
        self.news.set()
        return web.json_response({"rejected": []})

    def events(self, client: Client) -> list[str]:
        """Return the events that a person's phone was woken for."""
        return [str(each["event_id"]) for key, each in self.pushed if key == client.user and each.get("event_id")]

    async def wait(self, matches: Callable[[str, Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """Return the first notification that matches; raise TimeoutError."""
        async with asyncio.timeout(SECONDS):
            while True:
                self.news.clear()
                if found := next((each for key, each in self.pushed if matches(key, each)), None):
                    return found
                await self.news.wait()

    async def phone(self, client: Client) -> None:
        """Give a person a phone."""
        pusher = {
            "kind": "http",
            "app_id": "se.samrum.test",
            "pushkey": client.user,
            "app_display_name": "telefon",
            "device_display_name": "telefon",
            "lang": "sv",
            "data": {"url": f"{self.url}/_matrix/push/v1/notify", "format": "event_id_only"},
        }
        await client.request("POST", "/_matrix/client/v3/pushers/set", pusher)


@asynccontextmanager
async def gateway() -> AsyncGenerator[Gateway]:
    """A running gateway."""
    made = Gateway()
    app = web.Application()
    app.router.add_post("/_matrix/push/v1/notify", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def rings(event: Event, user: str, *, members: int) -> bool:
    """Whether the default push rules let a decrypted event sound at a person's phone, in a room with so many members."""
    content = {**event.content, "m.relates_to": event.relation}
    plain = dict(flat({"type": event.type, "sender": event.sender, "room_id": event.room, "content": content}))
    mentioned = "m.mentions" in event.content
    evaluator: Any = PushRuleEvaluator(
        flattened_keys=plain,
        has_mentions=mentioned,
        room_member_count=members,
        sender_power_level=100,
        notification_power_levels={},
        related_events_flattened={},
        related_event_match_enabled=False,
        room_version_feature_flags=[],
        msc3931_enabled=False,
        msc4210_enabled=False,
        msc4306_enabled=False,
    )
    off = dict.fromkeys(("msc1767_enabled", "msc3381_polls_enabled", "msc3664_enabled", "msc4075_enabled", "msc4210_enabled"), False)
    defaults = FilteredPushRules(PushRules([]), {}, msc4028_push_encrypted_events=False, msc4306_enabled=False, **off)
    return SOUND in evaluator.run(defaults, user, None, None)


def flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of an event by their dotted paths, as push conditions name them; a dot in a key is escaped."""
    for key, each in value.items():
        path = before + key.replace("\\", "\\\\").replace(".", "\\.")
        if isinstance(each, Mapping):
            yield from flat(cast("Mapping[str, Any]", each), f"{path}.")
        else:
            yield path, each
