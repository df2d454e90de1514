"""How an action on the homeserver can fail, as far as its caller must act differently."""


class Temporary(Exception):  # noqa: N818 - names what to do: try the same action with the same transaction id again
    """Not done, or not known to be done; `retry_after` is the server's wish in seconds, `why` one word for the log."""

    def __init__(self, retry_after: float | None = None, why: str = "") -> None:
        super().__init__(why or "the homeserver cannot be reached")
        self.retry_after = retry_after
        self.why = why


class Permanent(Exception):  # noqa: N818 - names what to do: give this action up
    """Refused; the same request will be refused again. `message` is the server's word, for the log only."""

    def __init__(self, errcode: str, status: int, message: str = "") -> None:
        super().__init__(f"{errcode} ({status})")
        self.errcode = errcode
        self.status = status
        self.message = message


class SignedOut(Exception):  # noqa: N818 - names the state
    """The access token is no longer valid: nothing can be done until an administrator runs `samrum init` again."""


class Unusable(Exception):  # noqa: N818 - names the state
    """Credentials and stored keys do not belong together: going on would make messages that nobody can trust."""
