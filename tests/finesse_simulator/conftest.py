from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import ClientSession, DummyCookieJar, encode_basic_auth

from finesse_simulator import scenario
from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Control, Rest, Scenario
from finesse_simulator.simulator import Simulator


@pytest.fixture
def scene() -> Scenario:
    """Give the built-in scenario on free ports, ten times as fast; a test may replace it."""
    return msgspec.structs.replace(
        scenario.default(), rest=Rest(https_port=0, http_port=0), control=Control(port=0), pace=10.0
    )


@pytest.fixture
async def finesse(scene: Scenario) -> AsyncIterator[Simulator]:
    async with Simulator(scene, RecordingServer()) as simulator:
        yield simulator


@pytest.fixture
async def http(finesse: Simulator) -> AsyncIterator[ClientSession]:
    """Give a client with agent 1001's credentials and no cookies, at the clear port."""
    headers = {"Authorization": encode_basic_auth("1001", "agent-secret-1001")}
    async with ClientSession(f"{finesse.http_url}/", headers=headers, cookie_jar=DummyCookieJar()) as session:
        yield session
