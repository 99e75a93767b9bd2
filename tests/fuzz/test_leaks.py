"""Two thousand hostile inputs, one after another, in one service: what it holds in the end is what it held before."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from unittest.mock import patch

import aiohttp
import pytest

from agents.office import Office
from agents.people import ANN, BOB
from fuzz import answers, commands, stomp, updates, websocket, xmpp
from fuzz.healthy import everybody_is_idle, office_with_sue
from fuzz.source import headed, pieces, records, text
from fuzz.targets import CORPUS
from fuzz.watching import check_so_far, play
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.finesse.failures import FinesseError
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode

pytestmark = pytest.mark.timeout(180)

INPUTS = 2000
BEFORE = 500
"""So many come first: what is kept once and for all, such as a cache, is kept then."""
ALLOWED = INPUTS
"""Blocks of memory that may be more than before: one for each input. What is forgotten has many."""


def hostile(target: str) -> list[bytes]:
    """Give the corpus of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


async def growth(take: Callable[[bytes], Awaitable[None]], inputs: list[bytes]) -> int:
    """Take the inputs over and over; give how many blocks of memory there are more, a task counting for many."""
    await _take_all(take, inputs, BEFORE)
    before = await _held()
    await _take_all(take, inputs, INPUTS)
    return await _held() - before


async def _take_all(take: Callable[[bytes], Awaitable[None]], inputs: list[bytes], count: int) -> None:
    for data in inputs * (count // len(inputs) + 1):
        await take(data)


async def _held() -> int:
    for _ in range(50):  # turns of the loop, in which what is about to end can end
        await asyncio.sleep(0)
    check_so_far()
    gc.collect()
    return sys.getallocatedblocks() + ALLOWED * len(asyncio.all_tasks())


@pytest.mark.parametrize("target", ["commands", "updates"])
def test_commands_and_notifications(target: str) -> None:
    async def script() -> None:
        async with office_with_sue() as office:

            async def take(data: bytes) -> None:
                for record in records(data):
                    _send(office, record) if target == "commands" else _notify(office, record)
                await everybody_is_idle(office)
                _forget(office)

            assert await growth(take, hostile(target)) < ALLOWED

    play(script, deadline=150)


def _send(office: Office, record: bytes) -> None:
    message = commands.message_of(record)
    if not commands.is_about_sue(message):
        office.hub.receive(office.door, message)


def _notify(office: Office, record: bytes) -> None:
    number, document = headed(record)
    for agent in (ANN, BOB):
        updates.notify(office, agent, text(document), "/finesse/api/Team/5000/Users" if number % 2 else "")


def _forget(office: Office) -> None:
    """Let what only the test keeps go."""
    office.door.events.clear()
    office.finesse.asked.clear()
    office.finesse.sessions[:] = [one for one in office.finesse.sessions if one.is_open]


def test_clients_of_the_embedded_broker() -> None:
    async def script() -> None:
        door = EmbeddedDoor(EmbeddedSettings(tcp_port=None, body_limit=1000))
        await door.start(lambda _: None)

        async def take(data: bytes) -> None:
            size, written = headed(data)
            connection, _ = await stomp.logged_in(door)
            for piece in pieces(written, size):
                connection.received(piece)
            connection.lost()
            door.broker.forget(connection)
            door.broker.core._queues.pop("/queue/Q", None)  # where a message may wait for ever
            await asyncio.sleep(0)

        assert await growth(take, hostile("stomp")) < ALLOWED
        await door.stop()

    play(script, deadline=150)


@pytest.mark.parametrize("target", ["xmpp", "websocket"])
def test_notification_sessions(target: str) -> None:
    async def by_tcp(data: bytes) -> None:
        stage, rest = headed(data)
        await xmpp.converse(xmpp.HONEST[: stage % (len(xmpp.HONEST) + 1)], pieces(rest[1:], 0))

    async def by_websocket(data: bytes) -> None:
        stage, rest = headed(data)
        honest = [step.encode() for step in websocket.HONEST[: stage % (len(websocket.HONEST) + 1)]]
        await websocket.converse([*honest, *records(rest)])

    async def script() -> None:
        assert await growth(by_tcp if target == "xmpp" else by_websocket, hostile(target)) < ALLOWED

    play(script, deadline=150)


def test_answers() -> None:
    async def script() -> None:
        node = RestNode(answers.SETTINGS.nodes[0], answers.SETTINGS, xmpp.tls_context())

        async def take(data: bytes) -> None:
            size, written = headed(data)
            answers.Connector.chunks = list(pieces(written, size))
            try:
                await node.request(build("user", user_id=ANN), answers.ANN)
            except FinesseError:
                await asyncio.sleep(0)

        with patch.object(aiohttp, "TCPConnector", answers.Connector):
            quick = [data for data in hostile("answers") if b"<User\rV" not in data]  # it takes its whole time
            assert await growth(take, quick) < ALLOWED
            await node.close()

    play(script, deadline=150)
