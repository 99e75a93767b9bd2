"""A yardstick: a program that does nothing but send each message of a queue on to a topic, by our STOMP client.

python -m bench.echo stomp://localhost:61613
"""

from __future__ import annotations

import sys

import uvloop

from generic_connector.broker.mapping import QUEUE, TOPIC
from generic_connector.broker.stomp.client import ConnectSettings, StompConnection, connect
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl

SOURCE, TARGET = "BENCH.IN", "BENCH.OUT"
READY = "READY"


class Echo:
    """Listens to the queue (StompListener)."""

    connection: StompConnection

    def on_message(self, frame: Frame) -> None:
        """Send it on."""
        headers = {"destination": TOPIC + TARGET, "correlation-id": frame.headers.get("correlation-id", "")}
        self.connection.send(Frame(Command.SEND, headers, frame.body))

    def on_refused(self, reason: str) -> None:
        """End: a yardstick that loses messages is none."""
        self.connection.abort(reason)

    def on_stale(self) -> None:
        """Go on."""

    def on_writable(self) -> None:
        """Go on."""


async def main(url: str) -> None:
    """Echo until the connection ends."""
    echo = Echo()
    echo.connection = await connect(BrokerUrl.parse(url), ConnectSettings(), echo)
    await echo.connection.subscribe("echo", QUEUE + SOURCE, ack="auto", deadline=10.0)
    print(READY, flush=True)
    await echo.connection.wait_closed()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
