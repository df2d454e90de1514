"""Two Swedish words for a case: `Blå tranan`.

Said on the phone, seen in a room list and in a digest without telling who it is, and hard to mistake for its neighbour (commands 5). A
step of weight is confirmed with the noun. No word may sound like a diagnosis, a body, an age, a mood, a person or a discharge
track (so no green, yellow or red), and any two words of a list differ in three letters or more.
"""

from collections import Counter
from collections.abc import Callable, Collection

ADJECTIVES = tuple(
    """
    Alpina Arktiska Astronomiska Blommande Blå Botaniska Broderade Brokiga Dansande Facetterade Festliga Fjällnära Flygande Flätade
    Frostiga Förgyllda Geometriska Glaserade Glidande Glittrande Grönskande Gyllene Högtidliga Inramade Keramiska Klingande
    Kosmiska Kungliga Kustnära Lackerade Lila Lummiga Lyriska Lysande Maritima Melodiska Molnfria Månljusa
    Mönstrade Nordliga Orkestrala Pastellfärgade Polerade Porlande Randiga Rosa Rutiga Seglande Silvriga Sjungande Skimrande
    Skogsklädda Snidade Snöiga Solbelysta Somriga Stickade Stjärnklara Tecknade Turkosa Vidsträckta Violetta Virkade Vårliga Åttkantiga
    """.split()  # noqa: SIM905 - words are read, and judged, as words
)

NOUNS = tuple(
    """
    albatrossen bofinken domherren falken flamingon hägern kolibrin kungsfiskaren lunnefågeln lärkan morkullan pelikanen pingvinen
    sidensvansen sparven steglitsan svanen talgoxen tjädern tofsvipan tranan ugglan

    abborren alpackan bläckfisken delfinen ekorren fjärilen gasellen gräshoppan hermelinen humlan igelkotten koalan kängurun laxen
    lejonet leoparden lodjuret murmeldjuret nyckelpigan pandan ponnyn salamandern trollsländan tumlaren uttern zebran

    begonian björken cypressen dahlian eken hagtornen hasseln hortensian jasminen kaprifolen kastanjen klövern krokusen lavendeln liljan
    linden ljungen magnolian mossan nejlikan orkidén ormbunken pelargonen pionen smörblomman snödroppen solrosen syrenen tulpanen

    apelsinen aprikosen basilikan citronen hallonet hjortronet ingefäran krusbäret lingonet oliven plommonet päronet rosmarinen
    rädisan saffranen smultronet sparrisen vaniljen äpplet

    atollen berget floden glaciären horisonten klippan kometen lagunen molnet månen norrskenet prärien regnbågen
    skogen skäret snöflingan stjärnan tundran ängen

    akvariet akvarellen almanackan ankaret ballongen biblioteket bokmärket bryggan cykeln draken flaggan fontänen frimärket fyren
    gondolen kandelabern kanoten karusellen katedralen kompassen lampetten lyktan mosaiken observatoriet orangeriet pergamentet
    pyramiden segelbåten skonaren slottet spiran teleskopet viadukten vimpeln

    cellon dragspelet flöjten gitarren klarinetten orgeln pianot tamburinen trumpeten

    agaten bärnstenen diamanten korallen kristallen marmorn safiren smaragden
    """.split()  # noqa: SIM905 - words are read, and judged, as words
)

_NAMES = {word: tuple(f"{adjective} {word}" for adjective in ADJECTIVES) for word in NOUNS}


def codename(choose: Callable[[int], int], taken: Collection[str]) -> str:
    """Return a codename that is not among those taken by open cases, with a noun that as few of them as possible use.

    `choose(n)` returns a number from 0 to n - 1. Raise LookupError when every pair of words is taken.
    """
    taken = frozenset(taken)
    uses = Counter(noun(each) for each in taken)
    free = {word: [name for name in names if name not in taken] for word, names in _NAMES.items() if not taken.issuperset(names)}
    if not free:
        raise LookupError("every codename is taken")
    fewest = min(uses[word] for word in free)
    fresh = [name for word, names in free.items() if uses[word] == fewest for name in names]
    return fresh[choose(len(fresh))]


def noun(codename: str) -> str:
    """Return the noun of a codename, which confirms a step of weight ("ja tranan")."""
    return codename.rpartition(" ")[2]
