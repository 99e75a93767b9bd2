"""The nodes of a Finesse cluster behind the door: which one is in use, and whether it is in service.

One task decides. It looks at the node in use every health_interval, and retry_delay after anything went wrong: at
SystemInfo, at the presence of the node's web application, and at whether sessions can be opened at all. Two failed
looks in a row for one of these, and it takes another node that is in service. Requests and sessions only report what
they meet: a 503 puts the cluster out of service at once; a dead connection wakes the task. A notification service that
is dead everywhere is no reason to be out of service: requests are carried out without it.
Sources: client-protocol.md section 3; finesse-rest.md section 3; finesse-notifications.md sections 1 and 9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from generic_connector.finesse.checking import NodeReport, notification_address, try_port
from generic_connector.finesse.door import Answer, Request, SessionClosed
from generic_connector.finesse.failures import Down, FinesseError, NotReachable, OutOfService, TimedOut
from generic_connector.finesse.model import Credentials, Notification, SystemInfo
from generic_connector.finesse.node import IN_SERVICE, Node
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.sessions import Sessions
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context
from generic_connector.operations.metrics import FINESSE_FAILURES, NODE_CHANGES

log = structlog.get_logger()

_NO_WEB_APPLICATION = "its web application is not available"
_TRIES = 2  # failed looks at the node in use before another one is taken


class FinesseCluster:
    """The door to one or two nodes (door.Finesse). Make and use it inside one running loop.

    Raises UserError when the TLS settings cannot be used.
    """

    def __init__(self, settings: FinesseSettings) -> None:
        self._settings = settings
        self._tls_context = make_tls_context(settings)
        self._nodes = [Node(url, settings, self._tls_context) for url in settings.nodes]
        self._node = self._nodes[0]
        self._in_service = False
        self._reason = ""
        self._system_info = SystemInfo()
        self._on_status: Callable[[bool], None] = lambda _: None
        self._failures = 0
        self._wake = asyncio.Event()
        self._at_once = False  # whether the next look has no time
        self._told = 0  # how often the node told a change of its state
        self._health: asyncio.Task[None] | None = None
        self._sessions = Sessions(settings, self._tls_context, self)
        self._web_application: bool | None = None  # its presence, as the sessions hear it; None while it is unknown
        self._first_is_healthy_since: float | None = None

    @property
    def in_service(self) -> bool:
        """Whether requests can be carried out now."""
        return self._in_service

    @property
    def reason(self) -> str:
        """Why requests cannot be carried out now, in words; "" while they can, and before the first look."""
        return self._reason

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
        await self._sessions.close()
        await asyncio.gather(*(node.close() for node in self._nodes))

    # --- requests ---

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request on the node in use; see door.Finesse.request."""
        node, told = self._node, self._told
        try:
            return await node.request(request, credentials, request_id)
        except FinesseError as error:
            FINESSE_FAILURES.labels(type(error).__name__).inc()
            log.info("request failed", operation=request.operation, node=node.host, failure=type(error).__name__)
            # a client that is answered 503 must hear of the return, but for ourselves newer news count for more
            is_news = told == self._told or not request.background
            self._heed(node, error, is_news=is_news)
            raise

    def _heed(self, node: Node, error: FinesseError, *, is_news: bool) -> None:
        """Draw conclusions about the node from a failed request."""
        if node is not self._node:
            return
        if isinstance(error, OutOfService) and is_news:
            self._set_in_service(False, error.reason)
        if isinstance(error, OutOfService | NotReachable | Down | TimedOut):
            self._wake.set()

    def report(self, system_info: SystemInfo) -> None:
        """Take in what a SystemInfoChanged notification said; it may be told once for each agent."""
        if not system_info.status or system_info.status == self._system_info.status:
            return
        self._told += 1
        changed = replace(self._system_info, status=system_info.status, status_reason=system_info.status_reason)
        self._system_info = changed
        in_service = changed.status == IN_SERVICE and self._web_application is not False
        if in_service or len(self._nodes) == 1:  # else another one may be
            self._set_in_service(in_service, changed.status_reason)
        self._at_once = True
        self._wake.set()

    def web_application(self, *, available: bool) -> None:
        """Take in the presence of the node's web application (sessions.Listener).

        Only one that was there can be missed: before, the looks at SystemInfo alone decide. Finesse is in service
        again when it is back and SystemInfo says so.
        """
        if available == self._web_application:
            return
        if available:
            self._web_application = True
            self._wake.set()
        elif self._web_application:
            self._web_application = False
            if len(self._nodes) == 1:
                self._set_in_service(False, _NO_WEB_APPLICATION)
            self._wake.set()

    def nobody_left(self) -> None:
        """Hear that nobody is left who would hear of the web application's return (sessions.Listener)."""
        self._web_application = None

    def none_opens(self) -> None:
        """Hear that the notification service may be dead (sessions.Listener)."""
        self._wake.set()

    # --- health ---

    async def _watch(self) -> None:
        while True:
            delay = self._settings.health_interval if self._in_service else self._settings.retry_delay
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
                if not self._at_once:
                    await asyncio.sleep(min(self._settings.retry_delay, delay))
            except TimeoutError:
                pass
            self._at_once = False
            self._wake.clear()
            await self._look()

    async def _look(self) -> None:
        """Look at the node in use, and at the others when that failed too often."""
        told = self._told
        info, reason = await self._node.system_info()
        if told != self._told:  # meanwhile; the answer may be older
            self._at_once = True
            self._wake.set()
            return
        if info is not None:
            self._system_info = info
        if not reason and self._web_application is False:
            reason = _NO_WEB_APPLICATION
        if reason:
            await self._look_elsewhere(info, reason)
            return
        self._failures = 0
        self._set_in_service(True, "")
        watch = self._sessions.watch
        tries = watch.failed_tries(open_sessions=len(self._sessions))
        if tries == _TRIES:
            log.info("no notification session can be opened", node=self._node.host, reason=watch.reason)
        if tries >= _TRIES:
            await self._take_another(with_notifications=True)
        else:
            await self._look_at_first()

    async def _look_elsewhere(self, info: SystemInfo | None, reason: str) -> None:
        """Count a failed look; after the second one, take another node or be out of service."""
        self._failures += 1
        if self._failures <= _TRIES:  # not every second through an outage
            log.info("node not in service", node=self._node.host, reason=reason)
        if self._failures >= _TRIES:
            if not await self._take_another():
                self._set_in_service(False, reason)
            return
        self._wake.set()
        said_so = info is not None and info.status != IN_SERVICE
        if said_so and await self._first_healthy() is None:
            self._set_in_service(False, reason)

    async def _take_another(self, *, with_notifications: bool = False) -> bool:
        """Take another node that is of use; say whether there was one. with_notifications: as _judged."""
        healthy = await self._first_healthy(with_notifications=with_notifications)
        if healthy is None:
            return False
        self._take(*healthy)
        return True

    async def _first_healthy(self, *, with_notifications: bool = False) -> tuple[Node, SystemInfo] | None:
        """Find another node that is of use."""
        for node in self._nodes:
            if node is self._node:
                continue
            info, reason = await self._judged(node, with_notifications=with_notifications)
            if info is not None and not reason:
                return node, info
            if self._failures <= _TRIES:
                log.info("other node not in service", node=node.host, reason=reason)
        return None

    async def _look_at_first(self) -> None:
        """Go back to the first node where that is wanted, once it has been healthy for long enough."""
        first, wanted = self._nodes[0], self._settings.return_to_first
        if self._node is first or not wanted:
            return
        info, reason = await self._judged(first, with_notifications=True)
        if info is None or reason:
            self._first_is_healthy_since = None
            return
        now = asyncio.get_running_loop().time()
        if self._first_is_healthy_since is None:
            self._first_is_healthy_since = now
        if now - self._first_is_healthy_since >= wanted:
            self._take(first, info)

    async def _judged(self, node: Node, *, with_notifications: bool) -> tuple[SystemInfo | None, str]:
        """Look at a node that is not in use; give what it says of itself, and why it is of no use now.

        with_notifications: it is of none while its notification port is not open.
        """
        info, reason = await node.system_info()
        if info is not None and not reason and with_notifications:
            reason = await try_port(self._address(node, info), self._settings, self._tls_context)
        return info, reason

    def _take(self, node: Node, info: SystemInfo) -> None:
        log.warning("node changed", node=node.host, instead_of=self._node.host)
        NODE_CHANGES.labels(node.host).inc()
        self._node, self._system_info, self._failures = node, info, 0
        self._web_application = self._first_is_healthy_since = None
        self._set_in_service(True, "")
        self._sessions.leave()

    def _set_in_service(self, in_service: bool, reason: str) -> None:  # noqa: FBT001 - the value itself
        self._reason = reason
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
        *,
        background: bool = False,
    ) -> AgentSession:
        """Open the agent's notification session at the node in use, in its turn; see door.Finesse.open_session.

        What it hears of SystemInfo is for the cluster alone: on_notification does not get it. When a whole site comes
        at once, each waits for its turn, before its own deadline begins: else none would be in time.
        """
        return await self._sessions.open(
            lambda: self._address(self._node, self._system_info),
            credentials,
            on_notification,
            on_closed,
            background=background,
        )

    def _address(self, node: Node, info: SystemInfo) -> XmppAddress:
        return notification_address(node.host, info, self._settings)

    # --- check ---

    async def check(self) -> tuple[NodeReport, ...]:
        """Look at every node once, REST and notification port. Needs no start; call stop afterwards."""
        return tuple(await asyncio.gather(*(self._check(node) for node in self._nodes)))

    async def _check(self, node: Node) -> NodeReport:
        info, reason = await node.system_info()
        address = self._address(node, info or SystemInfo())
        fault = await try_port(address, self._settings, self._tls_context)
        return NodeReport(
            node=str(node.url),
            reachable=info is not None,
            status=info.status if info else "",
            notifications="" if fault else f"{address.host}:{address.port}",
            reasons=tuple(words for words in (reason, fault) if words),
        )
