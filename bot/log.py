"""Structured logs for the operator: ids and actions, never content (architecture 7, invariant 7).

Nothing gets in unless its key is in `LOGGABLE` and its value has the shape of an id: one word without white space, not a personal
number. Exceptions leave their type and frames, never their message. What libraries log leaves its place only.
"""

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from care.clock import MachineClock

LOGGABLE = frozenset(
    {
        "action",
        "attempt",
        "case",
        "chain",
        "code",
        "computed",
        "count",
        "device",
        "due",
        "error_id",
        "event",
        "event_id",
        "failed",
        "file",
        "function",
        "job",
        "key",
        "kind",
        "level",
        "line",
        "module",
        "method",
        "object",
        "origin",
        "pending",
        "phase",
        "pid",
        "place",
        "port",
        "reason",
        "revision",
        "room",
        "row",
        "scope",
        "seconds",
        "seq",
        "session",
        "state",
        "status",
        "step",
        "txn",
        "unit",
        "version",
    }
)
"""The keys that may be logged. A user id is a name in disguise: it is not among them, and cut out of keys and places."""
WITHHELD = "(withheld)"
EVENT = re.compile(r"[a-z][a-z0-9_.]{0,99}")
WORD = re.compile(r"[\w!$@#:./~+=|{}*-]{0,255}", re.ASCII)
PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+]?\d{4}(?!\d)")
USER = re.compile(r"@[\w.=/+-]+(?::[\w.-]+(?::\d+)?)?", re.ASCII)
FOLDERS_SHOWN = 3
"""How much of the path of a source file is shown: enough to find it, nothing of the machine."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module."""
    return cast("FilteringBoundLogger", structlog.get_logger(module=name))


def stream(file: Path | None) -> TextIO:
    """Return the stream to log to: the file, appended to and readable by its owner only, or standard error."""
    if file is None:
        return sys.stderr
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", buffering=1, encoding="utf-8")


def configure(level: str, machine: MachineClock, output: TextIO) -> None:
    """Write JSON lines of at least `level` to the output, those of libraries (from warning) and of uncaught exceptions included."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, loggable, frames, _timed(machine), _json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        context_class=dict,
        logger_factory=structlog.WriteLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    logging.root.handlers[:] = [Libraries(logging.WARNING)]
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def loggable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep what may be logged, and the exception for `frames`."""
    kept = {key: _shaped(value) for key, value in event.items() if key in LOGGABLE}
    if not EVENT.fullmatch(str(event.get("event"))):
        kept["event"] = WITHHELD
    return kept | ({"exc_info": event["exc_info"]} if event.get("exc_info") else {})


def frames(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the exception by its type and frames, those of its causes included."""
    error = _raised(event.pop("exc_info", None))
    if error:
        event["exception"] = [_described(each) for each in _chain(error, set())]
    return event


class Libraries(logging.Handler):
    """Notes that a library logged something, and where; what it said may hold content and is dropped."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line for the record."""
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        place = {"file": _short(record.pathname), "line": record.lineno, "function": record.funcName}
        logger(record.name).log(level, "library.logged", exc_info=record.exc_info, **place)


def _raised(given: object) -> BaseException | None:
    if isinstance(given, tuple):
        return cast("ExcInfo | tuple[None, None, None]", given)[1]
    return given if isinstance(given, BaseException) else sys.exception() if given else None


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logger("python").critical("uncaught", exc_info=(kind, error, trace))


def _uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value:
        _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)


def _shaped(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | float):
        return value
    if not isinstance(value, str | int):
        return WITHHELD
    text = str(value)
    if not WORD.fullmatch(text) or PERSONAL_NUMBER.search(text):
        return WITHHELD
    return USER.sub("@", text) if isinstance(value, str) else value


def _chain(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    if isinstance(error, BaseExceptionGroup):
        for each in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _chain(each, seen)
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier:
        yield from _chain(earlier, seen)


def _described(error: BaseException) -> dict[str, object]:
    kind = type(error)
    places = [f"{_short(f.f_code.co_filename)}:{line} {f.f_code.co_qualname}" for f, line in walk_tb(error.__traceback__)]
    return {"type": f"{kind.__module__}.{kind.__qualname__}", "frames": places}


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-FOLDERS_SHOWN:])


def _timed(machine: MachineClock) -> Processor:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"time": machine.utc().isoformat(timespec="milliseconds"), **event}

    return stamp


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return json.dumps(event)
