"""Between records and what a store keeps: sealed bytes under (kind, id). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import structlog

from generic_connector.store.door import Changes, Key, Saved
from generic_connector.store.records import AgentRecord, DestinationRecord, Kind, decode, encode
from generic_connector.store.sealing import Seal

log = structlog.get_logger()

KEEP_BEGUN = 3600.0
"""Seconds for which it is remembered that a command was begun; a broker delivers again within seconds."""

Kept = TypeVar("Kept", DestinationRecord, AgentRecord)


def sealed(changes: Changes, seal: Seal) -> tuple[list[tuple[Key, bytes]], list[Key]]:
    """Give what to write and what to take away."""
    written = [(key, seal.seal(encode(record))) for key, record in changes.items() if record is not None]
    return written, [key for key, record in changes.items() if record is None]


def opened(rows: Iterable[tuple[str, str, bytes]], begun: Iterable[str], seal: Seal) -> Saved:
    """Read rows (kind, id, sealed). What cannot be read is left out: that client connects anew."""
    rows = list(rows)
    return Saved(
        destinations=_all(rows, Kind.DESTINATION, DestinationRecord, seal),
        agents=_all(rows, Kind.AGENT, AgentRecord, seal),
        begun=frozenset(begun),
    )


def _all(rows: list[tuple[str, str, bytes]], kind: Kind, type_: type[Kept], seal: Seal) -> tuple[Kept, ...]:
    found: list[Kept] = []
    for row_kind, row_id, data in rows:
        if row_kind != kind:
            continue
        try:
            found.append(decode(type_, seal.open(data)))
        except ValueError as error:  # msgspec's errors are ValueErrors, too
            log.warning("a saved session cannot be read", kind=row_kind, id=row_id, reason=str(error))
    return tuple(found)
