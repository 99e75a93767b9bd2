"""Our own XMPP server in this process: sockets and timers around sessions.

Sources: finesse-notifications.md sections 1, 3 to 7 and 12.
"""

from __future__ import annotations

import asyncio
import ssl

from aiohttp import web

from finesse_simulator.listening import Listener, Ports
from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp.connections import CLOSE_GRACE, Connection, SocketConnection, WebSocketConnection
from finesse_simulator.xmpp.domain import DeliverTo, XmppDomain
from finesse_simulator.xmpp.envelope import MessageIdStyle
from finesse_simulator.xmpp.framing import Framing
from finesse_simulator.xmpp.session import Session
from finesse_simulator.xmpp.stream import STANZA_LIMIT
from finesse_simulator.xmpp.subscriptions import Subscriptions
from finesse_simulator.xmpp.web_application import WebApplication


class XmppServer:
    """The pretend notification service, with no other software.

    domain: the XMPP domain; the pub/sub service is pubsub.<domain>. host: the interface to listen on. plain_port,
    tls_port: where to listen for clear and direct-TLS clients; websocket_port, secure_websocket_port: for those by
    WebSocket (RFC 7395) at /ws and /ws/; 0 takes a free port, None leaves that door shut. After start() the attributes
    of these names hold the real ports, which a later start() takes again. ssl_context: a server's context; without one
    there are no doors with TLS.

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
        websocket_port: int | None = None,
        secure_websocket_port: int | None = None,
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
        self.websocket_port = websocket_port
        self.secure_websocket_port = secure_websocket_port if ssl_context is not None else None
        self.idle_timeout = idle_timeout
        self.ping_interval = ping_interval
        self.write_limit = write_limit
        self.stanza_limit = stanza_limit
        self.frozen = False
        self.thawed = asyncio.Event()
        self.thawed.set()
        self._ssl_context = ssl_context
        self._deliver_to: DeliverTo = deliver_to
        self._message_id_style: MessageIdStyle = message_id_style
        self._subscriptions = Subscriptions()
        self._web_application = WebApplication(self.domain_name)
        self._domain: XmppDomain | None = None
        self._ports = Ports()
        self._websockets = Listener(self._websocket_application)
        self._accepting = False
        self._connections: set[Connection] = set()
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
        self._accepting = True
        try:
            if self.plain_port is not None:
                self.plain_port = await self._ports.open(self._connect, self.host, self.plain_port)
            if self.tls_port is not None:
                self.tls_port = await self._ports.open(self._connect, self.host, self.tls_port, self._ssl_context)
            await self._listen_for_websockets()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Tell every client that the system shuts down, close every connection and port."""
        self._accepting = False
        self._ports.close()
        if self.frozen:
            self.thaw()
        for connection in list(self._connections):
            connection.session.end("system-shutdown")
        try:
            await asyncio.wait_for(self._gone(), CLOSE_GRACE)
        except TimeoutError:
            for connection in list(self._connections):
                connection.cut()
            await self._gone()
        await self._ports.wait_closed()
        await self._websockets.stop()
        self._domain = None

    async def crash(self) -> None:
        """Cut every connection at once, without a farewell; the ports refuse connections until the next start()."""
        self._accepting = False
        self._ports.hold()
        if self.frozen:
            self.thaw()
        self.disconnect()
        self._domain = None
        await self._websockets.crash()
        await self._gone()

    async def suspend(self) -> None:
        """Fall silent as freeze() does, and take no connections either: the system's backlog holds them."""
        self.freeze()
        self._ports.silence()
        self._websockets.suspend()

    async def resume(self) -> None:
        """Go on after suspend()."""
        self.thaw()
        await self._ports.speak()
        await self._websockets.resume()

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
        self.thawed.clear()
        for connection in self._connections:
            connection.hold()

    def thaw(self) -> None:
        """Go on after freeze(): what clients sent meanwhile is read and answered now."""
        self.frozen = False
        self.thawed.set()
        for connection in list(self._connections):
            connection.release()

    async def _listen_for_websockets(self) -> None:
        await self._websockets.start()
        if self.websocket_port is not None:
            self.websocket_port = await self._websockets.listen(self.host, self.websocket_port)
        if self.secure_websocket_port is not None:
            self.secure_websocket_port = await self._websockets.listen(
                self.host, self.secure_websocket_port, self._ssl_context
            )

    def _websocket_application(self) -> web.Application:
        application = web.Application()
        for path in ("/ws", "/ws/"):
            application.router.add_get(path, self._connect_websocket)
        return application

    def _connect(self) -> SocketConnection:
        return SocketConnection(self)

    async def _connect_websocket(self, request: web.Request) -> web.StreamResponse:
        return await WebSocketConnection(self).serve(request)

    def greet(self, connection: Connection, framing: Framing) -> Session | None:
        """Take a connection in; None when the server was stopped while its handshake went on. Connections call it."""
        if self._domain is None or not self._accepting:
            return None
        self._connections.add(connection)
        self._all_gone.clear()
        return Session(self._domain, connection, framing, stanza_limit=self.stanza_limit)

    def forget(self, connection: Connection) -> None:
        """Let a connection go. Connections call it."""
        self._connections.discard(connection)
        if not self._connections:
            self._all_gone.set()

    async def _gone(self) -> None:
        while self._connections:
            await self._all_gone.wait()
