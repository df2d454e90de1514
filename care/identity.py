"""Who the person is: personnummer, samordningsnummer and reservnummer, in all the ways in which people type them.

Process 3.1 (start check 4) and 3.15; lag (2022:1697) 2 kap. 8 § for samordningsnummer (day + 60); folkbokföringslagen (1991:481) 18 §
for the plus sign, which replaces the hyphen in the year in which a person turns 100. Neither a refusal nor a representation of an
identity ever holds the number.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from stdnum import luhn

from care.refusal import Refused

_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2043]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_TYPED = re.compile(r"[0-9]*(\+[0-9]{4})?")
_GAP = "[ -]?"
_WRITTEN = tuple(
    re.compile(rf"(?<![0-9])(?=({year}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}[ +-]{{0,3}}[0-9]{{4}})(?![0-9]))")
    for year in ("[0-9]{4}", "[0-9]{2}")
)
"""Twelve and ten digits with at most one gap between the parts of the date; found also where they overlap."""

_WITHOUT_CENTURY = 10
_WITH_CENTURY = 12
_CENTURY = 100
_EARLIEST = 1800
_COORDINATION = 60
_LAST_DAY = 31
_RESERVE = re.compile(r"[0-9A-ZÅÄÖ+-]{4,20}")


class IdentityKind(StrEnum):
    """The kinds of identity numbers."""

    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    RESERVNUMMER = "reservnummer"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person by number: 12 digits, or the text of a reservnummer with the huvudman that issued it.

    `born` is a year; `born_on` is None where only the year is known.
    """

    kind: IdentityKind
    number: str = field(repr=False)
    born: int = field(repr=False)
    born_on: date | None = field(default=None, repr=False)
    issuer: str = ""

    @property
    def display(self) -> str:
        """Return the number as it is shown: ÅÅÅÅMMDD-NNNN, a reservnummer as it is."""
        if self.kind is IdentityKind.RESERVNUMMER:
            return self.number
        return f"{self.number[:8]}-{self.number[8:]}"

    @property
    def unique(self) -> str:
        """Return what the keyed hash of the person is taken of: the number, for a reservnummer together with its issuer."""
        return f"{self.issuer}:{self.number}" if self.issuer else self.number


def parse(text: str, today: date) -> Identity:
    """Return the personnummer or samordningsnummer that was typed, with or without century, hyphen, plus sign and spaces.

    Raise Refused with `identity/characters`, `identity/length` (digits), `identity/not-a-date`, `identity/check-digit` (kind) or
    `identity/future`.
    """
    digits, plus = _digits(text)
    if len(digits) == _WITHOUT_CENTURY:
        digits = _century(digits, today, plus=plus) + digits
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    kind = IdentityKind.PERSONNUMMER if day <= _LAST_DAY else IdentityKind.SAMORDNINGSNUMMER
    born_on = _born_on(year, month, day)
    if not luhn.is_valid(digits[2:]):
        raise Refused("identity/check-digit", kind=kind)
    if year > today.year or (born_on is not None and born_on > today):
        raise Refused("identity/future")
    return Identity(kind, digits, year, born_on)


def reserve(text: str, issuer: str, born: int, today: date) -> Identity:
    """Return the reservnummer that a huvudman issued to a person born in a year.

    There is no national standard: it is kept as text, in upper case and without spaces. Raise Refused with `identity/reserve-form`,
    `identity/reserve-is-national` (kind) where it is a valid national number, or `identity/birth-year` (earliest, latest).
    """
    number = "".join(_plain(text).split()).upper()
    if not _RESERVE.fullmatch(number):
        raise Refused("identity/reserve-form")
    if found := _attempt(number, today):
        raise Refused("identity/reserve-is-national", kind=found.kind)
    if not _EARLIEST <= born <= today.year:
        raise Refused("identity/birth-year", earliest=_EARLIEST, latest=today.year)
    return Identity(IdentityKind.RESERVNUMMER, number, born, None, issuer)


def find_numbers(text: str, today: date) -> tuple[Identity, ...]:
    """Return the valid national numbers written anywhere in a text, each once (wrong-person guard, leak search)."""
    plain = _plain(text)
    written = sorted((found.start(), found[1]) for pattern in _WRITTEN for found in pattern.finditer(plain))
    numbers = (_attempt(number, today) for _, number in written)
    return tuple(dict.fromkeys(each for each in numbers if each))


def spellings(identity: Identity) -> tuple[str, ...]:
    """Return the ways in which the number may stand in a text, with and without century, hyphen, plus sign and spaces."""
    if identity.kind is IdentityKind.RESERVNUMMER:
        return tuple(dict.fromkeys((identity.number, identity.number.lower())))
    number = identity.number
    joints = ("-", "", "+", " ", "\N{NO-BREAK SPACE}", "–", "\N{NON-BREAKING HYPHEN}")
    births = (number[:8], number[2:8], f"{number[:4]}-{number[4:6]}-{number[6:8]}", f"{number[:4]} {number[4:6]} {number[6:8]}")
    return tuple(f"{birth}{joint}{number[8:]}" for birth in births for joint in joints)


def _plain(text: str) -> str:
    """Return a text with every kind of space, dash and digit in its plain form, and without invisible characters."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(r"\s", " ", _DASHES.sub("-", text))


def _digits(text: str) -> tuple[str, bool]:
    """Return the ten or twelve digits that were typed, and whether there was a plus sign before the last four."""
    compact = _plain(text).replace(" ", "").replace("-", "")
    if not _TYPED.fullmatch(compact):
        raise Refused("identity/characters")
    digits = compact.replace("+", "")
    if len(digits) not in {_WITHOUT_CENTURY, _WITH_CENTURY}:
        raise Refused("identity/length", digits=len(digits))
    return digits, "+" in compact


def _century(digits: str, today: date, *, plus: bool) -> str:
    """Return the two digits that make a birth date the latest one that is not in the future, with a plus a century earlier."""
    year = today.year - (today.year - int(digits[:2])) % _CENTURY
    birthday = (int(digits[2:4]), int(digits[4:6]) % _COORDINATION)
    if plus or (year == today.year and birthday > (today.month, today.day)):
        year -= _CENTURY
    return str(year // _CENTURY)


def _born_on(year: int, month: int, day: int) -> date | None:
    """Return the birth date, None for a samordningsnummer with month 00 or day 60: only its year is known."""
    unknown = False
    if day >= _COORDINATION:
        day -= _COORDINATION
        unknown = 0 in {month, day}
    try:
        # An unknown part stands as 1, so that the known one is checked all the same.
        born_on = date(year, month or unknown, day or unknown)
    except ValueError:
        raise Refused("identity/not-a-date") from None
    if year < _EARLIEST:
        raise Refused("identity/not-a-date")
    return None if unknown else born_on


def _attempt(text: str, today: date) -> Identity | None:
    try:
        return parse(text, today)
    except Refused:
        return None
