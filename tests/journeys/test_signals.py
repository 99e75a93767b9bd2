"""A real process is told to stop: it ends what is under way, and at once when it is told a second time."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from finesse_simulator.rest.failures import Failure
from finesse_simulator.simulator import Simulator, certificate_for
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from journeys.world import a_scenario, in_process

DEADLINE = 20.0


@asynccontextmanager
async def a_process(folder: Path) -> AsyncIterator[tuple[Simulator, asyncio.subprocess.Process, Client]]:
    """Run a connector with an agent signed in, whose client listens."""
    scenario = a_scenario(pace=1.0)
    certificate = certificate_for(scenario)
    notifications = in_process(scenario, certificate)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with Simulator(scenario, notifications, certificate) as simulator:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "generic_connector", "run", "-c", str(configured(folder, simulator, port))),
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await said(process, "ready")
            async with connected(Target(url=BrokerUrl.parse(f"stomp://127.0.0.1:{port}"))) as client:
                await client.subscribe("CRM1")
                await client.send("Connect#1001", "CRM1,agent-secret-1001", queue="Connector1")
                await client.send("Login#1001", "agent-secret-1001,4001", queue="Connector1")
                async with asyncio.timeout(DEADLINE):
                    heard = [(await client.event()).split("#")[1] for _ in range(3)]
                assert heard == ["AgentInfo", "State", "DialogStatus"]
                yield simulator, process, client
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()


def configured(folder: Path, simulator: Simulator, port: int) -> Path:
    file = folder / "connector.toml"
    tls_port = simulator.server("A").xmpp_tls_port
    file.write_text(f"""
[broker.activemq]
enabled = false
[broker.embedded]
enabled = true
tcp_port = {port}
[finesse]
nodes = ["{simulator.rest_url}"]
tls = {{ verify = false }}
notifications = {{ port = {tls_port} }}
""")
    return file


async def said(process: asyncio.subprocess.Process, words: str) -> None:
    """Wait for words in the log."""
    assert process.stderr is not None
    async with asyncio.timeout(DEADLINE):
        while words not in (await process.stderr.readline()).decode():
            assert process.returncode is None


async def is_asked(simulator: Simulator) -> None:
    """Wait until Finesse has the request."""
    async with asyncio.timeout(DEADLINE):
        while not any("<state>READY" in one.body for one in simulator.requests()):  # noqa: ASYNC110  a deadline
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_is_under_way_ends_first(tmp_path: Path, number: signal.Signals) -> None:
    """The client hears the answer, then the connection ends; the exit code is that of success."""
    async with a_process(tmp_path) as (simulator, process, client):
        simulator.fail(Failure(kind="delay", method="PUT", seconds=1))
        await client.send("MakeReady#1001", "", queue="Connector1")
        await is_asked(simulator)
        process.send_signal(number)
        async with asyncio.timeout(DEADLINE):
            assert "#State#READY#" in await client.event()
            await process.communicate()
        assert process.returncode == 0
        assert simulator.agent("1001")["state"] == "READY"


async def test_the_second_time_it_ends_at_once(tmp_path: Path) -> None:
    """Though Finesse has not answered yet."""
    async with a_process(tmp_path) as (simulator, process, client):
        simulator.fail(Failure(kind="hang", method="PUT"))
        await client.send("MakeReady#1001", "", queue="Connector1")
        await is_asked(simulator)
        process.send_signal(signal.SIGTERM)
        await said(process, "stopping")
        process.send_signal(signal.SIGTERM)
        await said(process, "told to stop twice")
        async with asyncio.timeout(DEADLINE):
            await process.communicate()
        assert process.returncode == 1
