"""The connections of our own XMPP server: a TCP socket or a WebSocket around each session.

Writing never waits: a client that does not read is dropped, and delays nobody.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Protocol, cast

from aiohttp import WSMsgType, web

from finesse_simulator.xmpp.framing import FrameFraming, Framing, StreamFraming
from finesse_simulator.xmpp.session import Session

_log = logging.getLogger(__name__)

CLOSE_GRACE = 1.0  # seconds that a closed connection has to take what was written to it


class Server(Protocol):
    """What a connection knows of its server."""

    frozen: bool
    thawed: asyncio.Event
    idle_timeout: float
    ping_interval: float | None
    write_limit: int
    stanza_limit: int

    def greet(self, connection: Connection, framing: Framing) -> Session | None:
        """Take a connection in; None when the server was stopped meanwhile."""

    def forget(self, connection: Connection) -> None:
        """Hear that a connection is gone."""


class Connection(ABC):
    """One client's connection, whatever carries it: its session, and the watch over its silence."""

    session: Session  # there once the client is greeted

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._last_heard = self._last_asked = self._loop.time()

    @abstractmethod
    def write(self, text: str) -> None:
        """Send one piece of text."""

    @abstractmethod
    def end(self) -> None:
        """Close once what was written is sent."""

    @abstractmethod
    def cut(self) -> None:
        """Close at once; what still waits to be sent is lost."""

    def hold(self) -> None:
        """Fall silent."""
        self._stop_timer()

    def release(self) -> None:
        """Go on. The silence was ours, and is not held against the client."""
        self._last_heard = self._loop.time()
        self._watch()

    def _greeted(self, framing: Framing) -> bool:
        session = self._server.greet(self, framing)
        if session is None:
            return False
        self.session = session
        if self._server.frozen:
            self.hold()
        else:
            self._watch()
        return True

    def _receive(self, data: bytes) -> None:
        self._last_heard = self._loop.time()
        self.session.receive(data)

    def _gone(self) -> None:
        self._stop_timer()
        self.session.lost()
        self._server.forget(self)

    def _check_backlog(self, waiting: int) -> None:
        if waiting > self._server.write_limit:
            _log.warning("%r: dropped, it does not read", self.session)
            self.cut()

    def _cut_soon(self, transport: asyncio.Transport) -> None:
        self._stop_timer()
        self._timer = self._loop.call_later(CLOSE_GRACE, transport.abort)

    def _watch(self) -> None:
        """Look after a silent client: ping it, and drop it in the end. Looks again when the next of both is due."""
        now = self._loop.time()
        due = self._last_heard + self._server.idle_timeout
        if due <= now:
            self.session.end("connection-timeout")
            return
        interval = self._server.ping_interval
        if interval is not None:
            if max(self._last_heard, self._last_asked) + interval <= now:
                self._last_asked = now
                self.session.ping()
            due = min(due, max(self._last_heard, self._last_asked) + interval)
        self._timer = self._loop.call_at(due, self._watch)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class SocketConnection(Connection, asyncio.Protocol):
    """Over TCP, in clear or with TLS."""

    _transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it
        if not self._greeted(StreamFraming()):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take leave; asyncio calls it."""
        if not hasattr(self, "session"):
            return
        if exc is not None:
            _log.debug("%r: connection lost: %s", self.session, exc)
        self._gone()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent; asyncio calls it."""
        self._receive(data)

    def write(self, text: str) -> None:
        """Send text; see Connection."""
        if self._transport.is_closing() or self._server.frozen:
            return
        self._transport.write(text.encode())
        self._check_backlog(self._transport.get_write_buffer_size())

    def end(self) -> None:
        """Close once what was written is sent."""
        self._transport.close()
        self._cut_soon(self._transport)

    def cut(self) -> None:
        """Close at once."""
        self.session.lost()
        self._transport.abort()

    def hold(self) -> None:
        """Stop reading."""
        super().hold()
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self) -> None:
        """Read again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()
            super().release()


class WebSocketConnection(Connection):
    """Over WebSocket: each text is a frame. While the server is frozen, nothing is taken from what has arrived."""

    _transport: asyncio.Transport
    _socket: web.WebSocketResponse

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()  # None: close
        self._waiting = 0  # bytes in it

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it is gone."""
        if "xmpp" not in request.headers.get("Sec-WebSocket-Protocol", "").replace(",", " ").split():
            return web.Response(status=400, text="The sub-protocol xmpp is missing")
        await self._server.thawed.wait()
        self._socket = web.WebSocketResponse(
            protocols=("xmpp",),
            autoping=False,
            compress=False,
            timeout=CLOSE_GRACE,
            max_msg_size=2 * self._server.stanza_limit,  # what is a little too long, the session refuses with a reason
        )
        await self._socket.prepare(request)
        self._transport = cast("asyncio.Transport", request.transport)
        if self._greeted(FrameFraming()):
            sending = self._loop.create_task(self._send())
            try:
                await self._listen()
            finally:
                sending.cancel()
                self._gone()
        return self._socket

    async def _listen(self) -> None:
        async for message in self._socket:
            await self._server.thawed.wait()
            match message.type:
                case WSMsgType.TEXT:
                    self._receive(message.data.encode())
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
                case WSMsgType.BINARY:
                    self.session.end("not-well-formed")

    async def _send(self) -> None:
        while (text := await self._outbox.get()) is not None:
            self._waiting -= len(text)
            await self._socket.send_str(text)
        await self._socket.close()

    def write(self, text: str) -> None:
        """Send one frame; see Connection."""
        if self._transport.is_closing() or self._server.frozen:
            return
        self._waiting += len(text)
        self._outbox.put_nowait(text)
        self._check_backlog(self._waiting + self._transport.get_write_buffer_size())

    def end(self) -> None:
        """Close once what was written is sent."""
        self._outbox.put_nowait(None)
        self._cut_soon(self._transport)

    def cut(self) -> None:
        """Close at once."""
        self.session.lost()
        self._transport.abort()
