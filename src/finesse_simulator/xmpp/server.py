"""Our own XMPP server in this process: sockets and timers around sessions.

Sources: finesse-notifications.md sections 1, 3 to 7 and 12.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from typing import cast

from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp.domain import DeliverTo, XmppDomain
from finesse_simulator.xmpp.envelope import MessageIdStyle
from finesse_simulator.xmpp.session import Session
from finesse_simulator.xmpp.stream import STANZA_LIMIT
from finesse_simulator.xmpp.subscriptions import Subscriptions
from finesse_simulator.xmpp.web_application import WebApplication

_log = logging.getLogger(__name__)

_CLOSE_GRACE = 1.0  # seconds that a closed connection has to take what was written to it
_HANDSHAKE_TIMEOUT = 10.0  # seconds


class XmppServer:
    """The pretend notification service, with no other software.

    domain: the XMPP domain; the pub/sub service is pubsub.<domain>. host: the interface to listen on. plain_port,
    tls_port: where to listen for clear and direct-TLS clients; 0 takes a free port, None leaves that door shut. After
    start() the attributes of these names hold the real ports, which a later start() takes again. ssl_context: a
    server's context; without one there is no TLS door.

    idle_timeout: seconds of silence after which a client is dropped. ping_interval: seconds of silence after which the
    server asks for a sign of life (XEP-0199), None for never. write_limit: bytes that may wait for a client that does
    not read; one more and it is dropped. stanza_limit: the longest stanza taken, in bytes. deliver_to,
    message_id_style: see their types; both can be changed while running.
    """

    def __init__(
        self,
        *,
        domain: str,
        host: str = "127.0.0.1",
        plain_port: int | None = 0,
        tls_port: int | None = 0,
        ssl_context: ssl.SSLContext | None = None,
        deliver_to: DeliverTo = "all",
        message_id_style: MessageIdStyle = "node",
        idle_timeout: float = 120.0,
        ping_interval: float | None = None,
        write_limit: int = 8 * 1024 * 1024,
        stanza_limit: int = STANZA_LIMIT,
    ) -> None:
        self.domain_name = domain.lower()
        self.host = host
        self.plain_port = plain_port
        self.tls_port = tls_port if ssl_context is not None else None
        self.idle_timeout = idle_timeout
        self.ping_interval = ping_interval
        self.write_limit = write_limit
        self.stanza_limit = stanza_limit
        self.frozen = False
        self._ssl_context = ssl_context
        self._deliver_to: DeliverTo = deliver_to
        self._message_id_style: MessageIdStyle = message_id_style
        self._subscriptions = Subscriptions()
        self._web_application = WebApplication(self.domain_name)
        self._domain: XmppDomain | None = None
        self._listeners: list[asyncio.Server] = []
        self._connections: set[_Connection] = set()
        self._all_gone = asyncio.Event()

    @property
    def deliver_to(self) -> DeliverTo:
        """Which of a user's available sessions get a notification."""
        return self._deliver_to

    @deliver_to.setter
    def deliver_to(self, value: DeliverTo) -> None:
        self._deliver_to = value
        if self._domain is not None:
            self._domain.deliver_to = value

    @property
    def message_id_style(self) -> MessageIdStyle:
        """How a message's id is made."""
        return self._message_id_style

    @message_id_style.setter
    def message_id_style(self, value: MessageIdStyle) -> None:
        self._message_id_style = value
        if self._domain is not None:
            self._domain.envelope.message_id_style = value

    @property
    def subscriptions(self) -> Subscriptions:
        """The explicit subscriptions; they outlive sessions and restarts of this server."""
        return self._subscriptions

    def sessions(self) -> list[str]:
        """Give the full addresses of the bound sessions, in no order of meaning."""
        return [str(each.address) for each in self._domain.sessions()] if self._domain is not None else []

    async def start(self, directory: Directory) -> None:
        """Open the ports; return when they accept connections. OSError if one cannot be had."""
        self._domain = XmppDomain(
            self.domain_name,
            directory,
            deliver_to=self._deliver_to,
            message_id_style=self._message_id_style,
            subscriptions=self._subscriptions,
            web_application=self._web_application,
        )
        try:
            if self.plain_port is not None:
                self.plain_port = await self._listen(self.plain_port, None)
            if self.tls_port is not None:
                self.tls_port = await self._listen(self.tls_port, self._ssl_context)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Tell every client that the system shuts down, close every connection and port."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()
        for connection in list(self._connections):
            connection.session.end("system-shutdown")
        try:
            await asyncio.wait_for(self._gone(), _CLOSE_GRACE)
        except TimeoutError:
            for connection in list(self._connections):
                connection.cut()
            await self._gone()
        for listener in listeners:
            with suppress(TimeoutError):  # later Pythons wait here for a TLS handshake that nobody finishes
                await asyncio.wait_for(listener.wait_closed(), _CLOSE_GRACE)
        self._domain = None

    def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
        """Send one Update document; see NotificationServer. While frozen, or before start, it is lost."""
        if self._domain is not None and not self.frozen:
            self._domain.publish(node, user_ids, payload)

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the sessions of one user (in any case of letters), or every connection, without a farewell."""
        for connection in list(self._connections):
            if user_id is None or connection.session.address.local == user_id.lower():
                connection.cut()

    def set_web_application_available(self, *, available: bool) -> None:
        """Announce the presence of finesse@domain to those who subscribed to it."""
        if self._domain is not None:
            self._domain.set_web_application_available(available=available)
        else:
            self._web_application.available = available

    def freeze(self) -> None:
        """Fall silent with all connections up, like a stopped process: nothing is read, answered or sent.

        New connections are accepted, and hear nothing. What is published meanwhile is lost.
        """
        self.frozen = True
        for connection in self._connections:
            connection.hold()

    def thaw(self) -> None:
        """Go on after freeze(): what clients sent meanwhile is read and answered now."""
        self.frozen = False
        for connection in list(self._connections):
            connection.release()

    async def _listen(self, port: int, context: ssl.SSLContext | None) -> int:
        listener = await asyncio.get_running_loop().create_server(
            self._connect,
            self.host,
            port,
            ssl=context,
            ssl_handshake_timeout=_HANDSHAKE_TIMEOUT if context is not None else None,
            ssl_shutdown_timeout=_CLOSE_GRACE if context is not None else None,
            backlog=1024,  # a node's agents come back all at once
        )
        self._listeners.append(listener)
        taken: int = listener.sockets[0].getsockname()[1]
        return taken

    def _connect(self) -> _Connection:
        return _Connection(self)

    def _greet(self, connection: _Connection) -> Session | None:
        """Take a connection in; None when the server was stopped while its TLS handshake went on."""
        if self._domain is None or not self._listeners:
            return None
        self._connections.add(connection)
        self._all_gone.clear()
        return Session(self._domain, connection, stanza_limit=self.stanza_limit)

    def _forget(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._all_gone.set()

    async def _gone(self) -> None:
        while self._connections:
            await self._all_gone.wait()


class _Connection(asyncio.Protocol):
    """One client's socket. Writing never waits: a client that does not read is dropped, and delays nobody."""

    session: Session  # both are there once the connection is made
    _transport: asyncio.Transport

    def __init__(self, server: XmppServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._last_heard = self._last_asked = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it
        session = self._server._greet(self)  # noqa: SLF001 - server and connection are one thing in two classes
        if session is None:
            self._transport.abort()
            return
        self.session = session
        if self._server.frozen:
            self.hold()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if not hasattr(self, "session"):
            return
        if exc is not None:
            _log.debug("%r: connection lost: %s", self.session, exc)
        self.session.lost()
        self._server._forget(self)  # noqa: SLF001 - see above

    def data_received(self, data: bytes) -> None:
        self._last_heard = self._loop.time()
        self.session.receive(data)

    def write(self, text: str) -> None:
        if self._transport.is_closing() or self._server.frozen:
            return
        self._transport.write(text.encode())
        if self._transport.get_write_buffer_size() > self._server.write_limit:
            _log.warning("%r: dropped, it does not read", self.session)
            self.cut()

    def end(self) -> None:
        self._stop_timer()
        self._transport.close()
        self._timer = self._loop.call_later(_CLOSE_GRACE, self._transport.abort)

    def cut(self) -> None:
        """Close at once; what still waits to be sent is lost."""
        self.session.lost()
        self._transport.abort()

    def hold(self) -> None:
        """Stop reading."""
        self._stop_timer()
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def release(self) -> None:
        """Read again. The silence was ours, and is not held against the client."""
        self._last_heard = self._loop.time()
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._watch()

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
