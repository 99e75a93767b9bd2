"""The product as a service: a real process under a supervisor that does what systemd does.

systemd itself needs to be a machine's first process; what it does with such a service is little, and done here.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target, connected
from live.supervisor import Supervisor, supervised

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

HANGING = Path(__file__).with_name("hanging_process.py")
WATCHDOG = 10.0
SIMULATOR = "[rest]\nhttps_port = 0\n[xmpp]\nplain_port = 0\ntls_port = 0\n[control]\nport = -1\n"
CONNECTOR = """\
[broker.activemq]
enabled = false

[broker.embedded]
enabled = true
tcp_port = 0

[finesse]
nodes = ["{node}"]

[finesse.tls]
verify = false

[operations]
port = 0
username = "monitor"
password = "canary-geheim"

[log]
format = "json"
"""


@asynccontextmanager
async def a_finesse(folder: Path) -> AsyncIterator[str]:
    """Run the simulator as a process; give its address."""
    (folder / "scenario.toml").write_text(SIMULATOR)
    command = (sys.executable, "-m", "finesse_simulator", "run", "-c", str(folder / "scenario.toml"))
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if line.split()[0] == b"REST":
                yield line.split()[1].decode()
                break
    finally:
        process.kill()
        await process.communicate()


@asynccontextmanager
async def a_service(folder: Path, node: str) -> AsyncIterator[Supervisor]:
    """Run the connector as a service."""
    (folder / "connector.toml").write_text(CONNECTOR.format(node=node))
    command = (sys.executable, str(HANGING), "run", "-c", str(folder / "connector.toml"))
    async with supervised(folder, command, WATCHDOG) as service:
        yield service


def logged(service: Supervisor, event: str) -> dict[str, Any]:
    """Give the line that the process has logged of an event."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in service.errors.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == event]
    return line


async def health(service: Supervisor) -> tuple[int, list[str]]:
    """Ask the operations port whether it is ready, and why not."""
    address = f"http://127.0.0.1:{logged(service, 'operations port listens')['port']}/health/ready"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, (await answer.json())["reasons"]


async def hello(service: Supervisor) -> str:
    """Be a client for a moment; give what it is answered."""
    url = BrokerUrl.parse(f"stomp://127.0.0.1:{logged(service, 'embedded broker listens')['tcp_port']}")
    async with connected(Target(url=url)) as client:
        await client.subscribe("CRM1")
        await client.send("Hello#CRM1", "", queue="Connector1")
        return await client.event()


async def test_a_loop_that_hangs_is_ended_and_started_anew(tmp_path: Path) -> None:
    """Ready, beats; the loop hangs, no beat comes, the process is ended, tells its stacks, and all is well again.

    At the end it is told to stop, says so, and ends with 0.
    """
    async with a_finesse(tmp_path) as node, a_service(tmp_path, node) as service:
        await service.until("READY=1")
        assert (await health(service), await hello(service)) == ((200, []), "System#IN_SERVICE")
        await service.until_beats(3)
        service.send(signal.SIGUSR2)
        await service.until("ended -6")
        stacks = (tmp_path / "stderr-1").read_text()
        await service.until("READY=1", 2)
        assert (await health(service), await hello(service)) == ((200, []), "System#IN_SERVICE")
        await service.until_beats(3)
        service.send(signal.SIGTERM)
        await service.until("ended 0")
    life = ["started", "READY=1"]
    told = [line for line in service.told if not line.startswith("STATUS=")]
    assert told == [*life, "no beat", "ended -6", *life, "STOPPING=1", "EXTEND_TIMEOUT_USEC=20000000", "ended 0"]
    assert service.told.count(f"STATUS=active; broker: embedded open; finesse: {node} in service") == 2
    assert "Fatal Python error: Aborted" in stacks
    assert 'hanging_process.py", line' in stacks
    assert "in hang" in stacks
    assert "canary-geheim" not in stacks + service.errors


async def test_it_is_up_without_finesse(tmp_path: Path) -> None:
    """What is away is tried for ever: the service is up and beats, and says what is missing."""
    async with a_service(tmp_path, "https://127.0.0.1:1") as service:
        await service.until("READY=1")
        assert await hello(service) == "System#OUT_OF_SERVICE"
        await service.until_beats(2)
        status, (reason,) = await health(service)
        service.send(signal.SIGTERM)
        await service.until("ended 0")
    assert (status, reason.partition(" out of service: ")[0]) == (503, "finesse: https://127.0.0.1:1")
    told = [line for line in service.told if not line.startswith("STATUS=")]
    assert told == ["started", "READY=1", "STOPPING=1", "EXTEND_TIMEOUT_USEC=20000000", "ended 0"]
    statuses = [line for line in service.told if line.startswith("STATUS=")]
    assert statuses[0].startswith("STATUS=active; broker: embedded open; finesse: https://127.0.0.1:1 out of service")
    assert any(line.startswith("STATUS=stopping; ") for line in statuses)
