"""What users of the embedded broker may do: the table, and real sockets of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from broker.embedded.wire import Wire
from generic_connector.broker.door import CommandMessage, EventMessage
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings, hash_password
from generic_connector.broker.embedded.rights import TABLE, Operation, Rights, is_among, place_of, verdict_on
from generic_connector.broker.senders import Senders

QUEUES = frozenset({"/queue/Connector1"})
PLACES = ["/queue/Connector1", "/queue/other", "/topic/crm1", "/topic/crm1.desk", "/topic/crm2", "crm1", ""]
SENDERS = Senders({"siebel": ("crm2", "S.*")})


def allowed(rights: Rights, user: str) -> list[str]:
    """Give all that a user may do at PLACES."""
    return [
        f"{operation} {place}"
        for operation in Operation
        for place in PLACES
        if is_among(verdict_on(rights, operation, place_of(place, QUEUES)), SENDERS, user, place)
    ]


EVERYTHING = [f"{operation} {place}" for operation in Operation for place in PLACES]
BUT_COMMANDS = [one for one in EVERYTHING if one != "subscribe /queue/Connector1"]


@pytest.mark.parametrize(
    ("rights", "user", "expected"),
    [
        (Rights.EQUAL, "", BUT_COMMANDS),
        (Rights.EQUAL, "crm1", BUT_COMMANDS),
        (Rights.LISTENERS, "crm1", [one for one in BUT_COMMANDS if not one.startswith("send /topic")]),
        (
            Rights.BOUND,
            "crm1",
            ["send /queue/Connector1", "subscribe /topic/crm1", "subscribe /topic/crm1.desk"],
        ),
        (Rights.BOUND, "siebel", ["send /queue/Connector1", "subscribe /topic/crm2"]),
        (Rights.BOUND, "", []),
    ],
)
def test_who_may_what(rights: Rights, user: str, expected: list[str]) -> None:
    assert allowed(rights, user) == expected


def test_nobody_takes_commands_in_any_mode() -> None:
    place = place_of("/queue/Connector1", QUEUES)
    assert {verdict.value for verdict in TABLE[Operation.SUBSCRIBE, place]} == {"nobody"}


# --- over real sockets

USERS = {"crm1": hash_password("first pass"), "crm2": hash_password("second pass")}
PASSWORDS = {"crm1": "first pass", "crm2": "second pass"}


class Socket:
    """A client of either kind: it writes frames and reads them."""

    def __init__(self, write: Callable[[str], object], read: Callable[[], object]) -> None:
        self._write = write
        self._read = read

    async def ask(self, command: str, *headers: str, body: str = "") -> str:
        """Send a frame with a receipt, and give the answer's command and message."""
        written = self._write("\n".join([command, *headers, "receipt:r", "", body]) + "\0")
        if asyncio.iscoroutine(written):
            await written
        first, *rest = (await self.read()).split("\n")
        return first if first == "RECEIPT" else next(line for line in rest if line.startswith("message:"))

    async def read(self) -> str:
        """Read a frame."""
        text = self._read()
        return str(await text if asyncio.iscoroutine(text) else text).strip("\n\0")


@asynccontextmanager
async def by_tcp(door: EmbeddedDoor, user: str) -> AsyncIterator[Socket]:
    wire = await Wire.open(door.broker.tcp_port, log_in(user).encode())
    assert (await wire.read()).startswith("CONNECTED")
    yield Socket(lambda text: wire.write(text.encode()), wire.read)
    await wire.close()


@asynccontextmanager
async def by_websocket(door: EmbeddedDoor, user: str) -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(f"http://127.0.0.1:{door.broker.websocket_port}/stomp", protocols=["v12.stomp"])
        await socket.send_str(log_in(user))
        assert (await socket.receive_str()).startswith("CONNECTED")
        yield Socket(socket.send_str, socket.receive_str)
        await socket.close()


