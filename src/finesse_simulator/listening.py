"""Opening and closing ports, of an aiohttp application or of anything else; and playing dead on them."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web

_FAREWELL = 0.5  # seconds that requests under way get when the ports close
_CLOSE_GRACE = 1.0  # seconds that the end of a TLS connection, and of a listening socket, may take
_HANDSHAKE_TIMEOUT = 10.0  # seconds
_BACKLOG = 1024  # a server's agents come back all at once

Factory = Callable[[], asyncio.BaseProtocol]


@dataclass(slots=True)
class _Port:
    """An open port. addresses: family and address of its sockets. silent: these while nobody takes what comes in."""

    factory: Factory
    tls: ssl.SSLContext | None
    servers: list[asyncio.AbstractServer]
    addresses: list[tuple[int, Any]]
    silent: list[socket.socket]

    def sockets(self) -> list[socket.socket]:
        """Give the sockets that listen."""
        # uvloop's servers are none of asyncio's
        return [each for server in self.servers for each in getattr(server, "sockets", ())]


class Ports:
    """The TCP ports of one server: open, held shut, or silent; they come back with the same numbers."""

    def __init__(self) -> None:
        self._open: list[_Port] = []
        self._held: list[socket.socket] = []
        self._closing: list[asyncio.AbstractServer] = []

    async def open(self, factory: Factory, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Open a port and return its number; port 0 takes a free one. OSError when it cannot be had."""
        self._release(port)
        server = await asyncio.get_running_loop().create_server(
            factory,
            host,
            port,
            ssl=tls,
            backlog=_BACKLOG,
            reuse_address=True,
            ssl_handshake_timeout=_HANDSHAKE_TIMEOUT if tls is not None else None,
            ssl_shutdown_timeout=_CLOSE_GRACE if tls is not None else None,
        )
        addresses: list[tuple[int, Any]] = [(each.family, each.getsockname()) for each in server.sockets]
        self._open.append(_Port(factory, tls, [server], addresses, []))
        return int(server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Let the ports go; what is connected stays connected."""
        self._closing += [server for port in self._shut() for server in port.servers]
        self._release()

    async def wait_closed(self) -> None:
        """Wait for what is left of the ports after close(), once every connection is gone."""
        closing, self._closing = self._closing, []
        for server in closing:
            with suppress(TimeoutError):  # later Pythons wait here for a TLS handshake that nobody finishes
                await asyncio.wait_for(server.wait_closed(), _CLOSE_GRACE)

    def hold(self) -> None:
        """Refuse connections from now on, as a dead server does.

        Nobody is given the numbers by chance meanwhile; a client that tries them again and again could else find that
        it has connected to itself.
        """
        for port in self._shut():
            for family, address in port.addresses:
                holder = socket.socket(family, socket.SOCK_STREAM)
                holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with suppress(OSError):  # somebody was quicker, which opening it again will say
                    holder.bind(address)
                self._held.append(holder)

    def silence(self) -> None:
        """Take no connection any more, as a stopped process: the system accepts them, and nobody hears them."""
        for port in self._open:
            port.silent = [socket.socket(fileno=os.dup(each.fileno())) for each in port.sockets()]
            for server in port.servers:
                server.close()

    async def speak(self) -> None:
        """Take connections again after silence, those first that came meanwhile."""
        for port in self._open:
            silent, port.silent, port.servers = port.silent, [], []
            for each in silent:
                each.setblocking(False)
                server = await asyncio.get_running_loop().create_server(
                    port.factory,
                    sock=each,
                    ssl=port.tls,
                    backlog=_BACKLOG,
                    ssl_handshake_timeout=_HANDSHAKE_TIMEOUT if port.tls is not None else None,
                    ssl_shutdown_timeout=_CLOSE_GRACE if port.tls is not None else None,
                )
                port.servers.append(server)

    def _shut(self) -> list[_Port]:
        ports, self._open = self._open, []
        for port in ports:
            for server in port.servers:
                server.close()
            for each in port.silent:
                each.close()
        return ports

    def _release(self, port: int | None = None) -> None:
        """Let go of what is held of one port, or of all."""
        for each in [each for each in self._held if port is None or each.getsockname()[1] == port]:
            each.close()
            self._held.remove(each)


class Listener:
    """An application on any number of ports. make_application: called at every start.

    thawed: not set while it is suspended; handlers that must not answer meanwhile wait for it.
    """

    def __init__(self, make_application: Callable[[], web.Application]) -> None:
        self.thawed = asyncio.Event()
        self.thawed.set()
        self._make_application = make_application
        self._runner: web.AppRunner | None = None
        self._ports = Ports()

    async def start(self) -> None:
        """Get ready."""
        application = self._make_application()
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=_FAREWELL, handler_cancellation=True
        )
        await self._runner.setup()

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Open a port and return its number; port 0 takes a free one, and -1 opens none and returns 0."""
        if port < 0 or self._runner is None or self._runner.server is None:
            return 0
        return await self._ports.open(self._runner.server, host, port, tls)

    async def stop(self) -> None:
        """Close every port and connection."""
        runner, self._runner = self._runner, None
        self.thawed.set()
        self._ports.close()
        if runner is not None:
            await runner.cleanup()
        await self._ports.wait_closed()

    async def crash(self) -> None:
        """Cut every connection at once, and refuse new ones until the same ports are opened again."""
        self._ports.hold()
        for connection in self._connections():
            if connection.transport is not None:
                connection.transport.abort()
        runner, self._runner = self._runner, None
        self.thawed.set()
        if runner is not None:
            await runner.cleanup()

    def suspend(self) -> None:
        """Neither read nor take connections, with everything that is connected left so."""
        self.thawed.clear()
        self._ports.silence()
        for connection in self._connections():
            if connection.transport is not None and not connection.transport.is_closing():
                connection.transport.pause_reading()

    async def resume(self) -> None:
        """Go on after suspend()."""
        for connection in self._connections():
            if connection.transport is not None and not connection.transport.is_closing():
                connection.transport.resume_reading()
        self.thawed.set()
        await self._ports.speak()

    def _connections(self) -> list[web.RequestHandler]:
        return self._runner.server.connections if self._runner is not None and self._runner.server is not None else []
