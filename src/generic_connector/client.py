"""A small client of the connector, for the command line: send one command, hear the events of a destination.

It does what a CRM does, by STOMP, at ActiveMQ or at the embedded broker. Source: client-protocol.md sections 1 and 3.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from generic_connector.broker.destinations import is_destination_name
from generic_connector.broker.mapping import QUEUE, TOPIC
from generic_connector.broker.stomp.client import ConnectSettings, StompConnection, connect
from generic_connector.broker.stomp.errors import BrokerRefusedError, ConnectionLostError, StompError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.text_encoding import TextEncoding, choose_encoding, decode_text, encode_text
from generic_connector.broker.urls import BrokerUrl
from generic_connector.errors import UserError

ANSWER_DEADLINE = 5.0
"""Seconds that the broker has for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The broker to talk to, and as whom."""

    url: BrokerUrl
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


class Client:
    """A client that is connected; `connected` makes one."""

    def __init__(self) -> None:
        self._connection: StompConnection
        self._heard: asyncio.Queue[Frame | StompError] = asyncio.Queue()

    async def open(self, target: Target) -> None:
        """Connect and log in. Raises StompError."""
        settings = ConnectSettings(login=target.username, passcode=target.password, ssl_context=target.tls)
        self._connection = await connect(target.url, settings, self)
        self._connection.closed.add_done_callback(
            lambda reason: self._heard.put_nowait(ConnectionLostError(f"the connection was lost: {reason.result()}"))
        )

    async def close(self) -> None:
        """Say goodbye. Never raises."""
        await self._connection.close(ANSWER_DEADLINE)

    async def subscribe(self, destination: str) -> None:
        """Hear the events of a destination from now on. Raises UserError for a name that cannot be one, StompError."""
        if not is_destination_name(destination):
            raise UserError(
                f"{destination!r} cannot be the name of a destination: letters, digits and . _ : @ $ - only"
            )
        await self._connection.subscribe("events", TOPIC + destination, ack="auto", deadline=ANSWER_DEADLINE)

    async def send(self, command: str, body: str, *, queue: str, reply_to: str = "") -> None:
        """Put a command into the connector's queue; when this returns, the broker has it. Raises StompError.

        command: the JMSType, such as AnswerCall#1001. body: the arguments.
        """
        headers = {"destination": QUEUE + queue, "type": command}
        if reply_to:
            headers["reply-to"] = TOPIC + reply_to
        encoding = choose_encoding(TextEncoding.AUTO, self._connection.server)
        await self._connection.request(Frame(Command.SEND, headers, encode_text(body, encoding)), ANSWER_DEADLINE)

    async def event(self) -> str:
        """Wait for the next event and give its text. Raises StompError when none can come any more."""
        heard = await self._heard.get()
        if isinstance(heard, StompError):
            raise heard
        return decode_text(heard.body)

    async def events(self, seconds: float | None, count: int | None = None) -> AsyncIterator[str]:
        """Give events until the time is over or their number is reached; None for no end. Raises StompError."""
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        given = 0
        while count is None or given < count:
            try:
                async with asyncio.timeout_at(end):
                    text = await self.event()
            except TimeoutError:
                return
            yield text
            given += 1

    # -- what the connection tells

    def on_message(self, frame: Frame) -> None:
        """Take an event."""
        self._heard.put_nowait(frame)

    def on_refused(self, reason: str) -> None:
        """Hear that the broker refused what we asked."""
        self._heard.put_nowait(BrokerRefusedError(reason))

    def on_stale(self) -> None:
        """Go on: whoever listens wants to hear more, late or not."""

    def on_writable(self) -> None:
        """Go on: what we send is small."""


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Client]:
    """Connect for the time of the `async with`. Raises StompError."""
    client = Client()
    await client.open(target)
    try:
        yield client
    finally:
        await client.close()
