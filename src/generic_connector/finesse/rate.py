"""How fast something may be done: a token bucket, pure. The clock is given."""

from __future__ import annotations


class TokenBucket:
    """Lets so many things happen per second, and a burst of them at once after a pause.

    rate: per second; 0 for any number. burst: how many at once, at the least 1. now: seconds of any clock that does not
    go back; what is given later is given by the same clock.
    """

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._as_of = now

    def take(self, now: float) -> bool:
        """Take a token if there is one; say whether there was."""
        if self._rate <= 0:
            return True
        self._fill(now)
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait(self, now: float, ahead: int = 0) -> float:
        """Say in how many seconds there will be a token for somebody who has so many others ahead; 0 for at once."""
        if self._rate <= 0:
            return 0.0
        self._fill(now)
        return max(0.0, (ahead + 1.0 - self._tokens) / self._rate)

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._as_of) * self._rate)
        self._as_of = max(self._as_of, now)
