"""A clock that moves only when it is told to, with tasks that wait for their time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

Task = Callable[[], None]


class Timer:
    """A task that waits for its time."""

    __slots__ = ("task", "when")

    def __init__(self, when: float, task: Task) -> None:
        self.when = when
        self.task: Task | None = task

    def cancel(self) -> None:
        """Forget the task. Cancelling twice, or too late, is harmless."""
        self.task = None


class Clock:
    """Simulated time in seconds since the epoch given, a datetime with time zone."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch
        self._queue: list[tuple[float, int, Timer]] = []
        self._count = 0
        self.now = 0.0

    def moment(self) -> datetime:
        """Give the present as date and time."""
        return self._epoch + timedelta(seconds=self.now)

    def after(self, delay: float, task: Task) -> Timer:
        """Run the task so many seconds from now; tasks of the same instant run in the order of their asking."""
        return self.at(self.now + delay, task)

    def at(self, when: float, task: Task) -> Timer:
        """Run the task at this time, or at the next turn if that has passed."""
        timer = Timer(max(when, self.now), task)
        self._count += 1
        heapq.heappush(self._queue, (timer.when, self._count, timer))
        return timer

    def next_due(self) -> float | None:
        """Give the time of the next task, None when nothing waits."""
        self._discard_cancelled()
        return self._queue[0][0] if self._queue else None

    def run_until(self, when: float) -> None:
        """Move to this time, running every task on the way. The clock never goes back."""
        while (due := self.next_due()) is not None and due <= when:
            timer = heapq.heappop(self._queue)[2]
            self.now = max(self.now, due)
            task, timer.task = timer.task, None
            if task is not None:
                task()
        self.now = max(self.now, when)

    def _discard_cancelled(self) -> None:
        while self._queue and self._queue[0][2].task is None:
            heapq.heappop(self._queue)
