"""One client destination at the broker, as cheap as can be: what it hears is stamped with the time and handed on."""

from __future__ import annotations

import time
from collections.abc import Callable

from generic_connector.broker.mapping import QUEUE, TOPIC
from generic_connector.broker.stomp.client import ConnectSettings, StompConnection, connect
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl

Ear = Callable[[float, str, bytes], None]
"""Takes the time (monotonic), the correlation id and the body of a message."""

_DEADLINE = 30.0


class Desk:
    """A destination (StompListener). lost: why its connection ended, "" while it has not."""

    def __init__(self, destination: str, ear: Ear) -> None:
        self.destination = destination
        self._ear = ear
        self._connection: StompConnection

    async def connect(self, url: str) -> None:
        """Come to the broker and listen. Raises StompError."""
        self._connection = await connect(BrokerUrl.parse(url), ConnectSettings(deadline=_DEADLINE), self)
        await self._connection.subscribe("events", TOPIC + self.destination, ack="auto", deadline=_DEADLINE)

    @property
    def lost(self) -> str:
        """Why the connection ended, "" while it has not."""
        return self._connection.closed.result() if self._connection.closed.done() else ""

    def send(self, queue: str, message_type: str, body: bytes, correlation_id: str) -> None:
        """Put a message into a queue; as it is not persistent, no disk is measured. Raises ConnectionLostError."""
        headers = {
            "destination": QUEUE + queue,
            "type": message_type,
            "reply-to": TOPIC + self.destination,
            "correlation-id": correlation_id,
        }
        self._connection.send(Frame(Command.SEND, headers, body))

    async def close(self) -> None:
        """Go."""
        await self._connection.close(0.0)

    def on_message(self, frame: Frame) -> None:
        """Stamp it and hand it on."""
        self._ear(time.monotonic(), frame.headers.get("correlation-id", ""), frame.body)

    def on_refused(self, reason: str) -> None:
        """End: nothing may be refused here."""
        self._connection.abort(reason)

    def on_stale(self) -> None:
        """Go on."""

    def on_writable(self) -> None:
        """Go on."""
