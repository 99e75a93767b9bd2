from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from finesse_simulator.xmpp.server import XmppServer
from notification_clients.directory import DOMAIN, Agents


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture
async def server(agents: Agents) -> AsyncIterator[XmppServer]:
    server = XmppServer(domain=DOMAIN)
    await server.start(agents)
    yield server
    await server.stop()


@pytest.fixture
def port(server: XmppServer) -> int:
    assert server.plain_port
    return server.plain_port
