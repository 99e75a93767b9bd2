"""What a process costs: processor time and memory, read from /proc (Linux)."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER_TIME = 11  # the place of utime in /proc/<pid>/stat, counted behind the program's name; stime follows


def cpu_seconds(pid: int) -> float:
    """Give the processor time that a process has used since it began, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[_USER_TIME : _USER_TIME + 2])) / _TICKS


def resident_kib(pid: int) -> int:
    """Give the memory that a process holds, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0  # it has just ended


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, and what each process had used by then."""

    at: float
    cpu: Mapping[str, float]


def moment(pids: Mapping[str, int]) -> Moment:
    """Look at all processes now."""
    return Moment(time.monotonic(), {name: cpu_seconds(pid) for name, pid in pids.items()})


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used between two moments: seconds of the clock, and of the processor for each process."""

    seconds: float
    cpu: Mapping[str, float]

    def busy(self, name: str) -> float:
        """Give how busy a process was, as a share of one core."""
        return self.cpu[name] / self.seconds


def between(before: Moment, after: Moment) -> Spent:
    """Give what was used in between."""
    return Spent(after.at - before.at, {name: after.cpu[name] - before.cpu[name] for name in before.cpu})
