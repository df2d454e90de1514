"""The numbered choices of a question, and which of them may be tapped (commands 4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from care.case import Case
from care.language import Language
from care.people import Directory
from commands.declare import Command, Kind, Parameter
from commands.desk import Lay
from commands.reading import Misread, Reason
from commands.serve import needs_of
from texts.languages import said

KEYCAPS = tuple(f"{number}\ufe0f\u20e3" for number in range(1, 10))
"""The reactions 1️⃣ to 9️⃣."""
TYPED = frozenset({"samtycke", "skyddad"})
"""Arguments that are only typed: a homeserver could forge a tap, and what they say must have been said by a person."""
WHOLE = frozenset(
    {
        Reason.UNIT_AMBIGUOUS,
        Reason.UNIT_UNKNOWN,
        Reason.UNIT_OUTSIDE_CASE,
        Reason.NOT_A_PERSON,
        Reason.PAST_DATE,
        Reason.NO_SUCH_DAY,
        Reason.WHICH_DAY,
        Reason.DAY_MISSING,
        Reason.TWO_TIMES,
        Reason.DATE_OR_HOUR,
        Reason.WEEKDAY_IS_TODAY,
        Reason.NEXT_WEEKDAY,
        Reason.MORNING_OR_EVENING,
        Reason.WEEKEND,
        Reason.HOLIDAY,
        Reason.CLOCK_TWICE,
    }
)
"""Reasons whose candidates each replace the whole argument."""
_WITHOUT: Mapping[str, tuple[str, ...]] = MappingProxyType(dict.fromkeys(("candidates", "dates", "texts"), ()))


@dataclass(frozen=True, slots=True)
class Choice:
    """A numbered choice: what is shown, and what it stands for in the line."""

    shown: str
    typed: str


def choices(parameter: Parameter, case: Case | None, own: Collection[str], directory: Directory, language: Language) -> tuple[Choice, ...]:
    """Return the numbered choices of an argument as they are shown in a language; who acts for one unit alone is not offered that one."""
    match parameter.kind:
        case Kind.CHOICE:
            return tuple(Choice(said(word, language), word) for word in _first_words(parameter.choices))
        case Kind.YES_NO:
            return tuple(Choice(said(word, language), word) for word in ("ja", "nej"))
        case Kind.UNIT if case and not parameter.arg.outside:
            left_out = own if parameter.arg.others and len(own) == 1 else ()
            return tuple(Choice(directory.units[unit].name, unit) for unit in case.actors if unit not in left_out)
        case Kind.USER if case:
            return tuple(Choice(directory.name_of(user), user) for user in case.participants)
        case _:
            return ()


def _first_words(meanings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the first of the words for each meaning: a form shows a choice once."""
    found: dict[str, str] = {}
    for word, meaning in meanings.items():
        found.setdefault(meaning, word)
    return tuple(found.values())


def offered(misread: Misread, parameter: Parameter, directory: Directory, *, item: bool) -> tuple[Choice, ...]:
    """Return what a misread argument offers instead of itself; of a list only where an offer replaces one `item`, and no more."""
    if misread.reason not in WHOLE or (parameter.many and not item):
        return ()
    return tuple(Choice(_named(offer, directory), offer) for offer in candidates(misread))


def candidates(misread: Misread) -> tuple[str, ...]:
    """Return the texts that would be accepted instead."""
    return cast("tuple[str, ...]", misread.values.get("candidates", ()))


def without_offers(misread: Misread) -> Mapping[str, object]:
    """Return the values of a misread whose offers are shown as numbered choices."""
    return {**misread.values, **{name: nothing for name, nothing in _WITHOUT.items() if name in misread.values}}


def _named(offer: str, directory: Directory) -> str:
    if offer in directory.units:
        return directory.units[offer].name
    return f"{directory.name_of(offer)}, {offer}" if offer.startswith("@") else offer


def keycaps(command: Command, parameter: Parameter, shown: tuple[Choice, ...], *, item: bool) -> tuple[str, ...]:
    """Return the reactions that the bot puts on a question: none where the answer must be typed, or is too long to tap."""
    needs = needs_of(command)
    typed = needs.lay in {Lay.OPENING, Lay.IDENTITIES} or needs.closed or parameter.name in TYPED
    several = parameter.many and not item
    return () if typed or several or len(shown) > len(KEYCAPS) else KEYCAPS[: len(shown)]
