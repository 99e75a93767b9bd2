"""The nodes of a Finesse cluster behind the door: which one is in use, whether it is in service, and its sessions.

One task decides. It looks at the node in use every health_interval, and retry_delay after anything went wrong: at
SystemInfo, at the presence of the node's web application, and at whether sessions can be opened at all. Two failed
looks in a row for one of these, and it takes another node that is in service. Requests and sessions only report what
they meet: a 503 puts the cluster out of service at once; a dead connection wakes the task. A notification service that
is dead everywhere is no reason to be out of service: requests are carried out without it.
Sources: client-protocol.md section 3; finesse-rest.md section 3; finesse-notifications.md sections 1 and 9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial

import structlog

from generic_connector.finesse.checking import NodeReport, notification_address, try_port
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
from generic_connector.finesse.node import IN_SERVICE, Node
from generic_connector.finesse.notification_watch import NotificationWatch
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context
from generic_connector.finesse.turnstile import Turnstile
from generic_connector.operations.metrics import DELAYED, FINESSE_FAILURES, NODE_CHANGES

log = structlog.get_logger()

_NO_WEB_APPLICATION = "its web application is not available"
_ANOTHER_NODE = "another node is in use"
_LONGEST_WAIT = 120.0  # seconds until a session whose turn to be opened does not come is given up
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
        self._health: asyncio.Task[None] | None = None
        self._sessions: set[AgentSession] = set()
        self._web_application: bool | None = None  # its presence, as the sessions hear it; None while it is unknown
        self._notifications = NotificationWatch()
        self._first_is_healthy_since: float | None = None
        self._openings: set[asyncio.Task[AgentSession]] = set()
        self._turnstile = Turnstile(
            rate=settings.sessions_per_second,
            burst=settings.sessions_per_second / 10,  # evenly, rather than a second's worth at once
            at_once=settings.sessions_at_once,
            delayed=DELAYED.labels("session").inc,
        )

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
            FINESSE_FAILURES.labels(type(error).__name__).inc()
            log.info("request failed", operation=request.operation, node=node.host, failure=type(error).__name__)
            self._heed(node, error)
            raise

    def _heed(self, node: Node, error: FinesseError) -> None:
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
        self._set_in_service(changed.status == IN_SERVICE and self._web_application is not False, changed.status_reason)
        self._wake.set()

    def _hear_web_application(self, node: Node, available: bool) -> None:  # noqa: FBT001 - the value itself
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
            if len(self._nodes) == 1:
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
        info, reason = await self._node.system_info()
        if info is not None:
            self._system_info = info
        if not reason and self._web_application is False:
            reason = _NO_WEB_APPLICATION
        if reason:
            await self._look_elsewhere(info, reason)
            return
        self._failures = 0
        self._set_in_service(True, "")
        if self._notifications.failed_tries(open_sessions=len(self._sessions)) >= _TRIES:
            log.info("no notification session can be opened", node=self._node.host, reason=self._notifications.reason)
            await self._take_another(with_notifications=True)
        else:
            await self._look_at_first()

    async def _look_elsewhere(self, info: SystemInfo | None, reason: str) -> None:
        """Count a failed look; after the second one, take another node or be out of service."""
        self._failures += 1
        if self._failures <= _TRIES:  # not every second through an outage
            log.info("node not in service", node=self._node.host, reason=reason)
        if info is not None and info.status != IN_SERVICE:  # it said so itself
            self._set_in_service(False, reason)
        if self._failures < _TRIES:
            self._wake.set()
        elif not await self._take_another():
            self._set_in_service(False, reason)

    async def _take_another(self, *, with_notifications: bool = False) -> bool:
        """Take another node that is in service; with_notifications: only one whose notification port is open."""
        for node in self._nodes:
            if node is self._node:
                continue
            info, reason = await self._judged(node, with_notifications=with_notifications)
            if info is not None and not reason:
                self._take(node, info)
                return True
            log.info("node not in service", node=node.host, reason=reason)
        return False

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
        """Look at a node that is not in use; give what it says of itself, and why it is of no use now."""
        info, reason = await node.system_info()
        if info is not None and not reason and with_notifications:
            reason = await try_port(self._address(node, info), self._settings, self._tls_context)
        return info, reason

    def _take(self, node: Node, info: SystemInfo) -> None:
        log.warning("node changed", node=node.host, instead_of=self._node.host)
        NODE_CHANGES.labels(node.host).inc()
        self._node, self._system_info, self._failures, self._web_application = node, info, 0, None
        self._notifications, self._first_is_healthy_since = NotificationWatch(), None
        sessions, self._sessions = self._sessions, set()
        self._set_in_service(True, "")
        for session in sessions:  # the old node tells no more; the owners open new ones here
            session.abandon(_ANOTHER_NODE)
        for opening in self._openings:
            opening.cancel()

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
        async with self._turnstile.passing(urgent=not background, patience=_LONGEST_WAIT):
            if not self._system_info.xmpp_domain:
                raise NotificationsUnavailable("Finesse has not told its notification domain yet")
            node = self._node
            return await self._open_at(node, credentials, on_notification, on_closed)

    async def _open_at(
        self,
        node: Node,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> AgentSession:
        session: AgentSession | None = None
        is_over = False

        def closed(what: SessionClosed) -> None:
            nonlocal is_over
            is_over = True
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

        opening = open_session(
            self._address(node, self._system_info),
            credentials,
            self._settings,
            self._tls_context,
            on_notification=notified,
            on_closed=closed,
            on_web_application=partial(self._hear_web_application, node),
            siblings=lambda: [each.jid for each in self._sessions],
        )
        session = await self._watched(node, opening)
        if node is not self._node:
            # later: the owner must have the session in hand before it hears of its end
            asyncio.get_running_loop().call_soon(session.abandon, _ANOTHER_NODE)
        elif not is_over:
            self._sessions.add(session)
        return session

    async def _watched(self, node: Node, opening: Coroutine[None, None, AgentSession]) -> AgentSession:
        """Wait for a session while its node is in use, and note whether the notification service answered."""
        task = asyncio.get_running_loop().create_task(opening)
        self._openings.add(task)
        try:
            session = await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            raise NotificationsUnavailable(_ANOTHER_NODE) from None
        except FinesseError as failure:
            self._session_failed(node, failure)
            raise
        finally:
            self._openings.discard(task)
        if node is self._node:
            self._notifications.answered()
        return session

    def _session_failed(self, node: Node, failure: FinesseError) -> None:
        if node is not self._node:
            return
        if not isinstance(failure, NotificationsUnavailable):
            self._notifications.answered()
            return
        self._notifications.failed(failure.reason)
        if not self._sessions:
            self._wake.set()

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
