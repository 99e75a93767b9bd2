"""STOMP over WebSocket, with aiohttp's client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from generic_connector.broker.door import CommandMessage, EventMessage
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings, connection

CONNECT = "CONNECT\naccept-version:1.2\nhost:x\nheart-beat:0,0\n\n\0"


@pytest.fixture
async def commands() -> asyncio.Queue[CommandMessage]:
    return asyncio.Queue()


@pytest.fixture
async def door(commands: asyncio.Queue[CommandMessage]) -> AsyncIterator[EmbeddedDoor]:
    settings = EmbeddedSettings(
        tcp_port=None, websocket_port=0, allowed_origins=("https://crm.example",), unread_limit=1_000_000
    )
    door = EmbeddedDoor(settings)
    await door.start(commands.put_nowait)
    yield door
    await door.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def url(door: EmbeddedDoor) -> str:
    return f"http://127.0.0.1:{door.broker.websocket_port}/stomp"


async def log_in(http: aiohttp.ClientSession, door: EmbeddedDoor) -> aiohttp.ClientWebSocketResponse:
    socket = await http.ws_connect(url(door), protocols=("v10.stomp", "v12.stomp"))
    assert socket.protocol == "v12.stomp"
    await socket.send_str(CONNECT)
    assert (await socket.receive_str()).startswith("CONNECTED\nversion:1.2\n")
    return socket


async def test_a_conversation(
    http: aiohttp.ClientSession, door: EmbeddedDoor, commands: asyncio.Queue[CommandMessage]
) -> None:
    """Text and binary messages, a frame in pieces, several in one, heart-beats between."""
    socket = await log_in(http, door)
    await socket.send_str("\n")
    await socket.send_bytes(b"SUBSCRIBE\nid:a\ndestination:/topic/EV.c1\nrec")
    await socket.send_str("eipt:1\n\n\0SEND\ndestination:/queue/Connector1\ntype:Hello#EV.c1\n\n😀\0\n")
    assert await socket.receive_str() == "RECEIPT\nreceipt-id:1\n\n\0"
    command = await commands.get()
    assert (command.type, command.body) == ("Hello#EV.c1", "😀")
    door.publish(EventMessage(destination="EV.c1", body="é😀", correlation_id=""))
    assert (await socket.receive_str()).endswith("\nsubscription:a\n\né😀\0")
    await socket.send_str("DISCONNECT\nreceipt:2\n\n\0")
    assert await socket.receive_str() == "RECEIPT\nreceipt-id:2\n\n\0"
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_bytes_that_are_no_text_go_out_as_binary(http: aiohttp.ClientSession, door: EmbeddedDoor) -> None:
    socket = await log_in(http, door)
    await socket.send_str("SUBSCRIBE\nid:a\ndestination:/topic/T\n\n\0")
    await socket.send_bytes(b"SEND\ndestination:/topic/T\ncontent-length:1\n\n\xff\0")
    assert (await socket.receive_bytes()).endswith(b"\n\n\xff\0")
    await socket.close()


async def test_what_is_not_stomp_is_answered_and_closed(http: aiohttp.ClientSession, door: EmbeddedDoor) -> None:
    socket = await http.ws_connect(url(door))
    await socket.send_str("nonsense\n")
    assert "unknown command" in await socket.receive_str()
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://crm.example", True), ("http://evil.example", False), ("null", False), ("own", True), (None, True)],
)
async def test_pages_of_other_origins_stay_out(
    http: aiohttp.ClientSession, door: EmbeddedDoor, origin: str | None, *, allowed: bool
) -> None:
    if origin == "own":
        origin = f"http://127.0.0.1:{door.broker.websocket_port}"
    if allowed:
        await (await http.ws_connect(url(door), origin=origin)).close()
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await http.ws_connect(url(door), origin=origin)


async def test_a_client_that_does_not_read_is_disconnected(
    http: aiohttp.ClientSession, door: EmbeddedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "GRACE", 0.1)
    socket = await log_in(http, door)
    await socket.send_str("SUBSCRIBE\nid:a\ndestination:/topic/EV.c1\nreceipt:1\n\n\0")
    await socket.receive_str()
    assert socket._conn is not None
    assert socket._conn.transport is not None
    socket._conn.transport.pause_reading()
    for _ in range(200):
        door.publish(EventMessage(destination="EV.c1", body="x" * 100_000, correlation_id=""))
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while door.broker._connections:  # noqa: ASYNC110  # the broker cuts the connection some seconds later
            await asyncio.sleep(0.05)
    socket._conn.transport.abort()


async def test_a_client_that_vanishes_is_forgotten(http: aiohttp.ClientSession, door: EmbeddedDoor) -> None:
    socket = await log_in(http, door)
    assert socket._conn is not None
    assert socket._conn.transport is not None
    socket._conn.transport.abort()
    async with asyncio.timeout(5):
        while door.broker._connections:  # noqa: ASYNC110  # nothing tells the test
            await asyncio.sleep(0.01)
