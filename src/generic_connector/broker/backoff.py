"""How long to wait before trying again. Pure but for chance."""

from __future__ import annotations

import random


class Backoff:
    """Doubling delays from first to longest seconds, each shortened by chance to as little as half.

    The chance keeps many clients of a broker that comes back from arriving all at once.
    """

    def __init__(self, first: float = 0.1, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def next_delay(self) -> float:
        """Give the seconds to wait now; longer each time."""
        delay = self._next
        self._next = min(delay * 2, self._longest)
        return delay * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing

    def reset(self) -> None:
        """Begin anew: things went well."""
        self._next = self._first
