"""A way in that lets pass so many per second and so many at once, first come first served, the urgent before the rest.

Source: finesse-notifications.md sections 5 and 10 for what a Finesse bears.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from generic_connector.finesse.failures import Overloaded
from generic_connector.finesse.rate import TokenBucket

_ROUNDING = 0.001  # seconds; a timer may ring a moment too early


class Turnstile:
    """The way in. Make it inside a running loop.

    rate: how many per second, 0 for any number. burst: how many of them at once after a pause. at_once: how many may
    be inside, 0 for any number. delayed: called for each who has to wait.
    """

    def __init__(
        self, *, rate: float, burst: float, at_once: int = 0, delayed: Callable[[], None] = lambda: None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._bucket = TokenBucket(rate=rate, burst=burst, now=self._loop.time())
        self._at_once = at_once
        self._delayed = delayed
        self._inside = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._urgent) + len(self._others)

    @asynccontextmanager
    async def passing(self, *, urgent: bool, patience: float | None = None) -> AsyncIterator[None]:
        """Wait for the turn, and be inside. patience: seconds to wait at the most, None for as long as it takes.

        Raises Overloaded when the wait is longer, at once where that can be foreseen.
        """
        await self._enter(urgent=urgent, patience=patience)
        try:
            yield
        finally:
            self._inside -= 1
            self._let_in()

    async def _enter(self, *, urgent: bool, patience: float | None) -> None:
        if not self.waiting and self._has_room() and self._bucket.take(self._loop.time()):
            self._inside += 1
            return
        ahead = len(self._urgent) if urgent else self.waiting
        if patience is not None and self._bucket.wait(self._loop.time(), ahead) > patience:
            raise Overloaded(f"{ahead} requests wait already")
        self._delayed()
        await self._turn(self._urgent if urgent else self._others, patience)

    async def _turn(self, lane: deque[asyncio.Future[None]], patience: float | None) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        lane.append(turn)
        self._let_in()
        try:
            async with asyncio.timeout(patience):
                await turn
        except BaseException as error:
            if turn in lane:
                lane.remove(turn)
            elif turn.done() and not turn.cancelled():  # it came just now
                self._inside -= 1
            self._let_in()
            if isinstance(error, TimeoutError):
                raise Overloaded(f"no turn within {patience:g} s") from None
            raise

    def _has_room(self) -> bool:
        return not self._at_once or self._inside < self._at_once

    def _let_in(self) -> None:
        """Give their turn to all who may pass now, and come again when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self.waiting and self._has_room():
            lane = self._urgent or self._others
            if lane[0].done():  # given up
                lane.popleft()
            elif self._bucket.take(self._loop.time()):
                self._inside += 1
                lane.popleft().set_result(None)
            else:
                delay = self._bucket.wait(self._loop.time()) + _ROUNDING
                self._timer = self._loop.call_later(delay, self._let_in)
                return
