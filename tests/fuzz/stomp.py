"""Hostile bytes at the embedded broker, and from a broker at us.

An input: a byte for the size of the pieces in which the network brings them, then what a client writes.
"""

from __future__ import annotations

import asyncio
import contextlib

from fuzz.source import headed, pieces
from fuzz.watching import play
from generic_connector.broker.door import CommandMessage
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.broker.embedded.connection import ClientConnection
from generic_connector.broker.mapping import command_from_frame
from generic_connector.broker.stomp.client import BROKER_LIMITS
from generic_connector.broker.stomp.codec import FrameParser, Limits, encode
from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.frames import Frame

CONNECT = b"CONNECT\naccept-version:1.2\n\n\0"
SUBSCRIBE = b"SUBSCRIBE\nid:1\ndestination:/topic/healthy\n\n\0"
COMMAND = b"SEND\ndestination:/queue/Connector1\ntype:GetState#healthy\n\n\0"


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


def one(data: bytes) -> None:
    """Let a client write these bytes after it logged in, and another one before; then a broker."""
    size, data = headed(data)

    async def script() -> None:
        await _at_the_broker(data, size)

    play(script)
    for limits in (Limits(body=1000), BROKER_LIMITS):
        _from_a_broker(data, size, limits)


async def _at_the_broker(data: bytes, size: int) -> None:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=None, body_limit=1000))
    taken: list[CommandMessage] = []
    await door.start(taken.append)
    healthy, sink = await logged_in(door)
    healthy.received(SUBSCRIBE)
    hostile, _ = await logged_in(door)
    stranger = door.broker.admit(Sink(), "stranger")
    for piece in pieces(data, size):
        hostile.received(piece)
        stranger.received(piece)
        await asyncio.sleep(0)
    for connection in (hostile, stranger):
        connection.lost()
        door.broker.forget(connection)
    await asyncio.sleep(0)
    sink.written.clear()
    healthy.received(COMMAND)
    assert taken[-1].type == "GetState#healthy"
    _nothing_is_left(door)
    healthy.lost()
    door.broker.forget(healthy)
    await door.stop()


async def logged_in(door: EmbeddedDoor) -> tuple[ClientConnection, Sink]:
    sink = Sink()
    connection = door.broker.admit(sink, "test")
    connection.received(CONNECT)
    assert connection._login is not None
    await connection._login
    assert sink.written.startswith(b"CONNECTED")
    return connection, sink


def _nothing_is_left(door: EmbeddedDoor) -> None:
    core = door.broker.core
    assert list(core._topics) == ["/topic/healthy"]
    assert all(not queue.consumers for name, queue in core._queues.items() if name != "/queue/Connector1")
    assert sum(delivery.message.size for queue in core._queues.values() for delivery in queue.waiting) == core._stored


def _from_a_broker(data: bytes, size: int, limits: Limits) -> None:
    parser = FrameParser(limits)
    with contextlib.suppress(ProtocolError):
        for piece in pieces(data, size):
            parser.feed(piece)
            for frame in iter(parser.next_frame, None):
                command_from_frame(frame)
                _survives(frame)


def _survives(frame: Frame) -> None:
    """Whatever can be written again reads back as the same."""
    try:
        written = encode(frame)
    except ProtocolError:
        return
    parser = FrameParser()
    parser.feed(written)
    again = parser.next_frame()
    assert again is not None
    assert (again.command, again.headers, again.body) == (frame.command, dict(frame.headers), frame.body)
