"""STOMP over TCP, with or without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from generic_connector.broker.embedded.connection import ROOM, ClientConnection, Outlet

Admit = Callable[[Outlet, str], ClientConnection]
"""Makes the connection of a new client, at an outlet, from a peer's address."""


class TcpClient(asyncio.Protocol):
    """The transport of one client. forget is called when it has ended."""

    def __init__(self, admit: Admit, forget: Callable[[ClientConnection], None]) -> None:
        self._admit = admit
        self._forget = forget
        self._transport: asyncio.Transport | None = None
        self._connection: ClientConnection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=ROOM)
        peer = transport.get_extra_info("peername") or ("unknown",)
        self._connection = self._admit(self, str(peer[0]))

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        if self._connection is not None:
            self._connection.received(data)

    def resume_writing(self) -> None:
        """Go on."""
        if self._connection is not None:
            self._connection.writable()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Forget the client."""
        if self._connection is not None:
            self._connection.lost()
            self._forget(self._connection)

    # -- connection.Outlet

    @property
    def unread(self) -> int:
        """Bytes that the network did not take yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Write."""
        if self._transport is not None:
            self._transport.write(data)

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the value itself
        """Stop reading, or go on."""
        if self._transport is None or self._transport.is_closing():
            return
        if held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close after what was written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()
