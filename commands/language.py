"""The language that a person is spoken to in: one's own choice, for nobody else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from care.language import Language
from commands.declare import Arg
from commands.desk import Desk
from commands.outcome import Chosen, Outcome

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"svenska": Language.SV, "engelska": Language.EN, "swedish": Language.SV, "english": Language.EN},
)
"""By which words a language is chosen; in both languages, for who chooses does not read the one that is spoken now."""


def choose(
    desk: Desk,  # noqa: ARG001 - every command gets its desk
    språk: Annotated[  # noqa: PLC2401 - the users' word
        Language,
        Arg(ask="Vilket språk ska Samrum svara dig på?", why="Det gäller bara dig.", en="language", choices=LANGUAGES),
    ],
) -> Outcome:
    """Choose the language of all that is said to oneself."""
    return Chosen(språk)
