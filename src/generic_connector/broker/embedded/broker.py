"""The embedded broker: the core, its users, and its two ways in."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time

import structlog
from aiohttp import web

from generic_connector.broker.embedded.connection import ClientConnection, Outlet
from generic_connector.broker.embedded.core import BrokerCore
from generic_connector.broker.embedded.rights import Operation, is_among, place_of, verdict_on
from generic_connector.broker.embedded.session import command_destinations
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.embedded.tcp import TcpClient
from generic_connector.broker.embedded.users import Users
from generic_connector.broker.embedded.websocket import websocket_handler
from generic_connector.broker.metrics import CLIENTS

log = structlog.get_logger(door="embedded")

_STOP_DEADLINE = 2.0


class EmbeddedBroker:
    """A STOMP broker in this process. tcp_port and websocket_port tell where it listens, None where it does not.

    Raises ValueError for stored passwords that hash_password() did not make.
    """

    def __init__(self, settings: EmbeddedSettings) -> None:
        self.settings = settings
        self.users = Users(settings.users, anonymous=settings.anonymous)
        self.core = BrokerCore(
            queue_limit=settings.queue_limit, storage_limit=settings.storage_limit, now_ms=lambda: time.time() * 1000
        )
        self.command_destinations = command_destinations(settings.command_queues)
        self.tcp_port: int | None = None
        self.websocket_port: int | None = None
        self._connections: set[ClientConnection] = set()
        self._all_gone = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None
        self._message_ids = itertools.count(1)
        self._run_id = secrets.token_hex(4)

    async def start(self) -> None:
        """Listen. Raises OSError when a port is taken."""
        try:
            await self._listen_tcp()
            await self._listen_websocket()
        except OSError:
            await self.stop()
            raise
        log.info("embedded broker listens", tcp_port=self.tcp_port, websocket_port=self.websocket_port)

    async def _listen_tcp(self) -> None:
        settings = self.settings
        if settings.tcp_port is None:
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: TcpClient(self.admit, self.forget), settings.host, settings.tcp_port, ssl=settings.ssl_context
        )
        self.tcp_port = self._server.sockets[0].getsockname()[1]

    async def _listen_websocket(self) -> None:
        settings = self.settings
        if settings.websocket_port is None:
            return
        app = web.Application()
        app.router.add_get(settings.websocket_path, websocket_handler(settings, self.admit, self.forget))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_DEADLINE)
        await self._runner.setup()
        await web.TCPSite(
            self._runner, settings.host, settings.websocket_port, ssl_context=settings.ssl_context
        ).start()
        self.websocket_port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Let nobody in any more, and end all connections after what was written to them. May be called twice."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()
        await self._until_all_gone()
        await self.abort()

    async def abort(self) -> None:
        """Let nobody in any more, and cut all connections. May be called twice."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        await self._until_all_gone()
        if self._runner is not None:
            await self._runner.cleanup()
        self._server = self._runner = None

    async def _until_all_gone(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_DEADLINE):
                while self._connections:
                    self._all_gone.clear()
                    await self._all_gone.wait()

    def admit(self, outlet: Outlet, peer: str) -> ClientConnection:
        """Make the connection of a new client; beyond the limit it is told so and closed."""
        connection = ClientConnection(self, outlet, peer)
        self._connections.add(connection)
        CLIENTS.inc()
        if len(self._connections) > self.settings.connection_limit:
            connection.fail("there are too many connections")
        return connection

    def forget(self, connection: ClientConnection) -> None:
        """Note that a connection has ended."""
        self._connections.discard(connection)
        CLIENTS.dec()
        if not self._connections:
            self._all_gone.set()

    def may(self, user: str, operation: Operation, destination: str) -> bool:
        """Say whether a client may do that there: the rules are in embedded/rights.py."""
        place = place_of(destination, self.command_destinations)
        verdict = verdict_on(self.settings.rights, operation, place)
        return is_among(verdict, self.settings.senders, user, destination)

    def next_message_id(self) -> str:
        """Give an id that was not given before, in this run or another."""
        return f"ID:{self._run_id}-{next(self._message_ids)}"
