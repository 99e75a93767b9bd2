"""Connections that strangers cannot hold: few at a time, and each for a few seconds only, whatever it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class BriefConnections:
    """A factory of protocols for a server. make: gives the protocol that does the work of one connection.

    limit: connections at a time; one more is closed at once. deadline: seconds after which a connection is cut, so
    that it matters to nobody how slowly a peer writes or reads.
    """

    def __init__(self, make: Callable[[], asyncio.Protocol], *, limit: int, deadline: float) -> None:
        self._make = make
        self._limit = limit
        self._deadline = deadline
        self._open: set[_BriefConnection] = set()

    def __call__(self) -> asyncio.Protocol:
        """Give the protocol of a new connection."""
        return _BriefConnection(self, self._make())

    def admit(self, connection: _BriefConnection, transport: asyncio.Transport) -> asyncio.TimerHandle | None:
        """Let a connection in, until the handle's time; None when there are too many."""
        if len(self._open) >= self._limit:
            return None
        self._open.add(connection)
        return asyncio.get_running_loop().call_later(self._deadline, transport.abort)

    def forget(self, connection: _BriefConnection) -> None:
        """Note that a connection has ended."""
        self._open.discard(connection)


class _BriefConnection(asyncio.Protocol):
    """Hands everything through to the protocol that does the work."""

    def __init__(self, connections: BriefConnections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._inner = inner
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._end = self._connections.admit(self, cast("asyncio.Transport", transport))
        if self._end is None:
            cast("asyncio.Transport", transport).abort()
        else:
            self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end.cancel()
            self._connections.forget(self)
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._end is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._end is not None else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
