"""What systemd does with a service of Type=notify that has a watchdog and is started anew when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_DEADLINE = 60.0
_START_DEADLINE = 60.0  # TimeoutStartSec
_AS_SYSTEMD_STARTS = ("/bin/sh", "-c", 'ulimit -c 0; WATCHDOG_PID=$$ exec "$@"', "sh")


class Supervisor:
    """Runs a command until it ends well. watchdog: seconds that may pass from beat to beat.

    told: what happened, in order: `started`, what the service told (`READY=1`, `STATUS=…`, `STOPPING=1`), `no beat`,
    `ended CODE`. Beats are counted, and not told one by one.
    """

    def __init__(self, folder: Path, command: Sequence[str], watchdog: float) -> None:
        self._folder = folder
        self._command = command
        self._watchdog = watchdog
        self._changed = asyncio.Condition()
        self._process: asyncio.subprocess.Process | None = None
        self.told: list[str] = []
        self.starts = 0
        self.beats = 0
        self.code: int | None = None

    @property
    def errors(self) -> str:
        """What the process that runs now, or ran last, has written to standard error."""
        return (self._folder / f"stderr-{self.starts}").read_text()

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def until(self, what: str, times: int = 1) -> None:
        """Wait until that was told so many times. Raises TimeoutError when it was not."""
        async with asyncio.timeout(_DEADLINE), self._changed:
            await self._changed.wait_for(lambda: self.told.count(what) >= times)

    async def until_beats(self, more: int) -> None:
        """Wait for so many more beats. Raises TimeoutError when they do not come."""
        enough = self.beats + more
        async with asyncio.timeout(_DEADLINE), self._changed:
            await self._changed.wait_for(lambda: self.beats >= enough)

    async def run(self) -> None:
        """Start the command, watch it, start it anew; return when it has ended with 0."""
        while self.code != 0:
            self.starts += 1
            path = self._folder / f"notify-{self.starts}"  # one for each start: only its main process may tell
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.bind(str(path))
                channel.setblocking(False)
                await self._one_run(channel, path)

    async def _one_run(self, channel: socket.socket, path: Path) -> None:
        environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(int(self._watchdog * 1_000_000))}
        with (self._folder / f"stderr-{self.starts}").open("wb") as errors:
            self._process = process = await asyncio.create_subprocess_exec(
                *_AS_SYSTEMD_STARTS, *self._command, env={**os.environ, **environ}, stderr=errors
            )
        await self._tell("started")
        try:
            watching = asyncio.create_task(self._watch(channel))
            self.code = await process.wait()
            watching.cancel()
            await asyncio.wait([watching])
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await self._drain(channel)
        await self._tell(f"ended {self.code}")

    async def _watch(self, channel: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _START_DEADLINE
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    message = (await loop.sock_recv(channel, 4096)).decode()
            except TimeoutError:
                await self._tell("no beat")
                with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                    self.send(signal.SIGABRT)
                return
            await self._hear(message)
            if {"READY=1", "WATCHDOG=1"} & set(message.splitlines()):
                deadline = loop.time() + self._watchdog

    async def _drain(self, channel: socket.socket) -> None:
        """Hear what was told just before the end."""
        with contextlib.suppress(BlockingIOError):
            while True:
                await self._hear(channel.recv(4096).decode())

    async def _hear(self, message: str) -> None:
        for line in message.splitlines():
            if line == "WATCHDOG=1":
                self.beats += 1
            await self._tell(line)

    async def _tell(self, line: str) -> None:
        async with self._changed:
            if line != "WATCHDOG=1":
                self.told.append(line)
            self._changed.notify_all()


@asynccontextmanager
async def supervised(folder: Path, command: Sequence[str], watchdog: float) -> AsyncIterator[Supervisor]:
    """Have a command run; end it the hard way when it still runs at the end."""
    supervisor = Supervisor(folder, command, watchdog)
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        running.cancel()
        await asyncio.wait([running])
    if not running.cancelled():
        running.result()
