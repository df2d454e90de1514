"""Two people who have never seen the bot open a case, add a unit, ask and answer, by what the bot says alone: docs/first-use.md.

`WRITE_GOLDEN=1` writes the page anew; read the difference as a nurse would before keeping it.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from care.effects import inbox
from demo.client import Event
from demo.story.theatre import Theatre
from tests.stage import staged

pytestmark = pytest.mark.story

PAGE = Path(__file__).parents[2] / "docs" / "first-use.md"
HEAD = """# First use: what was typed, and what the bot said

Played by `tests/stories/test_first_use.py` with real clients on a real homeserver; the test fails when this page says something else.
Nobody here had read anything: the first word is `hej`, and every later line follows from what the bot had said. Anna and Noor have
Swedish; Ulla and Eva choose English, and what is said to a whole room is in the language of the installation. The pinned overview
is shown once, the welcome of each newcomer not at all.
"""
"""What the page begins with."""
SWEDISH = """
Direkt anna|hej
Direkt anna|!hjälp
Direkt anna|!ärende starta
Direkt anna|nej
Direkt anna|muntligt
Direkt anna|19351217-2382
Direkt anna|Ester Demoson
Direkt anna|ja
Direkt anna|1
Direkt anna|Trygg hemgång
Direkt anna|hemsjukvården
Direkt anna|ja 1935
look noor|Inkorg noor
Inkorg noor|!aktör tacka ja {case}
enter anna|Ärendet
look anna|Ärendet
Ärendet anna|!hjälp
Ärendet anna|!hjälp aktör
Ärendet anna|!aktör lägg till
thread anna|biståndsenheten
thread anna|ja
thread anna|ja {noun}
Ärendet anna|!fråga
thread anna|hemsjukvården
thread anna|Klarar Ester trappan själv?
thread anna|hoppa över
look noor|Ärendet
Ärendet noor|!svar
thread noor|Ja, med räcke och en person bredvid.
"""
ENGLISH = """
Direkt ulla|hello
Direkt ulla|!language english
Direkt ulla|!help
Direkt ulla|!case start
Direkt ulla|no
Direkt ulla|oral
Direkt ulla|19420827-2395
Direkt ulla|Sven Exempelgren
Direkt ulla|yes
Direkt ulla|1
Direkt ulla|Help at home
Direkt ulla|hemtjänst Söder
Direkt ulla|yes 1942
Direkt eva|!language english
look eva|Inkorg eva
Inkorg eva|!aktör tacka ja {case}
enter ulla|Ärendet
Ärendet ulla|!help
Ärendet ulla|!actor add
thread ulla|Norrgårdens vårdcentral
thread ulla|yes
thread ulla|yes {noun}
Ärendet ulla|!ask
thread ulla|hemtjänst Söder
thread ulla|Can Sven manage the stairs?
thread ulla|skip
look eva|Ärendet
Ärendet eva|!answer
thread eva|Yes, with a rail.
"""
ROOMS = {"Direkt": "the direct room", "Inkorg": "the inbox of the unit", "Ärendet": "the room of the case"}
INBOXES = {"noor": "k-alm-hsv", "eva": "k-alm-ht"}


@dataclass(slots=True)
class Transcript:
    """What one case's people typed and were told; `case` is the room's name, like "SÄ-2026-00001 Blå tranan"."""

    theatre: Theatre
    codename: str
    case: str = ""
    thread: dict[str, str] = field(default_factory=dict[str, str])
    lines: list[str] = field(default_factory=list[str])

    async def play(self, script: str) -> str:
        """Play a script and return it as it went, the case called by the name that it has on the page."""
        for row in script.strip().splitlines():
            where, _, words = row.partition("|")
            what, _, name = where.partition(" ")
            await self._step(what, name, words)
        number, _, codename = self.case.partition(" ")
        said = "\n".join(self.lines).replace(codename, self.codename)
        return (
            said.replace(f"ja {codename.split()[1]}", f"ja {self.codename.split()[1]}")
            .replace(codename.split()[1], self.codename.split()[1])
            .replace(number, f"{number[:8]}{int(number[8:]):05}")
        )

    async def _step(self, what: str, name: str, words: str) -> None:
        if what == "enter":
            await self._enter(name)
        elif what == "look":
            await self._look(name, words)
        else:
            await self._type(what, name, words)

    async def _enter(self, name: str) -> None:
        """Find the room of the case among those that the person was invited to."""
        room = await self.theatre.people[name].wait_room(lambda state: state.name == self.case)
        self.theatre.watch("Ärendet", room, name)
        await self.theatre.settle()

    async def _look(self, name: str, label: str) -> None:
        """Show the latest of each kind of message that the person finds in a room."""
        if label.startswith("Inkorg"):
            self.theatre.watch(label, self.theatre.demo.ledger.room(inbox(INBOXES[name])), name)
        pattern = "^A[0-9]" if label.startswith("Inkorg") else "^F1" if any(self.thread.values()) else "^Bollen"
        event = await self.theatre.find(name, label, pattern)
        assert event is not None, (name, label, pattern)
        self.lines += [f"\n*{name.capitalize()} reads in {ROOMS[label.partition(' ')[0]]}:*\n", *_box(event.text)]
        self.case = self.case or _named(event.text)

    async def _type(self, what: str, name: str, words: str) -> None:
        """Type a line, in a room or in the thread that the person's last command opened, and show what the bot answers there."""
        label = "Ärendet" if what in {"thread", "Ärendet"} else f"{what} {name}"
        number, _, codename = self.case.partition(" ")
        typed = words.format(case=number, noun=codename.partition(" ")[2])
        where = {"thread": self.thread[name]} if what == "thread" else {}
        sent = await self.theatre.say(name, label, typed, **where)
        self.thread[name] = self.thread[name] if where else sent if label == "Ärendet" else self.thread.get(name, "")
        place = "the thread" if where else ROOMS[what]
        self.lines += [f"\n**{name.capitalize()}** in {place}: `{typed}`\n"]
        for event in await self._answers(name, label, sent):
            self.lines += _box(event.text)

    async def _answers(self, name: str, label: str, sent: str) -> list[Event]:
        events = await self.theatre.people[name].timeline(self.theatre.rooms[label])
        after = events[next(n for n, event in enumerate(events) if event.id == sent) + 1 :]
        said = [e for e in after if e.sender == self.theatre.bot and e.type == "m.room.message" and not e.replaces]
        return [event for event in said if not re.match("Bollen ligger|Välkommen till", event.text)]


def _named(text: str) -> str:
    found = re.search(r"SÄ-\d{4}-\d{5} \w+ \w+", text)
    return found[0] if found else ""


def _box(text: str) -> list[str]:
    return ["```text", *text.splitlines(), "```"]


async def test_the_first_use_is_as_the_page_tells_it(tmp_path: Path) -> None:
    async with staged(tmp_path / "demo", "2026-09-01T08:05:00+02:00", "anna", "noor", "ulla", "eva") as theatre:
        first, second = Transcript(theatre, "Blå tranan"), Transcript(theatre, "Lila falken")
        swedish = await first.play(SWEDISH)
        english = (await second.play(ENGLISH)).replace(first.case.partition(" ")[2], first.codename)

    page = f"{HEAD}\n## In Swedish\n{swedish}\n\n## In English\n{english}".rstrip() + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        PAGE.write_text(page, encoding="utf-8")
    assert page == PAGE.read_text(encoding="utf-8")
