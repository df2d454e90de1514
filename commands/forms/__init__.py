"""Guided forms and confirmations: a command that grows by one answer at a time (commands 1)."""

from commands.forms.course import weighs
from commands.forms.form import began
from commands.forms.turns import answer, choose, confirms, meant, start

__all__ = ["answer", "began", "choose", "confirms", "meant", "start", "weighs"]
