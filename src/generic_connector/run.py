"""`generic-connector run`: one instance as the settings say, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from generic_connector.app import Connector
from generic_connector.broker import activemq
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
    to_store,
)
from generic_connector.instance import Instance, Role
from generic_connector.operations import garbage
from generic_connector.operations.operations import Operations
from generic_connector.operations.service_manager import ServiceManager
from generic_connector.store.door import SessionStore
from generic_connector.store.file import FileStore
from generic_connector.store.redis import RedisStore
from generic_connector.store.settings import FileStoreSettings, RedisSettings

log = structlog.get_logger()

CLOSING = 10.0
"""Seconds that the end may take after the last command: events, sessions, connections."""

STOPPED_AT_ONCE = 1
"""The exit code after a second signal."""


async def run(settings: Settings) -> None:
    """Run an instance until SIGTERM or SIGINT; the second of these ends it at once.

    Raises UserError for settings that cannot work.
    """
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, told_to_stop)
    store = _store(settings)
    instance = Instance(
        lambda: make_connector(settings, store),
        store=store,
        lease=settings.store.lease_seconds,
        able=_look_for_broker(settings),
    )
    service = ServiceManager.from_environment(os.environ)
    garbage.search_rarely()
    async with Operations(to_operations(settings), instance.health, service) as operations:
        instance.on_role = partial(_tell, operations, settings)
        await instance.run(told_to_stop)


def _tell(operations: Operations, settings: Settings, role: Role) -> None:
    """Let the service manager know: a standby is up as well as the one that serves."""
    if role is Role.STOPPING:
        operations.stopping(settings.instance.drain_seconds + CLOSING)
    else:
        operations.ready()


def _stop(told_to_stop: asyncio.Event) -> None:
    if told_to_stop.is_set():
        log.warning("told to stop twice, ending at once")
        os._exit(STOPPED_AT_ONCE)
    told_to_stop.set()


def make_connector(settings: Settings, store: SessionStore | None) -> Connector:
    """Make a connector as the settings say. Raises UserError for settings that cannot work."""
    return Connector(
        doors=_doors(settings),
        finesse=to_finesse(settings),
        agents=to_agents(settings),
        clients=to_clients(settings),
        statistics=to_statistics(settings),
        recorder=to_recorder(settings),
        store=store,
        drain=settings.instance.drain_seconds,
    )


def _doors(settings: Settings) -> list[BrokerDoor]:
    doors: list[BrokerDoor] = []
    if settings.broker.activemq.enabled:
        doors.append(ActiveMqDoor(to_activemq(settings)))
    if settings.broker.embedded.enabled:
        doors.append(EmbeddedDoor(to_embedded(settings)))
    return doors


def _store(settings: Settings) -> SessionStore | None:
    match to_store(settings):
        case FileStoreSettings() as file:
            return FileStore(file)
        case RedisSettings() as redis:
            return RedisStore(redis)
        case _:
            return None


def _look_for_broker(settings: Settings) -> Callable[[], Awaitable[bool]] | None:
    """Give what says whether we could serve, that is whether a broker lets us in; None where none is apart from us."""
    if not settings.broker.activemq.enabled:
        return None
    ours = to_activemq(settings)

    async def is_there() -> bool:
        return any(report.reachable for report in await activemq.check(ours))

    return is_there
