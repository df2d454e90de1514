"""One message for each reason why a message is not understood."""

from commands.reading.outcome import caret
from tests.texts.misread import AUTUMN, misreads
from tests.texts.samples import sample

SAMPLES = tuple(
    sample(
        f"misread/{found.reason}",
        " ".join(typed[:60].split()),
        **({"misread": found, "caret": caret(typed, found.at), "now": AUTUMN} | dict(found.values)),
    )
    for typed, found in misreads()
)
