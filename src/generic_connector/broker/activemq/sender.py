"""What is sent when: events out of the outbox on to a connection, in batches that the broker confirms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial

import structlog

from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.door import EventMessage, GapListener
from generic_connector.broker.mapping import frame_from_event
from generic_connector.broker.metrics import EVENTS, EVENTS_AGAIN, EVENTS_DROPPED, EVENTS_WAITING, GAPS, REFUSALS
from generic_connector.broker.outbox import Dropped, Outbox, Waiting
from generic_connector.broker.stomp.client import StompConnection
from generic_connector.broker.stomp.errors import BrokerRefusedError, ConnectionLostError, ProtocolError
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.text_encoding import TextEncoding, choose_encoding

log = structlog.get_logger(door="activemq", link="events")

BATCH_EVENTS = 100
BATCH_CHARACTERS = 64 * 1024
"""How much is written at once: after it the network may say that it does not keep up."""

FLIGHT_EVENTS = 5000
FLIGHT_CHARACTERS = 8 * 1024 * 1024
"""How much may be on its way to the broker unconfirmed. It is kept, hence there is a bound."""

FLIGHT_SECONDS = 0.25
"""How long the broker may confirm nothing until nothing more is sent. One that was frozen reads what lies in its
sockets when it thaws, long after it was sent again: the less lies there, the less comes twice."""


class Sender:
    """Sends what is in the outbox while there is a connection that takes it.

    Everything that comes up in one turn of the event loop goes out as one write, whose last event asks for a receipt:
    that costs the broker little, and what it has not confirmed when the connection breaks is sent again.
    """

    def __init__(self, settings: ActiveMqSettings) -> None:
        self.outbox = Outbox(settings.buffered_events, settings.buffered_events_total)
        self.on_gap: GapListener | None = None
        self._settings = settings
        self._connection: StompConnection | None = None
        self._encoding = TextEncoding.UTF_8
        self._scheduled = False
        self._restating = ""
        self._progress_at = 0.0  # when the broker confirmed something, or was first asked to
        self._dropping = False
        self._settled = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and the broker has confirmed all that was sent."""
        return not self.outbox and not self.outbox.in_flight

    async def wait_idle(self, deadline: float) -> bool:
        """Wait until that is so, or until the deadline (seconds) has passed; say which."""
        try:
            async with asyncio.timeout(deadline):
                while not self.is_idle:
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            return False
        return True

    def attach(self, connection: StompConnection) -> None:
        """Send by this connection from now on."""
        self._connection = connection
        self._encoding = choose_encoding(self._settings.text_encoding, connection.server)
        self.schedule()

    def detach(self) -> None:
        """Keep all events from now on, and what was not confirmed as well."""
        self._connection = None
        again = self.outbox.in_flight
        if again:
            EVENTS_AGAIN.labels("activemq").inc(again)
            log.info("events that were not confirmed will be sent again", events=again)
        self._count_dropped(self.outbox.take_back())

    def put(self, event: EventMessage) -> None:
        """Send after all that was put before for the same destination."""
        lifetime = self._settings.event_lifetime
        expires_ms = None if lifetime is None else int((time.time() + lifetime) * 1000)
        restating = event.destination == self._restating
        if len(self.outbox) >= BATCH_EVENTS:  # a burst within one turn: what can be sent does not count as waiting
            self._send_waiting()
        self._count_dropped(self.outbox.put(event, expires_ms, restating=restating))
        if self._connection is None:
            EVENTS_WAITING.labels("activemq").set(len(self.outbox))
        self.schedule()

    def give_up(self) -> None:
        """Drop all that waits."""
        self.outbox.release_all()
        while (waiting := self.outbox.take()) is not None:
            self._drop(waiting.event, "stopped")

    # -- sending

    def schedule(self) -> None:
        """Send at the end of this turn of the event loop."""
        if self._connection is not None and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Send what can be sent; when nothing is left, let one gap be closed."""
        self._scheduled = False
        if self._send_waiting():
            self._close_gap()
        EVENTS_WAITING.labels("activemq").set(len(self.outbox))
        if self.is_idle:
            self._settled.set()

    def _send_waiting(self) -> bool:
        """Send as long as the network takes it and the broker confirms it; say whether nothing is left."""
        while (connection := self._writable()) is not None:
            batch = self._next_batch()
            if not batch:
                return True
            self._write(connection, batch)
        return False

    def _writable(self) -> StompConnection | None:
        connection = self._connection
        if connection is None or connection.closed.done() or connection.paused:
            return None
        in_flight, characters = self.outbox.in_flight, self.outbox.characters_in_flight
        if not in_flight:
            return connection
        is_late = asyncio.get_running_loop().time() - self._progress_at > FLIGHT_SECONDS
        return None if is_late or in_flight >= FLIGHT_EVENTS or characters >= FLIGHT_CHARACTERS else connection

    def _next_batch(self) -> list[Waiting]:
        """Take what goes out next, and leave out what nobody wants any more."""
        batch: list[Waiting] = []
        characters = 0
        now_ms = time.time() * 1000
        while len(batch) < BATCH_EVENTS and characters < BATCH_CHARACTERS:
            waiting = self.outbox.take()
            if waiting is None:
                break
            if waiting.expires_ms is not None and waiting.expires_ms <= now_ms:
                self._drop(waiting.event, "expired")
                continue
            batch.append(waiting)
            characters += len(waiting.event.body)
        return batch

    def _write(self, connection: StompConnection, batch: Sequence[Waiting]) -> None:
        if not self.outbox.in_flight:
            self._progress_at = asyncio.get_running_loop().time()
        last = [self.outbox.sent(waiting) for waiting in batch][-1]
        try:
            receipt = connection.send_batch([self._frame(waiting) for waiting in batch])
        except ConnectionLostError:
            return  # detach() follows and lets them wait
        except ProtocolError as error:  # a mistake of ours; it must not stop the events that follow
            log.exception("events cannot be written", events=len(batch), reason=str(error))
            EVENTS_DROPPED.labels("activemq", "lost").inc(len(batch))
            self.outbox.confirm(last)
            return
        self._dropping = False
        EVENTS.labels("activemq").inc(len(batch))
        receipt.add_done_callback(partial(self._answered, connection, last))

    def _frame(self, waiting: Waiting) -> Frame:
        return frame_from_event(
            waiting.event,
            self._encoding,
            send_empty_type=self._settings.send_empty_type,
            expires_ms=waiting.expires_ms,
        )

    def _answered(self, connection: StompConnection, last: int, receipt: asyncio.Future[None]) -> None:
        """Hear that the broker has dealt with all events up to the last of a batch, or that it never will."""
        error = receipt.exception()
        if isinstance(error, BrokerRefusedError):
            REFUSALS.labels("activemq", "events").inc()
            log.warning("broker refused an event", reason=str(error))
        elif error is not None or connection is not self._connection:
            return  # they are sent again
        self.outbox.confirm(last)
        self._progress_at = asyncio.get_running_loop().time()
        self.schedule()

    # -- what is given up

    def _close_gap(self) -> None:
        """Have one destination told anew how everything stands; the next one when that has gone out."""
        destination = self.outbox.take_gap()
        if destination is None:
            return
        GAPS.labels("activemq").inc()
        self._restating = destination
        try:
            if self.on_gap is not None:
                self.on_gap(destination)
        finally:
            self._restating = ""
        self.schedule()

    def _count_dropped(self, dropped: Sequence[Dropped]) -> None:
        for event, cause in dropped:
            self._drop(event, cause.value)

    def _drop(self, event: EventMessage, cause: str) -> None:
        """Count each event that is given up; log the first of a run, or the log would be the next thing to overflow."""
        EVENTS_DROPPED.labels("activemq", cause).inc()
        if not self._dropping:
            self._dropping = True
            log.error("events are dropped", cause=cause, destination=event.destination, waiting=len(self.outbox))
