"""A client that writes raw bytes, so that the broker is not only tested by our own codec."""

from __future__ import annotations

import asyncio
import contextlib
import re

CONNECT = b"CONNECT\naccept-version:1.1,1.2\nhost:x\n\n\0"


class Wire:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int | None, first: bytes = CONNECT) -> Wire:
        """Connect and write; first: what to write."""
        assert port is not None
        wire = cls(*await asyncio.open_connection("127.0.0.1", port, limit=16 * 1024 * 1024))
        wire.write(first)
        return wire

    @classmethod
    async def log_in(cls, port: int | None) -> Wire:
        """Connect as anonymous and read CONNECTED."""
        wire = await cls.open(port)
        assert (await wire.read()).startswith("CONNECTED\n")
        return wire

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def read(self, deadline: float = 5.0) -> str:
        """Read one frame; what differs from run to run is replaced by R."""
        async with asyncio.timeout(deadline):
            data = await self._reader.readuntil(b"\0")
        text = data[:-1].lstrip(b"\n").decode()
        return re.sub(r"^(message-id|timestamp|ack):.*$", r"\1:R", text, flags=re.MULTILINE)

    async def read_message(self) -> tuple[str, str]:
        """Read a MESSAGE and give its ack id and body."""
        async with asyncio.timeout(5):
            data = (await self._reader.readuntil(b"\0"))[:-1].decode()
        ack = re.search(r"^ack:(.*)$", data, re.MULTILINE)
        return ("" if ack is None else ack[1]), data.partition("\n\n")[2]

    async def read_to_end(self, deadline: float = 5.0) -> bytes:
        """Read until the broker closes."""
        async with asyncio.timeout(deadline):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""

    async def close(self) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
