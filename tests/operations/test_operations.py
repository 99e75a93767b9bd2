"""The port and the service manager together, around something that runs."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import aiohttp

from generic_connector.operations.health import ACTIVE, HealthReport, Part
from generic_connector.operations.operations import Operations
from generic_connector.operations.service_manager import ServiceManager
from generic_connector.operations.settings import OperationsSettings
from operations.listening import Listening


async def role(operations: Operations) -> tuple[int, str]:
    assert operations.server is not None
    address = f"http://127.0.0.1:{operations.server.port}/health/ready"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, (await answer.json())["role"]


async def test_a_life(tmp_path: Path) -> None:
    """Ready is told when the work has begun; from the word of the end on, nobody is sent here any more."""
    systemd = Listening(str(tmp_path / "notify"))
    parts = (Part("broker", ok=True, detail="memory open"),)
    service = ServiceManager(systemd.address)
    async with Operations(OperationsSettings(), lambda: HealthReport(ACTIVE, parts), service) as operations:
        assert systemd.heard() == []
        operations.ready()
        assert await role(operations) == (200, "active")
        operations.stopping()
        assert await role(operations) == (503, "stopping")
    assert systemd.heard() == [
        "READY=1\nSTATUS=active; broker: memory open",
        "STOPPING=1\nSTATUS=stopping; broker: memory open",
    ]
    systemd.close()


async def test_without_a_port() -> None:
    """The event loop is watched all the same, and nothing is left running."""
    async with Operations(None, lambda: HealthReport(ACTIVE, ()), ServiceManager()) as operations:
        assert operations.server is None
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "watch"] == ["watch"]
    assert [task for task in asyncio.all_tasks() if task.get_name() == "watch"] == []


async def test_a_crash_of_the_watch_is_logged(log: io.StringIO) -> None:
    """There is no beat any more then: the service manager starts the process anew."""

    class Crashing(ServiceManager):
        interval = 0

        def came_round(self, lag: float) -> None:
            raise RuntimeError(f"broken at {lag}")

    async with Operations(None, lambda: HealthReport(ACTIVE, ()), Crashing()):
        while "watch crashed" not in log.getvalue():  # noqa: ASYNC110  nothing tells us when
            await asyncio.sleep(0.001)
    (line,) = [one for one in map(json.loads, log.getvalue().splitlines()) if one["level"] == "error"]
    assert (line["event"], "RuntimeError: broken" in line["exception"]) == ("watch crashed", True)
