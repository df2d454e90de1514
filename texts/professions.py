"""What a member of staff is called by training or function: said instead of a name in messages that ring."""

from collections.abc import Mapping
from types import MappingProxyType

from care.language import Language
from care.people import Directory, Profession
from texts.languages import said

TITLES: Mapping[Profession, str] = MappingProxyType(
    {
        Profession.SJUKSKOTERSKA: "sjuksköterska",
        Profession.LAKARE: "läkare",
        Profession.VARDSAMORDNARE: "vårdsamordnare",
        Profession.BISTANDSHANDLAGGARE: "biståndshandläggare",
        Profession.ARBETSTERAPEUT: "arbetsterapeut",
        Profession.FYSIOTERAPEUT: "fysioterapeut",
        Profession.KURATOR: "kurator",
        Profession.PSYKOLOG: "psykolog",
        Profession.UNDERSKOTERSKA: "undersköterska",
        Profession.PLANERARE: "planerare",
        Profession.OMSORGSSAMORDNARE: "omsorgssamordnare",
        Profession.ADMINISTRATOR: "administratör",
    }
)


def title(profession: Profession, language: Language) -> str:
    """Return what a profession is called, "vårdsamordnare"."""
    return said(TITLES[profession], language)


def post(directory: Directory, user: str, unit: str, language: Language) -> str:
    """Return "Norrgårdens vårdcentral (vårdsamordnare)": who acts, without a personal name; the unit alone where no profession is known."""
    known = directory.units.get(unit)
    place = known.name if known else unit
    profession = directory.profession(user, unit)
    return f"{place} ({title(profession, language)})" if profession else place
