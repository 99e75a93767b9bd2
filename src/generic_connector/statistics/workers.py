"""Threads for drivers that block, so few that one which hangs for ever does no harm.

A driver cannot be told to stop. When its time is up we stop waiting, and its thread keeps its place until the driver
returns. When every place is taken in this way, the next who asks is refused at once: nothing piles up.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from generic_connector.statistics.door import StatisticsUnavailable

T = TypeVar("T")
Work = Callable[[Callable[[], None]], T]
"""What a thread does. It calls what it is given as soon as it is connected, and raises StatisticsUnavailable only."""


class Workers:
    """At most `limit` threads at a time. Use it inside one event loop.

    name: for the threads. connect_timeout: longest time until the work says that it is connected, waiting for a free
    thread included. query_timeout: longest time from there to its end. Both in seconds.
    """

    def __init__(self, name: str, *, limit: int, connect_timeout: float, query_timeout: float) -> None:
        self._name = name
        self._limit = limit
        self._connect_timeout = connect_timeout
        self._query_timeout = query_timeout
        self._free = asyncio.Semaphore(limit)
        self._running: set[asyncio.Future[Any]] = set()

    @property
    def running(self) -> int:
        """How many threads there are."""
        return len(self._running)

    @property
    def hanging(self) -> int:
        """How many of them nobody waits for any more."""
        return sum(outcome.cancelled() for outcome in self._running)

    async def run(self, work: Work[T]) -> T:
        """Do the work on a thread. Raises StatisticsUnavailable when it does, or when its time is up."""
        if self.hanging >= self._limit:
            raise StatisticsUnavailable(f"every connection hangs ({self._limit})")
        job: _Job[T] | None = None
        try:
            async with asyncio.timeout(self._connect_timeout) as deadline:
                await self._free.acquire()
                job = _Job(work, deadline, self._query_timeout, self._ended)
                self._running.add(job.outcome)
                job.start(self._name)
                return await job.outcome
        except TimeoutError:
            raise StatisticsUnavailable(self._what_took_so_long(job)) from None

    def _what_took_so_long(self, job: _Job[Any] | None) -> str:
        if job is None:
            return f"every connection is in use ({self._limit})"
        if job.connected:
            return f"the query took longer than {self._query_timeout:g} s"
        return f"connecting took longer than {self._connect_timeout:g} s"

    def _ended(self, outcome: asyncio.Future[Any]) -> None:
        self._running.discard(outcome)
        self._free.release()


class _Job(Generic[T]):
    """One piece of work on its thread. outcome is cancelled when nobody waits for it any more."""

    def __init__(
        self,
        work: Work[T],
        deadline: asyncio.Timeout,
        query_timeout: float,
        ended: Callable[[asyncio.Future[Any]], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[T] = self._loop.create_future()
        self.connected = False
        self._work = work
        self._deadline = deadline
        self._query_timeout = query_timeout
        self._ended = ended

    def start(self, name: str) -> None:
        """Begin. The thread is a daemon: one that hangs does not keep the process from ending."""
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            result = self._work(lambda: self._in_loop(self._is_connected))
        except BaseException as error:  # noqa: BLE001  whoever waits for it gets it
            self._in_loop(self._has_failed, error)
        else:
            self._in_loop(self._has_result, result)

    def _in_loop(self, tell: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
            self._loop.call_soon_threadsafe(tell, *arguments)

    def _is_connected(self) -> None:
        self.connected = True
        if not self.outcome.done():
            self._deadline.reschedule(self._loop.time() + self._query_timeout)

    def _has_result(self, result: T) -> None:
        self._ended(self.outcome)
        if not self.outcome.done():
            self.outcome.set_result(result)

    def _has_failed(self, error: BaseException) -> None:
        self._ended(self.outcome)
        if not self.outcome.done():
            self.outcome.set_exception(error)
