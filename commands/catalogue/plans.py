"""The plan."""

from commands import plans
from commands.catalogue.places import CASE, ON_CASE
from commands.declare import Command, Weight, declare
from commands.desk import Lay, Needs

PLANS: tuple[Command, ...] = (
    declare(
        plans.show, noun="plan", verb="visa", en=("plan", "show"), where=CASE, says="Visa planen", examples=("!plan visa",), needs=ON_CASE
    ),
    declare(
        plans.goal,
        noun="plan",
        verb="mål",
        en=("plan", "goal"),
        where=CASE,
        says="Skriv ett mål i planen",
        examples=("!plan mål Kunna gå till brevlådan själv",),
        needs=ON_CASE,
    ),
    declare(
        plans.measure,
        noun="plan",
        verb="insats",
        en=("plan", "measure"),
        where=CASE,
        says="Skriv en insats med ansvarig enhet",
        examples=("!plan insats Gångträning två gånger i veckan mål=M1 ansvar=hemsjukvården",),
        needs=Needs(Lay.CASE, mends={"plans/which-goal": "mål"}),
    ),
    declare(
        plans.coordinator,
        noun="plan",
        verb="ansvar",
        en=("plan", "responsible"),
        where=CASE,
        says="Bestäm vilken enhet som samordnar planen",
        examples=("!plan ansvar vc-norrgard",),
        needs=ON_CASE,
    ),
    declare(
        plans.follow_up_on,
        noun="plan",
        verb="uppföljning",
        en=("plan", "followup"),
        where=CASE,
        says="Bestäm dag för uppföljning",
        examples=("!plan uppföljning 2026-12-01",),
        needs=ON_CASE,
    ),
    declare(
        plans.establish,
        noun="plan",
        verb="upprätta",
        en=("plan", "establish"),
        where=CASE,
        weight=Weight.HEAVY,
        says="Upprätta planen som ny version",
        examples=("!plan upprätta",),
        needs=ON_CASE,
    ),
    declare(
        plans.follow_up,
        noun="plan",
        verb="följ upp",
        en=("plan", "review"),
        where=CASE,
        says="Anteckna uppföljningen av planen",
        examples=("!plan följ upp delvis Går till brevlådan med rollator nästa=2027-03-01",),
        needs=Needs(Lay.CASE, rehearse=plans.established, offers=("nästa",), mends={"plans/past": "nästa"}),
    ),
)
