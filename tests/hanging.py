"""A test that hangs fails after its time and tells what every task of its event loop waited for: it does not end the whole run in silence.

The time is `timeout` in `pyproject.toml`, or the mark `timeout` of a test that may take longer. pytest-timeout shows the stacks of threads;
of a program that waits in tasks they show only the event loop.
"""

import asyncio
import signal
import sys
from collections.abc import Generator, Iterator
from types import CodeType, FrameType

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer() -> Generator[None, object, object]:
    result = yield
    ends = signal.getsignal(signal.SIGALRM)

    def told(signum: int, frame: FrameType | None) -> None:
        sys.stderr.writelines(f"{line}\n" for line in waiting())
        assert callable(ends)
        ends(signum, frame)

    if callable(ends):
        signal.signal(signal.SIGALRM, told)
    return result


def waiting() -> list[str]:
    """For each task of the running event loop its name and where it waits, outermost first; nothing where no event loop runs."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return []
    return [f"{task.get_name()}: {' > '.join(_places(task.get_coro())) or 'not begun'}" for task in tasks]


def _places(coroutine: object) -> Iterator[str]:
    while coroutine is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(coroutine, f"{kind}_code")), None)
        if kind is None:
            yield type(coroutine).__name__
            return
        code, frame = getattr(coroutine, f"{kind}_code"), getattr(coroutine, f"{kind}_frame")
        if isinstance(code, CodeType):
            line = frame.f_lineno if isinstance(frame, FrameType) else "ended"
            yield f"{code.co_filename}:{line} {code.co_qualname}"
        coroutine = getattr(coroutine, {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}[kind])
