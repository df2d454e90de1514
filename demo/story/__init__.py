"""A whole case, played by real clients on a real homeserver: from a need seen on a Monday morning to a closed case with a printed plan."""

from demo.story.plot import play

__all__ = ["play"]
