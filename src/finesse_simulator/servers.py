"""One of the servers of the pretend Finesse, A or B: its doors, its service, and what befalls it.

Sources: finesse-notifications.md sections 1, 5 and 9.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Protocol

from finesse_simulator.counters import SessionCounts
from finesse_simulator.notifying import NotificationServer
from finesse_simulator.rest.server import RestServer
from finesse_simulator.scenario import Xmpp
from finesse_simulator.server_states import CONDITIONS, Condition, DoorState, ServerState
from finesse_simulator.system_info import Ports

OUTAGE = "CTI server is not connected"


class Accounts(Protocol):
    """What a server asks of the contact centre for its notification server; see Directory."""

    def check_password(self, user_id: str, password: str) -> bool:
        """See Directory."""

    def node_exists(self, node: str) -> bool:
        """See Directory."""

    def may_subscribe(self, user_id: str, node: str) -> bool:
        """See Directory."""

    def presence_changed(self, user_id: str, resource: str, *, available: bool, server: str) -> None:
        """See Directory; server: at whose door."""


class Server:
    """A server of the pretend Finesse. It is also the Directory of its notification server.

    name: A or B. state: what befell it.
    """

    def __init__(
        self, name: str, xmpp: Xmpp, rest: RestServer, notifications: NotificationServer, accounts: Accounts
    ) -> None:
        self.name = name
        self.state = ServerState.UP
        self.domain = xmpp.domain
        self.host = xmpp.host
        self.rest = rest
        self.notifications = notifications
        self.sessions = SessionCounts()
        self._accounts = accounts
        self._tls: ssl.SSLContext | None = None
        self._changing = asyncio.Lock()

    # ---- life

    async def start(self, tls: ssl.SSLContext) -> None:
        """Open every port, after a stop those of before. OSError when one cannot be had."""
        self.state, self._tls = ServerState.UP, tls
        await self._open_notifications()
        await self._open_rest()

    async def stop(self) -> None:
        """Close every port."""
        await self.rest.stop()
        await self.notifications.stop()

    async def enter(self, state: ServerState) -> Condition:
        """Let something befall the server, or let it recover; give what was left of it before.

        OSError when a port is taken: the server stays killed.
        """
        async with self._changing:
            before, after = self.condition, CONDITIONS[state]
            self.state = state
            if not after.web_application:
                self.notifications.set_web_application_available(available=False)
            outcomes = await asyncio.gather(
                _move(self.rest, self._open_rest, before.rest, after.rest),
                _move(self.notifications, self._open_notifications, before.notifications, after.notifications),
                return_exceptions=True,
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    await self._die()
                    raise outcome
            if after.web_application and not before.web_application:
                self.notifications.set_web_application_available(available=True)
            return before

    async def _die(self) -> None:
        self.state = ServerState.KILLED
        await asyncio.gather(self.rest.crash(), self.notifications.crash())

    async def _open_rest(self) -> None:
        if self._tls is not None:
            await self.rest.start(self._tls)

    async def _open_notifications(self) -> None:
        await self.notifications.start(self)

    # ---- what is left of it, and where

    @property
    def condition(self) -> Condition:
        """What is left of the server."""
        return CONDITIONS[self.state]

    @property
    def rest_url(self) -> str:
        """The address of the REST interface by HTTPS, without a path; empty when there is none."""
        return _url("https", self.rest.host, self.rest.https_port)

    @property
    def http_url(self) -> str:
        """The address of the REST interface by HTTP; empty when there is none."""
        return _url("http", self.rest.host, self.rest.http_port)

    @property
    def xmpp_port(self) -> int:
        """Where notification sessions are accepted in clear; 0 when they are not."""
        return self._port("plain_port")

    @property
    def xmpp_tls_port(self) -> int:
        """The same by direct TLS."""
        return self._port("tls_port")

    @property
    def websocket_port(self) -> int:
        """The same by WebSocket in clear."""
        return self._port("websocket_port")

    @property
    def secure_websocket_port(self) -> int:
        """The same by WebSocket and TLS."""
        return self._port("secure_websocket_port")

    @property
    def ports(self) -> Ports:
        """What SystemInfo tells of the ports."""
        return Ports(https=self.rest.https_port, xmpp=self.xmpp_port, xmpp_secure=self.xmpp_tls_port)

    def _port(self, name: str) -> int:
        return getattr(self.notifications, name, None) or 0  # a server without sockets has none

    # ---- directory

    def check_password(self, user_id: str, password: str) -> bool:
        """See Directory."""
        return self._accounts.check_password(user_id, password)

    def node_exists(self, node: str) -> bool:
        """See Directory."""
        return self._accounts.node_exists(node)

    def may_subscribe(self, user_id: str, node: str) -> bool:
        """See Directory."""
        return self._accounts.may_subscribe(user_id, node)

    def presence_changed(self, user_id: str, resource: str, *, available: bool) -> None:
        """See Directory."""
        if available:
            self.sessions.came(asyncio.get_running_loop().time())
        else:
            self.sessions.went()
        self._accounts.presence_changed(user_id, resource, available=available, server=self.name)


class _Door(Protocol):
    """What a REST interface and a notification server have in common."""

    async def crash(self) -> None:
        """Cut every connection; refuse new ones."""

    async def suspend(self) -> None:
        """Fall silent."""

    async def resume(self) -> None:
        """Speak again."""


async def _move(door: _Door, start: Callable[[], Awaitable[None]], before: DoorState, after: DoorState) -> None:
    """Bring a door from one state to another. start: opens it when it is shut."""
    if before is after:
        return
    if after is DoorState.SHUT:
        await door.crash()
        return
    if before is DoorState.SHUT:
        await start()
    if before is DoorState.SILENT:
        await door.resume()
    if after is DoorState.SILENT:
        await door.suspend()


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}:{port}" if port else ""
