from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from broker.scripted import CONNECTED, ScriptedBroker
from generic_connector.broker.stomp.client import ConnectSettings, StompConnection, connect
from generic_connector.broker.stomp.errors import (
    BrokerRefusedError,
    ConnectFailedError,
    ConnectionLostError,
    ProtocolError,
)
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.urls import BrokerUrl


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Frame] = asyncio.Queue()
        self.refusals: asyncio.Queue[str] = asyncio.Queue()
        self.stale = asyncio.Event()
        self.writable = asyncio.Event()

    def on_message(self, frame: Frame) -> None:
        self.messages.put_nowait(frame)

    def on_refused(self, reason: str) -> None:
        self.refusals.put_nowait(reason)

    def on_stale(self) -> None:
        self.stale.set()

    def on_writable(self) -> None:
        self.writable.set()


@pytest.fixture
async def broker() -> AsyncIterator[ScriptedBroker]:
    async with ScriptedBroker() as scripted:
        yield scripted


async def open_connection(
    broker: ScriptedBroker, listener: Listener | None = None, settings: ConnectSettings | None = None
) -> StompConnection:
    return await connect(BrokerUrl.parse(broker.url), settings or ConnectSettings(), listener or Listener())


async def test_a_whole_conversation(broker: ScriptedBroker) -> None:
    listener = Listener()
    settings = ConnectSettings(login="gc", passcode="a:b\\", heart_beat_ms=1000)
    connection = await open_connection(broker, listener, settings)
    assert connection.server == "ActiveMQ/5.17.2"
    await connection.subscribe("s-1", "/queue/Q", ack="client-individual", deadline=5, **{"activemq.prefetchSize": "1"})
    broker.send(b"MESSAGE\nsubscription:s-1\nack:m\\c1\n\nbody\0")
    message = await listener.messages.get()
    connection.acknowledge(message)
    connection.refuse(message)
    connection.send(Frame("SEND", {"destination": "/topic/T", "type": ""}, "😀".encode()))
    await connection.unsubscribe("s-1", 5)
    await connection.close(5)
    assert connection.closed.result() == "closed by us"
    assert broker.received == [
        "CONNECT\naccept-version:1.2\nhost:127.0.0.1\nheart-beat:1000,1000\nlogin:gc\npasscode:a:b\\\n\n",
        "SUBSCRIBE\nid:s-1\ndestination:/queue/Q\nack:client-individual\nactivemq.prefetchSize:1\nreceipt:R\n\n",
        "ACK\nid:m\\c1\n\n",
        "NACK\nid:m\\c1\n\n",
        "SEND\ndestination:/topic/T\ntype:\n\n😀",
        "UNSUBSCRIBE\nid:s-1\nreceipt:R\n\n",
        "DISCONNECT\nreceipt:R\n\n",
    ]


async def test_small_frames_are_not_held_back(broker: ScriptedBroker) -> None:
    """Nagle's algorithm would cost 40 ms for each command."""
    connection = await open_connection(broker)
    assert connection._transport is not None
    sock = connection._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    await connection.close(5)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"ERROR\nmessage:User name [x]\\c invalid\n\njava.lang.SecurityException\0", "User name [x]: invalid"),
        (b"ERROR\n\nstack trace\0", "the broker gave no reason"),
        (b"CONNECTED\n\n\0", "the broker speaks STOMP 1.0, not 1.2"),
        (b"RECEIPT\nreceipt-id:1\n\n\0", "the broker sent RECEIPT instead of CONNECTED"),
        (b"CONNECTED\nversion:1.2\nheart-beat:x\n\n\0", "not STOMP: the heart-beat header cannot be read"),
    ],
)
async def test_a_login_that_fails_says_why(broker: ScriptedBroker, answer: bytes, reason: str) -> None:
    broker.connected = answer
    with pytest.raises(ConnectFailedError) as caught:
        await open_connection(broker)
    assert caught.value.reason == reason


async def test_a_broker_that_closes_or_says_nothing(broker: ScriptedBroker) -> None:
    broker.connected = None
    with pytest.raises(ConnectFailedError, match=r"no answer within 0\.1 s"):
        await open_connection(broker, settings=ConnectSettings(deadline=0.1))
    task = asyncio.create_task(open_connection(broker))
    await broker.wait_for(2)
    broker.cut()
    with pytest.raises(ConnectFailedError):
        await task


async def test_nobody_there() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with pytest.raises(ConnectFailedError) as caught:
            await connect(BrokerUrl("127.0.0.1", port, tls=False), ConnectSettings(), Listener())
    assert caught.value.url == f"stomp://127.0.0.1:{port}"


async def test_a_passcode_that_cannot_be_sent_is_said_without_showing_it(broker: ScriptedBroker) -> None:
    with pytest.raises(ConnectFailedError, match="cannot be escaped") as caught:
        await open_connection(broker, settings=ConnectSettings(login="a", passcode="secret\nword"))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(ConnectSettings(passcode="secret"))


