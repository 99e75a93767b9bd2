"""The nodes of a Finesse cluster behind the door: which one is in use, whether it is in service, and its sessions.

One task decides. It looks at SystemInfo of the node in use every health_interval, and retry_delay after anything
went wrong; two failed looks in a row, and it takes another node that is in service. Requests and notifications only
report what they meet: a 503 puts the cluster out of service at once, and so does the presence of the node's web
application when it goes; a dead connection wakes the task.
Sources: client-protocol.md section 3; finesse-rest.md section 3; finesse-notifications.md sections 1 and 9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import structlog

from generic_connector.finesse.door import Answer, Request, SessionClosed
from generic_connector.finesse.failures import (
    Down,
    FinesseError,
    NotificationsUnavailable,
    NotReachable,
    OutOfService,
    TimedOut,
)
from generic_connector.finesse.model import Credentials, Notification, SystemInfo, SystemInfoChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.payloads import parse_system_info
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context

log = structlog.get_logger()

_IN_SERVICE = "IN_SERVICE"
_NO_WEB_APPLICATION = "its web application is not available"
_LONGEST_WAIT = 300.0  # seconds until a session that cannot be begun to be opened is given up
_TRIES = 2  # failed looks at the node in use before another one is taken
_PORT, _SECURE_PORT = 5222, 5223
_WEBSOCKET_PORT, _SECURE_WEBSOCKET_PORT = 7071, 7443  # up to 12.5; later Finesse says where HTTPS is, and it is there
_SYSTEM_INFO = build("system_info")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """What check() found of one node. reasons say in words what is wrong; empty when all is well."""

    node: str
    reachable: bool
    status: str = ""
    notifications: str = ""
    """host:port of the notification service when it accepts connections, else ""."""
    reasons: tuple[str, ...] = ()


class FinesseCluster:
    """The door to one or two nodes (door.Finesse). Make and use it inside one running loop.

    Raises UserError when the TLS settings cannot be used.
    """

    def __init__(self, settings: FinesseSettings) -> None:
        self._settings = settings
        self._tls_context = make_tls_context(settings)
        self._nodes = [RestNode(url, settings, self._tls_context) for url in settings.nodes]
        self._node = self._nodes[0]
        self._in_service = False
        self._system_info = SystemInfo()
        self._on_status: Callable[[bool], None] = lambda _: None
        self._failures = 0
        self._wake = asyncio.Event()
        self._health: asyncio.Task[None] | None = None
        self._sessions: set[AgentSession] = set()
        self._turns = asyncio.Semaphore(settings.sessions_opening)
        self._web_application: bool | None = None  # its presence, as the sessions hear it; None while it is unknown

    @property
    def in_service(self) -> bool:
        """Whether requests can be carried out now."""
        return self._in_service

    @property
    def system_info(self) -> SystemInfo:
        """What the node in use said last; empty before the first answer."""
        return self._system_info

    @property
    def node(self) -> str:
        """The URL of the node in use."""
        return str(self._node.url)

    async def start(self, on_status: Callable[[bool], None]) -> None:
        """Begin to watch the nodes; return after the first look at them, whatever it showed.

        on_status is called with in_service whenever that changes; it starts as False. It must not wait or raise.
        """
        self._on_status = on_status
        await self._look()
        self._health = asyncio.create_task(self._watch(), name="finesse-health")

    async def stop(self) -> None:
        """Close the sessions and connections. Idempotent."""
        if self._health is not None:
            self._health.cancel()
            await asyncio.wait([self._health])
            self._health = None
        sessions, self._sessions = self._sessions, set()
        if sessions:
            await asyncio.gather(*(session.close() for session in sessions))
        await asyncio.gather(*(node.close() for node in self._nodes))

    # --- requests ---

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request on the node in use; see door.Finesse.request."""
        node = self._node
        try:
            return await node.request(request, credentials, request_id)
        except FinesseError as error:
            log.info("request failed", operation=request.operation, node=node.host, failure=type(error).__name__)
            self._heed(node, error)
            raise

    def _heed(self, node: RestNode, error: FinesseError) -> None:
        """Draw conclusions about the node from a failed request."""
        if node is not self._node:
            return
        if isinstance(error, OutOfService):
            self._set_in_service(False, error.reason)
        if isinstance(error, OutOfService | NotReachable | Down | TimedOut):
            self._wake.set()

    def report(self, system_info: SystemInfo) -> None:
        """Take in what a SystemInfoChanged notification said; it may be told once for each agent."""
        if not system_info.status or system_info.status == self._system_info.status:
            return
        changed = replace(self._system_info, status=system_info.status, status_reason=system_info.status_reason)
        self._system_info = changed
        self._set_in_service(
            changed.status == _IN_SERVICE and self._web_application is not False, changed.status_reason
        )
        self._wake.set()

    def _hear_web_application(self, node: RestNode, available: bool) -> None:  # noqa: FBT001 - the value itself
        """Take in the presence of a node's web application; every session tells it.

        Only one that was there can be missed: before, the looks at SystemInfo alone decide. Finesse is in service
        again when it is back and SystemInfo says so.
        """
        if node is not self._node or available == self._web_application:
            return
        if available:
            self._web_application = True
            self._wake.set()
        elif self._web_application:
            self._web_application = False
            self._set_in_service(False, _NO_WEB_APPLICATION)
            self._wake.set()

    # --- health ---

    async def _watch(self) -> None:
        while True:
            delay = self._settings.health_interval if self._in_service else self._settings.retry_delay
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
                await asyncio.sleep(min(self._settings.retry_delay, delay))
            except TimeoutError:
                pass
            self._wake.clear()
            await self._look()

    async def _look(self) -> None:
        """Look at the node in use, and at the others when that failed too often."""
        info, reason = await _system_info_of(self._node)
        if info is not None:
            self._system_info = info
        if not reason and self._web_application is False:
            reason = _NO_WEB_APPLICATION
        if not reason:
            self._failures = 0
            self._set_in_service(True, "")
            return
        self._failures += 1
        if self._failures <= _TRIES:  # not every second through an outage
            log.info("node not in service", node=self._node.host, reason=reason)
        if info is not None:  # it said so itself
            self._set_in_service(False, reason)
        if self._failures < _TRIES:
            self._wake.set()
        elif not await self._take_another():
            self._set_in_service(False, reason)

    async def _take_another(self) -> bool:
        for node in self._nodes:
            if node is self._node:
                continue
            info, reason = await _system_info_of(node)
            if info is not None and info.status == _IN_SERVICE:
                self._take(node, info)
                return True
            log.info("node not in service", node=node.host, reason=reason)
        return False

    def _take(self, node: RestNode, info: SystemInfo) -> None:
        log.warning("node changed", node=node.host, instead_of=self._node.host)
        self._node, self._system_info, self._failures, self._web_application = node, info, 0, None
        sessions, self._sessions = self._sessions, set()
        self._set_in_service(True, "")
        for session in sessions:  # the old node tells no more; the owners open new ones here
            session.abandon("another node is in use")

    def _set_in_service(self, in_service: bool, reason: str) -> None:  # noqa: FBT001 - the value itself
        if in_service == self._in_service:
            return
        self._in_service = in_service
        if in_service:
            log.info("node in service", node=self.node)
        else:
            log.warning("node out of service", node=self.node, reason=reason)
        self._on_status(in_service)

    # --- sessions ---

    async def open_session(
        self,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> AgentSession:
        """Open the agent's notification session at the node in use; see door.Finesse.open_session.

        What it hears of SystemInfo is for the cluster alone: on_notification does not get it. When a whole site comes
        at once, each waits for its turn, before its own deadline begins: else none would be in time.
        """
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                await self._turns.acquire()
        except TimeoutError:
            raise NotificationsUnavailable(
                f"too many sessions are opened, no turn within {_LONGEST_WAIT:g} s"
            ) from None
        try:
            return await self._open_session(credentials, on_notification, on_closed)
        finally:
            self._turns.release()

    async def _open_session(
        self,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> AgentSession:
        if not self._system_info.xmpp_domain:
            raise NotificationsUnavailable("Finesse has not told its notification domain yet")
        node = self._node
        session: AgentSession | None = None

        def closed(what: SessionClosed) -> None:
            if session is not None:
                self._sessions.discard(session)
            if not self._sessions:  # nobody is left who would hear of its return
                self._web_application = None
            on_closed(what)

        def notified(notification: Notification) -> None:
            if isinstance(notification.content, SystemInfoChanged):
                if node is self._node:
                    self.report(notification.content.system_info)
                return
            on_notification(notification)

        session = await open_session(
            self._address(node, self._system_info),
            credentials,
            self._settings,
            self._tls_context,
            on_notification=notified,
            on_closed=closed,
            on_web_application=partial(self._hear_web_application, node),
            siblings=lambda: [each.jid for each in self._sessions],
        )
        if node is self._node:
            self._sessions.add(session)
        else:
            # later: the owner must have the session in hand before it hears of its end
            asyncio.get_running_loop().call_soon(session.abandon, "another node is in use")
        return session

    def _address(self, node: RestNode, info: SystemInfo) -> XmppAddress:
        match self._settings.xmpp_transport, self._settings.xmpp_websocket_tls:
            case "tls", _:
                port = info.xmpp_secure_port or _SECURE_PORT
            case "plain", _:
                port = info.xmpp_port or _PORT
            case _, True:
                port = info.https_port or _SECURE_WEBSOCKET_PORT
            case _:
                port = _WEBSOCKET_PORT
        return XmppAddress(
            host=self._settings.xmpp_host or node.host,
            port=self._settings.xmpp_port or port,
            domain=info.xmpp_domain,
            pubsub_domain=info.xmpp_pubsub_domain,
        )

    # --- check ---

    async def check(self) -> tuple[NodeReport, ...]:
        """Look at every node once, REST and notification port. Needs no start; call stop afterwards."""
        return tuple(await asyncio.gather(*(self._check(node) for node in self._nodes)))

    async def _check(self, node: RestNode) -> NodeReport:
        info, reason = await _system_info_of(node)
        address = self._address(node, info or SystemInfo())
        fault = await self._try_port(address)
        return NodeReport(
            node=str(node.url),
            reachable=info is not None,
            status=info.status if info else "",
            notifications="" if fault else f"{address.host}:{address.port}",
            reasons=tuple(words for words in (reason, fault) if words),
        )

    async def _try_port(self, address: XmppAddress) -> str:
        """Connect to a notification port, with TLS where it is used; give what went wrong, or ""."""
        clear = self._settings.xmpp_transport == "plain" or (
            self._settings.xmpp_transport == "websocket" and not self._settings.xmpp_websocket_tls
        )
        tls = None if clear else self._tls_context
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                _, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
        except OSError as error:  # TimeoutError is one
            return f"notification port {address.host}:{address.port}: {str(error) or 'no connection in time'}"
        writer.transport.abort()
        return ""


async def _system_info_of(node: RestNode) -> tuple[SystemInfo | None, str]:
    """Give what the node says of itself, or None, and why it is not in service ("" when it is)."""
    try:
        answer = await node.request(_SYSTEM_INFO, None)
        info = parse_system_info(answer.body)
    except FinesseError as error:
        return None, f"{type(error).__name__}: {error.reason}"
    return info, "" if info.status == _IN_SERVICE else f"{info.status}: {info.status_reason}"
