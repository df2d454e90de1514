"""The ways in which a message is broken, each in one place."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from care.effects import PlaceKind
from commands.declare import WHEN, Kind
from tests.commands.oracle.messages import Message, Part, dates, message

Broken = tuple[str, PlaceKind]
Break = Callable[[Random, Message], Broken | None]
IMPOSSIBLE = ("31/11", "13/14", "30/2", "2027-02-29", "32 dec", "snarast", "onsdag 1 december")
STRAY = ("ca", "prick", "kanske", "personer", "eller")


def _part(rng: Random, good: Message, fits: Callable[[Part], bool]) -> int | None:
    found = [n for n, part in enumerate(good.parts) if fits(part)]
    return rng.choice(found) if found else None


def _with(good: Message, n: int, *instead: Part) -> Message:
    return replace(good, parts=(*good.parts[:n], *instead, *good.parts[n + 1 :]))


def whole(_: Random, good: Message) -> Broken:
    return good.typed, good.place


def letter_dropped(rng: Random, good: Message) -> Broken:
    at = rng.randint(0, len(good.name) - 1)
    return replace(good, name=good.name[:at] + good.name[at + 1 :]).typed, good.place


def letters_swapped(rng: Random, good: Message) -> Broken:
    at, name = rng.randint(0, len(good.name) - 2), good.name
    return replace(good, name=name[:at] + name[at + 1] + name[at] + name[at + 2 :]).typed, good.place


def name_left_unfinished(rng: Random, good: Message) -> Broken:
    end = rng.randint(max(1, len(good.name) - 5), len(good.name))
    return replace(good, name=good.name[:end].rstrip()).typed, good.place


def quote_unclosed(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: bool(part.marks) and part.marks[0] not in "'’")
    if n is None:
        return None
    part = good.parts[n]
    return _with(good, n, replace(part, text=part.marks[0] + part.text, marks="")).typed, good.place


def name_doubled(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: bool(part.name))
    return None if n is None else (f"{good.typed} {good.parts[n].typed}", good.place)


def name_misspelt(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: len(part.name) >= 5)
    if n is None:
        return None
    part, at = good.parts[n], rng.randint(1, 4)
    return _with(good, n, replace(part, name=part.name[:at] + part.name[at + 1 :])).typed, good.place


def name_with_colon(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: bool(part.name))
    return None if n is None else (good.typed.replace(f"{good.parts[n].name}=", f"{good.parts[n].name}:", 1), good.place)


def value_emptied(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: bool(part.name))
    return None if n is None else (_with(good, n, replace(good.parts[n], text="", marks="””")).typed, good.place)


def word_after_date(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: part.parameter.kind in WHEN)
    if n is None:
        return None
    part, stray = good.parts[n], rng.choice(STRAY)
    return _with(good, n, replace(part, text=f"{part.text} {stray}")).typed, good.place


def date_impossible(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: part.parameter.kind in WHEN)
    return None if n is None else (_with(good, n, replace(good.parts[n], text=rng.choice(IMPOSSIBLE))).typed, good.place)


def date_at_the_end_of_a_text(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: part.parameter.rest and not part.name)
    return None if n is None else (_with(good, n, replace(good.parts[n], text=f"Ring {dates(rng)}", marks="")).typed, good.place)


def unit_unknown(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda part: part.parameter.kind is Kind.UNIT)
    word = rng.choice(("hemsjukvrden", "xyzzy", "almfors", "k-eh-hsv", "mob", "alla", "2", "hsv och bist", "hsv, bist", "k-eh-dag"))
    return None if n is None else (_with(good, n, replace(good.parts[n], text=word)).typed, good.place)


def value_wrong(rng: Random, good: Message) -> Broken | None:
    kinds = {Kind.CHOICE, Kind.YES_NO, Kind.NUMBER, Kind.OBJECT, Kind.CASE, Kind.USER}
    n = _part(rng, good, lambda part: part.parameter.kind in kinds)
    return None if n is None else (_with(good, n, replace(good.parts[n], text=rng.choice(("kanske", "xyz", "3-1")))).typed, good.place)


def argument_missing(rng: Random, good: Message) -> Broken | None:
    n = _part(rng, good, lambda _: True)
    return None if n is None else (_with(good, n).typed, good.place)


def order_swapped(rng: Random, good: Message) -> Broken | None:
    if len(good.parts) < 2:
        return None
    n = rng.randint(0, len(good.parts) - 2)
    one, two = good.parts[n : n + 2]
    return replace(good, parts=(*good.parts[:n], two, one, *good.parts[n + 2 :])).typed, good.place


def second_command(rng: Random, good: Message) -> Broken:
    return good.typed + rng.choice((" !svar F1 ja", "\n!aktörer", " /kvittera", "\n/hjälp")), good.place


def prefix_loose(rng: Random, good: Message) -> Broken:
    return replace(good, prefix=rng.choice(("! ", "!!", "//", "!/", "> !", "* !"))).typed, good.place


def prefix_missing(_: Random, good: Message) -> Broken:
    return replace(good, prefix="").typed, good.place


def wrong_place(rng: Random, good: Message) -> Broken:
    return good.typed, rng.choice(tuple(PlaceKind))


def word_left_over(rng: Random, good: Message) -> Broken:
    return f"{good.typed} {rng.choice(('xyzzy', 'tack', 'snälla du', 'puls=88'))}", good.place


BREAKS: tuple[Break, ...] = (
    whole, letter_dropped, letters_swapped, name_left_unfinished, quote_unclosed, name_doubled, name_misspelt, name_with_colon,
    value_emptied, word_after_date, date_impossible, date_at_the_end_of_a_text, unit_unknown, value_wrong, argument_missing,
    order_swapped, second_command, prefix_loose, prefix_missing, wrong_place, word_left_over,
)  # fmt: skip


def broken(rng: Random) -> tuple[str, PlaceKind, str]:
    """Return a message broken in one place, where it is typed, and the name of the break: each as often, on what it fits."""
    done = rng.choice(BREAKS)
    while (found := done(rng, message(rng))) is None:
        pass
    return *found, done.__name__
