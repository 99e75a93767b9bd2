"""The yardsticks: how long the same messages take when something simple sends them back through the same broker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.cost import between, moment
from bench.crowd import until
from bench.desk import Desk
from bench.echo import READY, SOURCE, TARGET
from bench.figures import Latency, latency
from bench.site import Broker
from chaos.processes import Process
from live.activemq import CLIENT_JARS, JARS

_JAVA = Path(__file__).parent / "java" / "Echo.java"
_PATIENCE = 10.0
_WARM_UP = 0.2  # the share of the messages that is sent first and does not count: Java compiles meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Echoed:
    """latency: there and back. lost: messages that did not come back. busy: of one core."""

    latency: Latency
    lost: int
    busy: float


async def measure(broker: Broker, directory: Path, body: bytes, per_second: float, seconds: float) -> dict[str, Echoed]:
    """Measure one echo after the other."""
    return {
        name: await _measure(_process(name, command, directory), broker, body, per_second, seconds)
        for name, command in (
            ("STOMP echo", [sys.executable, "-m", "bench.echo", broker.stomp_url]),
            ("Java echo", _java(broker, directory)),
        )
    }


def _java(broker: Broker, directory: Path) -> Sequence[str]:
    classes = directory / "classes"
    class_path = os.pathsep.join(str(JARS / f"{name}.jar") for name in CLIENT_JARS)
    subprocess.run(  # noqa: S603  a fixed program
        ["javac", "-d", str(classes), "-cp", class_path, str(_JAVA)],  # noqa: S607  wherever Java is
        check=True,
    )
    url = f"tcp://127.0.0.1:{broker.openwire_port}"
    return ["java", "-Xmx256m", "-cp", f"{classes}{os.pathsep}{class_path}", "Echo", url, SOURCE, TARGET]


def _process(name: str, command: Sequence[str], directory: Path) -> Process:
    log = directory / f"{name}.log"
    return Process(name, command, directory, lambda: log.exists() and READY in log.read_text())


async def _measure(process: Process, broker: Broker, body: bytes, per_second: float, seconds: float) -> Echoed:
    came: list[float] = []
    desk = Desk(TARGET, partial(_hear, came))
    await process.start()
    try:
        await desk.connect(broker.stomp_url)
        await _send(desk, body, per_second, int(_WARM_UP * per_second * seconds), came)
        came.clear()
        count = int(per_second * seconds)
        before = moment({"echo": process.pid})
        await _send(desk, body, per_second, count, came)
        spent = between(before, moment({"echo": process.pid}))
        return Echoed(latency=latency(came), lost=count - len(came), busy=spent.busy("echo"))
    finally:
        with contextlib.suppress(OSError):
            await desk.close()
        process.kill()


def _hear(came: list[float], at: float, correlation: str, _: bytes) -> None:
    came.append(at - float(correlation))


async def _send(desk: Desk, body: bytes, per_second: float, count: int, came: list[float]) -> None:
    """Send at planned times; the plan travels with the message."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(count):
        when = began + number / per_second
        if when > loop.time():
            await asyncio.sleep(when - loop.time())
        desk.send(SOURCE, "", body, repr(when))
    await until(lambda: len(came) >= count, _PATIENCE)
