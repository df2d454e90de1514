"""What else is said for the choices that the commands show: everyday Swedish, and English. It is understood, and never shown.

By the word that is shown. A word that would stand for two choices of one argument stops the start (`declare`).
"""

from collections.abc import Mapping
from types import MappingProxyType

WORDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ja": ("yes", "japp", "ja tack", "yes please"),
        "nej": ("no", "nej tack", "nej då", "no thanks"),
        "på": ("on", "på tjänst", "on duty", "i tjänst"),
        "av": ("off", "av tjänst", "off duty", "ledig"),
        "muntligt": ("muntlig", "muntligen", "muntligt samtycke", "ja muntligt", "oral", "orally", "verbal", "oral consent", "yes oral"),
        "skriftligt": ("skriftlig", "skriftligen", "skriftligt samtycke", "ja skriftligt", "written", "in writing", "written consent"),
        "hem": ("hemma", "i hemmet", "hos personen", "hemma hos personen", "home", "at home"),
        "mottagning": ("mottagningen", "på mottagningen", "på vårdcentralen", "clinic", "at the clinic"),
        "sjukhus": ("sjukhuset", "på sjukhuset", "lasarettet", "på lasarettet", "hospital", "at the hospital"),
        "digitalt": ("digital", "online", "video", "via video", "videomöte", "digitally"),
        "telefon": ("telefonmöte", "per telefon", "på telefon", "via telefon", "phone", "by phone", "telephone"),
        "ja digitalt": ("digitalt", "digital", "ja via video", "ja online", "yes online", "yes digitally", "online", "digitally"),
        "vid behov": ("nås", "nås vid behov", "kan nås", "on call", "if needed", "reachable"),
        "patienten avböjer": ("avböjer", "personen avböjer", "den enskilde avböjer", "the patient declines", "patient declines"),
        "behovet finns inte": ("behovet finns inte längre", "inget behov", "no need", "no longer needed"),
        "målen uppfyllda": ("målen är uppfyllda", "målen uppnådda", "goals met", "the goals are met"),
        "alla aktörer överens": ("alla överens", "vi är överens", "alla är överens", "all agree", "all agreed"),
        "återtaget samtycke": (
            "samtycket återtaget",
            "samtycke återtaget",
            "återkallat samtycke",
            "consent withdrawn",
            "withdrawn consent",
        ),
        "dra tillbaka": ("ta tillbaka", "withdraw"),
        "uppnått": ("uppnådda", "uppnådd", "målet uppnått", "reached", "met"),
        "delvis": ("till viss del", "partly", "partially"),
        "ej": ("ej uppnått", "inte uppnått", "inte alls", "not reached", "not met"),
        "omsorg": ("social omsorg", "social care"),
        "omvårdnad": ("nursing",),
        "medicinskt": ("medicinsk", "medicin", "medical"),
        "rehabilitering": ("rehab", "rehabilitation"),
        "hälsofrämjande": ("hälsa", "health promotion", "preventive"),
    }
)
