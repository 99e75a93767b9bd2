"""Opening and closing the ports of an aiohttp application."""

from __future__ import annotations

import ssl

from aiohttp import web


class Listener:
    """An application on any number of ports."""

    def __init__(self, application: web.Application) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)

    async def start(self) -> None:
        """Get ready."""
        await self._runner.setup()

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Open a port and return its number; port 0 takes a free one, and -1 opens none and returns 0."""
        if port < 0:
            return 0
        known = set(self._runner.addresses)
        await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        address = next(address for address in self._runner.addresses if address not in known)
        return int(address[1])

    async def stop(self) -> None:
        """Close every port and connection."""
        await self._runner.cleanup()
