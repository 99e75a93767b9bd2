"""The connection by which events go out. It is apart from commands, because a broker may stop reading it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.backoff import Backoff
from generic_connector.broker.door import EventMessage, GapListener
from generic_connector.broker.mapping import frame_from_event
from generic_connector.broker.metrics import CONNECTIONS, EVENTS, EVENTS_DROPPED, REFUSALS
from generic_connector.broker.outbox import Outbox, WaitingEvent
from generic_connector.broker.stomp.client import CLOSED_BY_US, StompConnection, connect
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.text_encoding import TextEncoding, choose_encoding
from generic_connector.broker.urls import BrokerUrl

log = structlog.get_logger(door="activemq", link="events")

STEADY = 10.0
"""A connection that lasted this many seconds was a good one: the next trouble starts with short delays again."""

OTHER_BROKER = "the commands come from another broker"


class EventLink:
    """Keeps one connection to the broker that the commands come from, and sends events in order.

    What cannot be written now waits in a bounded outbox. An event that was written when the connection broke may be
    lost: nothing tells what the broker still read.
    """

    def __init__(self, settings: ActiveMqSettings, on_change: Callable[[], None]) -> None:
        self._settings = settings
        self._on_change = on_change
        self.on_gap: GapListener | None = None
        self._outbox = Outbox(settings.buffered_events)
        self._connection: StompConnection | None = None
        self._encoding = TextEncoding.UTF_8
        self._wanted: BrokerUrl | None = None
        self._nudge = asyncio.Event()
        self._dropping = False

    @property
    def connected(self) -> bool:
        """Say whether events can be written now."""
        return self._connection is not None

    def follow(self, url: BrokerUrl | None) -> None:
        """Go where the commands come from. None: from nowhere at present; the connection is kept while it lasts."""
        self._wanted = url
        if url is None:
            return
        self._nudge.set()
        if self._connection is not None and self._connection.url != url:
            self._connection.abort(OTHER_BROKER)

    async def run(self) -> None:
        """Connect, send, and begin again when the connection is lost; ends only by cancellation."""
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while True:
            self._nudge.clear()
            began = loop.time()
            try:
                if self._wanted is not None:
                    await self._serve(self._wanted)
            except StompError as error:
                log.warning("no way out for events", reason=str(error), waiting=len(self._outbox))
            if loop.time() - began > STEADY:
                backoff.reset()
            await self._rest(backoff.next_delay() if self._wanted is not None else None)

    async def _rest(self, seconds: float | None) -> None:
        """Wait, until the commands have a broker (again) at the longest; None: only for that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudge.wait()

    async def _serve(self, url: BrokerUrl) -> None:
        connection = await connect(url, self._settings.connect_settings(), self)
        if self._wanted not in (None, url):
            await connection.close(0.0)
            return
        CONNECTIONS.labels("activemq", "events").inc()
        self._encoding = choose_encoding(self._settings.text_encoding, connection.server)
        log.info("events can go out", url=str(url), encoding=self._encoding.value, waiting=len(self._outbox))
        self._set_connection(connection)
        try:
            self._flush()
            reason = await connection.wait_closed()
            write = log.info if reason == CLOSED_BY_US else log.warning
            write("connection for events ended", url=str(url), reason=reason)
        finally:
            self._set_connection(None)
            await connection.close(0.0)

    def _set_connection(self, connection: StompConnection | None) -> None:
        self._connection = connection
        self._on_change()

    def send(self, event: EventMessage) -> None:
        """Send after all that was sent before, or keep until that is possible."""
        lifetime = self._settings.event_lifetime
        expires_ms = None if lifetime is None else int((time.time() + lifetime) * 1000)
        dropped = self._outbox.put(WaitingEvent(event, expires_ms))
        if dropped is not None:
            self._drop(dropped.event, "full")
        self._flush()

    def _flush(self) -> None:
        """Write what waits, as long as the network takes it."""
        while self._outbox and self._connection is not None and not self._connection.paused:
            if self._connection.closed.done():
                return
            self._write(self._connection, self._outbox.take())

    def _write(self, connection: StompConnection, waiting: WaitingEvent) -> None:
        if waiting.expires_ms is not None and waiting.expires_ms <= time.time() * 1000:
            self._drop(waiting.event, "expired")
            return
        frame = frame_from_event(
            waiting.event,
            self._encoding,
            send_empty_type=self._settings.send_empty_type,
            expires_ms=waiting.expires_ms,
        )
        try:
            connection.send(frame)
        except StompError as error:
            log.warning("an event was lost", destination=waiting.event.destination, reason=str(error))
            EVENTS_DROPPED.labels("activemq", "lost").inc()
        else:
            self._dropping = False
            EVENTS.labels("activemq").inc()

    def _drop(self, event: EventMessage, cause: str) -> None:
        """Count each event that is given up; log the first of a run, or the log would be the next thing to overflow."""
        EVENTS_DROPPED.labels("activemq", cause).inc()
        if not self._dropping:
            self._dropping = True
            log.error("events are dropped", cause=cause, destination=event.destination, waiting=len(self._outbox))

    async def close(self, deadline: float) -> None:
        """Send what waits if the network takes it, and wait until the broker has read it; deadline in seconds."""
        connection = self._connection
        if connection is not None:
            self._flush()
            await connection.close(deadline)
        self._give_up()

    def abort(self) -> None:
        """Cut the connection and give up what waits."""
        if self._connection is not None:
            self._connection.abort(CLOSED_BY_US)
        self._give_up()

    def _give_up(self) -> None:
        for _ in range(len(self._outbox)):
            self._drop(self._outbox.take().event, "stopped")

    # -- StompListener

    def on_message(self, frame: Frame) -> None:
        """Nothing is subscribed to here."""

    def on_refused(self, reason: str) -> None:
        """Count an event as not delivered: the broker refused it."""
        REFUSALS.labels("activemq", "events").inc()
        log.warning("broker refused an event", reason=reason)

    def on_stale(self) -> None:
        """Nothing to do: an event that is late is still right."""

    def on_writable(self) -> None:
        """Go on."""
        self._flush()