def log_in(user: str) -> str:
    return f"CONNECT\naccept-version:1.2\nlogin:{user}\npasscode:{PASSWORDS[user]}\n\n\0"


Connect = Callable[[EmbeddedDoor, str], AbstractAsyncContextManager[Socket]]


@asynccontextmanager
async def a_door(rights: Rights, received: list[CommandMessage]) -> AsyncIterator[EmbeddedDoor]:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, websocket_port=0, users=USERS, rights=rights))
    await door.start(received.append)
    yield door
    await door.stop()


@pytest.mark.parametrize("connect", [by_tcp, by_websocket], ids=["TCP", "WebSocket"])
async def test_a_bound_user(connect: Connect) -> None:
    """It hears its own topics, sends commands under its own name whatever it says, and nothing else."""
    received: list[CommandMessage] = []
    async with a_door(Rights.BOUND, received) as door, connect(door, "crm1") as socket:
        no_listening, no_sending = "message:you may not subscribe to there", "message:you may not send there"
        assert [
            await socket.ask("SUBSCRIBE", "id:1", "destination:/topic/crm1"),
            await socket.ask("SUBSCRIBE", "id:2", "destination:/topic/crm1.desk"),
            await socket.ask("SUBSCRIBE", "id:3", "destination:/topic/crm2"),
            await socket.ask("SUBSCRIBE", "id:4", "destination:/topic/crm11"),
            await socket.ask("SUBSCRIBE", "id:5", "destination:/queue/Connector1"),
            await socket.ask("SEND", "destination:/topic/crm1", body="forged event"),
            await socket.ask("SEND", "destination:/topic/crm2", body="forged event"),
            await socket.ask("SEND", "destination:/queue/other"),
            await socket.ask("SEND", "destination:/queue/Connector1", "type:Hello#crm1", "JMSXUserID:crm2"),
        ] == ["RECEIPT", "RECEIPT", *[no_listening] * 3, *[no_sending] * 3, "RECEIPT"]
        for destination in ("crm2", "crm1"):
            door.publish(EventMessage(destination=destination, body=f"for {destination}", correlation_id=""))
        assert (await socket.read()).endswith("for crm1")
    assert [(one.type, one.sender) for one in received] == [("Hello#crm1", "crm1")]


async def test_a_bound_user_finds_no_way_round_by_a_transaction() -> None:
    """What is refused at once is refused at COMMIT as well."""
    async with a_door(Rights.BOUND, []) as door, by_tcp(door, "crm2") as listening, by_tcp(door, "crm1") as socket:
        await listening.ask("SUBSCRIBE", "id:1", "destination:/topic/crm2")
        await socket.ask("BEGIN", "transaction:t")
        await socket.ask("SEND", "transaction:t", "destination:/topic/crm2", body="forged event")
        assert await socket.ask("COMMIT", "transaction:t") == "message:you may not send there"
        door.publish(EventMessage(destination="crm2", body="true event", correlation_id=""))
        assert (await listening.read()).endswith("true event")


async def test_with_users_only_the_connector_sends_events() -> None:
    """In mode open a user hears every topic, as at the original's broker."""
    async with a_door(Rights.LISTENERS, []) as door, by_tcp(door, "crm1") as socket:
        assert await socket.ask("SUBSCRIBE", "id:1", "destination:/topic/crm2") == "RECEIPT"
        assert await socket.ask("SEND", "destination:/topic/crm2") == "message:you may not send there"


async def test_without_users_nobody_is_proved() -> None:
    """Whatever login a client gives, it is nobody's name."""
    received: list[CommandMessage] = []
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0))
    await door.start(received.append)
    async with by_tcp(door, "crm1") as socket:
        await socket.ask("SEND", "destination:/queue/Connector1", "type:T", "JMSXUserID:crm1")
    await door.stop()
    assert [(one.type, one.sender) for one in received] == [("T", "")]
