"""Whether the commands of a queue come to us or to another instance. Pure; the clock is given.

A broker gives all that is in a queue to one exclusive consumer, and tells nobody which one it is. So we put a message
of our own into the queue every now and then, a probe: if it comes back, the commands are ours. Any command that comes
says the same, so a busy queue is not probed. Source: broker.md section 5.
"""

from __future__ import annotations

PROBE_TYPE = "GenericConnector.Probe"
"""JMSType of a probe; no command has that name."""

MISSED = 3
"""Probes that do not come back until we count as passed over."""


class Place:
    """Our place among the consumers of a queue.

    interval: seconds between probes, None where there are none and the commands are taken for ours. prefetch: how many
    commands may be unacknowledged; at that many the broker sends nothing, whoever we are.
    """

    def __init__(self, interval: float | None, prefetch: int) -> None:
        self._interval = interval
        self._prefetch = prefetch
        self._heard: float | None = None
        self._blind = interval is None

    @property
    def interval(self) -> float | None:
        """Seconds between looks; None where nothing is looked at."""
        return None if self._blind else self._interval

    def heard(self, now: float) -> None:
        """Note that something came from the queue."""
        self._heard = now

    def cannot_probe(self) -> None:
        """Note that the broker refuses probes: all that is left is to take the commands for ours."""
        self._blind = True

    def wants_probe(self, now: float) -> bool:
        """Say whether it is time for a probe."""
        return not self._blind and (self._heard is None or now - self._heard >= self._interval_or_zero / 2)

    def is_ours(self, now: float, unacknowledged: int) -> bool:
        """Say whether the commands come to us."""
        if self._blind:
            return True
        if self._heard is None:
            return False
        return unacknowledged >= self._prefetch or now - self._heard < MISSED * self._interval_or_zero

    @property
    def _interval_or_zero(self) -> float:
        return self._interval or 0.0
