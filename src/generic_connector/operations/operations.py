"""What a running connector shows to those who run it: the operations port, and what the service manager is told.

async with Operations(settings, source, ServiceManager.from_environment(os.environ)) as operations, connector:
    operations.ready()
    ...
    operations.stopping()
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog

from generic_connector.operations.health import STOPPING, HealthReport, HealthSource
from generic_connector.operations.server import OperationsServer
from generic_connector.operations.service_manager import ServiceManager
from generic_connector.operations.settings import OperationsSettings

log = structlog.get_logger()


class Operations:
    """Open before the connector starts and until it has stopped. settings: None for no port."""

    def __init__(self, settings: OperationsSettings | None, source: HealthSource, service: ServiceManager) -> None:
        self._source = source
        self._service = service
        self._stopping = False
        self._watch: asyncio.Task[None] | None = None
        self.server = OperationsServer(settings, self.report) if settings is not None else None

    def report(self) -> HealthReport:
        """Say how it is; one that stops is not ready, whatever its parts are."""
        report = self._source()
        return replace(report, role=STOPPING) if self._stopping else report

    def ready(self) -> None:
        """Tell that the connector has started. What it works with may still be away: it is tried for ever."""
        self._service.ready(self.report().summary)

    def stopping(self, within: float = 0.0) -> None:
        """Tell that the connector begins to stop. within: seconds that it may take, 0 for what the unit allows."""
        self._stopping = True
        self._service.stopping(self.report().summary, within)

    async def __aenter__(self) -> Self:
        if self.server is not None:
            await self.server.start()
        self._watch = asyncio.create_task(self._service.watch(lambda: self.report().summary), name="watch")
        self._watch.add_done_callback(_watch_ended)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        if self.server is not None:
            await self.server.stop()


def _watch_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("watch crashed", exc_info=error)
