"""A STOMP broker that does as it is told, for tests of our client. It shares no code with the product's codec."""

from __future__ import annotations

import asyncio
import re
from types import TracebackType
from typing import Self

CONNECTED = b"CONNECTED\nversion:1.2\nserver:ActiveMQ/5.17.2\nheart-beat:0,0\n\n\0"


class ScriptedBroker:
    """Listens on a free port. received: the frames that came, without heart-beats, receipt ids replaced by R.

    connected is the answer to CONNECT, None for silence. Receipts are given while give_receipts is set; frames that
    hold the text refused get an ERROR instead, and the connection ends over those that hold hated.
    """

    def __init__(self, connected: bytes | None = CONNECTED) -> None:
        self.received: list[str] = []
        self.connected = connected
        self.give_receipts = True
        self.refused = ""
        self.hated = ""
        self.beats = 0
        self.connections = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"stomp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=16 * 1024 * 1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Close all connections at once."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def send(self, data: bytes) -> None:
        """Write to all connections."""
        for writer in self._writers:
            writer.write(data)

    async def wait_for(self, count: int, deadline: float = 5.0) -> list[str]:
        """Wait until so many frames came."""
        async with asyncio.timeout(deadline):
            while len(self.received) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.received

    async def wait_for_command(self, command: str, count: int = 1, deadline: float = 5.0) -> list[str]:
        """Wait until so many frames of that command came, and give them."""
        async with asyncio.timeout(deadline):
            while len(found := [frame for frame in self.received if frame.startswith(f"{command}\n")]) < count:
                self._changed.clear()
                await self._changed.wait()
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while True:
                frame = (await reader.readuntil(b"\0"))[:-1]
                self.beats += len(frame) - len(frame.lstrip(b"\n"))
                self._take(frame.lstrip(b"\n").decode(), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.transport.abort()

    def _take(self, frame: str, writer: asyncio.StreamWriter) -> None:
        receipt = re.search(r"^receipt:(.*)$", frame, re.MULTILINE)
        if frame.startswith("CONNECT\n"):
            if self.connected is not None:
                writer.write(self.connected)
        elif self.hated and self.hated in frame:
            writer.transport.abort()
        elif receipt is not None and self.refused and self.refused in frame:
            writer.write(f"ERROR\nreceipt-id:{receipt[1]}\nmessage:not authorized\n\n\0".encode())
        elif receipt is not None and self.give_receipts:
            writer.write(f"RECEIPT\nreceipt-id:{receipt[1]}\n\n\0".encode())
        self.received.append(re.sub(r"^(receipt|transaction|id):[0-9a-f-]{6,}$", r"\1:R", frame, flags=re.MULTILINE))
        self._changed.set()
