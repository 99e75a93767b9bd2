"""A network between two programs that a test can cut: what is sent then arrives nowhere, and nobody is told."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class Wire:
    """Listens on a port of its own and forwards to another one on this machine.

    cut() leaves all connections open and forwards nothing any more, as a network does that lost its way: no FIN, no
    RST. New connections are accepted and silent, too. heal() lets new connections through; those that were cut stay so.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._is_cut = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._forwarding: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Forward nothing from now on."""
        self._is_cut = True
        for task in self._forwarding:
            task.cancel()
        self._forwarding.clear()

    def heal(self) -> None:
        """Let new connections through."""
        self._is_cut = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._is_cut:
                await asyncio.Event().wait()
            await self._connect(reader, writer)
        except asyncio.CancelledError:
            pass  # the end; asyncio's streams would take it for a mistake
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
        self._forwarding.update(ways)
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if self._is_cut:
                await asyncio.Event().wait()  # both ends keep their sockets, and hear nothing
        finally:
            self._forwarding.difference_update(ways)
            for way in ways:
                way.cancel()
            back.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
