"""The product put together: doors to brokers, the hub of agents, the door to Finesse."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

from generic_connector.agents.hub import Hub
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.broker.activemq import ActiveMqDoor
from generic_connector.broker.door import BrokerDoor
from generic_connector.broker.embedded import EmbeddedDoor
from generic_connector.config import Settings
from generic_connector.config.mapping import (
    to_activemq,
    to_agents,
    to_clients,
    to_embedded,
    to_finesse,
    to_operations,
    to_recorder,
    to_statistics,
)
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.health_of import health_of
from generic_connector.operations.health import HealthReport
from generic_connector.operations.operations import Operations
from generic_connector.operations.service_manager import ServiceManager
from generic_connector.recording.door import NoRecorder
from generic_connector.recording.http import HttpRecorder, RecorderSettings
from generic_connector.statistics.settings import StatisticsSettings
from generic_connector.statistics.site import SiteDatabases
from generic_connector.version import __version__

log = structlog.get_logger()


class Connector:
    """One running connector. Make and use it inside one event loop.

    doors: one or several; each client is answered by the door through which it spoke. statistics, recorder: what a
    site has beside Finesse, None where it has nothing.
    """

    def __init__(
        self,
        *,
        doors: Sequence[BrokerDoor],
        finesse: FinesseSettings,
        agents: AgentSettings | None = None,
        clients: ClientSettings | None = None,
        statistics: StatisticsSettings | None = None,
        recorder: RecorderSettings | None = None,
    ) -> None:
        self.doors = tuple(doors)
        self.finesse = FinesseCluster(finesse)
        self._databases = SiteDatabases(statistics or StatisticsSettings())
        self._recorder = HttpRecorder(recorder) if recorder is not None else None
        self.hub = Hub(
            finesse=self.finesse,
            statistics=self._databases,
            recorder=self._recorder or NoRecorder(),
            agents=agents or AgentSettings(),
            clients=clients or ClientSettings(),
        )

    async def start(self) -> None:
        """Look at Finesse, then open the doors. Neither has to be there: what is away is tried for ever."""
        log.info("starting", version=__version__)
        await self.finesse.start(self.hub.status_changed)
        for door in self.doors:
            await door.start(self.hub.receiver(door))

    async def stop(self) -> None:
        """Take no more commands, end the sessions, close everything."""
        log.info("stopping")
        await self.hub.stop()
        for door in self.doors:
            await door.stop()
        await self.finesse.stop()
        await self._databases.close()
        if self._recorder is not None:
            await self._recorder.close()

    def health(self) -> HealthReport:
        """Say whether work can be done, and why not."""
        return health_of(self.doors, self.finesse)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


async def run(settings: Settings) -> None:
    """Run a connector as the settings say, until SIGTERM or SIGINT. Raises UserError for settings that cannot work."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    port = to_operations(settings)
    connector = Connector(
        doors=_doors(settings),
        finesse=to_finesse(settings),
        agents=to_agents(settings),
        clients=to_clients(settings),
        statistics=to_statistics(settings),
        recorder=to_recorder(settings),
    )
    service = ServiceManager.from_environment(os.environ)
    async with Operations(port, connector.health, service) as operations, connector:
        log.info("ready", doors=[door.name for door in connector.doors], node=connector.finesse.node)
        operations.ready()
        await told_to_stop.wait()
        operations.stopping()


def _doors(settings: Settings) -> list[BrokerDoor]:
    doors: list[BrokerDoor] = []
    if settings.broker.activemq.enabled:
        doors.append(ActiveMqDoor(to_activemq(settings)))
    if settings.broker.embedded.enabled:
        doors.append(EmbeddedDoor(to_embedded(settings)))
    return doors
