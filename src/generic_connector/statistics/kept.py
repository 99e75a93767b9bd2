"""A result that is given out again for a while, and asked for once however many want it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """One question and its last answer. Use it inside one event loop.

    ask: asks for real. seconds: how long an answer is good for, 0 for no longer than it takes to get it. A failure is
    told to all who waited for it, and not kept. clock: seconds that only go forward.
    """

    def __init__(
        self,
        ask: Callable[[], Coroutine[Any, Any, T]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._asking: asyncio.Task[T] | None = None
        self._answer: tuple[float, T] | None = None

    async def get(self) -> T:
        """Give the answer. Who is cancelled here stops nobody else. Raises what asking raises."""
        if self._answer is not None and self._clock() < self._answer[0] + self._seconds:
            return self._answer[1]
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def close(self) -> None:
        """Stop asking; who waits is cancelled."""
        if self._asking is not None:
            self._asking.cancel()

    def _asked(self, task: asyncio.Task[T]) -> None:
        self._asking = None
        if not task.cancelled() and task.exception() is None:
            self._answer = (self._clock(), task.result())
