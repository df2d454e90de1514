"""Reading what people type: pure, strict, and never guessing (commands 1)."""

from commands.reading.outcome import Invocation, Misread, Reason, Scene, Talk, caret
from commands.reading.reader import read

__all__ = ["Invocation", "Misread", "Reason", "Scene", "Talk", "caret", "read"]
