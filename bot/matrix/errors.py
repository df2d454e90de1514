"""How an action on the homeserver can fail, as far as its caller must act differently."""

from bot import failures


class Temporary(failures.Temporary):
    """Not done, or not known to be done: try the same action with the same transaction id again. `why` is one word for the log."""

    def __init__(self, retry_after: float | None = None, why: str = "") -> None:
        super().__init__(retry_after)
        self.why = why


class Limited(Temporary):
    """Not done, because the homeserver limits how often it is: `limit` names what counts together (`bot.matrix.gate`)."""

    def __init__(self, limit: str, retry_after: float | None) -> None:
        super().__init__(retry_after, "rate_limit")
        self.limit = limit


class Permanent(failures.Permanent):
    """Refused; the same request will be refused again. `message` is the server's word, for the log only.

    `session` is set when the request is accepted only together with the account's password (status 401).
    """

    def __init__(self, errcode: str, status: int, message: str = "", session: str = "") -> None:
        super().__init__(errcode or f"status-{status}")
        self.errcode = errcode
        self.status = status
        self.message = message
        self.session = session


class SignedOut(Exception):  # noqa: N818 - names the state
    """The access token is no longer valid: nothing can be done until an administrator runs `samrum init` again."""


class Unusable(Exception):  # noqa: N818 - names the state
    """Credentials and stored keys do not belong together: going on would make messages that nobody can trust."""
