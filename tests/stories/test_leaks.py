"""After a case, nobody's name or number lies readable in any file of bot or homeserver (invariant 7, issue 2)."""

from collections.abc import Iterable
from datetime import date

import pytest
import pytest_asyncio

from demo.client import Client
from demo.leaks import Leak, Secret, person, places, search
from demo.story.theatre import Theatre
from tests import databases
from tests.stage import ESTER, Person, accepted, opened

pytestmark = [pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

TODAY = date(2026, 9, 1)
GUN = Person("Gun Låtsas", "19530328-2387")
ALVA = Person("Alva Övning", "20130702-2382")
CANARY = Secret("canary", ("Gulfjäder Burfågel",))
LABEL = "Ester"
CALL = (
    '!sip kalla syfte="Hur Ester Demoson ska få hjälp" tid="2026-09-10 13:00" slut=14:00 plats=hem '
    "enheter=k-alm-bist,k-alm-hsv ledare={leader} närstående=ja telefon=031-3900600 epost=ester@hem.example"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(theatre: Theatre) -> Theatre:
    """Two openings that are refused, then a case with question, meeting, plan and closing, full of names."""
    await theatre.say("anna", "Direkt anna", f'!ärende starta {ALVA.number} skyddad=ja namn="{ALVA.name}"')
    await theatre.say("anna", "Direkt anna", f'!ärende starta {GUN.number} skyddad=nej samtycke=nej namn="{GUN.name}"')
    await opened(theatre, ESTER, "k-alm-bist,k-alm-hsv", LABEL)
    await accepted(theatre, ("ulla", "k-alm-bist"), ("noor", "k-alm-hsv"))
    await theatre.say("anna", LABEL, f"!fråga k-alm-hsv Klarar {ESTER.name} ({ESTER.number}) trappan själv?")
    await theatre.say("noor", LABEL, f"!svar F1 Ja, {ESTER.name} går med räcke")
    await confirmed(theatre, CALL.format(leader=theatre.people["anna"].user))
    for line in (
        f"!plan mål {ESTER.name} går till brevlådan själv",
        "!plan insats Gångträning med Ester två gånger i veckan mål=M1 ansvar=k-alm-hsv",
        "!plan ansvar vc-norrgard",
        "!plan uppföljning 2026-10-06",
    ):
        await theatre.say("anna", LABEL, line)
    await confirmed(theatre, "!plan upprätta")
    await confirmed(theatre, "!ärende avsluta målen uppfyllda")
    for name in ("ulla", "noor"):
        await theatre.say(name, LABEL, "!ärende avsluta ja")
    return theatre


async def confirmed(theatre: Theatre, command: str) -> None:
    await theatre.say("anna", LABEL, command)
    noun = theatre.people["anna"].seen.state(theatre.rooms[LABEL]).name.split()[-1]
    await theatre.say("anna", LABEL, f"ja {noun}")


async def seen(theatre: Theatre, name: str, pattern: str) -> bool:
    return await theatre.find(name, LABEL, pattern) is not None


async def test_the_case_was_played_to_its_end_with_names_in_it(played: Theatre) -> None:
    assert await seen(played, "noor", f"F1.*{ESTER.name}")
    assert await seen(played, "anna", ESTER.number)
    assert await seen(played, "ulla", r"S1.*10 september")
    assert await seen(played, "ulla", r"avslutat")
    files = [each.body for each in await played.people["noor"].timeline(played.rooms[LABEL]) if each.msgtype == "m.file"]
    assert {name.rpartition(".")[2] for name in files} == {"ics", "pdf"}
    assert len(list(played.demo.world.mailbox.folder.glob("*.eml"))) >= 1


async def test_of_those_who_were_refused_and_of_her_whose_case_it_was_nothing_lies_readable_in_any_file(played: Theatre) -> None:
    files = (*places(played.demo.world.data), *databases.files())
    names = {file.name for file in files}

    assert names >= {
        "homeserver.db",
        "homeserver.log",
        "bot.log",
        *({"pg_control"} if databases.POSTGRES else {"samrum.db", "samrum.db-wal"}),
    }
    assert any("media" in file.parts for file in files)
    assert search(files, [person(each.name, each.number, TODAY) for each in (ESTER, GUN, ALVA)]) == ()


async def test_the_same_search_finds_what_is_said_and_kept_in_clear(played: Theatre) -> None:
    anna, ulla = (played.people[name] for name in ("anna", "ulla"))
    room = await in_clear(anna, ulla)
    assert search(places(played.demo.world.data), [CANARY]) == ()

    await anna.say(room, f"Har någon sett {CANARY.words[0]}?")
    await anna.attach(room, "bild.txt", "text/plain", f"En bild av {CANARY.words[0]}".encode())

    found = search(places(played.demo.world.data), [CANARY])
    assert {"homeserver.db", "homeserver.db-wal"} & in_files(found)
    assert any(kept(played, name) for name in in_files(found))


def in_files(found: Iterable[Leak]) -> set[str]:
    return {leak.file for leak in found}


def kept(theatre: Theatre, name: str) -> bool:
    """Whether a file of this name is in the homeserver's media store."""
    return any(file.name == name for file in (theatre.demo.world.data / "homeserver" / "media").rglob("*"))


async def in_clear(one: Client, other: Client) -> str:
    room = await one.create_room(name="Fikarummet", invite=(other.user,), encrypted=False)
    await other.wait_membership(room)
    return room
