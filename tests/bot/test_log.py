import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.log import LOGGABLE, configure, logger, stream

CANARY = "Kanariefågel Gul"
NUMBER = "19" + "0" * 10
ROOT = Path(__file__).parents[2]


class Noon:
    def utc(self) -> datetime:
        return datetime(2026, 9, 1, 10, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


class OddError(Exception):
    """Made only here."""


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    handlers, hooks = logging.root.handlers[:], (sys.excepthook, threading.excepthook)
    written = io.StringIO()
    configure("info", Noon(), written)
    yield written
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.root.handlers[:] = handlers
    sys.excepthook, threading.excepthook = hooks


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail(name: str) -> None:
    secret = name
    raise OddError(f"could not open the case of {secret}")


def test_a_line_holds_time_level_module_action_and_ids(output: io.StringIO) -> None:
    logger("bot.delivery").info("outbox.sent", row=7, room="!abc:almfors.test", seconds=0.25, due=Noon().utc())

    assert lines(output) == [
        {
            "time": "2026-09-01T10:00:00.000+00:00",
            "level": "info",
            "module": "bot.delivery",
            "event": "outbox.sent",
            "row": 7,
            "room": "!abc:almfors.test",
            "seconds": 0.25,
            "due": "2026-09-01T10:00:00+00:00",
        }
    ]


def test_lines_under_the_level_are_not_written(output: io.StringIO) -> None:
    logger("bot").debug("sync.began")

    assert output.getvalue() == ""


def test_keys_that_are_not_listed_are_dropped(output: io.StringIO) -> None:
    logger("bot").info("inbox.taken", body=CANARY, user="@anna.demo:almfors.test", name="Anna", row=1, stack_info=True)

    assert set(lines(output)[0]) == {"time", "level", "module", "event", "row"}


@pytest.mark.parametrize("key", sorted(LOGGABLE - {"event", "level"}))
@pytest.mark.parametrize(
    "value", [CANARY, f"case:{NUMBER}", int(NUMBER), [CANARY], {"a": CANARY}, CANARY.encode(), "Gul\nröd", OddError(CANARY)]
)
def test_content_under_a_listed_key_is_withheld(output: io.StringIO, key: str, value: object) -> None:
    logger("bot").info("inbox.taken", **{key: value})

    assert lines(output)[0][key] == "(withheld)"


@pytest.mark.parametrize("number", ["000101-0000", "000101+0000", "0001010000", "20000101-0000", "x200001010000y"])
def test_personal_numbers_in_any_spelling_are_withheld(output: io.StringIO, number: str) -> None:
    logger("bot").info("inbox.taken", key=number)

    assert number not in output.getvalue()


def test_longer_numbers_are_ids_and_stay(output: io.StringIO) -> None:
    logger("bot").info("inbox.taken", txn=1788256800000, key="review:vc-norrgard:2026-09-01:08:1")

    assert lines(output)[0]["txn"] == 1788256800000
    assert lines(output)[0]["key"] == "review:vc-norrgard:2026-09-01:08:1"


def test_user_ids_are_cut_out_of_keys_and_places(output: io.StringIO) -> None:
    logger("bot").info("outbox.sent", key="42:F3:1:2:@anna.demo:almfors.test", place="direct:@anna.demo:almfors.test:8448")

    assert (lines(output)[0]["key"], lines(output)[0]["place"]) == ("42:F3:1:2:@", "direct:@")


def test_an_event_that_is_a_sentence_is_withheld(output: io.StringIO) -> None:
    logger("bot").info("took message from %s", CANARY)
    logger("bot").info(f"took {CANARY}")

    assert [line["event"] for line in lines(output)] == ["(withheld)", "(withheld)"]


def test_an_exception_leaves_type_and_frames_without_message_values_or_machine(output: io.StringIO) -> None:
    try:
        try:
            fail(CANARY)
        except OddError as error:
            raise ValueError(CANARY) from error
    except ValueError:
        logger("bot").exception("worker.failed", error_id="E1")

    outer, inner = lines(output)[0]["exception"]
    assert outer["type"] == "builtins.ValueError"
    assert inner["type"].endswith(".OddError")
    assert inner["frames"][-1].endswith(" fail")
    assert "tests/bot/test_log.py:" in inner["frames"][-1]
    assert "Kanarie" not in output.getvalue()
    assert str(ROOT.parent) not in output.getvalue()


def test_a_group_of_exceptions_leaves_each_of_them(output: io.StringIO) -> None:
    group = ExceptionGroup(CANARY, [OddError(CANARY), OSError(CANARY)])
    group.__context__ = group

    logger("bot").error("worker.failed", exc_info=group)

    assert [each["type"].split(".")[-1] for each in lines(output)[0]["exception"]] == ["ExceptionGroup", "OddError", "OSError"]
    assert "Gul" not in output.getvalue()


def test_what_a_library_says_leaves_its_place_only(output: io.StringIO) -> None:
    try:
        fail(CANARY)
    except OddError:
        logging.getLogger("nio.crypto").exception("could not decrypt %s for %s", CANARY, NUMBER)
    logging.getLogger("nio.crypto").info("chatter")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)

    assert [(line["module"], line["event"], line["level"]) for line in lines(output)] == [
        ("nio.crypto", "library.logged", "error"),
        ("py.warnings", "library.logged", "warning"),
    ]
    assert lines(output)[0]["file"] == "tests/bot/test_log.py"
    assert lines(output)[0]["exception"][0]["type"].endswith(".OddError")
    assert "Gul" not in output.getvalue()
    assert NUMBER not in output.getvalue()


def test_a_library_level_of_its_own_becomes_the_nearest_below(output: io.StringIO) -> None:
    logging.getLogger("odd").log(45, CANARY)
    logging.getLogger("odd").log(99, CANARY)

    assert [line["level"] for line in lines(output)] == ["error", "critical"]


def test_an_exception_in_a_thread_leaves_type_and_frames(output: io.StringIO) -> None:
    thread = threading.Thread(target=fail, args=(CANARY,))
    thread.start()
    thread.join()

    assert lines(output)[0]["event"] == "uncaught"
    assert "Gul" not in output.getvalue()


def test_a_program_that_ends_with_an_exception_writes_no_content() -> None:
    program = (
        "import sys; from bot.log import configure; from bot.clock import MachineTime\n"
        f"configure('info', MachineTime(), sys.stderr); secret = {CANARY!r}; raise RuntimeError(secret)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert json.loads(done.stderr)["exception"][0]["type"] == "builtins.RuntimeError"
    assert "Gul" not in done.stderr


def test_a_log_file_is_appended_to_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "samrum.log"
    for word in ("first", "second"):
        with stream(file) as output:
            output.write(word + "\n")

    assert file.read_text(encoding="utf-8") == "first\nsecond\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert stream(None) is sys.stderr
