"""The stage: people at their clients, the clock, the transcript, and the list of what was promised."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime

from care.clock import STOCKHOLM, local
from demo.client import Client, Clients, Event
from demo.services import Demo
from demo.stepping import LOOK_SECONDS
from texts.phrases import written_day

PATIENCE = 60.0
"""Real seconds that a person looks for something before the box stays empty."""


@dataclass(frozen=True, slots=True)
class Box:
    """A promise, and whether it was seen; `seen` says what was seen."""

    promise: str
    kept: bool
    seen: str = ""


@dataclass(slots=True)
class Theatre:
    """What a scene uses. Rooms are known by what people call them."""

    demo: Demo
    clients: Clients
    people: dict[str, Client] = field(default_factory=dict[str, Client])
    rooms: dict[str, str] = field(default_factory=dict[str, str])
    witnesses: dict[str, str] = field(default_factory=dict[str, str])
    boxes: list[Box] = field(default_factory=list[Box])
    printed: set[str] = field(default_factory=set[str])

    @property
    def bot(self) -> str:
        """Return the bot's user id."""
        return self.demo.world.bot_user

    async def enter(self, *names: str) -> None:
        """Log people in; each takes the invitations of the bot."""
        accounts = {person.user_id.split(":")[0].lstrip("@").removesuffix(".demo"): person for person in self.demo.world.people}
        for name in names:
            client = await self.clients.login(accounts[name].user_id, accounts[name].password)
            self.people[name] = client
            await client.wait_room(lambda state: state.name == "Samrum", PATIENCE)
        await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has done and delivered everything."""
        await self.demo.stepper.settle()

    async def heard(self, event: str) -> None:
        """Wait until the bot has taken an event in, and has done and delivered everything."""
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(self.demo.ledger.heard, event):  # noqa: ASYNC110 - another process rings no bell
                await asyncio.sleep(LOOK_SECONDS)
        await self.settle()

    async def until(self, moment: str) -> None:
        """Move civil time to a wall time in Stockholm, `2026-04-27 08:00`, everything that falls due done on the way."""
        await self.demo.stepper.move(datetime.fromisoformat(moment).replace(tzinfo=STOCKHOLM))

    def watch(self, label: str, room: str, witness: str) -> None:
        """Show a room in the transcript, as one person sees it."""
        self.rooms[label] = room
        self.witnesses[label] = witness

    async def say(self, name: str, label: str, body: str, **where: str) -> str:
        """Let a person write, and wait until the bot has answered."""
        sent = await self.people[name].say(self.rooms[label], body, **where)
        await self.heard(sent)
        return sent

    async def tap(self, name: str, label: str, target: Event, key: str) -> None:
        """Let a person tap a reaction, and wait until the bot has taken it."""
        await self.heard(await self.people[name].react(self.rooms[label], target.id, key))

    async def find(self, name: str, label: str, pattern: str, *, after: str = "", edits: bool = False) -> Event | None:
        """Return the latest message of the bot in a room that a person can read and that matches; None if there is none.

        What was edited later counts as it was said first, unless `edits` are looked for too.
        """
        wanted = re.compile(pattern, re.IGNORECASE | re.DOTALL)
        found: Event | None = None
        for event in await self.people[name].timeline(self.rooms[label]):
            if event.id == after:
                found = None
            elif (
                event.sender == self.bot and event.type == "m.room.message" and (edits or not event.replaces) and wanted.search(event.text)
            ):
                found = event
        return found

    def tick(self, promise: str, kept: object, seen: str = "") -> None:
        """Note whether a promise was kept."""
        self.boxes.append(Box(promise, bool(kept), seen))

    async def expect(
        self, promise: str, name: str, label: str, pattern: str, *, rings: str = "", after: str = "", edits: bool = False
    ) -> Event | None:
        """Tick a promise off when a person can read a message of the bot that matches (and that rings somebody)."""
        found = await self.find(name, label, pattern, after=after, edits=edits)
        rung = not rings or (found is not None and self.people[rings].user in found.mentions)
        self.tick(promise, found is not None and rung, found.text.partition("\n")[0] if found else "")
        return found

    async def show(self) -> None:
        """Print what was said since the last look, in every watched room, in the order of the homeserver."""
        said: list[tuple[datetime, str, Event]] = []
        for label, room in self.rooms.items():
            said += [(event.time, label, event) for event in await self.people[self.witnesses[label]].timeline(room)]
        for _, label, event in sorted(said, key=lambda each: each[0]):
            if event.id not in self.printed and (line := self._line(label, event)):
                print(line)
            self.printed.add(event.id)

    def _line(self, label: str, event: Event) -> str:
        who = "Samrum" if event.sender == self.bot else self.demo.world.directory.name_of(event.sender)
        moment = self.civil(event.time)
        if event.type == "m.reaction" and event.sender != self.bot:
            return f"\n[{moment:%H:%M}] {label} · {who} trycker på {event.reaction}"
        if event.type != "m.room.message" or event.replaces:
            return ""
        rung = ", ".join(self.demo.world.directory.name_of(user) for user in event.mentions)
        bell = f"  🔔 {rung}" if rung else ""
        body = "\n".join(f"    {line}" for line in event.text.split("\n"))
        return f"\n[{moment:%H:%M}] {label} · {who}{bell}\n{body}"

    def civil(self, real: datetime) -> datetime:
        """Return the wall time in Stockholm that the demo's clock showed at a real instant."""
        anchors = self.demo.clock.bearings
        last = next((each for each in reversed(anchors) if each.real <= real), anchors[0])
        return local(last.at(real))

    async def heading(self, title: str) -> None:
        """Print what was said until now, and where in the story we are."""
        await self.show()
        now = self.demo.clock.now()
        print(f"\n\n=== {written_day(now).capitalize()} {local(now):%H:%M} – {title} ===")
