"""The command line's client against a broker of one connection that answers as a table of frames says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from generic_connector.broker.stomp.codec import FrameParser, encode
from generic_connector.broker.stomp.errors import BrokerRefusedError, ConnectFailedError, ConnectionLostError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from generic_connector.errors import UserError


class Broker:
    """Logs everybody in, confirms what asks for a receipt, keeps what it heard, and sends what it is told to."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.heard: list[Frame] = []
        self.refuses: set[str] = set()
        self.finished = asyncio.Event()
        self.url = BrokerUrl("127.0.0.1", 0, tls=False)
        self._writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client until it goes away."""
        self._writer = writer
        parser = FrameParser()
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                parser.feed(data)
                while (frame := parser.next_frame()) is not None:
                    self._answer(frame)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.finished.set()

    def _answer(self, frame: Frame) -> None:
        self.heard.append(frame)
        receipt = frame.headers.get("receipt", "")
        if frame.command in self.refuses:
            self.send(Frame(Command.ERROR, {"receipt-id": receipt, "message": "not you"}))
        elif frame.command == Command.CONNECT:
            self.send(Frame(Command.CONNECTED, {"version": "1.2", "server": self.server}))
        elif receipt:
            self.send(Frame(Command.RECEIPT, {"receipt-id": receipt}))

    def send(self, frame: Frame) -> None:
        """Send a frame."""
        self._writer.write(encode(frame))

    def event(self, text: bytes) -> None:
        """Send an event."""
        self.send(
            Frame(Command.MESSAGE, {"subscription": "events", "message-id": "1", "destination": "/topic/C"}, text)
        )

    def hang_up(self) -> None:
        """Cut the connection."""
        self._writer.close()


@asynccontextmanager
async def broker(server: str = "") -> AsyncIterator[Broker]:
    """Run a broker on a free port."""
    one = Broker(server)
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    async with listening:
        one.url = BrokerUrl("127.0.0.1", listening.sockets[0].getsockname()[1], tls=False)
        yield one
        await one.finished.wait()


@asynccontextmanager
async def client_and_broker(server: str = "") -> AsyncIterator[tuple[Client, Broker]]:
    async with broker(server) as one, connected(Target(url=one.url, username="me", password="geheim")) as client:
        yield client, one


def heard(one: Broker) -> list[tuple[str, dict[str, str], bytes]]:
    """Give what the broker heard, without the receipts' numbers."""
    return [
        (frame.command, {name: value for name, value in frame.headers.items() if name != "receipt"}, frame.body)
        for frame in one.heard
    ]


async def test_a_command_as_a_crm_sends_it() -> None:
    """JMSType, reply-to and body; no content-length, which would make it a BytesMessage."""
    async with client_and_broker() as (client, one):
        await client.send("AnswerCall#1001", "33601", queue="Connector1", reply_to="CRM1")
    assert heard(one)[1:] == [
        (
            "SEND",
            {"destination": "/queue/Connector1", "type": "AnswerCall#1001", "reply-to": "/topic/CRM1"},
            b"33601",
        ),
        ("DISCONNECT", {}, b""),
    ]


async def test_logs_in() -> None:
    async with client_and_broker() as (_, one):
        pass
    assert (one.heard[0].headers["login"], one.heard[0].headers["passcode"]) == ("me", "geheim")


async def test_text_is_written_as_the_broker_needs_it() -> None:
    """An old ActiveMQ hands bytes through to Java, whose UTF-8 writes an emoji in six bytes."""
    async with client_and_broker("ActiveMQ/5.17.2") as (client, one):
        await client.send("MakeCall#1", "\N{GRINNING FACE}", queue="Q")
    assert one.heard[1].body == b"\xed\xa0\xbd\xed\xb8\x80"


async def test_events_until_their_number() -> None:
    async with client_and_broker() as (client, one):
        await client.subscribe("C")
        one.event(b"one")
        one.event(b"two")
        one.event(b"three")
        assert [event async for event in client.events(None, 2)] == ["one", "two"]
        assert await client.event() == "three"


async def test_events_until_the_time_is_over() -> None:
    async with client_and_broker() as (client, one):
        await client.subscribe("C")
        one.event("ä".encode())
        assert [event async for event in client.events(0.2)] == ["ä"]


async def test_a_lost_connection_is_told() -> None:
    async with client_and_broker() as (client, one):
        await client.subscribe("C")
        one.hang_up()
        with pytest.raises(ConnectionLostError, match="the connection was lost"):
            await client.event()


async def test_what_the_broker_denies_later_is_told() -> None:
    """ActiveMQ denies with an ERROR frame that belongs to no request."""
    async with client_and_broker() as (client, one):
        one.send(Frame(Command.ERROR, {"message": "not authorized"}))
        with pytest.raises(BrokerRefusedError, match="not authorized"):
            await client.event()


async def test_a_refused_command() -> None:
    async with client_and_broker() as (client, one):
        one.refuses.add("SEND")
        with pytest.raises(BrokerRefusedError, match="not you"):
            await client.send("Hello#C", "", queue="Q")


async def test_a_refused_login() -> None:
    async with broker() as one:
        one.refuses.add("CONNECT")
        with pytest.raises(ConnectFailedError, match="not you"):
            async with connected(Target(url=one.url)):
                pass


@pytest.mark.parametrize("name", ["", "A,B", "A>", "/topic/A", "ActiveMQ.Advisory"])
async def test_a_name_that_is_none(name: str) -> None:
    """What could mean more to a broker than a name is not subscribed to."""
    async with client_and_broker() as (client, _):
        with pytest.raises(UserError, match="cannot be the name of a destination"):
            await client.subscribe(name)


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(Target(url=BrokerUrl("h", 1, tls=False), password="geheim"))
