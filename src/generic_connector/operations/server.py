"""The operations port: health for load balancers, metrics for Prometheus, over HTTP.

    GET /health/live    200 while the event loop answers
    GET /health/ready   200 while clients are served, else 503 with the reasons; ?standby=ok is content with a standby
    GET /metrics        the metrics, in Prometheus' own form or as OpenMetrics

A connection carries one request. Health is told to everybody, for load balancers come without a password.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from generic_connector.operations.connections import BriefConnections
from generic_connector.operations.health import HealthSource, readiness
from generic_connector.operations.metrics import OPERATIONS_REQUESTS, show_health
from generic_connector.operations.settings import OperationsSettings

log = structlog.get_logger()

_STOP_DEADLINE = 1.0
_PATHS = ("/health/live", "/health/ready", "/metrics")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="generic-connector", charset="UTF-8"'}
_SILENT = logging.Logger("operations", level=logging.CRITICAL + 1)  # noqa: LOG001  no part of the tree: see below
"""Where aiohttp complains of what strangers send. They are told so by 400; our own faults are logged below."""


class OperationsServer:
    """The port, from start() to stop(). source: says how the connector is."""

    def __init__(self, settings: OperationsSettings, source: HealthSource) -> None:
        self._settings = settings
        self._source = source
        self._runner: web.AppRunner | None = None
        self._close: Callable[[], None] = lambda: None
        self._port = 0

    @property
    def port(self) -> int:
        """Where it listens; 0 before start()."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        settings = self._settings
        self._runner = web.AppRunner(
            self._application(), access_log=None, logger=_SILENT, shutdown_timeout=_STOP_DEADLINE, lingering_time=0
        )
        await self._runner.setup()
        connections = BriefConnections(
            self._handler, limit=settings.connection_limit, deadline=settings.connection_deadline
        )
        try:
            server = await asyncio.get_running_loop().create_server(
                connections,
                settings.host,
                settings.port,
                ssl=settings.ssl_context,
                ssl_handshake_timeout=settings.connection_deadline if settings.ssl_context else None,
            )
        except OSError:
            await self.stop()
            raise
        self._close = server.close
        self._port = server.sockets[0].getsockname()[1]
        log.info("operations port listens", host=settings.host, port=self._port, tls=settings.ssl_context is not None)

    async def stop(self) -> None:
        """Close the port and its connections. May be called twice."""
        self._close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    def _handler(self) -> asyncio.Protocol:
        if self._runner is None or self._runner.server is None:
            raise RuntimeError("the operations port is closed")
        return self._runner.server()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[_answered])
        for path, handler in zip(_PATHS, (self._live, self._ready, self._metrics), strict=True):
            application.router.add_get(path, handler)
        return application

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, request: web.Request) -> web.Response:
        status, body = readiness(self._source(), standby_is_ready=request.query.get("standby") == "ok")
        return web.json_response(body, status=status)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not is_allowed(request.headers.get("Authorization", ""), self._settings):
            raise web.HTTPUnauthorized(headers=_CHALLENGE)
        show_health(self._source())
        body, content_type = _exposition(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})


def is_allowed(authorization: str, settings: OperationsSettings) -> bool:
    """Say whether a request with this header may see the metrics (RFC 7617). Takes as long for each wrong password."""
    if not settings.username:
        return True
    scheme, _, given = authorization.partition(" ")
    right = base64.b64encode(f"{settings.username}:{settings.password}".encode())
    same = hmac.compare_digest(_digest(given.strip().encode("utf-8", "surrogateescape")), _digest(right))
    return same and scheme.lower() == "basic"


def _digest(text: bytes) -> bytes:
    """Make all of one length: the comparison must not tell even that."""
    return hashlib.sha256(text).digest()


def _exposition(accept: str) -> tuple[bytes, str]:
    """Give the metrics in the form that was asked for, and its name."""
    try:
        encode, content_type = choose_encoder(accept)
        return encode(REGISTRY), content_type
    except TypeError:  # the library cannot compare a version that is no number
        encode, content_type = choose_encoder("")
        return encode(REGISTRY), content_type


@web.middleware
async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give every answer what all have in common, and count it; a mistake of ours is logged and told without detail."""
    try:
        return _finished(request, await handler(request))
    except web.HTTPException as answer:
        _finished(request, answer)
        raise
    except Exception:
        log.exception("operations request failed", path=request.path)
        return _finished(request, web.Response(status=500, text="500: Internal Server Error"))


def _finished(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    response.headers.update(_HEADERS)
    response.force_close()
    OPERATIONS_REQUESTS.labels(request.path if request.path in _PATHS else "other", response.status).inc()
    return response
