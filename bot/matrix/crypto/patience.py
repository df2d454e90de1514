"""Whom not to ask for a while: homeservers and devices that did not give what they were asked for."""

from care.clock import MachineClock

Name = str | tuple[str, str]


class Patience:
    """Lets `first` seconds pass after a failure, after each further one twice as many, up to `longest`."""

    def __init__(self, clock: MachineClock, first: float, longest: float) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._failed: dict[Name, tuple[float, float]] = {}

    def ready(self, name: Name) -> bool:
        """Whether it may be asked now."""
        until, _ = self._failed.get(name, (0.0, 0.0))
        return self._clock.monotonic() >= until

    def failed(self, name: Name) -> None:
        """Note that it did not answer, or gave all that it has for now."""
        _, last = self._failed.get(name, (0.0, 0.0))
        pause = min(last * 2, self._longest) if last else self._first
        self._failed[name] = (self._clock.monotonic() + pause, pause)

    def answered(self, name: Name) -> None:
        """Note that it answered."""
        self._failed.pop(name, None)
