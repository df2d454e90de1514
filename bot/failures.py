"""How work on the outside world fails: for now, or for good (architecture 3 and 8)."""


class Temporary(Exception):  # noqa: N818 - says what it is: the same act may succeed later
    """The act failed and may succeed later; `retry_after` is the wait in seconds that the other side asked for, if it did."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Permanent(Exception):  # noqa: N818 - says what it is: a repeat would fail the same way
    """The act can never succeed as it is; `code` says why in one loggable word, without content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
