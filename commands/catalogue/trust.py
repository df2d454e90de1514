"""What administrators decide about trust."""

from commands import identities
from commands.catalogue.places import ADMIN
from commands.declare import Command, Weight, declare
from commands.desk import Lay, Needs

TRUST: tuple[Command, ...] = (
    declare(
        identities.trust,
        noun="lita",
        verb="på",
        en=("trust", None),
        where=ADMIN,
        weight=Weight.HEAVY,
        says="Lita på en persons nya krypteringsidentitet",
        examples=("!lita på @anna.demo:almfors.test",),
        needs=Needs(Lay.IDENTITIES),
    ),
)
