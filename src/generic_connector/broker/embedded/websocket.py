"""STOMP over WebSocket (sub-protocol v12.stomp): one frame or heart-beat in each message."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import ClientConnectionError, WSMsgType, web

from generic_connector.broker.embedded.connection import ROOM, ClientConnection
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.embedded.tcp import Admit

SUB_PROTOCOL = "v12.stomp"

_HEADER_ALLOWANCE = 128 * 1024
_CLOSE_DEADLINE = 1.0


def origin_is_allowed(request: web.Request, allowed: tuple[str, ...]) -> bool:
    """Say whether a web page of that origin may connect. Programs that are no browsers send no Origin."""
    origin = request.headers.get("Origin")
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return urlsplit(origin).netloc == request.host


class WebSocketClient:
    """The transport of one client."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._socket = socket
        self._transport = transport
        self._waiting: deque[bytes] = deque()
        self._unread = 0
        self._changed = asyncio.Event()
        self._readable = asyncio.Event()
        self._readable.set()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    async def run(self, connection: ClientConnection) -> None:
        """Pass messages on, both ways, until the end."""
        self._writer = asyncio.create_task(self._write_all(connection))
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    connection.received(message.data.encode())
                elif message.type is WSMsgType.BINARY:
                    connection.received(message.data)
                await self._readable.wait()
        finally:
            connection.lost()
            if not self._closing:  # else it is about to say good-bye, within its deadline
                self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def _write_all(self, connection: ClientConnection) -> None:
        try:
            while True:
                while self._waiting:
                    await self._write_next(connection)
                if self._closing:
                    break
                self._changed.clear()
                await self._changed.wait()
            async with asyncio.timeout(_CLOSE_DEADLINE):
                await self._socket.close()
        except (ClientConnectionError, ConnectionError, TimeoutError):
            self.abort()

    async def _write_next(self, connection: ClientConnection) -> None:
        data = self._waiting.popleft()
        try:
            await self._socket.send_str(data.decode())
        except UnicodeDecodeError:
            await self._socket.send_bytes(data)
        was_full = self._unread > ROOM
        self._unread -= len(data)
        if was_full and self._unread <= ROOM:
            connection.writable()

    # -- connection.Outlet

    @property
    def unread(self) -> int:
        """Bytes that the network did not take yet."""
        return self._unread

    def write(self, data: bytes) -> None:
        """Write."""
        if not self._closing:
            self._unread += len(data)
            self._waiting.append(data)
            self._changed.set()

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the value itself
        """Stop reading, or go on."""
        if held and not self._closing:
            self._readable.clear()
        else:
            self._readable.set()

    def close(self) -> None:
        """Close after what was written."""
        self._closing = True
        self._readable.set()
        self._changed.set()

    def abort(self) -> None:
        """Close now."""
        self._closing = True
        self._readable.set()
        self._waiting.clear()
        if self._writer is not None:
            self._writer.cancel()
        if self._transport is not None:
            self._transport.abort()  # aiohttp itself offers only closing with a handshake


def websocket_handler(
    settings: EmbeddedSettings, admit: Admit, forget: Callable[[ClientConnection], None]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Make the aiohttp handler for the WebSocket's path."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not origin_is_allowed(request, settings.allowed_origins):
            raise web.HTTPForbidden(text="This origin may not connect.")
        limit = settings.body_limit + _HEADER_ALLOWANCE
        socket = web.WebSocketResponse(protocols=(SUB_PROTOCOL,), max_msg_size=limit, compress=False)
        await socket.prepare(request)
        client = WebSocketClient(socket, request.transport)
        connection = admit(client, request.remote or "unknown")
        try:
            await client.run(connection)
        finally:
            forget(connection)
        return socket

    return handle
