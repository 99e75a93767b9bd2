"""Finesse's times as clients read them.

Finesse sends UTC as `yyyy-MM-ddTHH:mm:ss.SSSZ`, clients read `yyyy-MM-dd HH:mm:ss` in the zone of the configuration
(client-protocol.md section 2).
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

_REMEMBERED = 4096
"""The times of a call come again with each of its notifications."""

_LONGEST = len("2026-01-02T03:04:05.678901+00:00:00.000000")


def client_time(finesse_time: str, zone: tzinfo | None) -> str:
    """Convert a time that Finesse sent; what cannot be read as a time becomes "". zone None is the machine's own."""
    return _converted(finesse_time, zone) if len(finesse_time) <= _LONGEST else ""


@lru_cache(maxsize=_REMEMBERED)
def _converted(finesse_time: str, zone: tzinfo | None) -> str:
    if not finesse_time:
        return ""
    try:
        moment = datetime.fromisoformat(finesse_time)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return ""
