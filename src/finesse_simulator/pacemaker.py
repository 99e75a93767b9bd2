"""Drives the engine by the real clock: simulated time is real time multiplied by the pace."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from typing import TypeVar

from finesse_simulator.engine.engine import Engine

Result = TypeVar("Result")


class Pacemaker:
    """Wakes the engine when something is due, and those who wait for a condition when something happened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pace = engine.scenario.pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._since = (0.0, engine.now)
        self._alarm: asyncio.TimerHandle | None = None
        self._running = False
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @property
    def pace(self) -> float:
        """Simulated seconds per real second."""
        return self._pace

    def start(self) -> None:
        """Let time run, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._since = (self._loop.time(), self._engine.now)
        self._settle()

    def stop(self) -> None:
        """Let time stand still."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop = None
        for _, future in self._waiters:
            future.cancel()

    def set_pace(self, pace: float) -> None:
        """Change the pace from now on; ValueError unless it is greater than 0 and finite."""
        if not 0 < pace < math.inf:
            raise ValueError(f"pace is {pace}: it must be greater than 0, and finite")
        self._settle()
        if self._loop is not None:
            self._since = (self._loop.time(), self._engine.now)
        self._pace = pace
        self._settle()

    def do(self, deed: Callable[[], Result]) -> Result:
        """Do something to the engine at the present time, and publish what came of it."""
        if self._running:  # from within a publication: the turn under way goes on with it
            return deed()
        self._settle()
        try:
            return deed()
        finally:
            self._settle()

    def real_seconds(self, simulated: float) -> float:
        """Convert a duration."""
        return simulated / self._pace

    async def wait_until(self, condition: Callable[[], bool], deadline: float) -> None:
        """Wait until the condition holds, looking whenever something happened; TimeoutError after real seconds."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiters.append(entry)
        try:
            async with asyncio.timeout(deadline):
                await future
        finally:
            with contextlib.suppress(ValueError):
                self._waiters.remove(entry)

    def real_time(self, simulated: float) -> float:
        """Give the loop's time at which a simulated second is, or was, due."""
        real, since = self._since
        return real + (simulated - since) / self._pace

    def look(self) -> None:
        """Let those who wait look at their conditions."""
        for condition, future in list(self._waiters):
            if not future.done() and condition():
                future.set_result(None)

    def _present(self) -> float:
        if self._loop is None:
            return self._engine.now
        real, simulated = self._since
        return simulated + (self._loop.time() - real) * self._pace

    def _settle(self) -> None:
        """Catch up with the clock and set the alarm for the next event."""
        if self._running:
            return
        self._running = True
        try:
            self._engine.run_until(self._present())
        finally:
            self._running = False
        self._set_alarm()
        self.look()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        due = self._engine.next_due()
        if due is not None and self._loop is not None:
            self._alarm = self._loop.call_later(max(0.0, (due - self._present()) / self._pace), self._settle)
