"""The demonstration, as a newcomer starts it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from generic_connector.demo.play import Player
from generic_connector.demo.story import Cast, story
from journeys.test_story import InMemory
from journeys.world import a_world

DEMO = (sys.executable, "-m", "generic_connector", "demo")


@asynccontextmanager
async def started(*options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the demonstration as a process of its own; kill it at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        *DEMO, *options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, limit=1024 * 1024
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_once() -> None:
    """It plays the story, shows every command and event but no password, ends with 0 within 30 seconds."""
    async with started("--once") as process, asyncio.timeout(30):
        output, _ = await process.communicate()
    lines = output.decode().splitlines()
    assert process.returncode == 0, output.decode()
    assert lines[-1] == "✔ Every event came, in order."
    assert sum("  → " in line for line in lines) == 11
    assert sum("  ← " in line for line in lines) == 20
    assert b"agent-secret" not in output


async def test_staying_up() -> None:
    """It tells how to connect, lets clients in meanwhile, and leaves nothing behind when it is told to stop."""
    async with started("--stomp-port=0", "--websocket-port=0", "--control-port=0") as process, asyncio.timeout(30):
        assert process.stdout is not None
        lines = []
        async for line in process.stdout:
            lines.append(line.decode())
            if "curl" in lines[-1]:
                break
        (where,) = [line for line in lines if line.startswith("  STOMP")]
        port = int(where.split("127.0.0.1:")[1].split(",")[0])
        with socket.create_connection(("127.0.0.1", port)):
            pass
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", port)) != 0


async def test_a_port_that_is_taken() -> None:
    """It is told in words, with the exit code of a user's mistake."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        async with started(f"--stomp-port={port}", "--websocket-port=0", "--control-port=0") as process:
            output, _ = await process.communicate()
    assert process.returncode == 2
    assert b"in use" in output
    assert b"Traceback" not in output


async def nobody_calls() -> None:
    """Do nothing: the story ends before the customer's part."""


async def test_a_difference_is_shown() -> None:
    """An event that does not come is told with what was expected and what was heard."""
    steps = list(story(Cast()))
    steps[3] = replace(steps[3], hears=("State READY", "InboundCall ACTIVE"))
    async with a_world() as world:
        player = Player(InMemory(world, "CRM1"), nobody_calls, patience=0.3)
        (difference,) = await player.play(steps)
    assert str(difference) == "The agent goes ready: expected State READY, InboundCall ACTIVE; heard State READY"
