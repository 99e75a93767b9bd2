"""Counts sessions and puts everything that is counted together, for tests with many agents."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any

from finesse_simulator.engine.counts import Counts

_USER_READS = ("GET /User/{user}",)
_DIALOG_READS = ("GET /User/{user}/Dialogs", "GET /Dialog/{dialog}")


class SessionCounts:
    """The notification sessions of one server that can receive: how many came, how many there are, how fast they came.

    peak: the most that came within any second of real time.
    """

    def __init__(self) -> None:
        self.opened = self.now = self.peak = 0
        self._lately: deque[float] = deque()

    def came(self, time: float) -> None:
        """Count one in, at a time in real seconds."""
        self.opened += 1
        self.now += 1
        self._lately.append(time)
        while self._lately[0] <= time - 1.0:
            self._lately.popleft()
        self.peak = max(self.peak, len(self._lately))

    def went(self) -> None:
        """Count one out."""
        self.now -= 1

    def clear(self) -> None:
        """Count anew; those there are stay."""
        self.opened = self.peak = 0
        self._lately.clear()


def counters_report(
    counts: Counts, sessions: Mapping[str, SessionCounts], operations: Mapping[str, Counter[str]]
) -> dict[str, Any]:
    """Describe what was counted; sessions and operations are by server."""
    return {
        "forced_logouts": counts.forced,
        "late_forced_logouts": counts.late,
        "sign_ins": counts.sign_ins,
        "sign_outs": counts.sign_outs,
        "calls_dialled": dict(counts.calls_dialled),
        "sessions_opened": sum(each.opened for each in sessions.values()),
        "sessions_opened_by_server": {name: each.opened for name, each in sessions.items()},
        "sessions_now": {name: each.now for name, each in sessions.items()},
        "sessions_peak_per_second": {name: each.peak for name, each in sessions.items()},
        "user_reads": _sum(operations, _USER_READS),
        "dialog_reads": _sum(operations, _DIALOG_READS),
        "requests": {name: dict(sorted(each.items())) for name, each in operations.items()},
    }


def _sum(operations: Mapping[str, Counter[str]], names: Iterable[str]) -> int:
    return sum(each[name] for each in operations.values() for name in names)
