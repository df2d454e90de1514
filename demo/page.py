"""What a demo says in the terminal: a short page for people, or the one JSON line of the contract."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from care.clock import local
from care.people import Directory, Member
from demo.accounts import PASSWORD
from demo.wishes import Ready
from texts.professions import TITLES

FIRST = ("!hjälp", "!ärende starta")


def progress(words: str) -> None:
    """Say on standard error what is going on, so that standard output holds nothing but the answer."""
    print(words, file=sys.stderr, flush=True)


def line(ready: Ready) -> str:
    """Return the JSON line of the contract."""
    return json.dumps(asdict(ready), ensure_ascii=False)


def page(ready: Ready, directory: Directory, now: datetime, speed: float) -> str:
    """Return what a newcomer needs: what runs, who can log in, what to type first, how to stop."""
    pace = "stands still" if not speed else "runs at real speed" if speed == 1 else f"runs at speed {speed:g}"
    return "\n".join(
        [
            "",
            "Samrum is running, in a region where every place, unit and person is invented.",
            "",
            f"  homeserver  {ready.homeserver}   log in here with any Matrix client, such as Element",
            f"  time        {local(now):%Y-%m-%d %H:%M}, {pace}",
            f"  control     {ready.control}   moves time, stops and starts the bot",
            f"  health      {ready.web}/health",
            f"  e-mail      {ready.mail}",
            f"  state       {Path(ready.mail).parent}",
            "",
            f"Everybody has the password {PASSWORD}:",
            "",
            *_people(directory),
            "",
            "Log in as anna.demo, open the direct room with Samrum, and type",
            "",
            *(f"  {command}" for command in FIRST),
            "",
            "Stop with Ctrl-C; the next start continues here, --reset starts over.",
        ]
    )


def _people(directory: Directory) -> Iterator[str]:
    width = max(len(unit.name) for unit in directory.units.values())
    for unit in directory.units.values():
        if members := directory.members_of(unit.id):
            yield f"  {unit.name:<{width}}  {', '.join(_person(member) for member in members)}"
    administrators = ", ".join(_person(member) for member in directory.members_of(""))
    yield f"  {'Administration':<{width}}  {administrators}"


def _person(member: Member) -> str:
    what = TITLES[member.profession] if member.profession else ", ".join(sorted(member.roles))
    return f"{member.user[1:].partition(':')[0]} ({what})"
