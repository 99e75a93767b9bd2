"""A network between two processes that can be cut without a word: what is sent waits, and no socket is closed."""

from __future__ import annotations

import asyncio
import contextlib

_CHUNK = 64 * 1024


class Proxy:
    """A TCP proxy in front of one port of this machine."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server
        self._talks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen, on a free port when none is given."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Let nothing pass any more, in either direction. Whoever connects is not answered."""
        self._flows.clear()

    def mend(self) -> None:
        """Let everything pass again, also what was sent meanwhile."""
        self._flows.set()

    async def stop(self) -> None:
        """Close everything."""
        self._server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        writers = [writer]
        try:
            await self._flows.wait()
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            writers.append(other_writer)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, other_writer))
                group.create_task(self._carry(other_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the far end is not there, or we stop: neither is this one
        finally:
            for one in writers:
                one.close()
                with contextlib.suppress(OSError):
                    await one.wait_closed()
            self._talks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction until it ends; the end is carried, too."""
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        await self._flows.wait()
        writer.close()
