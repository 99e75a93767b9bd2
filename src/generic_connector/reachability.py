"""What the connector could reach if it were started now, for `generic-connector check`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path

from generic_connector.broker import activemq
from generic_connector.config import Settings
from generic_connector.config.mapping import (
    to_activemq,
    to_embedded,
    to_finesse,
    to_operations,
    to_statistics,
    to_store,
)
from generic_connector.finesse.checking import NodeReport
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.site import SiteDatabases
from generic_connector.store.door import StoreUnavailable
from generic_connector.store.redis import RedisStore
from generic_connector.store.settings import FileStoreSettings, RedisSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One party that the connector talks to. detail: who answered, or the reason why it cannot be reached."""

    what: str
    where: str
    reachable: bool
    detail: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Try every broker, every Finesse node, every query of a database and every port once. Changes nothing anywhere.

    Raises UserError when a setting turns out to be unusable, such as a CA file without certificates.
    """
    return [
        *await _brokers(settings),
        *await _embedded_broker(settings),
        *await _nodes(settings),
        *await _databases(settings),
        *await _session_store(settings),
        *await _operations_port(settings),
    ]


async def _brokers(settings: Settings) -> list[Finding]:
    if not settings.broker.activemq.enabled:
        return []
    reports = await activemq.check(to_activemq(settings))
    return [
        Finding(what="broker", where=report.url, reachable=report.reachable, detail=report.reason or report.server)
        for report in reports
    ]


async def _embedded_broker(settings: Settings) -> list[Finding]:
    """Listen for a moment where the broker inside would."""
    if not settings.broker.embedded.enabled:
        return []
    ours = to_embedded(settings)
    ports = [port for port in (ours.tcp_port, ours.websocket_port) if port is not None]
    return [await _listening("broker inside", ours.host, port) for port in ports]


async def _operations_port(settings: Settings) -> list[Finding]:
    """Listen for a moment where the operations port would be."""
    ours = to_operations(settings)
    return [await _listening("operations port", ours.host, ours.port)] if ours is not None else []


async def _listening(what: str, host: str, port: int) -> Finding:
    where = f"{host}:{port}"
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    except OSError as error:
        return Finding(what=what, where=where, reachable=False, detail=str(error))
    server.close()
    await server.wait_closed()
    return Finding(what=what, where=where, reachable=True, detail="the port is free")


async def _nodes(settings: Settings) -> list[Finding]:
    cluster = FinesseCluster(to_finesse(settings))
    try:
        return [_finding(report) for report in await cluster.check()]
    finally:
        await cluster.stop()


def _finding(report: NodeReport) -> Finding:
    """Judge a node: it is of use when both its REST interface and its notification service answer."""
    words = [report.status, f"notifications at {report.notifications}"] if report.notifications else [report.status]
    return Finding(
        what="Finesse node",
        where=report.node,
        reachable=report.reachable and bool(report.notifications),
        detail="; ".join([*filter(None, words), *report.reasons]),
    )


async def _databases(settings: Settings) -> list[Finding]:
    """Ask the databases that are set all that they are there for."""
    site = SiteDatabases(to_statistics(settings))
    real_time, configuration = settings.statistics.url, settings.configuration_database.url
    try:
        return [
            *([await _answer("queues' database", real_time, site.queue_summaries())] if real_time else []),
            *([await _answer("skill groups' database", configuration, site.skill_groups())] if configuration else []),
            *([await _answer("supervisors' database", configuration, site.supervisors())] if configuration else []),
        ]
    finally:
        await site.close()


async def _answer(what: str, url: str, question: Awaitable[Sequence[object]]) -> Finding:
    where = url.partition("?")[0]
    try:
        rows = await question
    except StatisticsUnavailable as error:
        return Finding(what=what, where=where, reachable=False, detail=error.reason)
    return Finding(what=what, where=where, reachable=True, detail=f"rows: {len(rows)}")


async def _session_store(settings: Settings) -> list[Finding]:
    """Read what a Redis keeps for us; of a file, see whether it can be there."""
    match to_store(settings):
        case RedisSettings() as redis:
            where = f"{redis.host}:{redis.port}"
            store = RedisStore(redis)
            try:
                saved = await store.load()
            except StoreUnavailable as error:
                return [Finding(what="session store", where=where, reachable=False, detail=error.reason)]
            finally:
                await store.close()
            return [Finding(what="session store", where=where, reachable=True, detail=f"agents: {len(saved.agents)}")]
        case FileStoreSettings() as file:
            return [_file(file.path)]
        case _:
            return []


def _file(path: Path) -> Finding:
    found = path if path.exists() else next(folder for folder in path.absolute().parents if folder.exists())
    usable = os.access(found, os.R_OK | os.W_OK) and (found == path or found.is_dir())
    detail = "it can be written" if usable else f"{found} cannot be written"
    return Finding(what="session store", where=str(path), reachable=usable, detail=detail)