async def test_the_brokers_errors_reach_who_asked_or_the_owner(broker: ScriptedBroker) -> None:
    listener = Listener()
    connection = await open_connection(broker, listener)
    broker.give_receipts = False
    asking = asyncio.create_task(connection.unsubscribe("x", 5))
    await broker.wait_for_command("UNSUBSCRIBE")
    (receipt_id,) = connection._receipts
    broker.send(f"ERROR\nreceipt-id:{receipt_id}\nmessage:no\\nsuch thing\n\ntrace\0".encode())
    with pytest.raises(BrokerRefusedError, match=r"^no such thing$"):
        await asking
    broker.send(b"ERROR\nmessage:denied\n\ntrace\0")
    assert await listener.refusals.get() == "denied"
    await connection.close(0)


async def test_a_request_ends_with_the_connection_or_the_deadline(broker: ScriptedBroker) -> None:
    connection = await open_connection(broker)
    broker.give_receipts = False
    with pytest.raises(ConnectionLostError, match="no receipt"):
        await connection.unsubscribe("x", 0.05)
    asking = asyncio.create_task(connection.prove(5))
    await broker.wait_for_command("BEGIN")
    broker.cut()
    with pytest.raises(ConnectionLostError):
        await asking
    await connection.closed
    with pytest.raises(ConnectionLostError):
        connection.send(Frame("SEND"))
    await connection.close(5)


@pytest.mark.parametrize("rubbish", [b"CONNECTED\nversion:1.2\n\n\0", b"MESSAGE\ncontent-length:1\n\nabc\0"])
async def test_a_broker_that_does_not_speak_stomp_is_left(broker: ScriptedBroker, rubbish: bytes) -> None:
    connection = await open_connection(broker)
    broker.send(rubbish)
    assert (await connection.closed).startswith("not STOMP: ")
    await connection.close(5)


async def test_bytes_that_are_no_frame_are_passed_over(broker: ScriptedBroker) -> None:
    listener = Listener()
    connection = await open_connection(broker, listener)
    broker.send(b"MESSAGE\nack:1\n\ncut\0 short\n\0\nMESSAGE\nack:2\n\nnext\0")
    assert [(await listener.messages.get()).body for _ in range(2)] == [b"cut", b"next"]
    await connection.close(5)


async def test_heart_beats_go_out_and_their_absence_is_noticed(broker: ScriptedBroker) -> None:
    """At 300 ms: stale after 450 ms, dead between 600 and 675 ms."""
    listener = Listener()
    broker.connected = CONNECTED.replace(b"0,0", b"300,300")
    loop = asyncio.get_running_loop()
    connection = await open_connection(broker, listener, ConnectSettings(heart_beat_ms=300))
    began = loop.time()
    await listener.stale.wait()
    assert not connection.closed.done()
    assert (await connection.closed).startswith("the broker was silent for ")
    assert 0.6 <= loop.time() - began < 2.0
    await connection.close(5)


async def test_a_beating_broker_is_kept(broker: ScriptedBroker) -> None:
    broker.connected = CONNECTED.replace(b"0,0", b"200,200")
    connection = await open_connection(broker, settings=ConnectSettings(heart_beat_ms=200))
    for _ in range(6):
        await asyncio.sleep(0.1)  # half the interval, the subject of the test
        broker.send(b"\n")
    assert not connection.closed.done()
    await connection.close(5)
    assert broker.beats >= 4


async def test_a_message_after_a_silence_is_announced_as_stale_before_it_is_handed_on(broker: ScriptedBroker) -> None:
    """As after SIGCONT: the silence is noticed by the bytes that end it, before any timer."""
    listener = Listener()
    broker.connected = CONNECTED.replace(b"0,0", b"1000,0")
    connection = await open_connection(broker, listener, ConnectSettings(heart_beat_ms=1000))
    connection.data_received(b"\n")
    connection._heard_at -= 1.6
    connection.data_received(b"MESSAGE\n\nlate\0")
    assert listener.stale.is_set()
    assert listener.messages.get_nowait().body == b"late"
    await connection.close(5)


async def test_the_first_beat_may_take_an_interval_longer(broker: ScriptedBroker) -> None:
    """ActiveMQ begins to beat after two intervals: that silence means nothing."""
    listener = Listener()
    broker.connected = CONNECTED.replace(b"0,0", b"1000,0")
    connection = await open_connection(broker, listener, ConnectSettings(heart_beat_ms=1000))
    connection._heard_at -= 2.0
    connection.data_received(b"\n")
    assert not listener.stale.is_set()
    await connection.close(5)


async def test_a_network_that_does_not_keep_up_is_visible(broker: ScriptedBroker) -> None:
    listener = Listener()
    connection = await open_connection(broker, listener)
    while not connection.paused:
        connection.send(Frame("SEND", {"destination": "/topic/T"}, b"x" * 100_000))
    await asyncio.wait_for(listener.writable.wait(), 5)
    await connection.close(5)


async def test_what_stomp_forbids_is_not_sent(broker: ScriptedBroker) -> None:
    connection = await open_connection(broker)
    with pytest.raises(ProtocolError):
        connection.send(Frame("SEND", {}, b"\0"))
    await connection.close(5)
    assert [frame.split("\n")[0] for frame in broker.received] == ["CONNECT", "DISCONNECT"]
