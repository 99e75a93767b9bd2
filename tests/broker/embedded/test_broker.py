"""The embedded broker over TCP, by raw bytes and by our own clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from broker.embedded.wire import CONNECT, Wire
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings, check
from generic_connector.broker.door import BodyFault, CommandMessage, DoorState, EventMessage
from generic_connector.broker.embedded import EmbeddedBroker, EmbeddedDoor, EmbeddedSettings, connection, hash_password

StartBroker = Callable[..., Awaitable[EmbeddedBroker]]


@pytest.fixture
async def start_broker() -> AsyncIterator[StartBroker]:
    brokers: list[EmbeddedBroker] = []

    async def start(**settings: Any) -> EmbeddedBroker:
        broker = EmbeddedBroker(EmbeddedSettings(tcp_port=0, **settings))
        brokers.append(broker)
        await broker.start()
        return broker

    yield start
    for broker in brokers:
        await broker.stop()


@pytest.fixture
async def broker(start_broker: StartBroker) -> EmbeddedBroker:
    return await start_broker()


async def test_a_conversation_byte_by_byte(broker: EmbeddedBroker) -> None:
    """As ActiveMQ: no content-length for text, receipts, headers passed on, what only the broker may write is not."""
    wire = await Wire.open(broker.tcp_port, CONNECT.replace(b"host:x", b"host:x\nheart-beat:0,0"))
    assert (await wire.read()).startswith("CONNECTED\nversion:1.2\nserver:GenericConnector/")
    wire.write(b"SUBSCRIBE\r\nid:a\r\ndestination:/topic/EV.c1\r\nreceipt:1\r\n\r\n\0\n")
    assert await wire.read() == "RECEIPT\nreceipt-id:1\n\n"
    wire.write(
        b"SEND\ndestination:/topic/EV.c1\ntype:x\\cy\nreply-to:/topic/R\ncorrelation-id:c\npersistent:true\n"
        b"JMSXUserID:forged\nmessage-id:forged\ntimestamp:0\nredelivered:true\nformat:json\nreceipt:2\n\n\xf0\x9f\x98\x80\0"
    )
    assert await wire.read() == (
        "MESSAGE\nexpires:0\ndestination:/topic/EV.c1\npriority:4\nmessage-id:R\ntimestamp:R\ntype:x\\cy\n"
        "reply-to:/topic/R\ncorrelation-id:c\nformat:json\npersistent:true\nsubscription:a\n\n😀"
    )
    assert await wire.read() == "RECEIPT\nreceipt-id:2\n\n"
    wire.write(b"UNSUBSCRIBE\nid:a\n\n\0SEND\ndestination:/topic/EV.c1\n\nnobody\0DISCONNECT\nreceipt:3\n\n\0")
    assert await wire.read() == "RECEIPT\nreceipt-id:3\n\n"
    assert await wire.read_to_end() == b""
    await wire.close()


async def test_bytes_messages_keep_their_length(broker: EmbeddedBroker) -> None:
    wire = await Wire.log_in(broker.tcp_port)
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/T\n\n\0")
    wire.write(b"SEND\ndestination:/topic/T\ncontent-length:2\n\nab\0")
    assert "\ncontent-length:2\n" in await wire.read()
    wire.write(b"SEND\ndestination:/topic/T\ncontent-length:2\namq-msg-type:text\n\nab\0")
    assert "content-length" not in await wire.read()
    await wire.close()


async def test_redelivery_after_a_disconnect_and_after_nack(broker: EmbeddedBroker) -> None:
    first, second = await Wire.log_in(broker.tcp_port), await Wire.log_in(broker.tcp_port)
    first.write(b"SUBSCRIBE\nid:a\ndestination:/queue/Q\nack:client-individual\n\n\0")
    first.write(b"SEND\ndestination:/queue/Q\n\n1\0SEND\ndestination:/queue/Q\n\n2\0")
    ack, body = await first.read_message()
    assert body == "1"
    first.write(f"NACK\nid:{ack}\n\n\0".encode())
    assert (await first.read_message())[1] == "2"
    again = await first.read()
    assert again.endswith("redelivered:true\n\n1")
    second.write(b"SUBSCRIBE\nid:b\ndestination:/queue/Q\nack:auto\nreceipt:r\n\n\0")
    await second.read()
    await first.close()
    assert [(await second.read()).split("\n")[-3:] for _ in range(2)] == [
        ["redelivered:true", "", b] for b in ("2", "1")
    ]
    await second.close()


async def test_errors_leave_the_connection_usable_and_name_the_receipt(broker: EmbeddedBroker) -> None:
    wire = await Wire.log_in(broker.tcp_port)
    for frame, message in [
        (b"SUBSCRIBE\nid:a\ndestination:/topic/A.*\nreceipt:r\n\n\0", "wildcards"),
        (b"SUBSCRIBE\nid:a\ndestination:/queue/Connector1\nreceipt:r\n\n\0", "you may not subscribe"),
        (b"SEND\ndestination:/topic/A,/topic/B\nreceipt:r\n\n\0", "wildcards"),
        (b"ACK\nid:1-1\nreceipt:r\n\n\0", "no message waits"),
        (b"ACK\nid:x\nreceipt:r\n\n\0", "no message waits"),
        (b"UNSUBSCRIBE\nid:a\nreceipt:r\n\n\0", "no such subscription"),
        (b"COMMIT\ntransaction:t\nreceipt:r\n\n\0", "no such transaction"),
        (b"SEND\ndestination:/topic/A\ntransaction:t\nreceipt:r\n\n\0", "no such transaction"),
        (b"SEND\ndestination:/topic/A\nreceipt:r\n\n" + b"x" * 1_048_577 + b"\0", "too large"),
    ]:
        wire.write(frame)
        answer = await wire.read()
        assert answer.startswith("ERROR\n"), frame[:80]
        assert message in answer
        assert answer.endswith("\nreceipt-id:r\n\n")
    await wire.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "unknown command"),
        (b"SEND\ndestination:/topic/T\n\n\0", "first frame must be CONNECT"),
        (b"CONNECT\naccept-version:1.0,1.1\n\n\0", "only STOMP 1.2"),
        (b"CONNECT\n\n\0", "only STOMP 1.2"),
        (b"CONNECT\naccept-version:1.2\nheart-beat:x\n\n\0", "heart-beat"),
        (CONNECT + CONNECT, "CONNECT is not allowed"),
        (CONNECT + b"MESSAGE\n\n\0", "MESSAGE is not allowed"),
        (CONNECT + b"SEND\n\nx\0", "needs the header destination"),
        (CONNECT + b"SUBSCRIBE\nid:1\ndestination:/topic/T\nack:maybe\n\n\0", "ack is"),
        (CONNECT + b"SEND\ndestination:/topic/T\ncontent-length:1\n\nxyz\0", "content-length"),
        (CONNECT + b"ACK\nid:1-1\n\n\0" * 30, "wait for CONNECTED"),
    ],
)
async def test_what_is_not_stomp_is_answered_and_closed(broker: EmbeddedBroker, data: bytes, message: str) -> None:
    wire = await Wire.open(broker.tcp_port, data)
    answer = (await wire.read_to_end()).decode()
    assert "ERROR\n" in answer
    assert message in answer
    await wire.close()


async def test_nobody_may_connect_and_say_nothing(start_broker: StartBroker) -> None:
    broker = await start_broker(login_deadline=0.05)
    wire = await Wire.open(broker.tcp_port, b"")
    assert b"no CONNECT came" in await wire.read_to_end()
    await wire.close()


async def test_the_number_of_connections_has_a_limit(start_broker: StartBroker) -> None:
    broker = await start_broker(connection_limit=1)
    first = await Wire.log_in(broker.tcp_port)
    second = await Wire.open(broker.tcp_port)
    assert b"too many connections" in await second.read_to_end()
    await first.close()
    await second.close()


async def test_heart_beats_both_ways(start_broker: StartBroker) -> None:
    """The broker beats twice an interval, and drops a client that is silent for two."""
    broker = await start_broker(heart_beat_ms=100)
    wire = await Wire.open(broker.tcp_port, CONNECT.replace(b"host:x", b"host:x\nheart-beat:100,100"))
    heard = await wire.read_to_end()
    assert b"you were silent" in heard
    assert heard.split(b"\0")[1].split(b"ERROR")[0].count(b"\n") >= 3
    await wire.close()


async def test_a_full_queue_refuses_the_producer(start_broker: StartBroker) -> None:
    broker = await start_broker(queue_limit=1)
    wire = await Wire.log_in(broker.tcp_port)
    wire.write(b"SEND\ndestination:/queue/Q\n\n1\0SEND\ndestination:/queue/Q\n\n2\0")
    assert "message:/queue/Q is full" in await wire.read()
    await wire.close()


async def test_a_client_that_does_not_read_is_disconnected_and_slows_nobody(
    start_broker: StartBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "GRACE", 0.1)
    broker = await start_broker(unread_limit=1_000_000)
    slow, quick = await Wire.log_in(broker.tcp_port), await Wire.log_in(broker.tcp_port)
    for wire in (slow, quick):
        wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/T\nreceipt:r\n\n\0")
        await wire.read()
    slow._reader._transport.pause_reading()  # type: ignore[attr-defined]
    sender = await Wire.log_in(broker.tcp_port)
    for number in range(200):
        sender.write(f"SEND\ndestination:/topic/T\nreceipt:{number}\n\n{'x' * 100_000}\0".encode())
        assert len(await quick.read()) > 100_000
        await sender.read()
    async with asyncio.timeout(10):
        while len(broker._connections) > 2:  # noqa: ASYNC110  # the broker cuts the connection some seconds later
            await asyncio.sleep(0.05)
    for wire in (slow, quick, sender):
        await wire.close()


async def test_a_slow_consumer_of_a_queue_is_given_no_more_than_it_reads(start_broker: StartBroker) -> None:
    """The rest waits in the queue, and all arrives in the end."""
    broker = await start_broker(unread_limit=1_000_000)
    wire = await Wire.log_in(broker.tcp_port)
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/queue/Q\nreceipt:r\n\n\0")
    await wire.read()
    wire._reader._transport.pause_reading()  # type: ignore[attr-defined]
    sender = await Wire.log_in(broker.tcp_port)
    for number in range(200):
        sender.write(f"SEND\ndestination:/queue/Q\nreceipt:{number}\n\n{'x' * 100_000}\0".encode())
        await sender.read()
    assert broker.core.waiting("/queue/Q") > 50
    wire._reader._transport.resume_reading()  # type: ignore[attr-defined]
    for _ in range(200):
        assert (await wire.read()).endswith("x" * 100)
    assert broker.core.waiting("/queue/Q") == 0
    await wire.close()
    await sender.close()


async def test_users(start_broker: StartBroker) -> None:
    broker = await start_broker(users={"c1": hash_password("pä:ss")})
    good = "CONNECT\naccept-version:1.2\nlogin:c1\npasscode:pä:ss\n\n\0".encode()
    for _ in range(2):  # the second time from memory
        wire = await Wire.open(broker.tcp_port, good)
        assert (await wire.read()).startswith("CONNECTED")
        wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/T\n\n\0SEND\ndestination:/topic/T\nJMSXUserID:x\n\n\0")
        assert "\nJMSXUserID:c1\n" in await wire.read()
        await wire.close()
    for bad in (good.replace(b"ss\n", b"sx\n"), good.replace(b"login:c1", b"login:c2"), CONNECT):
        wire = await Wire.open(broker.tcp_port, bad)
        assert b"user name or password is invalid" in await wire.read_to_end()
        await wire.close()


async def test_users_and_anonymous(start_broker: StartBroker) -> None:
    broker = await start_broker(users={"c1": hash_password("x")}, anonymous=True)
    await (await Wire.log_in(broker.tcp_port)).close()
    wire = await Wire.open(broker.tcp_port, b"CONNECT\naccept-version:1.2\nlogin:c1\npasscode:y\n\n\0")
    assert b"invalid" in await wire.read_to_end()
    await wire.close()


def test_a_password_that_is_not_hashed_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="not a scrypt hash") as caught:
        EmbeddedBroker(EmbeddedSettings(users={"c1": "plain"}))
    assert "plain" not in str(caught.value)
    assert hash_password("a") != hash_password("a")


async def test_a_transaction_takes_effect_at_commit(broker: EmbeddedBroker) -> None:
    wire = await Wire.log_in(broker.tcp_port)
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/T\n\n\0BEGIN\ntransaction:t\n\n\0")
    wire.write(b"SEND\ndestination:/topic/T\ntransaction:t\n\n1\0SEND\ndestination:/topic/T\n\n2\0")
    wire.write(b"COMMIT\ntransaction:t\nreceipt:r\n\n\0BEGIN\ntransaction:t\n\n\0ABORT\ntransaction:t\n\n\0")
    assert [(await wire.read()).split("\n")[-1] for _ in range(3)] == ["2", "1", ""]
    await wire.close()


async def test_a_port_that_is_taken_is_said(broker: EmbeddedBroker) -> None:
    other = EmbeddedDoor(EmbeddedSettings(tcp_port=broker.tcp_port))
    with pytest.raises(OSError, match="in use"):
        await other.start(lambda _: None)


# -- doors


async def start_embedded_door(receive: Callable[[CommandMessage], None], **settings: Any) -> EmbeddedDoor:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, **settings))
    await door.start(receive)
    return door


async def test_commands_and_events_through_the_embedded_door() -> None:
    received: asyncio.Queue[CommandMessage] = asyncio.Queue()
    door = await start_embedded_door(received.put_nowait, body_limit=100)
    assert door.state is DoorState.OPEN
    wire = await Wire.log_in(door.broker.tcp_port)
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/EV.c1\n\n\0")
    send = b"SEND\ndestination:/queue/Connector1\n"
    wire.write(send + b"type:Hello#EV.c1\nreply-to:/topic/EV.c1\ncorrelation-id:c\nformat:json\n\na,\xf0\x9f\x98\x80\0")
    hello = await received.get()
    assert (hello.type, hello.body, hello.reply_to, hello.correlation_id) == ("Hello#EV.c1", "a,😀", "EV.c1", "c")
    assert hello.properties.keys() == {"timestamp", "format"}
    wire.write(send + b"\n\xff\0" + send + b"content-length:1\n\nx\0" + send + b"\n" + b"x" * 101 + b"\0")
    faults = [(await received.get()).fault for _ in range(3)]
    assert faults == [BodyFault.NOT_UTF8, BodyFault.NOT_TEXT, BodyFault.TOO_LARGE]
    door.publish(EventMessage(destination="EV.c1", body="a\0b", correlation_id="c"))
    assert await wire.read() == (
        "MESSAGE\nexpires:0\ndestination:/topic/EV.c1\npriority:4\nmessage-id:R\ntimestamp:R\ntype:\n"
        "correlation-id:c\nsubscription:a\n\na\ufffdb"
    )
    await door.stop()
    assert await wire.read_to_end() == b""
    await wire.close()


async def test_commands_wait_after_they_were_left_and_abort_cuts_everybody() -> None:
    received: list[CommandMessage] = []
    door = await start_embedded_door(received.append)
    wire = await Wire.log_in(door.broker.tcp_port)
    await door.stop_commands()
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/EV.c1\n\n\0SEND\ndestination:/queue/Connector1\nreceipt:1\n\nx\0")
    assert await wire.read() == "RECEIPT\nreceipt-id:1\n\n"
    door.publish(EventMessage(destination="EV.c1", body="y", correlation_id=""))
    assert (await wire.read()).endswith("\n\ny")
    assert received == []
    assert door.broker.core.waiting("/queue/Connector1") == 1
    await door.abort()
    await door.abort()
    await door.stop()
    assert door.state is DoorState.CLOSED
    with pytest.raises(ConnectionRefusedError):
        await Wire.log_in(door.broker.tcp_port)
    await wire.close()


async def test_the_embedded_door_refuses_what_is_no_destination() -> None:
    door = await start_embedded_door(lambda _: None)
    for destination in ("A,B", "*", "/remote-temp-topic/ID:x", ""):
        with pytest.raises(ValueError, match=r"cannot be sent|no temporary"):
            door.publish(EventMessage(destination=destination, body="", correlation_id=""))
    await door.stop()


async def test_a_receiver_that_raises_stops_nothing() -> None:
    received: asyncio.Queue[str] = asyncio.Queue()

    def receive(command: CommandMessage) -> None:
        received.put_nowait(command.type)
        raise RuntimeError("a mistake in the product")

    door = await start_embedded_door(receive)
    wire = await Wire.log_in(door.broker.tcp_port)
    for number in (b"1", b"2"):
        wire.write(b"SEND\ndestination:/queue/Connector1\ntype:" + number + b"\n\n\0")
    assert [await received.get() for _ in range(2)] == ["1", "2"]
    await wire.close()
    await door.stop()


async def test_the_activemq_door_works_with_the_embedded_broker(start_broker: StartBroker) -> None:
    """One connector's embedded broker may be another one's ActiveMQ."""
    broker = await start_broker(command_queues=("Reserved",), heart_beat_ms=500)
    settings = ActiveMqSettings(urls=(f"stomp://127.0.0.1:{broker.tcp_port}",), heart_beat_ms=500)
    (report,) = await check(settings)
    assert report.reachable
    received: asyncio.Queue[CommandMessage] = asyncio.Queue()
    door = ActiveMqDoor(settings)
    await door.start(received.put_nowait)
    wire = await Wire.log_in(broker.tcp_port)
    wire.write(b"SUBSCRIBE\nid:a\ndestination:/topic/EV.c1\n\n\0SEND\ndestination:/queue/Connector1\ntype:T\n\nx\0")
    assert (await received.get()).body == "x"
    door.publish(EventMessage(destination="EV.c1", body="y", correlation_id=""))
    assert (await wire.read()).endswith("type:\nsubscription:a\n\ny")
    await door.stop()
    await wire.close()
