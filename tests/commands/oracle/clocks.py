"""Hours by enumeration: every way that the table knows to write each minute of a day."""

from collections import defaultdict
from collections.abc import Iterator

WORDS = ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MORNING = 7
"""A lone digit from here on is an hour of the morning; below it nobody knows (decision 0026)."""


def _digits(hour: int, minute: int) -> Iterator[str]:
    two, lone = f"{hour:02}:{minute:02}", f"{hour}:{minute:02}"
    for written in {two, two.replace(":", ".")}:
        yield from (written, f"kl {written}", f"kl. {written}", f"klockan {written}", f"at {written}")
    if hour >= MORNING:
        for written in {lone, lone.replace(":", ".")}:
            yield from (written, f"kl {written}")
    if hour >= 10:
        yield from (f"kl {hour}{minute:02}", f"kl{hour}{minute:02}")
    if minute == 0 and hour >= MORNING:
        yield from (str(hour), f"kl {hour}", f"kl. {hour}", f"kl{hour}", f"klockan {hour}", f"at {hour}")
    if minute == 0 and hour % 12 >= 1:
        yield from (f"{hour % 12} {'pm' if hour > 12 else 'am'}", f"{hour % 12}{'pm' if hour > 12 else 'am'}")


def _spoken(hour: int, minute: int) -> Iterator[str]:
    """Yield how one says it: `halv tre` is 14:30, and a named hour of one to five is an afternoon's."""
    next_one = hour % 12 + 1
    this = hour % 12 or 12
    for named, shape in ((next_one, {30: "halv {}", 45: "kvart i {}", 50: "tio i {}"}), (this, {15: "kvart över {}", 10: "tio över {}"})):
        if minute in shape and hour in _usual(named, hour):
            yield shape[minute].format(WORDS[named])


def _usual(named: int, hour: int) -> set[int]:
    """Return the hour, where it is the usual one of a named hour: one to five after noon, eight to twelve before; six and seven neither."""
    around = hour + 1 if hour % 12 + 1 == named else hour
    return {hour} if (named <= 5 and 13 <= around <= 17) or (8 <= named <= 12 and 8 <= around <= 12) else set()


def _unsure(hour: int) -> Iterator[str]:
    """Yield what may be morning or evening: `kl 3`, and half past six."""
    yield from (str(hour), f"kl {hour}", f"{hour}:30", f"kl {hour}.30")


CLOCKS: dict[str, set[tuple[int, int]]] = defaultdict(set)
for _hour in range(24):
    for _minute in range(60):
        for _phrase in (*_digits(_hour, _minute), *_spoken(_hour, _minute)):
            CLOCKS[_phrase].add((_hour, _minute))
for _hour in range(1, MORNING):
    for _phrase in _unsure(_hour):
        _half = 30 if "30" in _phrase else 0
        CLOCKS[_phrase] |= {(_hour, _half), (_hour + 12, _half)}
