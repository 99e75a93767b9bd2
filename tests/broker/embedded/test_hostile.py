"""Hostile bytes at the embedded broker: nothing but an ERROR and the end of that connection may come of it."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from generic_connector.broker.embedded import EmbeddedBroker, EmbeddedSettings
from generic_connector.broker.embedded.connection import ClientConnection

PIECES = st.sampled_from(
    [
        *(b"SEND\n", b"SUBSCRIBE\n", b"ACK\n", b"NACK\n", b"UNSUBSCRIBE\n", b"BEGIN\n", b"COMMIT\n", b"DISCONNECT\n"),
        *(b"id:1\n", b"id:1-1\n", b"destination:/queue/Q\n", b"destination:/topic/T\n", b"destination:x\n"),
        *(b"ack:client\n", b"ack:client-individual\n", b"ack:x\n", b"transaction:t\n", b"receipt:r\n", b"\n", b"\0"),
        *(b"expires:" + b"9" * 5000 + b"\n", b"activemq.priority:-1\n", b"activemq.prefetchSize:" + b"9" * 50 + b"\n"),
        *(b"\n\0", b"content-length:3\n", b"activemq.exclusive:true\n", b"\xff", b"a:\\t\n", b"body"),
    ]
)
CONNECT = b"CONNECT\naccept-version:1.2\n\n\0"


class Sink:
    """An outlet that keeps what was written."""

    def __init__(self) -> None:
        self.unread = 0
        self.written = bytearray()
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the value itself
        """Say nothing: what has come has come."""

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True


async def feed(pieces: list[bytes]) -> None:
    broker = EmbeddedBroker(EmbeddedSettings(tcp_port=None))
    sink = Sink()
    connection = ClientConnection(broker, sink, "test")
    connection.received(CONNECT)
    assert connection._login is not None
    await connection._login
    for piece in pieces:
        connection.received(piece)
    connection.lost()
    await asyncio.sleep(0)  # what was put off to the next turn of the loop
    assert sink.written.startswith(b"CONNECTED")
    assert not broker.core._topics
    assert all(not queue.consumers for queue in broker.core._queues.values())


@given(st.lists(PIECES | st.binary(max_size=10), max_size=60))
@settings(deadline=None)
def test_any_frames_in_any_order(pieces: list[bytes]) -> None:
    asyncio.run(feed(pieces))
