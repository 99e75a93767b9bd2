"""Ports that die and fall silent, on both event loops."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import cast

import pytest
from aiohttp import ClientSession, web

from finesse_simulator.listening import Listener, Ports

LOOPS = [
    "asyncio",
    pytest.param("uvloop", marks=pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")),
]


class Greeter(asyncio.Protocol):
    """Says something to everybody who comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(b"hello")
        transport.close()


async def greeting(port: int) -> str:
    """Connect, and give what is said; empty when nobody says anything in time."""
    try:
        async with asyncio.timeout(0.2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return (await reader.read()).decode()
            finally:
                writer.transport.abort()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return ""


@pytest.mark.parametrize("loop", LOOPS)
def test_the_same_port_is_open_silent_shut_and_open(loop: str) -> None:
    async def story() -> list[str]:
        ports = Ports()
        number = await ports.open(Greeter, "127.0.0.1", 0)
        said = [await greeting(number)]
        ports.silence()
        said.append(await greeting(number))
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        await ports.speak()
        said.append((await reader.read()).decode())  # who waited is served
        writer.transport.abort()
        ports.silence()
        ports.hold()
        said.append(await greeting(number))
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", number))
        assert await ports.open(Greeter, "127.0.0.1", number) == number
        said.append(await greeting(number))
        ports.close()
        await ports.wait_closed()
        said.append(await greeting(number))
        return said

    if loop == "asyncio":
        said = asyncio.run(story())
    else:
        import uvloop  # noqa: PLC0415 - not there on Windows

        said = uvloop.run(story())
    assert said == ["hello", "", "hello", "refused", "hello", "refused"]


async def test_a_request_that_is_being_answered_waits_until_the_thaw() -> None:
    """And one that came on a connection from before is read then."""
    began = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        began.set()
        await listener.thawed.wait()
        return web.Response(text=request.path)

    def application() -> web.Application:
        made = web.Application()
        made.router.add_get("/{name}", answer)
        return made

    listener = Listener(application)
    await listener.start()
    port = await listener.listen("127.0.0.1", 0)
    async with ClientSession(f"http://127.0.0.1:{port}") as session:

        async def get(path: str) -> str:
            async with session.get(path) as answered:
                return await answered.text()

        assert await get("/one") == "/one"
        began.clear()
        listener.suspend()
        later = asyncio.create_task(get("/two"))
        done, _ = await asyncio.wait([later], timeout=0.1)
        assert (done, began.is_set()) == (set(), False)
        await listener.resume()
        assert await later == "/two"
    await listener.stop()
