"""What administrators do when a person verifies the bot."""

from commands import verifying
from commands.catalogue.places import ADMIN
from commands.declare import Command, declare

VERIFYING: tuple[Command, ...] = (
    declare(
        verifying.agrees,
        noun="verifiera",
        verb="stämmer",
        en=("verify", "match"),
        where=ADMIN,
        says="Bekräfta att en person ser samma symboler som Samrum",
        examples=("!verifiera stämmer 417",),
    ),
    declare(
        verifying.differs,
        noun="verifiera",
        verb="avbryt",
        en=("verify", "cancel"),
        where=ADMIN,
        says="Avbryt en verifiering där symbolerna skiljer sig",
        examples=("!verifiera avbryt 417",),
    ),
)
