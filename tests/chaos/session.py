"""One client destination: a STOMP connection that comes back by itself, as a JMS fail-over client's does.

It subscribes before it says Hello, sends persistent messages and waits for the broker's receipt. After a loss it
connects to the next URL, subscribes again, says Hello, and tells its owner that it was cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chaos.due import OURS
from chaos.transcript import Heard, Sent, heard_of
from generic_connector.broker.mapping import QUEUE, TOPIC
from generic_connector.broker.stomp.client import ConnectSettings, StompConnection, connect
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl
from generic_connector.conformance.transcript import read
from generic_connector.protocol.formats import Format

QUEUE_NAME = "Connector1"
ANSWER_DEADLINE = 10.0
SEND_DEADLINE = 60.0
"""Seconds that the broker has for a command: as long as it is connected, a client waits, and does not send twice."""
PAUSE = 0.2
"""Seconds between two attempts to connect."""


class Owner(Protocol):
    """Who hears what comes to a destination, and when it was cut off."""

    def hear(self, heard: Heard) -> None:
        """Take an event."""

    def was_cut_off(self, destination: str) -> None:
        """Note that the destination is back after a time in which events may have passed by."""

    def confirmed(self, sent: Sent) -> None:
        """Note that the broker has a command."""

    def unconfirmed(self, sent: Sent) -> None:
        """Note that the broker may have a command, or not."""


class Session:
    """A destination. It connects when it is started, and is connected while `connected` is set."""

    def __init__(self, destination: str, urls: Sequence[str], event_format: Format, owner: Owner) -> None:
        self.destination = destination
        self.connected = asyncio.Event()
        self.wanted = asyncio.Event()
        self.wanted.set()
        self.lost: Counter[str] = Counter()
        """Why connections ended, and how often."""
        self._urls = [BrokerUrl.parse(url) for url in urls]
        self.event_format = event_format
        self._owner = owner
        self._connection: StompConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        self._count = 0

    # -- life

    def start(self) -> None:
        """Begin to connect."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Say goodbye."""
        for task in (self._running, *self._tasks):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._connection is not None:
            await self._connection.close(0.0)

    def vanish(self) -> None:
        """Go without a word, as a machine does that loses its power; `wanted` lets it come back."""
        self.wanted.clear()
        if self._connection is not None:
            self._connection.abort("the client is gone")

    def freeze(self) -> None:
        """Read nothing any more, with the connection open."""
        self._transport.pause_reading()

    def thaw(self) -> None:
        """Read again, where the connection still is."""
        with contextlib.suppress(RuntimeError):
            self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        assert self._connection is not None
        transport = self._connection._transport
        assert transport is not None
        return transport

    async def _run(self) -> None:
        attempts = 0
        while True:
            await self.wanted.wait()
            url = self._urls[attempts % len(self._urls)]
            try:
                await self._live(url)
            except StompError as error:
                self.lost[str(error)] += 1
                attempts += 1
            await asyncio.sleep(PAUSE)

    async def _live(self, url: BrokerUrl) -> None:
        settings = ConnectSettings(heart_beat_ms=2000, deadline=5.0)
        self._connection = await connect(url, settings, self)
        try:
            address = TOPIC + self.destination
            await self._connection.subscribe("events", address, ack="auto", deadline=ANSWER_DEADLINE)
            self.connected.set()
            self._owner.was_cut_off(self.destination)
            self.lost[await self._connection.wait_closed()] += 1
        finally:
            self.connected.clear()
            await self._connection.close(0.0)

    # -- sending

    @property
    def is_full(self) -> bool:
        """Whether the network does not take more at present."""
        return self._connection is not None and self._connection.paused

    def send(self, command: str, body: str, sent: Sent | None = None) -> None:
        """Put a command into the queue; the owner hears of sent whether the broker has it."""
        self._count += 1
        own_id = sent.id if sent is not None else f"{OURS}{self.destination}-{self._count}"
        headers = {
            "destination": QUEUE + QUEUE_NAME,
            "type": command,
            "reply-to": TOPIC + self.destination,
            "correlation-id": own_id,
            "persistent": "true",
        }
        task = asyncio.create_task(self._send(Frame(Command.SEND, headers, body.encode()), sent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, frame: Frame, sent: Sent | None) -> None:
        assert self._connection is not None
        try:
            await self._connection.request(frame, SEND_DEADLINE)
        except StompError:
            if sent is not None:
                self._owner.unconfirmed(sent)
        else:
            if sent is not None:
                self._owner.confirmed(replace(sent, confirmed=True))

    # -- what the connection tells

    def on_message(self, frame: Frame) -> None:
        """Take an event."""
        body = frame.body.decode()
        event = read(body, self.event_format)
        correlation = frame.headers.get("correlation-id", "")
        self._owner.hear(
            heard_of(event, at=time.time(), destination=self.destination, correlation=correlation, text=body)
        )

    def on_refused(self, reason: str) -> None:
        """Cut a connection on which the broker refuses something: nothing here may be refused."""
        if self._connection is not None:
            self._connection.abort(reason)

    def on_stale(self) -> None:
        """Go on."""

    def on_writable(self) -> None:
        """Go on."""
