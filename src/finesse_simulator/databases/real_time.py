"""UCCX's real-time tables, RtCSQsSummary and RtICDStatistics (finesse-rest.md section 11.2).

The real ones are Informix's, which folds names to lower case as PostgreSQL does; SQLite does not care.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, create_engine, delete, insert

from finesse_simulator.databases.figures import QueueFigures

_METADATA = MetaData()
_AGENTS = ("loggedin", "available", "unavailable", "working", "talking", "reserved")
_DURATIONS = ("oldestcontact", "avgtalkduration", "avgwaitduration", "longesttalkduration", "longestwaitduration")


def _table(name: str, *first: Column[Any]) -> Table:
    """Describe a table; all but its first columns are the same in both."""
    return Table(
        name,
        _METADATA,
        *first,
        *(Column(f"{agents}agents", Integer, nullable=False) for agents in _AGENTS),
        *(Column(calls, Integer, nullable=False) for calls in ("totalcalls", "callswaiting", "callshandled")),
        *(Column(calls, Integer, nullable=False) for calls in ("callsabandoned", "callsdequeued")),
        *(Column(duration, BigInteger, nullable=False) for duration in _DURATIONS),
        *(Column(f"conv{duration}", String(15), nullable=False) for duration in _DURATIONS),
        Column("startdatetime", DateTime, nullable=False),
        Column("enddatetime", DateTime, nullable=False),
    )


QUEUES = _table("rtcsqssummary", Column("csqname", String(50), primary_key=True))
TOTALS = _table("rticdstatistics", Column("totalcsqs", Integer, nullable=False))


class RealTimeTables:
    """UCCX's two real-time tables in a database of any kind. Every call blocks: make it outside an event loop.

    url: SQLAlchemy's, with user name and password. clock: the time of day, which the tables show too.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = create_engine(url)
        self._clock = clock

    def create(self) -> None:
        """Make the tables where they are missing."""
        _METADATA.create_all(self._engine)

    def update(self, figures: Sequence[QueueFigures]) -> None:
        """Replace what the tables say, for readers in one step, as UCCX does every few seconds."""
        now = self._clock().replace(tzinfo=None)
        times = {"startdatetime": now.replace(hour=0, minute=0, second=0, microsecond=0), "enddatetime": now}
        with self._engine.begin() as connection:
            connection.execute(delete(QUEUES))
            connection.execute(delete(TOTALS))
            connection.execute(insert(TOTALS), [_totals(figures) | times])
            if figures:
                connection.execute(insert(QUEUES), [_queue(queue) | times for queue in figures])

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _queue(figures: QueueFigures) -> dict[str, Any]:
    return {"csqname": figures.name, **_with_texts(_numbers(figures))}


def _numbers(figures: QueueFigures) -> dict[str, int]:
    return {
        "loggedinagents": figures.logged_in,
        "availableagents": figures.available,
        "unavailableagents": figures.unavailable,
        "workingagents": figures.working,
        "talkingagents": figures.talking,
        "reservedagents": figures.reserved,
        "totalcalls": figures.total_calls,
        "callswaiting": figures.calls_waiting,
        "callshandled": figures.handled,
        "callsabandoned": figures.abandoned,
        "callsdequeued": figures.dequeued,
        "oldestcontact": figures.oldest_contact,
        "avgtalkduration": figures.average_talk,
        "avgwaitduration": figures.average_wait,
        "longesttalkduration": figures.longest_talk,
        "longestwaitduration": figures.longest_wait,
    }


def _totals(figures: Sequence[QueueFigures]) -> dict[str, Any]:
    """Add the queues up; of durations the longest counts. An agent of several queues is counted in each of them."""
    rows = [_numbers(queue) for queue in figures] or [_numbers(QueueFigures(name=""))]
    totals = {
        name: max(row[name] for row in rows) if name in _DURATIONS else sum(row[name] for row in rows)
        for name in rows[0]
    }
    return {"totalcsqs": len(figures), **_with_texts(totals)}


def _with_texts(row: dict[str, int]) -> dict[str, Any]:
    return row | {f"conv{name}": _text(row[name]) for name in _DURATIONS}


def _text(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"
