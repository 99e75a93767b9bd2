"""The processes of a site, each with its log in a file: started, killed, frozen and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from live.activemq import ActiveMqBroker

PATIENCE = 30.0
"""Seconds that a process may take to start or to stop."""


class NotStartedError(RuntimeError):
    """A process did not come up; the text ends with what it said."""


class Process:
    """A program with its arguments. ready: says, from outside, whether it serves."""

    def __init__(self, name: str, command: Sequence[str], directory: Path, ready: Callable[[], bool]) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of_module(
        cls, name: str, module: str, arguments: Sequence[str], directory: Path, ready: Callable[[], bool]
    ) -> Process:
        """Make a process of one of our own programs."""
        return cls(name, [sys.executable, "-m", module, *arguments], directory, ready)

    def launch(self) -> None:
        """Start it, without waiting until it serves."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603  a fixed program
                self._command, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    async def start(self) -> None:
        """Start it and wait until it serves. Raises NotStartedError."""
        self.launch()
        began = time.monotonic()
        while not self._ready():
            if self._gone or time.monotonic() - began > PATIENCE:
                raise NotStartedError(f"{self.name} did not start:\n{self.text[-3000:]}")
            await asyncio.sleep(0.05)

    @property
    def pid(self) -> int:
        """The number of the process. Raises NotStartedError."""
        if self._process is None:
            raise NotStartedError(f"{self.name} does not run")
        return self._process.pid

    @property
    def _gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """Kill it as kill -9 does. Nothing happens when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it as SIGSTOP does: sockets stay open, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._signal(signal.SIGCONT)

    async def terminate(self) -> None:
        """Ask it to stop, and wait until it has; one that does not is killed."""
        self._signal(signal.SIGTERM)
        began = time.monotonic()
        while not self._gone and time.monotonic() - began < PATIENCE:  # noqa: ASYNC110  nothing tells us when
            await asyncio.sleep(0.05)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def is_open(port: int) -> bool:
    """Say whether something listens on a port of this machine."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


class Broker(ActiveMqBroker):
    """An ActiveMQ that keeps messages on disk, in a store that it may share with another one: the first has it."""

    def __init__(self, directory: Path, store: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        super().__init__(directory, persistent=True)
        self._store = store

    async def come(self) -> None:
        """Start it and wait until its ports are open."""
        await asyncio.to_thread(self.start)

    def stand_by(self) -> None:
        """Start it beside the one that has the store; its ports open when that one is gone."""
        self._write_config()
        with (self.directory / "broker.log").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603  a fixed program
                self._command_line(), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def _write_config(self) -> None:
        super()._write_config()
        file = self.directory / "activemq.xml"
        adapter = (
            f'<persistenceAdapter><kahaDB directory="{self._store}" lockKeepAlivePeriod="1000"><locker>'
            '<shared-file-locker lockAcquireSleepInterval="500"/></locker></kahaDB></persistenceAdapter>'
        )
        file.write_text(file.read_text().replace("<systemUsage>", f"{adapter}<systemUsage>", 1))


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds, at most so long; say whether it does."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  nothing tells us when
                await asyncio.sleep(0.02)
    return condition()
