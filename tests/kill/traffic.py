"""What people write while the bot is killed, and what must have come of it: each command one event and one message, in order."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field

from care.questions import QuestionAnswered, QuestionAsked
from demo.client import Client
from demo.client import Event as Seen
from tests.kill.house import House, by_bot
from tests.stage import ANSWERED, since_joining

BATCH = 6
"""Commands that wait when a steered kill comes: more than rooms, so that some room has several."""
MARK = re.compile(r"\bmärke[a-j]{5}\b")
NAME = re.compile(r"\bF[0-9]+\b")


def mark(number: int) -> str:
    """Return a word that stands in one command alone: no digits, which could be read as a date, and no part of a codename (frimärket)."""
    return "märke" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")


@dataclass(slots=True)
class Traffic:
    """Anna asks, Noor answers, in several case rooms; `written` holds the marks of each room, `open` the questions by room and mark."""

    house: House
    anna: Client
    noor: Client
    rooms: tuple[str, ...]
    written: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    open: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    count: int = 0

    async def ask(self) -> None:
        """Ask some questions, in all rooms at once."""
        asked = [(self.rooms[n % len(self.rooms)], self._next()) for n in range(BATCH)]
        await self._write(self.anna, [(room, word, f"!fråga k-alm-hsv Hur går det med {word} hemma") for room, word in asked])
        self.open += asked

    async def answer(self, by: Client | None = None) -> None:
        """Answer the oldest open questions that Anna's client has shown, each by its number."""
        numbers = {each: number for each in self.open if (number := self._number(*each))}
        old = [*numbers][:BATCH]
        self.open = [each for each in self.open if each not in old]
        answers = [(room, self._next(), numbers[room, word]) for room, word in old]
        await self._write(by or self.noor, [(room, word, f"!svar {number} Det går bra med {word} nu") for room, word, number in answers])

    def _next(self) -> str:
        self.count += 1
        return mark(self.count)

    def _number(self, room: str, word: str) -> str:
        asked = next((each for each in by_bot(self.house.demo, self.anna.seen.events(room)) if word in each.text), None)
        found = NAME.search(asked.text) if asked else None
        return found[0] if found else ""

    @property
    def unanswered(self) -> bool:
        """Whether some command has no effect yet that Anna's client has read."""
        return any(self._missing(room) for room in self.rooms)

    async def _write(self, who: Client, commands: list[tuple[str, str, str]]) -> None:
        async def in_room(room: str) -> None:
            for where, word, text in commands:
                if where == room:
                    await who.say(room, text)
                    self.written.setdefault(room, []).append(word)

        await asyncio.gather(*(in_room(room) for room in self.rooms))

    async def arrived(self) -> None:
        """Wait until Anna's client has read an effect of each command."""
        await self.anna.seen.until(lambda: None if self.unanswered else True, 4 * ANSWERED)

    def _missing(self, room: str) -> set[str]:
        return set(self.written.get(room, ())) - {*self._marks(self.anna.seen.events(room))}

    def _marks(self, events: tuple[Seen, ...]) -> list[str]:
        return [found for each in by_bot(self.house.demo, events) for found in MARK.findall(each.text)]

    def wrong(self, events: tuple[Seen, ...], room: str) -> list[str]:
        """Return what is not as it must be in a room: unreadable, lost, said twice, out of order, or not known to the bot."""
        said = by_bot(self.house.demo, events)
        unread = [f"{each.id} is unreadable: {each.failure}" for each in since_joining(events, self.anna.user) if each.failure]
        effects = self._marks(events)
        twice = [f"{word} has {count} effects" for word, count in Counter(effects).items() if count > 1]
        lost = [f"{word} has no effect" for word in self.written.get(room, ()) if word not in effects]
        commands = [found for each in events if each.sender in {self.anna.user, self.noor.user} for found in MARK.findall(each.text)]
        disorder = ["the effects are not in the order of the commands"] if effects != commands else []
        known = self.house.spoken(room)
        ids = frozenset(known)
        strange = [f"{each.id} is a message that the bot knows nothing of" for each in said if each.id not in ids]
        marked = [each.id for each in said if MARK.search(each.text)]
        met = frozenset(marked)
        swapped = ["the messages are not in the order of the outbox"] if marked != [each for each in known if each in met] else []
        return unread + twice + lost + disorder + strange + swapped

    async def unjournalled(self) -> list[str]:
        """Return the commands that have not exactly one event in the journal."""
        events = await self.house.journalled()
        texts = [event.text for event in events if isinstance(event, QuestionAsked | QuestionAnswered)]
        found = Counter(word for text in texts for word in MARK.findall(text))
        return [f"{word} has {found[word]} events" for words in self.written.values() for word in words if found[word] != 1]
