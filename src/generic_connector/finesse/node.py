"""One Finesse node as the cluster asks it: its REST interface, protected from us, and us from its silence.

So many requests per second and not more, equal reads once, and no request where the last ones met nobody. What is
decided is in finesse.rate and finesse.breaker.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import structlog
from yarl import URL

from generic_connector.finesse.breaker import Breaker
from generic_connector.finesse.door import Answer, Request
from generic_connector.finesse.failures import Down, FinesseError, NotReachable, Overloaded, TimedOut
from generic_connector.finesse.model import Credentials, SystemInfo
from generic_connector.finesse.payloads import parse_system_info
from generic_connector.finesse.reads import Reads
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.turnstile import Turnstile
from generic_connector.operations.metrics import BREAKER, DELAYED, NOT_TRIED, OVERLOADED

log = structlog.get_logger()

IN_SERVICE = "IN_SERVICE"
_SYSTEM_INFO = build("system_info")


class Node:
    """One node. Open it inside a running loop."""

    def __init__(self, url: str, settings: FinesseSettings, tls_context: ssl.SSLContext) -> None:
        self._settings = settings
        self._rest = RestNode(url, settings, tls_context)
        self._loop = asyncio.get_running_loop()
        self._breaker = Breaker(threshold=settings.breaker_failures, pause=settings.health_timeout)
        self._told_open = False
        self._reads = Reads()
        self._turnstile = Turnstile(
            rate=settings.requests_per_second,
            burst=settings.requests_burst,
            delayed=DELAYED.labels("request").inc,
        )
        BREAKER.labels(self.host).set(0)

    @property
    def url(self) -> URL:
        """Scheme, host and port."""
        return self._rest.url

    @property
    def host(self) -> str:
        """The node's host name or address."""
        return self._rest.host

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request in its turn. Raises FinesseError and nothing else (see door.Finesse.request)."""
        if request.method != "GET" or request_id:
            return await self._in_turn(request, credentials, request_id)
        return await self._reads.read(
            request, credentials, lambda sent: self._in_turn(request, credentials, request_id, sent)
        )

    async def _in_turn(
        self,
        request: Request,
        credentials: Credentials | None,
        request_id: str,
        sent: Callable[[], None] = lambda: None,
    ) -> Answer:
        is_try = self._breaker.is_open
        self._refuse_in_vain()
        patience = None if request.background else self._settings.request_timeout
        try:
            async with self._turnstile.passing(urgent=not request.background, patience=patience):
                if not is_try:  # it may have opened meanwhile
                    self._refuse_in_vain()
                sent()
        except Overloaded:
            OVERLOADED.inc()
            raise
        return await self._ask(request, credentials, request_id)

    def _refuse_in_vain(self) -> None:
        """Raise what the breaker says, unless it lets the request through."""
        refusal = self._breaker.refusal(self._loop.time())
        if refusal is not None:
            NOT_TRIED.labels(self.host).inc()
            raise refusal

    async def system_info(self) -> tuple[SystemInfo | None, str]:
        """Ask at once what the node says of itself; give it, or None, and why it is not in service ("" when it is)."""
        try:
            answer = await self._ask(_SYSTEM_INFO, None, longest=self._settings.health_timeout)
            info = parse_system_info(answer.body)
        except FinesseError as error:
            return None, f"{type(error).__name__}: {error.reason}"
        return info, "" if info.status == IN_SERVICE else f"{info.status}: {info.status_reason}"

    async def _ask(
        self, request: Request, credentials: Credentials | None, request_id: str = "", longest: float | None = None
    ) -> Answer:
        try:
            answer = await self._rest.request(request, credentials, request_id, longest)
        except (NotReachable, Down, TimedOut) as failure:
            self._breaker.failed(failure, self._loop.time())
            self._tell_breaker()
            raise
        except FinesseError:  # an answer, too
            self._breaker.answered()
            self._tell_breaker()
            raise
        self._breaker.answered()
        self._tell_breaker()
        return answer

    def _tell_breaker(self) -> None:
        if self._breaker.is_open == self._told_open:
            return
        self._told_open = self._breaker.is_open
        BREAKER.labels(self.host).set(self._told_open)
        if self._told_open:
            log.warning("node does not answer, requests fail at once", node=self.host)
        else:
            log.info("node answers again", node=self.host)

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        await self._rest.close()
