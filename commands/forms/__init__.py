"""Guided forms and confirmations: a command that grows by one answer at a time (commands 1)."""

from commands.forms.beginning import mend, start
from commands.forms.course import weighs
from commands.forms.form import began
from commands.forms.turns import answer, asks_help, confirms, meant, others, taken_back, tapped

__all__ = ["answer", "asks_help", "began", "confirms", "meant", "mend", "others", "start", "taken_back", "tapped", "weighs"]
