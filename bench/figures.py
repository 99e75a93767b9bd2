"""Figures of many latencies. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PERCENTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Latencies in milliseconds. curve: (share, milliseconds) for a plot."""

    count: int
    p50: float
    p99: float
    p99_9: float
    most: float
    curve: tuple[tuple[float, float], ...] = ()


_CURVE = (*(n / 20 for n in range(19)), 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Give the value that this share of the ordered ones does not exceed (nearest rank); NaN of none."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def latency(seconds: Sequence[float]) -> Latency:
    """Sum up latencies that are given in seconds."""
    ordered = sorted(1000 * one for one in seconds)
    p50, p99, p99_9 = (percentile(ordered, share) for share in PERCENTILES.values())
    curve = tuple((share, round(percentile(ordered, share), 3)) for share in _CURVE) if ordered else ()
    return Latency(count=len(ordered), p50=p50, p99=p99, p99_9=p99_9, most=percentile(ordered, 1.0), curve=curve)
