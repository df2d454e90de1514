"""The one way to say no.

A refusal is part of the care process, not an error: nothing has changed, and the template `refusals/<reason>.md.j2` says why,
by which rule, and what to do instead. Everything else that is raised is a bug.
"""


class Refused(Exception):  # noqa: N818 - a refusal is not an error
    """A step that the rules do not allow; `reason` names the template, `values` fill it (no markup in them)."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values

    def __repr__(self) -> str:
        """Show the reason only: values may hold what a person wrote."""
        return f"Refused({self.reason!r})"
