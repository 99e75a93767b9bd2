"""One client that sends without end, and the others beside it: each turn of the loop is shared."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import aiohttp
import pytest

from broker.embedded.wire import Wire
from generic_connector.broker.door import CommandMessage
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.broker.embedded.connection import FRAMES_AT_ONCE

FRAME = "SEND\ndestination:/queue/Q\ntype:{}\n\n\0"
FLOOD = 2000


async def test_a_flood_waits_for_nobody_but_itself() -> None:
    """Whoever sends one command meanwhile is served before the flood has passed; the flood is served whole, too."""
    taken: list[str] = []
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, command_queues=("Q",)))
    await door.start(lambda command: taken.append(command.type))
    flood, quiet = await Wire.log_in(door.broker.tcp_port), await Wire.log_in(door.broker.tcp_port)
    flood.write("".join(FRAME.format(f"flood{number}") for number in range(FLOOD)).encode())
    await until(taken, 1)
    quiet.write(FRAME.format("quiet").encode())
    await until(taken, FLOOD + 1)
    assert taken.index("quiet") < FLOOD / 2
    taken.remove("quiet")
    assert taken == [f"flood{number}" for number in range(FLOOD)]
    await flood.close()
    await quiet.close()
    await door.stop()


async def test_no_turn_is_longer_than_it_may_be() -> None:
    """By TCP and by WebSocket: so many commands at the most between two turns of anybody else."""
    turns: Counter[int] = Counter()
    turn = 0

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, websocket_port=0, command_queues=("Q",)))
    await door.start(lambda _: turns.update([turn]))
    wire = await Wire.log_in(door.broker.tcp_port)
    wire.write(FRAME.format("x").encode() * FLOOD)
    url = f"http://127.0.0.1:{door.broker.websocket_port}/stomp"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, protocols=("v12.stomp",)) as socket:
        await socket.send_str("CONNECT\naccept-version:1.2\n\n\0")
        assert (await socket.receive_str()).startswith("CONNECTED")
        await socket.send_str(FRAME.format("x") * FLOOD)
        async with asyncio.timeout(10):
            while turns.total() < 2 * FLOOD:  # noqa: ASYNC110 - turn by turn is the point
                await asyncio.sleep(0)
    counting.cancel()
    assert max(turns.values()) <= 4 * FRAMES_AT_ONCE  # two clients, and what is read at the end of the one before
    await wire.close()
    await door.stop()


@pytest.mark.parametrize("cut", [True, False])
async def test_what_was_sent_before_the_end_is_carried_out(cut: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A client may send and leave: what has come has come, though its turn is still to come."""
    taken: list[CommandMessage] = []
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, command_queues=("Q",)))
    await door.start(taken.append)
    wire = await Wire.log_in(door.broker.tcp_port)
    (client,) = door.broker._connections
    client.received(FRAME.format("x").encode() * FLOOD)
    assert len(taken) == FRAMES_AT_ONCE
    if cut:
        client.lost()
    else:
        await wire.close()
        await until(taken, FLOOD)
    assert len(taken) == FLOOD
    await wire.close()
    await door.stop()


@pytest.mark.parametrize("end", ["SEND\nno colon\n\n\0", "DISCONNECT\n\n\0", ""])
async def test_the_end_comes_while_frames_wait_for_their_turn(end: str) -> None:
    """By the client's mistake, by its good-bye, or because it vanishes: the client is forgotten."""
    taken: list[CommandMessage] = []
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=None, websocket_port=0, command_queues=("Q",)))
    await door.start(taken.append)
    url = f"http://127.0.0.1:{door.broker.websocket_port}/stomp"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, protocols=("v12.stomp",)) as socket:
        await socket.send_str("CONNECT\naccept-version:1.2\n\n\0")
        await socket.receive_str()
        await socket.send_str(FRAME.format("x") * 2 * FRAMES_AT_ONCE + end)
        await until(taken, 2 * FRAMES_AT_ONCE)
        if not end:
            assert socket._conn is not None
            assert socket._conn.transport is not None
            socket._conn.transport.abort()
        async with asyncio.timeout(10):
            async for _ in socket:
                pass
            while door.broker._connections:  # noqa: ASYNC110 - nothing tells the test
                await asyncio.sleep(0.01)
    await door.stop()


async def until(taken: Sequence[object], count: int) -> None:
    async with asyncio.timeout(10):
        while len(taken) < count:  # noqa: ASYNC110 - turn by turn is the point
            await asyncio.sleep(0)
