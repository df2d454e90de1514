"""How staff speak of a unit by what it is ("vårdcentralen"), where a room has only one of its kind."""

from collections.abc import Mapping
from types import MappingProxyType

from care.people import UnitType
from commands.folding import squeeze

_WARDS = frozenset({UnitType.SLUTENVARD_SOMATIK, UnitType.SLUTENVARD_PSYKIATRI})
_SAID: Mapping[frozenset[UnitType], tuple[str, ...]] = {
    _WARDS: ("slutenvården", "sjukhuset", "lasarettet", "avdelningen", "vårdavdelningen", "hospital", "ward"),
    frozenset({UnitType.VARDCENTRAL}): ("vårdcentral", "vårdcentralen", "vc", "hälsocentralen", "primärvården", "health centre"),
    frozenset({UnitType.PSYKIATRI_OPPENVARD}): ("öppenpsykiatrin", "psykiatrin", "psykiatriska mottagningen", "psychiatry"),
    frozenset({UnitType.SPECIALISTMOTTAGNING}): ("specialistmottagningen",),
    frozenset({UnitType.AKUTMOTTAGNING}): ("akutmottagningen",),
    frozenset({UnitType.HABILITERING}): ("habiliteringen",),
    frozenset({UnitType.REHAB_PRIMARVARD}): ("rehab", "rehaben", "rehabmottagningen"),
    frozenset({UnitType.MOBILT_TEAM}): ("mobila teamet", "närvårdsteamet", "mobile team"),
    frozenset({UnitType.KOMMUN_HSV}): ("hemsjukvård", "hemsjukvården", "hsv", "home nursing"),
    frozenset({UnitType.KOMMUN_BISTAND}): (
        *("bistånd", "biståndet", "biståndsenheten", "biståndshandläggare", "biståndshandläggaren", "biståndshandläggarna"),
        "needs assessment",
    ),
    frozenset({UnitType.KOMMUN_HEMTJANST}): ("hemtjänst", "hemtjänsten", "home care"),
    frozenset({UnitType.KOMMUN_SABO}): ("äldreboendet", "särskilda boendet", "säbo"),
    frozenset({UnitType.KOMMUN_KORTTID}): ("korttids", "korttiden", "korttidsboendet"),
    frozenset({UnitType.KOMMUN_SOCIALPSYKIATRI}): ("socialpsykiatrin", "boendestöd", "boendestödet"),
    frozenset({UnitType.KOMMUN_LSS}): ("lss",),
    frozenset({UnitType.KOMMUN_IFO}): ("ifo", "individ- och familjeomsorgen"),
    frozenset({UnitType.OMSORGSSAMORDNING}): ("omsorgssamordningen", "omsorgssamordnaren", "omsorgssamordnare"),
    frozenset({UnitType.TANDVARD}): ("tandvården", "tandläkaren"),
    frozenset({UnitType.ELEVHALSA}): ("elevhälsan", "skolsköterskan"),
}

KINDS: Mapping[str, frozenset[UnitType]] = MappingProxyType({squeeze(word): types for types, words in _SAID.items() for word in words})
"""What kinds of units a squeezed word stands for."""
