"""What must hold while hostile input is taken: nothing is logged as an error, no secret is, no task is left behind."""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Coroutine, Sequence

import structlog
from structlog.types import EventDict

SECRET = "planted+Pass/7"
"""Stands where passwords stand in hostile input; it must not come to stand in the log. It could be no destination."""

DEADLINE = 20.0
"""Seconds after which an input has stopped the service."""

_SHAPES = (SECRET, *(b64encode(f"{head}{SECRET}".encode()).decode() for head in ("1001:", "\0001001\0")))
_ERRORS = frozenset({"error", "critical"})


class Complaints(logging.Handler):
    """What the libraries log as an error, asyncio's unheeded exceptions above all."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def play(script: Callable[[], Coroutine[None, None, None]], deadline: float = DEADLINE) -> Sequence[EventDict]:
    """Run a script in a loop of its own and give what was logged.

    Raises AssertionError where the script left something behind or was complained of.
    """
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        with structlog.testing.capture_logs() as lines:
            asyncio.run(_watched(script, deadline))
    finally:
        logging.getLogger().removeHandler(complaints)
    assert complaints.lines == []
    check(lines)
    return lines


def check(lines: Sequence[EventDict]) -> None:
    """Raise AssertionError where one of these lines of the log is an error or holds the secret."""
    assert [line for line in lines if line["log_level"] in _ERRORS] == []
    assert [line for line in lines if any(shape in str(line) for shape in _SHAPES)] == []


def check_so_far() -> None:
    """Check what a script has logged up to now, and let it go."""
    lines: list[EventDict] = structlog.get_config()["processors"][-1].entries
    check(lines)
    lines.clear()


async def _watched(script: Callable[[], Coroutine[None, None, None]], deadline: float) -> None:
    async with asyncio.timeout(deadline):
        await script()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left)
