"""When a node is not asked any more: a circuit breaker, pure. The clock is given.

Connections that fail and answers that do not come, so many in a row, open it: from then on nobody waits for a time-out
of its own, but hears at once what the last one found out. What closes it is an answer, whatever it says: that of a
probe, or that of one request which is let through when no probe was made for too long.
"""

from __future__ import annotations

from generic_connector.finesse.failures import Down, FinesseError, NotReachable, TimedOut

Unanswered = NotReachable | Down | TimedOut
"""Failures that say that the node is not there. Anything else is an answer."""


class Breaker:
    """The breaker of one node.

    threshold: how many failures in a row open it, 0 for never. pause: seconds after which a request is let through
    where nobody probes.
    """

    def __init__(self, *, threshold: int, pause: float) -> None:
        self._threshold = threshold
        self._pause = pause
        self._in_a_row = 0
        self._last: FinesseError = Down()
        self._next_try = 0.0

    @property
    def is_open(self) -> bool:
        """Whether requests fail at once."""
        return 0 < self._threshold <= self._in_a_row

    def refusal(self, now: float) -> FinesseError | None:
        """Give what a request fails with at once, None where it is let through."""
        if not self.is_open:
            return None
        if now >= self._next_try:
            self._next_try = now + self._pause  # one, and whoever comes behind it has to wait for its answer
            return None
        if isinstance(self._last, NotReachable):
            return NotReachable(f"not tried: {self._last.reason}")
        return Down(f"not tried: {self._last.reason}")

    def answered(self) -> None:
        """Hear that the node answered."""
        self._in_a_row = 0

    def failed(self, failure: Unanswered, now: float) -> None:
        """Hear that the node did not answer."""
        self._in_a_row += 1
        self._last = failure
        self._next_try = now + self._pause
