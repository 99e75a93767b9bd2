"""Says which brokers can be reached, for the operator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.stomp.client import connect
from generic_connector.broker.stomp.errors import ConnectFailedError
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.urls import BrokerUrl

_GOODBYE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerReport:
    """What became of one try. server: what the broker calls itself. reason: why it could not be reached, else ""."""

    url: str
    reachable: bool
    server: str = ""
    reason: str = ""


class _Nobody:
    """A listener for a connection that only comes and goes."""

    def on_message(self, frame: Frame) -> None:
        """Ignore it."""

    def on_refused(self, reason: str) -> None:
        """Ignore it."""

    def on_stale(self) -> None:
        """Ignore it."""

    def on_writable(self) -> None:
        """Ignore it."""


async def check(settings: ActiveMqSettings) -> list[BrokerReport]:
    """Log in at each URL once, all at a time, and log out. Subscribes to nothing. Never raises."""
    return await asyncio.gather(*(try_broker(url, settings) for url in settings.parsed_urls()))


async def try_broker(url: BrokerUrl, settings: ActiveMqSettings) -> BrokerReport:
    """Log in at one URL and log out. Never raises."""
    try:
        connection = await connect(url, settings.connect_settings(), _Nobody())
    except ConnectFailedError as error:
        return BrokerReport(url=str(url), reachable=False, reason=error.reason)
    await connection.close(_GOODBYE)
    return BrokerReport(url=str(url), reachable=True, server=connection.server)
