"""A real Redis in the foreground, on a free port, that keeps its data in a folder of the test."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from live.parts import require_part

DEADLINE = 10.0
PASSWORD = "geheim-redis"


class RedisServer:
    """One server. certificate: a PEM file with key and certificate; with one it speaks TLS only."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        require_part("redis")
        self._folder = folder
        self._certificate = certificate
        self._process: asyncio.subprocess.Process | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    async def start(self) -> None:
        """Start it, or start it again with what it kept."""
        port, tls = str(self.port), ["--port", str(self.port)]
        if self._certificate is not None:
            one = str(self._certificate)
            tls = ["--port", "0", "--tls-port", port, "--tls-auth-clients", "no"]
            tls += ["--tls-cert-file", one, "--tls-key-file", one, "--tls-ca-cert-file", one]
        self._process = await asyncio.create_subprocess_exec(
            *("redis-server", "--bind", "127.0.0.1", "--dir", str(self._folder), "--requirepass", PASSWORD),
            *("--appendonly", "yes", "--appendfsync", "always", "--save", "", *tls),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(DEADLINE):
            while not await self._listens():  # noqa: ASYNC110  a deadline stands above
                await asyncio.sleep(0.02)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, and wait for the end of the process."""
        assert self._process is not None
        self._process.send_signal(number)
        await self._process.wait()

    def freeze(self) -> None:
        """Stop it where it stands."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()
