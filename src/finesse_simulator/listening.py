"""Opening and closing the ports of an aiohttp application."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from aiohttp import web

_FAREWELL = 0.5  # seconds that requests under way get when the ports close


class Listener:
    """An application on any number of ports. make_application: called at every start."""

    def __init__(self, make_application: Callable[[], web.Application]) -> None:
        self._make_application = make_application
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Get ready."""
        application = self._make_application()
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=_FAREWELL, handler_cancellation=True
        )
        await self._runner.setup()

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Open a port and return its number; port 0 takes a free one, and -1 opens none and returns 0."""
        if port < 0 or self._runner is None:
            return 0
        known = set(self._runner.addresses)
        await web.TCPSite(self._runner, host, port, ssl_context=tls, reuse_address=True).start()
        address = next(address for address in self._runner.addresses if address not in known)
        return int(address[1])

    async def stop(self) -> None:
        """Close every port and connection."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
